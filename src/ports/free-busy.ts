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

/** A time somebody is busy; milliseconds since 1970. */
export interface BusyPeriod {
  readonly start: number;
  readonly end: number;
}

/** Whose times are asked for, and of which server. */
export interface FreeBusyQuestion {
  /** `http://host:port` of a front end, as the estate file has it. */
  readonly http: string;
  /** CS6 is asked about its own database only: it is told not to refer to CS7. */
  readonly side: 'cs6' | 'cs7';
  readonly mail: string;
}

/**
 * What a server says. `nobody`: it knows no such calendar, or refers to another server; `failed`: nothing can be concluded
 * from what came, or nothing came.
 */
export type FreeBusyAnswer =
  | { readonly state: 'answered'; readonly busy: readonly BusyPeriod[] }
  | { readonly state: 'nobody' | 'failed'; readonly detail: string };

/** One exchange: what was asked of whom, and in words what came. */
export interface Hop {
  readonly method: 'GET' | 'POST';
  /** Without what is asked about: scheme, host, port and path. */
  readonly url: string;
  /** One printable line: `HTTP 302 to http://…`, `no whole answer within 10 seconds`. */
  readonly came: string;
  readonly milliseconds: number;
}

/** Why a look-up did not give times. */
export type LookUpFailure =
  /** Who asks or is asked about is no mail address; nothing was sent. */
  | 'no-address'
  /** No connection; also what cannot be connected to, such as a URL that is none. */
  | 'unreachable'
  /** The certificate, or else the handshake. */
  | 'tls'
  | 'timed-out'
  /** The connection was closed before the answer was whole. */
  | 'cut-short'
  | 'too-large'
  /** Compressed, which was not asked for. */
  | 'packed'
  | 'http-status'
  | 'wrong-type'
  /** No HTTP, no iCalendar, no XML, or none that tells of the one who was asked about. */
  | 'unreadable'
  /** A redirect to another place than the one that is configured, or a second one; it was not followed. */
  | 'led-astray'
  /** WCAP: an errno other than 0. */
  | 'errno'
  /** iSchedule: the request-status of the recipient, or the error element of the whole answer. */
  | 'schedule-status';

/** What a look-up gave, and by way of whom. */
export type LookUpAnswer =
  | { readonly state: 'answered'; readonly busy: readonly BusyPeriod[]; readonly hops: readonly Hop[] }
  | {
      readonly state: 'failed';
      readonly failure: LookUpFailure;
      /** HTTP status, errno, the number of the request-status such as 3.7, or the name of the error element, as text. */
      readonly code?: string;
      /** One printable line. */
      readonly detail: string;
      readonly hops: readonly Hop[];
    };

/** A look-up as a user's client makes it (WCAP get_freebusy). */
export interface WcapLookUp {
  readonly http: string;
  readonly side: 'cs6' | 'cs7';
  readonly mail: string;
  /** CS6 may refer to this URL (`service.wcap.freebusy.redirecturl`), which is then asked; to no other. */
  readonly redirect?: string;
}

/** A look-up as CS7 makes it of CS6 (iSchedule POST with one VFREEBUSY; never an invitation). */
export interface ScheduleLookUp {
  /** As the domain map has it: `http://host:port/ischedule/`. */
  readonly url: string;
  /** Mail address of who asks. */
  readonly organizer: string;
  /** Mail address of who is asked about. */
  readonly attendee: string;
}

/** Whether a server answers over HTTP at all, whatever it says; `detail` is one printable line. */
export type HttpReach = { readonly state: 'answers' } | { readonly state: 'silent'; readonly detail: string };

/** Asks for free/busy times; changes nothing. Whatever comes, or does not come, is an answer: nothing throws. */
export interface FreeBusyReader {
  /** Asks about an account that nobody has: any answer of HTTP is one, an error and a refusal too. */
  reach(server: Pick<FreeBusyQuestion, 'http' | 'side'>): Promise<HttpReach>;
  /** One server's own database only; no redirect is followed. */
  ask(question: FreeBusyQuestion): Promise<FreeBusyAnswer>;
  lookUp(question: WcapLookUp): Promise<LookUpAnswer>;
  schedule(question: ScheduleLookUp): Promise<LookUpAnswer>;
}
