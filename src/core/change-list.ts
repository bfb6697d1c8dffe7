import { createHash } from 'node:crypto';
import type { Change, Move, Value } from './change.ts';
import { without } from './collections.ts';
import { LongSequence, PackedRows } from './packed-rows.ts';

/** Changes in their order: an array, or a list that is kept packed because it is long. */
export interface Changes extends Iterable<Change> {
  readonly length: number;
  at(place: number): Change | undefined;
  slice(from?: number, to?: number): Changes;
  map<T>(make: (change: Change, place: number) => T): readonly T[];
  flatMap<T>(make: (change: Change, place: number) => T | readonly T[]): readonly T[];
  filter(test: (change: Change, place: number) => boolean): Changes;
  find(test: (change: Change, place: number) => boolean): Change | undefined;
  some(test: (change: Change, place: number) => boolean): boolean;
  every(test: (change: Change, place: number) => boolean): boolean;
}

/** From so many changes of one step on they are kept packed, and stand in a plan file one by line behind the plan. */
export const longList = 5_000;

/** What many changes of accounts have in common: all but the account and its values. */
export type ChangeFacts = Omit<Change, 'item' | 'before' | 'after'>;

/** How a list stands in a plan: the digest of the plan covers it, and so does a signature. */
export interface ListSummary {
  readonly count: number;
  /** SHA-256 of all its changes, each as a line of JSON. */
  readonly sha256: string;
}

/** The place of its facts, the account, the values before and after. */
type Row = readonly [number, string, Value | null, Value | null];

/** One of the facts of a list, how many changes have them, and whether these have the same values. */
export interface FactCount {
  readonly facts: ChangeFacts;
  readonly count: number;
  readonly alike: boolean;
}

/**
 * Many changes of accounts in their order, packed: a million of them take some 40 MB. It is read from front to end; each change is
 * made anew when it is read, so that none is the same object twice.
 */
export class ChangeList extends LongSequence<Change> implements Changes {
  readonly length: number;
  readonly counts: readonly FactCount[];
  readonly #rows: PackedRows<Row>;
  #sha256: string | undefined;

  constructor(rows: PackedRows<Row>, counts: readonly FactCount[]) {
    super();
    this.#rows = rows;
    this.counts = counts;
    this.length = rows.length;
  }

  *[Symbol.iterator](): Iterator<Change> {
    for (const row of this.#rows) yield this.#change(row);
  }

  get sha256(): string {
    this.#sha256 ??= digestOf(this);
    return this.#sha256;
  }

  at(place: number): Change | undefined {
    return this.slice(place, place === -1 ? undefined : place + 1)[0];
  }

  slice(from = 0, to = this.length): readonly Change[] {
    const [begin, end] = [from, to].map(place => Math.max(0, place < 0 ? this.length + place : place));
    return [...this.#between(begin ?? 0, Math.min(end ?? 0, this.length))];
  }

  filter(test: (change: Change, place: number) => boolean): Changes {
    return packChanges(this.selected(test));
  }

  summary(): ListSummary {
    return { count: this.length, sha256: this.sha256 };
  }

  *#between(from: number, to: number): Iterable<Change> {
    for (let place = from; place < to; place++) {
      const row = this.#rows.at(place);
      if (row) yield this.#change(row);
    }
  }

  #change([place, item, before, after]: Row): Change {
    const { action, key, ...rest } = this.counts[place]?.facts ?? noFacts();
    return { action, item, key, ...(before !== null && { before }), ...(after !== null && { after }), ...rest };
  }
}

function noFacts(): never {
  throw new Error('a change without facts');
}

/** Takes changes one by one and packs them. */
export class ChangePacker {
  readonly #rows = new PackedRows<Row>();
  readonly #counts: { facts: ChangeFacts; count: number; alike: boolean; values: string }[] = [];
  readonly #places = new Map<string, number>();
  #last: { readonly change: Change; readonly place: number } | undefined;

  get length(): number {
    return this.#rows.length;
  }

  add(change: Change): void {
    const { item, before, after } = change;
    const place = this.#placeOf(change);
    const own = this.#counts[place];
    if (own) {
      own.count++;
      own.alike = own.alike && own.values === JSON.stringify([before, after]);
    }
    this.#rows.add([place, item, before ?? null, after ?? null]);
  }

  end(): ChangeList {
    return new ChangeList(
      this.#rows,
      this.#counts.map(({ facts, count, alike }) => ({ facts, count, alike })),
    );
  }

  #placeOf(change: Change): number {
    if (this.#last && haveSameFacts(change, this.#last.change)) return this.#last.place;
    const facts = without(change, ['item', 'before', 'after']);
    const name = JSON.stringify(Object.entries(facts).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const place = this.#places.get(name) ?? this.#counts.length;
    this.#places.set(name, place);
    const values = JSON.stringify([change.before, change.after]);
    this.#counts[place] ??= { facts, count: 0, alike: true, values };
    this.#last = { change, place };
    return place;
  }
}

/** Whether they have the same facts for certain: the same objects, where those are objects. */
function haveSameFacts(a: Change, b: Change): boolean {
  return (
    a.action === b.action &&
    a.key === b.key &&
    a.reason === b.reason &&
    a.because === b.because &&
    a.group === b.group &&
    a.moves === b.moves &&
    a.withClass === b.withClass &&
    a.irreversible === b.irreversible &&
    a.source === b.source &&
    a.live === b.live
  );
}

/** Changes as they come, packed. */
export function packChanges(changes: Iterable<Change>): ChangeList {
  const packer = new ChangePacker();
  for (const change of changes) packer.add(change);
  return packer.end();
}

/** Other changes in place of these, and none for some: packed again where these are. */
export function replaceChanges(changes: Changes, make: (change: Change) => Change | undefined): Changes {
  if (!(changes instanceof ChangeList)) return changes.flatMap(change => make(change) ?? []);
  return packChanges(madeOf(changes, make));
}

function* madeOf(changes: Iterable<Change>, make: (change: Change) => Change | undefined): Iterable<Change> {
  for (const change of changes) {
    const made = make(change);
    if (made) yield made;
  }
}

/** All changes of several, one after the other. */
export function* allChanges(all: Iterable<{ readonly changes: Changes }>): Iterable<Change> {
  for (const { changes } of all) yield* changes;
}

/** The changes that have some facts; those of a list are only read where it has such. */
export function withFacts(changes: Changes, test: (facts: ChangeFacts) => boolean): Changes {
  if (!(changes instanceof ChangeList)) return changes.filter(test);
  const fitting = changes.counts.filter(({ facts }) => test(facts));
  if (fitting.length === changes.counts.length) return changes;
  return fitting.length === 0 ? [] : changes.filter(test);
}

/** How many changes have some facts. */
export function countFacts(changes: Changes, test: (facts: ChangeFacts) => boolean): number {
  if (!(changes instanceof ChangeList)) return changes.filter(test).length;
  return changes.counts.reduce((sum, { facts, count }) => sum + (test(facts) ? count : 0), 0);
}

/** Changes that nothing takes back: calendars that are deleted. */
export function deletionsOf(steps: readonly { readonly changes: Changes }[]): readonly Change[] {
  return steps.flatMap(({ changes }) => [...withFacts(changes, ({ irreversible }) => irreversible !== undefined)]);
}

/** Changes that put an account on the other side, one way; another store on the same side is none. */
export function movesOf(
  steps: readonly { readonly changes: Changes }[],
  way: Move,
  cohort?: string,
): readonly Change[] {
  const isMove = ({ moves, group }: ChangeFacts) => moves === way && (cohort === undefined || group === cohort);
  return steps.flatMap(({ changes }) => [...withFacts(changes, isMove)]);
}

/** A change as a line of a file. Equal changes give equal lines, in whichever order their properties came. */
export function changeLine(change: Change): string {
  const { action, item, key, before, after, reason, because, group, moves, withClass, irreversible, source, live } =
    change;
  return JSON.stringify({
    ...{ action, item, key, before, after, reason, because, group, moves, withClass, irreversible },
    ...{ source: placeOf(source), live: placeOf(live) },
  });
}

function placeOf(place: Change['source']) {
  return place && { file: place.file, line: place.line, column: place.column, endColumn: place.endColumn };
}

function digestOf(changes: Iterable<Change>): string {
  const hash = createHash('sha256');
  let lines = '';
  for (const change of changes) {
    lines += `${changeLine(change)}\n`;
    if (lines.length < linesAtOnce) continue;
    hash.update(lines);
    lines = '';
  }
  return hash.update(lines).digest('hex');
}

const linesAtOnce = 65_536;

/** Sorts changes that come in any order, within the memory that a long list takes. */
export class ChangeSorter {
  readonly #keyOf: (change: Change) => string;
  readonly #runs: ChangeList[] = [];
  #waiting: Change[] = [];

  constructor(keyOf: (change: Change) => string) {
    this.#keyOf = keyOf;
  }

  add(change: Change): void {
    this.#waiting.push(change);
    if (this.#waiting.length < 4 * longList) return;
    this.#runs.push(packChanges(this.#sorted()));
    this.#waiting = [];
  }

  /** All of them: packed where they are many. */
  end(): Changes {
    const last = this.#sorted();
    this.#waiting = [];
    if (this.#runs.length === 0) return last.length > longList ? packChanges(last) : last;
    const runs = this.#runs.splice(0);
    return packChanges(merge([...runs, last], this.#keyOf));
  }

  #sorted(): readonly Change[] {
    return this.#waiting
      .map(change => ({ change, key: this.#keyOf(change) }))
      .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
      .map(({ change }) => change);
  }
}

interface Head {
  change: Change;
  key: string;
  readonly rest: Iterator<Change>;
}

/** Sorted runs as one; equal ones in the order of their runs. */
function* merge(runs: readonly Iterable<Change>[], keyOf: (change: Change) => string): Iterable<Change> {
  // Sorted, the next one last: taking it and putting its successor in place again moves few of them.
  const heads: Head[] = [];
  const put = (head: Head) => {
    let [low, high] = [0, heads.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((heads[middle]?.key ?? '') > head.key) low = middle + 1;
      else high = middle;
    }
    heads.splice(low, 0, head);
  };
  for (const run of runs) {
    const rest = run[Symbol.iterator]();
    const { done, value } = rest.next();
    if (!done) put({ change: value, key: keyOf(value), rest });
  }
  for (let head = heads.pop(); head; head = heads.pop()) {
    yield head.change;
    const { done, value } = head.rest.next();
    if (!done) put({ change: value, key: keyOf(value), rest: head.rest });
  }
}
