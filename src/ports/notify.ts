/** Something to tell to people or programs elsewhere. */
export interface Notice {
  /** The same for the same event, however often it is sent. */
  readonly id: string;
  /** One line. */
  readonly subject: string;
  readonly text: string;
  /** The same for programs. */
  readonly body: object;
}

/** A way to tell it. */
export interface Notifier {
  readonly name: 'webhook' | 'mail';
  /** Throws TargetProblem `notify.*` when it could not be handed over, after what tries there are. Gives up at the signal. */
  tell(notice: Notice, signal: AbortSignal): Promise<void>;
}
