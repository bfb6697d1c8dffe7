/** Rejects every request of a connection that is lost. Its message is printable and holds nothing secret. */
export class WireLost extends Error {
  /** Whether the request may have reached the server; then it may have been carried out too. */
  readonly sent: boolean;

  constructor(reason: string, sent: boolean) {
    super(reason);
    this.name = 'WireLost';
    this.sent = sent;
  }
}
