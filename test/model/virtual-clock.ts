/** Milliseconds that loading modules may take. */
const longestLoad = 60_000;

/** Time that passes only when everything that runs waits for it. What is due is done in order, and in the same order for the same story. */
export class VirtualClock {
  /** Milliseconds since 1970. */
  now: number;
  /** Called with the time of each move of the clock before whoever waits for it goes on. */
  passed: (until: number) => void = () => {};
  #waiting: { readonly at: number; readonly wake: () => void }[] = [];

  constructor(now: number) {
    this.now = now;
  }

  sleep(milliseconds: number): Promise<void> {
    const at = this.now + Math.max(0, milliseconds);
    return new Promise(wake => {
      this.#waiting.push({ at, wake });
    });
  }

  /** Moves the clock by hand, while nothing runs. */
  advance(milliseconds: number): void {
    this.#moveTo(this.now + milliseconds);
  }

  /** Lets time pass until it is over. Throws where nothing waits for anything any more, and it is not. */
  async runUntil(isOver: () => boolean): Promise<void> {
    let idleSince: number | undefined;
    while (!isOver()) {
      await new Promise<void>(resolve => {
        setImmediate(resolve);
      });
      if (isOver()) break;
      const next = this.#next();
      if (!next) {
        // What loads modules waits for the disk.
        idleSince ??= performance.now();
        if (performance.now() - idleSince > longestLoad) throw new Error('it hangs');
        continue;
      }
      idleSince = undefined;
      this.#waiting.splice(this.#waiting.indexOf(next), 1);
      this.#moveTo(next.at);
      next.wake();
    }
    this.#waiting = [];
  }

  #next(): { readonly at: number; readonly wake: () => void } | undefined {
    return this.#waiting.reduce<{ readonly at: number; readonly wake: () => void } | undefined>(
      (first, one) => (first === undefined || one.at < first.at ? one : first),
      undefined,
    );
  }

  #moveTo(time: number): void {
    const until = Math.max(this.now, time);
    this.passed(until);
    this.now = until;
  }
}
