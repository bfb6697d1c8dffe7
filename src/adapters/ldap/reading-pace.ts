import type { Socket } from 'node:net';

/** A turn of the event loop that brought less was not worth waking up for. */
const SMALL_TURN = 32 * 1024;
/**
 * In milliseconds. Long enough for what comes meanwhile to fill the receive window: only then does the server's kernel
 * gather the next writes (resting for 1 ms left reading 300,000 entries at 2.6 s, 30 ms take it to 1.7 s). A faster server
 * is not held up as long as the kernels' buffers hold what it sends meanwhile, 100 MB/s with the usual 6 MB.
 */
const REST = 30;

/**
 * When to read from a socket: never while nobody has room for more, and in larger portions while so much comes that a
 * short rest does not matter. Servers write each entry on its own; a reader that is woken for each keeps itself and,
 * through the kernel, the server busy with that: resting after a small portion lets the kernels gather them.
 */
export class ReadingPace {
  readonly #patient: () => boolean;
  #socket: Socket;
  #full = false;
  #turn = 0;
  #judging = false;
  #rest: NodeJS.Timeout | undefined;

  /** `patient` tells whether a rest matters to nobody at the moment. */
  constructor(socket: Socket, patient: () => boolean) {
    this.#socket = socket;
    this.#patient = patient;
  }

  /** Whether reading stands still because nobody has room. */
  get full(): boolean {
    return this.#full;
  }

  /** Goes on with another socket. */
  follow(socket: Socket): void {
    this.#socket = socket;
  }

  /** Told about every portion that came. */
  came(bytes: number): void {
    this.#turn += bytes;
    if (!this.#judging && this.#patient()) {
      this.#judging = true;
      // Chunks of one turn count together: TLS hands out each record on its own, however many came at once.
      setImmediate(() => this.#judge());
    }
  }

  /** Stops reading until there is room; returns whether that changed anything. */
  setFull(full: boolean): boolean {
    const changed = full !== this.#full;
    this.#full = full;
    if (changed) {
      this.#apply();
    }
    return changed;
  }

  /** Ends a rest: somebody waits for an answer. */
  wake(): void {
    if (this.#rest !== undefined) {
      clearTimeout(this.#rest);
      this.#rest = undefined;
      this.#apply();
    }
  }

  #judge(): void {
    this.#judging = false;
    const small = this.#turn < SMALL_TURN;
    this.#turn = 0;
    if (small && this.#rest === undefined && !this.#full && this.#patient()) {
      this.#rest = setTimeout(() => this.wake(), REST);
      this.#apply();
    }
  }

  #apply(): void {
    if (this.#full || this.#rest !== undefined) {
      this.#socket.pause();
    } else {
      this.#socket.resume();
    }
  }
}
