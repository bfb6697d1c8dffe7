/** How long and how much; times in milliseconds. */
export interface MailLimits {
  /** Until the host has connected to the mail server. */
  readonly connect: number;
  /** For the whole conversation after that. */
  readonly patience: number;
  /** Bytes of one answer of the mail server. */
  readonly answer: number;
}

/** The limits that count unless others are given. Mail servers that let strangers wait before the banner do so for up to half a minute. */
export const DEFAULT_LIMITS: MailLimits = { connect: 10_000, patience: 40_000, answer: 65_536 };
