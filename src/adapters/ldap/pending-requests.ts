import type { Awaited, Response, SearchSink } from './exchange.ts';
import type { WireLost } from './problem.ts';

/** A request that was sent and not answered. */
export interface Pending extends Awaited {
  readonly resolve: (response: Response) => void;
  readonly reject: (error: WireLost) => void;
}

/** The requests of one connection that were sent and not answered, by their numbers. */
export class PendingRequests {
  readonly #byId = new Map<number, Pending>();
  readonly #givenUp = new Set<number>();
  /** How many are no searches; counted, so that many modifies under way cost each of them nothing. */
  #single = 0;

  get size(): number {
    return this.#byId.size;
  }

  get(messageId: number): Pending | undefined {
    return this.#byId.get(messageId);
  }

  add(messageId: number, pending: Pending): void {
    this.#byId.set(messageId, pending);
    this.#single += pending.sink ? 0 : 1;
  }

  /** Takes out the one that was answered, or given up. */
  settle(messageId: number): Pending | undefined {
    const pending = this.#byId.get(messageId);
    if (pending) {
      this.#byId.delete(messageId);
      this.#single -= pending.sink ? 0 : 1;
    }
    return pending;
  }

  /** Takes out one that nobody waits for any more; the server may answer it nevertheless. */
  giveUp(messageId: number): Pending | undefined {
    const pending = this.settle(messageId);
    if (pending) {
      this.#givenUp.add(messageId);
    }
    return pending;
  }

  /** Whether late answers with that number are no nonsense. */
  wasGivenUp(messageId: number): boolean {
    return this.#givenUp.has(messageId);
  }

  /** Ends all of them, each with an error of its own. */
  fail(error: () => WireLost): void {
    for (const pending of this.#byId.values()) {
      pending.reject(error());
    }
    this.#byId.clear();
    this.#single = 0;
  }

  /** Whether something is owed, and all of it to searches for which that holds. */
  allSearches(holds: (sink: SearchSink) => boolean): boolean {
    if (this.#byId.size === 0 || this.#single > 0) {
      return false;
    }
    for (const { sink } of this.#byId.values()) {
      if (sink && !holds(sink)) {
        return false;
      }
    }
    return true;
  }
}
