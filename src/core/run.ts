import type { Change } from './change.ts';
import type { Changes } from './change-list.ts';
import type { Finding } from './finding.ts';

/** One live item and the changes to carry out on it. */
export interface Work<L> {
  readonly live: L;
  readonly changes: readonly Change[];
}

/**
 * What became of one change. `conflict`: the live value is no longer the one that was planned for; `unknown`: it was sent,
 * and the connection was lost before the answer.
 */
export interface Outcome {
  readonly change: Change;
  readonly state: 'done' | 'failed' | 'conflict' | 'unknown';
  readonly detail?: string;
}

/**
 * What became of a change. `unchanged`: it was in effect already; `refused`: the live value is not the planned one;
 * `not-run`: something it depends on did not end well; `held`: it cannot be undone, and was not allowed; `taken-back`: it
 * was in effect, and was undone because what it needed did not end well; `unknown`: the connection was lost before the answer.
 */
export type ResultState = 'done' | 'unchanged' | 'refused' | 'failed' | 'not-run' | 'held' | 'taken-back' | 'unknown';

/** A change and what became of it. */
export interface ChangeResult {
  readonly change: Change;
  readonly state: ResultState;
  readonly detail?: string;
}

/** Results in the order of the changes: an array, or a list about a list of changes. */
export interface Results extends Iterable<ChangeResult> {
  readonly length: number;
  map<T>(make: (result: ChangeResult, place: number) => T): readonly T[];
  flatMap<T>(make: (result: ChangeResult, place: number) => T | readonly T[]): readonly T[];
  filter(test: (result: ChangeResult, place: number) => boolean): readonly ChangeResult[];
  find(test: (result: ChangeResult, place: number) => boolean): ChangeResult | undefined;
  some(test: (result: ChangeResult, place: number) => boolean): boolean;
  every(test: (result: ChangeResult, place: number) => boolean): boolean;
}

/** A step and what became of its changes. */
export interface StepResult {
  readonly id: string;
  readonly target: string;
  readonly kind: string;
  readonly results: Results;
  readonly finding?: Finding;
}

/** An apply as it ended. */
export interface Run {
  /** The digest of the plan that was carried out. */
  readonly plan: string;
  /** The name of the record of every write. */
  readonly journal: string;
  readonly startedAt: string;
  readonly endedAt: string;
  /** The URL of the directory server that got the changes; absent where none were for the directory. */
  readonly directory?: string;
  readonly steps: readonly StepResult[];
  /** What the touched targets still differ in besides what was held back, read again after the last write; empty: converged. */
  readonly remaining: readonly {
    readonly target: string;
    readonly kind: string;
    readonly changes: Changes;
  }[];
  /** Touched targets that could not be read again: whether they converged is not known. */
  readonly unread: readonly Finding[];
  /** Hosts that have not got the whole record; absent: all that keep records have it. */
  readonly unkept?: readonly Finding[];
  /** Somebody interrupted it: what was in hand was ended, and nothing was read again. */
  readonly interrupted?: true;
  /** Its lock was taken away: it stopped at its next write, and nothing was read again. */
  readonly lost?: Finding;
}

/** No change in any state. */
export const noResults: Readonly<Record<ResultState, number>> = {
  done: 0,
  unchanged: 0,
  refused: 0,
  failed: 0,
  'not-run': 0,
  held: 0,
  'taken-back': 0,
  unknown: 0,
};
