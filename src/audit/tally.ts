import { foldValue } from '../accounts/account.ts';
import type { DesiredCohort } from '../core/desired.ts';
import type { AuditClass, AuditedCohort, AuditState } from '../core/report.ts';
import { nameKey } from '../ldap/distinguished-name.ts';
import type { JudgedAccount } from './classify.ts';
import { HashCollector } from './hash-list.ts';

/** How many names a class of the report has as examples. */
const mostExamples = 3;

/** How many there are of something, and the first few. */
export interface Counted {
  readonly count: number;
  readonly examples: readonly string[];
}

/** Counts by name, with the first few examples of each. */
export class Counter {
  readonly #counts = new Map<AuditClass['name'], { count: number; readonly examples: string[] }>();

  add(name: AuditClass['name'], example: string): void {
    const counted = this.#counts.get(name) ?? { count: 0, examples: [] };
    this.#counts.set(name, counted);
    counted.count++;
    if (counted.examples.length < mostExamples) counted.examples.push(example);
  }

  get(name: AuditClass['name']): Counted {
    return this.#counts.get(name) ?? { count: 0, examples: [] };
  }
}

type States = Record<AuditState, number>;

/**
 * Counts accounts as they come by. It keeps 8 bytes for each unique id and each address, and 8 for each account of a cohort
 * that another could also have taken; nothing else grows with the number of accounts.
 */
export class Tally {
  readonly uniqueIds = new HashCollector();
  readonly mails = new HashCollector();
  /** The accounts of each cohort whose overlap with later ones is counted. */
  readonly taken: ReadonlyMap<string, HashCollector>;
  readonly classes = new Counter();
  readonly states: States = noStates();
  all = 0;
  good = 0;
  readonly #cohorts: ReadonlyMap<string, States>;

  constructor(cohorts: readonly DesiredCohort[], overlapping: readonly DesiredCohort[]) {
    this.#cohorts = new Map(cohorts.map(({ name }) => [name, noStates()]));
    this.taken = new Map(overlapping.map(({ name }) => [name, new HashCollector()]));
  }

  add(account: JudgedAccount): void {
    this.all++;
    this.states[account.state]++;
    const cohort = this.#cohorts.get(account.cohort);
    if (cohort) cohort[account.state]++;
    if (isGood(account)) this.good++;
    if (!isGoodState(account.state)) this.classes.add(account.state, account.dn);
    for (const problem of account.problems) this.classes.add(problem, account.dn);
    for (const value of foldedOnce(account.uniqueIds)) this.uniqueIds.add(value);
    for (const value of foldedOnce(account.mail)) this.mails.add(value);
    this.taken.get(account.cohort)?.add(nameKey(account.dn));
  }

  cohort({ name, store, share }: DesiredCohort, overlaps: AuditedCohort['overlaps']): AuditedCohort {
    const states = this.#cohorts.get(name) ?? noStates();
    const accounts = Object.values(states).reduce((sum, n) => sum + n, 0);
    return {
      name,
      ...(store !== undefined && { store }),
      ...(share !== undefined && { share }),
      accounts,
      states,
      overlaps,
    };
  }
}

/** The values of one account in the form they are compared in. */
export function foldedOnce(values: readonly string[]): readonly string[] {
  return values.length === 1 ? values.map(foldValue) : [...new Set(values.map(foldValue))];
}

/** Whether there is nothing to say about an account. */
export function isGood({ state, problems }: Pick<JudgedAccount, 'state' | 'problems'>): boolean {
  return isGoodState(state) && problems.length === 0;
}

function isGoodState(state: AuditState): boolean {
  return state === 'good-cs6' || state === 'good-cs7';
}

function noStates(): States {
  return { 'good-cs6': 0, 'good-cs7': 0, 'split-brain': 0, limbo: 0, unknown: 0 };
}
