/** A mail server, as a host of the estate sees it. */
export interface MailServer {
  /** The host of the estate that the connection is made from. */
  readonly from: string;
  /** Name or address, resolved there. */
  readonly server: string;
  readonly port: number;
  /** TLS from the first byte. Its certificate is not judged: which authorities that host trusts is not known here. */
  readonly tls: boolean;
}

/**
 * What came of it; `detail` is one printable line. `fails`: the mail server cannot be reached from there, or does not do it;
 * `unknown`: the host itself could not be used for it, so that nothing is known of the mail server.
 */
export interface MailAnswer {
  readonly state: 'works' | 'fails' | 'unknown';
  readonly detail: string;
}

/** Talks SMTP over the connection of a host, within a time and a size; nothing throws. */
export interface MailClient {
  /** Greets and takes leave: EHLO, QUIT. No mail is begun. */
  greet(server: MailServer): Promise<MailAnswer>;
  /** Sends one message to one address, which stands as its sender too, so that a bounce reaches nobody else. */
  send(
    server: MailServer,
    message: { readonly to: string; readonly subject: string; readonly text: string },
  ): Promise<MailAnswer>;
}
