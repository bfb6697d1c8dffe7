import type { SecretReference } from '../core/desired.ts';

/** Something to tell to people or programs elsewhere. */
export interface Notice {
  /** The same for the same event, however often it is sent. */
  readonly id: string;
  /** What it is about: `schemas/<about>-event.schema.json` describes `body`. */
  readonly about: 'drift' | 'verify' | 'audit' | 'run';
  /** Whether it says that something is well, or well again. */
  readonly isGood: boolean;
  /** One line. */
  readonly subject: string;
  /** Printable lines. */
  readonly text: string;
  /** A page that shows more. */
  readonly link?: string;
  /** The same for programs. */
  readonly body: object;
}

/** A way to tell it. */
export interface Notifier {
  readonly name: 'webhook' | 'slack' | 'teams' | 'mail';
  /** Throws TargetProblem `notify.*` when it could not be handed over, after what tries there are. Gives up at the signal. */
  tell(notice: Notice, signal: AbortSignal): Promise<void>;
}

/** A sign of life for a service that raises an alarm when none comes, such as healthchecks.io. */
export interface Ping {
  /** Throws TargetProblem `notify.ping-failed`. One try, so that nothing waits for it for long. */
  started(signal: AbortSignal): Promise<void>;
  /** Throws the same, after some tries. `text` is shown there; it names no account. */
  ended(succeeded: boolean, text: string, signal: AbortSignal): Promise<void>;
}

/** A kind of number; its name comes after `reconcile_` and the name of the command. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  /** Besides `estate`, which every one has. */
  readonly labels: readonly string[];
}

/** One number. */
export interface MetricSample {
  /** The name of its family. */
  readonly family: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What one look at an estate found, in numbers. No name of an account is among them. */
export interface LookNumbers {
  /** Empty until the files could be loaded once. */
  readonly estate: string;
  /** When it ended, seconds since 1970. */
  readonly endedAt: number;
  readonly seconds: number;
  /** Whether it came to an end and could read something, even where some target could not be read. */
  readonly success: boolean;
  /** When the last look with success ended; absent: there was none. */
  readonly succeededAt?: number;
  /** All numbers of the families; absent after a look that failed: what the last one found stays. */
  readonly samples?: readonly MetricSample[];
}

/** Where the numbers go. */
export interface Metrics {
  /** Throws TargetProblem `metrics.file` where they could not be written. */
  looked(numbers: LookNumbers): Promise<void>;
  /** Names what notifications go to, so that there is a number also where nothing has failed yet. */
  mayFail(notifiers: readonly string[]): void;
  /** A notification could not be handed over. */
  untold(notifier: string): void;
  close(): Promise<void>;
}

/** Which numbers there will be. */
export interface MetricsAbout {
  /** `reconcile_<command>_` begins their names. */
  readonly command: string;
  readonly families: readonly MetricFamily[];
  /** What an earlier call knew. */
  readonly estate?: string;
  readonly succeededAt?: number;
}

/** Where an address or a secret of a notification is. A literal one stands where everybody sees it, so only addresses may. */
export type Told = SecretReference | { readonly literal: string };

/** Whom to tell, and how. Whoever knows the address of a channel of Slack or Teams, or of a ping, can write there. */
export interface NotifySettings {
  readonly webhook?: { readonly url: Told; readonly secret?: SecretReference };
  readonly slack?: SecretReference;
  readonly teams?: SecretReference;
  /** `program` is called as `sendmail -t -i`. */
  readonly mail?: { readonly to: readonly string[]; readonly from?: string; readonly program: string };
  readonly ping?: SecretReference;
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
  /** Throws the same; nothing where the settings have none. */
  openPing(settings: NotifySettings): Promise<Ping | undefined>;
  /** Throws TargetProblem `metrics.listen` where nothing can be served there. */
  openMetrics(settings: MetricsSettings, about: MetricsAbout): Promise<Metrics>;
}
