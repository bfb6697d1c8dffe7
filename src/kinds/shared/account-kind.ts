import type { Change } from '../../core/change.ts';
import type { Declared } from '../../core/declared.ts';
import type { DesiredCohort, DesiredState } from '../../core/desired.ts';
import type { Finding } from '../../core/finding.ts';
import type { Stage } from '../../core/stages.ts';
import type { DirectorySchema } from '../../ldap/schema.ts';
import type { DirectoryEntry } from '../../ports/directory.ts';
import type { ReadPorts, WritePorts } from '../../ports/ports.ts';
import type { Outcome, Work } from '../managed-kind.ts';

/** An account in the one cohort it belongs to. */
export interface Account extends DirectoryEntry {
  readonly cohort: DesiredCohort;
  /** The store it has to be on: its cohort's, or none while its wave has not come. */
  readonly store: string | undefined;
}

/** What a cohort wants of those of its accounts that are on `store`; without one: on CS6. */
export interface CohortSide {
  readonly cohort: DesiredCohort;
  readonly store: string | undefined;
}

/** Which accounts somebody wants to see, and what of them. */
export interface AccountInterest {
  /** Besides objectClass. */
  attributes(state: DesiredState): readonly string[];
  /** A filter that fits at least the accounts of this side that are wanted; nothing: none of them is. */
  deviation(state: DesiredState, side: CohortSide, schema: DirectorySchema): string | undefined;
  /** Whether what is remarkable about the cohorts themselves is wanted too. */
  readonly tellsOfCohorts?: true;
}

/**
 * A kind that manages something about every account. All of them share one reading of the directory, which asks the
 * server only for accounts that differ: `deviation` is a filter that fits at least every account that `diff` or `check`
 * has something to say about. It may fit more; it must not fit fewer, in the server's own way of comparing.
 */
export interface AccountKind extends AccountInterest {
  readonly name: string;
  /** What a change of it is called in a list of problems: `Accounts are to get a unique id`. */
  readonly title: string;
  readonly stage: Stage;
  /** The attribute that its changes name. */
  attribute(state: DesiredState): string;
  /** All that it looks after, whether any account differs or not. */
  declares(state: DesiredState): readonly Declared[];
  /** Findings about the directory as a whole. */
  inspect?(state: DesiredState, ports: ReadPorts): Promise<readonly Finding[]>;
  diff(state: DesiredState, account: Account): readonly Change[];
  check?(state: DesiredState, account: Account): readonly Finding[];
  apply(state: DesiredState, work: readonly Work<DirectoryEntry>[], ports: WritePorts): AsyncIterable<Outcome>;
}

/** What a reading of the accounts yields: an account, or a finding about a cohort. */
export type Surveyed = Account | Finding;
