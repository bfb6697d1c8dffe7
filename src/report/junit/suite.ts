/** What was looked at on one target. */
export interface Suite {
  readonly name: string;
  readonly cases: readonly Case[];
  /** What else is to be told, which makes nothing fail. */
  readonly told?: string;
}

/** Something managed or asked; without an outcome it is as it should be. */
export interface Case {
  readonly name: string;
  readonly outcome?: Outcome;
}

/** `failure`: it is not as it should be; `error`: that could not be found out; `skipped`: nobody looks at it. */
export interface Outcome {
  readonly form: 'failure' | 'error' | 'skipped';
  /** A code. */
  readonly type: string;
  /** One line. */
  readonly message: string;
  readonly text?: string;
}
