import type { AuditReport, AuditState } from '../../core/report.ts';

/** The states of an account in words, in the order they are shown. */
export const stateWords: Readonly<Record<AuditState, string>> = {
  'good-cs6': 'good CS6',
  'good-cs7': 'good CS7',
  'split-brain': 'split brain',
  limbo: 'limbo',
  unknown: 'unknown',
};

/** How many accounts are in each state. */
export type StateCounts = Readonly<Record<AuditState, number>>;

/** A row of the table of cohorts. */
export interface CohortRow {
  readonly name: string;
  /** Where its accounts have to be, and the percentage of them whose wave has come. */
  readonly side: 'cs6' | 'cs7';
  readonly store?: string;
  readonly share?: number;
  readonly accounts: number;
  readonly states: StateCounts;
}

/** The cohorts, and the accounts of all of them. */
export interface CohortTable {
  /** The states that the table has a column for. */
  readonly columns: readonly AuditState[];
  readonly rows: readonly CohortRow[];
  readonly all: { readonly accounts: number; readonly states: StateCounts };
  /** Cohorts that accounts of an earlier cohort would fit too. */
  readonly overlaps: readonly { readonly cohort: string; readonly fits: string; readonly accounts: number }[];
}

/** Where the accounts of each cohort are. The column for unknown accounts is there only where there are any. */
export function cohortTable({ all, states, cohorts }: NonNullable<AuditReport['accounts']>): CohortTable {
  const names: readonly AuditState[] = ['good-cs6', 'good-cs7', 'split-brain', 'limbo', 'unknown'];
  return {
    columns: names.filter(state => state !== 'unknown' || states.unknown > 0),
    rows: cohorts.map(({ name, store, share, accounts, states: own }) => ({
      name,
      side: store === undefined ? 'cs6' : 'cs7',
      ...(store !== undefined && { store }),
      ...(share !== undefined && { share }),
      accounts,
      states: own,
    })),
    all: { accounts: all, states },
    overlaps: cohorts.flatMap(({ name, overlaps }) =>
      overlaps.map(({ cohort, accounts }) => ({ cohort, fits: name, accounts })),
    ),
  };
}

/** How many calendars the hosts list. */
export function listedCalendars({ hosts }: AuditReport): number {
  return hosts.reduce((sum, { calendars = 0 }) => sum + calendars, 0);
}
