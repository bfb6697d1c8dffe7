import type { Frame } from './frames.ts';
import type { Link } from './link.ts';

/** A request as a piece of a script. `label` names it in messages. */
export interface Fragment {
  readonly text: string;
  readonly label: string;
}

/** What came back for one fragment. `errors` is what the whole trip had on standard error. */
export interface Answer {
  readonly frames: readonly Frame[];
  readonly errors: string;
}

/** Asks for some fragments; the answers come in their order. */
export type Ask = (fragments: readonly Fragment[]) => Promise<readonly Answer[]>;

interface Entry {
  readonly fragments: readonly Fragment[];
  readonly resolve: (answers: readonly Answer[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers what is asked for in one turn of the event loop, and while the connection is being made, into one trip.
 * What two of them ask alike is asked once. When the connection or the trip fails, all of it fails with the same error.
 */
export function createQueue(
  open: () => Promise<Link>,
  carry: (link: Link, fragments: readonly Fragment[]) => Promise<readonly Answer[]>,
): Ask {
  let waiting: Entry[] = [];

  const take = () => {
    const entries = waiting;
    waiting = [];
    return entries;
  };

  const flush = async () => {
    let entries: readonly Entry[] = [];
    try {
      const link = await open();
      entries = take();
      const fragments = new Map(entries.flatMap(entry => entry.fragments.map(fragment => [fragment.text, fragment])));
      const answers = await carry(link, [...fragments.values()]);
      deal(entries, new Map([...fragments.keys()].map((text, index) => [text, answers[index]])));
    } catch (error) {
      for (const entry of entries.length > 0 ? entries : take()) {
        entry.reject(error);
      }
    }
  };

  return fragments =>
    new Promise((resolve, reject) => {
      waiting.push({ fragments, resolve, reject });
      if (waiting.length === 1) {
        // Later than every promise that is settled in this turn.
        setImmediate(() => void flush());
      }
    });
}

function deal(entries: readonly Entry[], answers: ReadonlyMap<string, Answer | undefined>): void {
  for (const { fragments, resolve } of entries) {
    resolve(fragments.flatMap(({ text }) => answers.get(text) ?? []));
  }
}
