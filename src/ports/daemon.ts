import type { SecretReference } from '../core/desired.ts';
import type { Metrics } from './metrics.ts';
import type { Notifier } from './notify.ts';

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
