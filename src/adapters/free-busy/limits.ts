/** How long and how much; times in milliseconds. */
export interface FreeBusyLimits {
  /** For a whole exchange, from the first packet to the last byte of the answer. */
  readonly patience: number;
  /** Bytes of an answer's body. */
  readonly body: number;
  /** How far back and ahead is asked about. */
  readonly daysBack: number;
  readonly daysAhead: number;
}

/** The limits that count unless others are given; a year ahead holds what was agreed upon before an account moved. */
export const DEFAULT_LIMITS: FreeBusyLimits = { patience: 10_000, body: 1_000_000, daysBack: 30, daysAhead: 365 };
