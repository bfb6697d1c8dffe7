/** How long to wait, in milliseconds. */
export interface Timing {
  /** For each of: the connection with TLS, StartTLS, the login with the first questions, a sign of life. */
  readonly connect: number;
  /** Without any answer at all while one is owed; a search may take longer, as long as the server is alive. */
  readonly silence: number;
  /** After so long without any traffic a connection is asked whether it still is one, before it is used. */
  readonly fresh: number;
}

/** What people get; tests are less patient. */
export const ORDINARY_TIMING: Timing = { connect: 15_000, silence: 60_000, fresh: 1000 };
