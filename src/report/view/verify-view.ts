import { groupBy } from '../../core/collections.ts';
import type { Finding } from '../../core/finding.ts';
import { count, wordFor } from '../../core/units.ts';
import type { VerifiedCell, VerifyReport } from '../../core/verification.ts';

/** The state of a look-up, or of something that mail depends on. */
export type VerifiedState = VerifiedCell['state'];

/** From which side to which, and in which way. */
export type Direction = Pick<VerifiedCell, 'from' | 'to' | 'way'>;

/** The worst of what was asked in one direction by way of one host, and how many of how many it concerns. */
export interface MatrixBox {
  readonly state: VerifiedState;
  readonly n: number;
  readonly of: number;
}

/** Who was asked about whom: a row for each host, a column for each direction; a box is absent where nothing was asked. */
export interface VerifyMatrix {
  readonly columns: readonly Direction[];
  readonly rows: readonly { readonly host: string; readonly boxes: readonly (MatrixBox | undefined)[] }[];
}

/** The look-ups as a matrix. */
export function verifyMatrix(cells: readonly VerifiedCell[]): VerifyMatrix {
  const columns = [...new Map(cells.map(cell => [directionText(cell), cell])).entries()].toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const hosts = [...new Set(cells.map(({ host }) => host))].toSorted();
  return {
    columns: columns.map(([, { from, to, way }]) => ({ from, to, way })),
    rows: hosts.map(host => ({
      host,
      boxes: columns.map(([text]) => boxOf(cells.filter(cell => cell.host === host && directionText(cell) === text))),
    })),
  };
}

function boxOf(same: readonly VerifiedCell[]): MatrixBox | undefined {
  const state = (['fails', 'unknown', 'works'] as const).find(one => same.some(cell => cell.state === one));
  return state && { state, n: same.filter(cell => cell.state === state).length, of: same.length };
}

/** `cs6 -> cs7`, `cs7 -> cs6 iSchedule` */
export function directionText({ from, to, way }: Direction): string {
  return `${from} -> ${to}${way === 'ischedule' ? ' iSchedule' : ''}`;
}

/** Look-ups that fail alike of the same cause, or about which alike nothing is known. */
export interface FoldedLookUps {
  readonly first: VerifiedCell;
  readonly all: readonly VerifiedCell[];
}

/** The look-ups that do not work, those that fail first. */
export function foldLookUps(cells: readonly VerifiedCell[]): readonly FoldedLookUps[] {
  const open = (['fails', 'unknown'] as const).flatMap(state => cells.filter(cell => cell.state === state));
  const keyOf = (cell: VerifiedCell) => {
    const [cause] = cell.causes;
    return JSON.stringify([cell.state, cell.problem, directionText(cell), cell.host, cause?.target, cause?.key]);
  };
  return [...groupBy(open, keyOf).values()].flatMap(all => (all[0] ? [{ first: all[0], all }] : []));
}

/** How many checks came to which state. */
export interface StateNumbers extends Readonly<Record<VerifiedState, number>> {
  readonly all: number;
}

/** What a verification comes to in numbers: every number of checks that a report shows is from here. */
export interface VerifyNumbers {
  readonly lookUps: StateNumbers;
  /** What invitations by mail depend on. */
  readonly mail: StateNumbers;
}

/** Counts the checks of a verification. */
export function verifyNumbers({ cells, mail }: Pick<VerifyReport, 'cells' | 'mail'>): VerifyNumbers {
  return { lookUps: countChecks(cells), mail: countChecks(mail) };
}

function countChecks(all: readonly { readonly state: VerifiedState }[]): StateNumbers {
  const n = (state: VerifiedState) => all.filter(one => one.state === state).length;
  return { works: n('works'), fails: n('fails'), unknown: n('unknown'), all: all.length };
}

/** `8 look-ups, 2 mail checks`: all that was asked. */
export function askedText({ lookUps, mail }: VerifyNumbers): string {
  return [count(lookUps.all, 'look-up'), ...(mail.all > 0 ? [count(mail.all, 'mail check')] : [])].join(', ');
}

/** `1 of 8 look-ups fails, 1 of 2 mail checks fails`: the checks that came to a state, if there are any. */
export function checksText({ lookUps, mail }: VerifyNumbers, state: VerifiedState): string {
  const verbs = {
    works: ['works', 'work'],
    fails: ['fails', 'fail'],
    unknown: ['is not known', 'are not known'],
  } as const;
  const [one, many] = verbs[state];
  const part = (numbers: StateNumbers, what: string) => {
    const n = numbers[state];
    return n === 0 ? [] : [`${n.toLocaleString('en-US')} of ${count(numbers.all, what)} ${wordFor(n, one, many)}`];
  };
  return [...part(lookUps, 'look-up'), ...part(mail, 'mail check')].join(', ');
}

/** The findings that no look-up has with it. */
export function otherFindings({ cells, findings }: VerifyReport): readonly Finding[] {
  const problems = new Set<string>(cells.flatMap(({ problem }) => problem ?? []));
  return findings.filter(({ code }) => !problems.has(code));
}
