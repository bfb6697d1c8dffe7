import type { SecretReference } from '../core/desired.ts';

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

/** Where an address or a secret of a notification is. A literal one stands where everybody sees it, so only addresses may. */
export type Told = SecretReference | { readonly literal: string };

/** Whom to tell, and how. */
export interface NotifySettings {
  readonly webhook?: { readonly url: Told; readonly secret?: SecretReference };
  /** `program` is called as `sendmail -t -i`. */
  readonly mail?: { readonly to: readonly string[]; readonly from?: string; readonly program: string };
}

/** Where measurements go. */
export interface MetricsSettings {
  /** Path of a file for the textfile collector of node_exporter. */
  readonly file?: string;
  readonly listen?: { readonly host: string; readonly port: number };
}

/** What watching an estate for long needs of the world besides reading it. */
export interface Watching {
  /** Ends early, without an error, when the signal is given. */
  pause(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** Milliseconds since some moment. */
  elapsed(): number;
  /** At least 0 and less than 1, by chance. */
  chance(): number;
  /** Whatever happens, a reader finds the old text or the new one. Rejects where the system does not let us. */
  replaceText(path: string, text: string): Promise<void>;
  /** Throws TargetProblem `notify.*` where a setting cannot be used or a secret is not there. */
  openNotifiers(settings: NotifySettings): Promise<readonly Notifier[]>;
  /** Throws TargetProblem `metrics.listen` where nothing can be served there. */
  openMetrics(settings: MetricsSettings): Promise<Metrics>;
}
