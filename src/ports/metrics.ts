/** What one look at an estate found, in numbers. No name of an account is among them. */
export interface LookNumbers {
  /** Empty until the files could be loaded once. */
  readonly estate: string;
  /** When it ended, seconds since 1970. */
  readonly endedAt: number;
  readonly seconds: number;
  /** Whether it came to an end, even where some target could not be read. */
  readonly success: boolean;
  /** Of every target and kind, also where there are none. A look that failed has nothing here: what the last one found stays. */
  readonly differences: readonly { readonly target: string; readonly kind: string; readonly count: number }[];
  /** What the directory announces about the password for it; absent where it could not be reached. */
  readonly password?: { readonly secondsLeft?: number; readonly graceLogins?: number };
  /** Whether each target could be read whole. */
  readonly targets: readonly { readonly target: string; readonly read: boolean }[];
}

/** Where the numbers go. */
export interface Metrics {
  /** Throws TargetProblem `metrics.file` where they could not be written. */
  looked(numbers: LookNumbers): Promise<void>;
  /** A notification could not be handed over. */
  untold(notifier: string): void;
  close(): Promise<void>;
}
