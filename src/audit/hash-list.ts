/** Which of two 32-bit words of a 64-bit number has the higher half, on this machine. */
const high = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;
const low = 1 - high;

/** Where `hash` leaves its two halves: a pair made anew for every value would cost more than the hashing. */
const halves = new Uint32Array(2);

/** 64 bits of a text; two different texts of a million have the same ones once in thirty million estates. */
function hash(text: string): void {
  let one = 0xdeadbeef;
  let two = 0x41c6ce57;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    one = Math.imul(one ^ unit, 0x9e3779b1);
    two = Math.imul(two ^ unit, 0x5f356495);
  }
  one = Math.imul(one ^ (one >>> 16), 0x85ebca6b) ^ Math.imul(two ^ (two >>> 13), 0xc2b2ae35);
  two = Math.imul(two ^ (two >>> 16), 0x85ebca6b) ^ Math.imul(one ^ (one >>> 13), 0xc2b2ae35);
  halves[high] = two >>> 0;
  halves[low] = one >>> 0;
}

/** Texts of which only the hash is kept: eight bytes each, and as many again while the list grows or is sorted. */
export class HashCollector {
  #words = new Uint32Array(2048);
  #length = 0;

  add(text: string): void {
    if (this.#length * 2 === this.#words.length) {
      const grown = new Uint32Array(this.#words.length * 2);
      grown.set(this.#words);
      this.#words = grown;
    }
    hash(text);
    this.#words.set(halves, this.#length * 2);
    this.#length++;
  }

  /** All of them, each once. */
  unique(): HashSet {
    return this.#withRepeats(1);
  }

  /** Those that were added more than once. */
  repeated(): HashSet {
    return this.#withRepeats(2);
  }

  #withRepeats(least: number): HashSet {
    const sorted = new BigUint64Array(this.#words.buffer, 0, this.#length).sort();
    let kept = 0;
    const starts = new Uint32Array(sorted.length);
    for (let start = 0; start < sorted.length; ) {
      let end = start + 1;
      while (end < sorted.length && sorted[end] === sorted[start]) end++;
      if (end - start >= least) starts[kept++] = start;
      start = end;
    }
    return new HashSet(Uint32Array.from(starts.subarray(0, kept)), this.#words);
  }
}

/** A set of texts of which only the hashes are known. */
export class HashSet {
  /** Two words for each hash, in ascending order. */
  readonly #words: Uint32Array;

  /** Of sorted hashes, those that begin at `places`. */
  constructor(places: Uint32Array, sorted: Uint32Array) {
    this.#words = new Uint32Array(places.length * 2);
    places.forEach((place, i) => {
      this.#words[i * 2] = sorted[place * 2] ?? 0;
      this.#words[i * 2 + 1] = sorted[place * 2 + 1] ?? 0;
    });
  }

  get size(): number {
    return this.#words.length / 2;
  }

  has(text: string): boolean {
    return this.indexOf(text) >= 0;
  }

  /** A number of its own for each text of the set, below `size`; -1 for every other. */
  indexOf(text: string): number {
    hash(text);
    const upper = halves[high] ?? 0;
    const lower = halves[low] ?? 0;
    for (let from = 0, to = this.size - 1; from <= to; ) {
      const middle = (from + to) >>> 1;
      const difference = this.#compare(middle, upper, lower);
      if (difference === 0) return middle;
      if (difference < 0) from = middle + 1;
      else to = middle - 1;
    }
    return -1;
  }

  /** How many texts both sets have. */
  countShared(other: HashSet): number {
    let shared = 0;
    for (let mine = 0, its = 0; mine < this.size && its < other.size; ) {
      const difference = this.#compare(mine, other.#words[its * 2 + high] ?? 0, other.#words[its * 2 + low] ?? 0);
      if (difference === 0) shared++;
      if (difference <= 0) mine++;
      if (difference >= 0) its++;
    }
    return shared;
  }

  #compare(at: number, upper: number, lower: number): number {
    return (this.#words[at * 2 + high] ?? 0) - upper || (this.#words[at * 2 + low] ?? 0) - lower;
  }
}
