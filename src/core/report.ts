import type { Finding } from './finding.ts';
import type { Plan } from './plan.ts';
import type { Run } from './run.ts';

/** What a command found and did: every output format is drawn from this one object. */
export type Report =
  | {
      readonly command: 'validate';
      readonly exitCode: number;
      readonly files: readonly string[];
      readonly findings: readonly Finding[];
    }
  | {
      readonly command: 'plan' | 'check';
      readonly exitCode: number;
      readonly plan: Plan;
      readonly refusals: readonly Finding[];
    }
  | {
      readonly command: 'apply';
      readonly exitCode: number;
      readonly plan: Plan;
      readonly refusals: readonly Finding[];
      /** Absent where nothing was begun: nothing to do, refused, or answered with no. */
      readonly run?: Run;
    };

/** The reports that carry a plan. */
export type PlanReport = Exclude<Report, { readonly command: 'validate' }>;
