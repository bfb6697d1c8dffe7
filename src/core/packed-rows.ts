import { hash, randomBytes } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** Rows that are packed together: few enough to unpack them for one, enough to pack them well. */
const blockLength = 500;

/** Many rows of JSON in their order, packed: a million names with a value each take some 40 MB. None can be taken away again. */
export class PackedRows<R> implements Iterable<R> {
  readonly #blocks: Buffer[] = [];
  #waiting: R[] = [];
  /** What was unpacked last: who asks for one row often asks for the next. */
  #unpacked: { readonly block: number; readonly rows: readonly R[] } | undefined;

  get length(): number {
    return this.#blocks.length * blockLength + this.#waiting.length;
  }

  add(row: R): void {
    this.#waiting.push(row);
    if (this.#waiting.length < blockLength) return;
    this.#blocks.push(deflateRawSync(JSON.stringify(this.#waiting), { level: 1 }));
    this.#waiting = [];
  }

  at(place: number): R | undefined {
    const block = Math.floor(place / blockLength);
    if (this.#blocks[block] && this.#unpacked?.block !== block) this.#unpacked = { block, rows: this.#unpack(block) };
    const rows = this.#blocks[block] ? this.#unpacked?.rows : this.#waiting;
    return rows?.[place % blockLength];
  }

  *[Symbol.iterator](): Iterator<R> {
    for (let block = 0; block < this.#blocks.length; block++) yield* this.#unpack(block);
    yield* this.#waiting;
  }

  #unpack(block: number): readonly R[] {
    const packed = this.#blocks[block];
    return packed ? JSON.parse(inflateRawSync(packed).toString()) : [];
  }
}

/** What an array offers of those who only read it, over items that are made anew each time they are read. */
export abstract class LongSequence<T> implements Iterable<T> {
  abstract readonly length: number;

  abstract [Symbol.iterator](): Iterator<T>;

  map<R>(make: (item: T, place: number) => R): readonly R[] {
    return Array.from(this, make);
  }

  flatMap<R>(make: (item: T, place: number) => R | readonly R[]): readonly R[] {
    const all: R[] = [];
    let place = 0;
    for (const item of this) {
      const made = make(item, place++);
      if (Array.isArray(made)) all.push(...made);
      else all.push(made as R);
    }
    return all;
  }

  find(test: (item: T, place: number) => boolean): T | undefined {
    for (const item of this.selected(test)) return item;
    return undefined;
  }

  some(test: (item: T, place: number) => boolean): boolean {
    return this.find(test) !== undefined;
  }

  every(test: (item: T, place: number) => boolean): boolean {
    return !this.some((item, place) => !test(item, place));
  }

  /** JSON has all of them, as it has of an array. */
  toJSON(): readonly T[] {
    return [...this];
  }

  protected *selected(test: (item: T, place: number) => boolean): Iterable<T> {
    let place = 0;
    for (const item of this) if (test(item, place++)) yield item;
  }
}

/** Numbers of a slot: three of the key's hash, and its place counted from 1; 0 is free. */
const slotLength = 4;

/**
 * The places of many keys, in 32 to 64 bytes for each, however long they are. Keys are told apart by 96 bits of a hash that is
 * another in each process, so that nobody can make two that are taken for one.
 */
export class KeyPlaces {
  size = 0;
  #slots = new Uint32Array(slotLength * 1024);
  readonly #salt = randomBytes(16).toString('hex');

  /** Notes the place of a key; returns the place that it has already, which stays. */
  add(key: string, place: number): number | undefined {
    if (slotLength * this.size * 2 >= this.#slots.length) this.#grow();
    const hash = this.#hashOf(key);
    const slot = slotOf(this.#slots, hash);
    const known = this.#slots[slot + 3] ?? 0;
    if (known > 0) return known - 1;
    this.#slots.set([...hash, place + 1], slot);
    this.size++;
    return undefined;
  }

  get(key: string): number | undefined {
    const known = this.#slots[slotOf(this.#slots, this.#hashOf(key)) + 3] ?? 0;
    return known > 0 ? known - 1 : undefined;
  }

  #hashOf(key: string): Hash {
    const bytes = hash('sha256', this.#salt + key, 'buffer');
    return [bytes.readUInt32LE(0), bytes.readUInt32LE(4), bytes.readUInt32LE(8)];
  }

  #grow(): void {
    const old = this.#slots;
    const slots = new Uint32Array(old.length * 2);
    for (let from = 0; from < old.length; from += slotLength) {
      if (old[from + 3] === 0) continue;
      const own = old.subarray(from, from + slotLength);
      slots.set(own, slotOf(slots, [own[0] ?? 0, own[1] ?? 0, own[2] ?? 0]));
    }
    this.#slots = slots;
  }
}

/** A text in 64 bits, to tell whether another is the same. */
export function fingerprintOf(text: string): readonly [number, number] {
  const bytes = hash('sha256', text, 'buffer');
  return [bytes.readUInt32LE(0), bytes.readUInt32LE(4)];
}

type Hash = readonly [number, number, number];

/** Where a hash is, or would be put. Half of the slots are free, so that there is always one. */
function slotOf(slots: Uint32Array, [first, second, third]: Hash): number {
  const mask = slots.length / slotLength - 1;
  for (let slot = first & mask; ; slot = (slot + 1) & mask) {
    const at = slot * slotLength;
    const isFree = slots[at + 3] === 0;
    if (isFree || (slots[at] === first && slots[at + 1] === second && slots[at + 2] === third)) return at;
  }
}
