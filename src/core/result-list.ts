import { ChangeList, type Changes } from './change-list.ts';
import { LongSequence } from './packed-rows.ts';
import { type ChangeResult, noResults, type ResultState, type Results } from './run.ts';

/** A state with what is said of it. */
export interface Saying {
  readonly state: ResultState;
  readonly detail?: string | undefined;
}

/** What became of the changes of a list, in two bytes for each as long as few different things are said of them. */
export class ResultList extends LongSequence<ChangeResult> implements Results {
  readonly length: number;
  readonly #changes: ChangeList;
  readonly #sayings: readonly Saying[];
  readonly #said: Uint32Array;

  /** `said`: the place of what is said of each change, among `sayings`. */
  constructor(changes: ChangeList, sayings: readonly Saying[], said: Uint32Array) {
    super();
    this.#changes = changes;
    this.#sayings = sayings;
    this.#said = said;
    this.length = changes.length;
  }

  *[Symbol.iterator](): Iterator<ChangeResult> {
    let place = 0;
    for (const change of this.#changes) {
      const { state, detail } = this.sayingAt(place++);
      yield { change, state, ...(detail !== undefined && { detail }) };
    }
  }

  filter(test: (result: ChangeResult, place: number) => boolean): readonly ChangeResult[] {
    return [...this.selected(test)];
  }

  sayingAt(place: number): Saying {
    return this.#sayings[this.#said[place] ?? 0] ?? { state: 'unknown' };
  }

  /** How many changes each thing is said of; without reading the changes. */
  counts(): ReadonlyMap<Saying, number> {
    const counts = new Map<Saying, number>();
    for (const at of this.#said) {
      const saying = this.#sayings[at] ?? { state: 'unknown' as const };
      counts.set(saying, (counts.get(saying) ?? 0) + 1);
    }
    return counts;
  }

  /** The same results with other sayings. */
  replaced(make: (saying: Saying) => Saying): ResultList {
    return new ResultList(this.#changes, this.#sayings.map(make), this.#said);
  }
}

/** Of each change the same. */
export function resultsOf(changes: Changes, saying: Saying): Results {
  if (changes instanceof ChangeList) return new ResultList(changes, [saying], new Uint32Array(changes.length));
  const { state, detail } = saying;
  return changes.map(change => ({ change, state, ...(detail !== undefined && { detail }) }));
}

/** Notes what is said of the changes of a list, by their places. */
export class ResultNotes {
  readonly #changes: ChangeList;
  readonly #sayings: Saying[] = [];
  readonly #places = new Map<string, number>();
  /** Counted from 1; nothing is said yet where it is 0. */
  readonly #said: Uint32Array;

  constructor(changes: ChangeList) {
    this.#changes = changes;
    this.#said = new Uint32Array(changes.length);
  }

  isSaid(place: number): boolean {
    return this.#said[place] !== 0;
  }

  say(place: number, saying: Saying): void {
    this.#said[place] = this.#placeOf(saying) + 1;
  }

  /** All of them; of those of which nothing was said, this. */
  end(otherwise: Saying): ResultList {
    const rest = this.#placeOf(otherwise);
    return new ResultList(
      this.#changes,
      this.#sayings,
      this.#said.map(place => (place === 0 ? rest : place - 1)),
    );
  }

  #placeOf({ state, detail }: Saying): number {
    const name = `${state} ${detail ?? ''}`;
    const place = this.#places.get(name) ?? this.#sayings.length;
    if (place === this.#sayings.length) this.#sayings.push({ state, ...(detail !== undefined && { detail }) });
    this.#places.set(name, place);
    return place;
  }
}

/** How many changes ended in each state. */
export function countStates(run: {
  readonly steps: readonly { readonly results: Results }[];
}): Readonly<Record<ResultState, number>> {
  const counts = { ...noResults };
  for (const { results } of run.steps) {
    if (results instanceof ResultList) for (const [{ state }, n] of results.counts()) counts[state] += n;
    else for (const { state } of results) counts[state]++;
  }
  return counts;
}

/** Whether some of them ended in one of these states; without reading the changes. */
export function endedIn(results: Results, states: readonly ResultState[]): boolean {
  if (results instanceof ResultList) return [...results.counts().keys()].some(({ state }) => states.includes(state));
  return results.some(({ state }) => states.includes(state));
}
