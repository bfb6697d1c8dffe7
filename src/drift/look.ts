import type { Finding } from '../core/finding.ts';
import type { Report } from '../core/report.ts';
import type { PasswordState } from '../ports/directory.ts';

/** The report of one look that came to an end. */
export type DriftReport = Extract<Report, { readonly command: 'plan' | 'check' | 'drift' }>;

/** One look at the estate. */
export interface Look {
  /** The name in the files; absent where they could not be loaded. */
  readonly estate?: string;
  /** When it began and when it ended, ISO 8601. */
  readonly beganAt: string;
  readonly endedAt: string;
  readonly seconds: number;
  readonly exitCode: number;
  /** `failed`: nothing was found out, because the files are wrong or the look broke down. */
  readonly result:
    | {
        readonly state: 'ended';
        readonly report: DriftReport;
        /** What the directory said about the password; absent where it could not be reached. */
        readonly password?: PasswordState;
      }
    | { readonly state: 'failed'; readonly findings: readonly Finding[] };
}
