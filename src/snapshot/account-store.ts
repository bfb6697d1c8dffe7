import type { AccountLine } from './snapshot-format.ts';

const blockSize = 1 << 20;
const newline = 10;

/**
 * Accounts as the bytes of their lines, taken apart again each time they are looked at: as objects a million of them would
 * take gigabytes, as bytes outside of the heap they take what the unpacked file takes.
 */
export class AccountStore {
  readonly #blocks: Buffer[] = [];
  /** Where each line begins: the number of its block, times the size of a block, plus the place in it. */
  readonly #places: number[] = [];
  #used = blockSize;
  #byName: Map<string, number> | undefined;
  #byUid: Map<string, readonly number[]> | undefined;

  get size(): number {
    return this.#places.length;
  }

  /** Takes the bytes of a line in, without its end. */
  add(line: Uint8Array): void {
    if (this.#used + line.length + 1 > blockSize) this.#begin(line.length + 1);
    const block = this.#blocks.at(-1);
    block?.set(line, this.#used);
    block?.set([newline], this.#used + line.length);
    this.#places.push((this.#blocks.length - 1) * blockSize + this.#used);
    this.#used += line.length + 1;
  }

  /** In the order they were taken in. */
  *all(): Iterable<AccountLine> {
    for (let number = 0; number < this.#places.length; number++) yield this.#at(number);
  }

  /** The account of a name, by a key that is the same for all spellings of it. */
  named(key: string, keyOf: (dn: string) => string): AccountLine | undefined {
    this.#byName ??= new Map(this.#indexed(({ dn }) => [keyOf(dn)]));
    const number = this.#byName.get(key);
    return number === undefined ? undefined : this.#at(number);
  }

  /** The accounts with a uid, by a key that is the same for equal values; each account once. */
  withUid(key: string, keyOf: (uid: string) => string): readonly number[] {
    if (!this.#byUid) {
      const byUid = new Map<string, readonly number[]>();
      for (const [uid, number] of this.#indexed(({ attributes }) => (attributes['uid'] ?? []).map(keyOf)))
        byUid.set(uid, [...(byUid.get(uid) ?? []), number]);
      this.#byUid = byUid;
    }
    return this.#byUid.get(key) ?? [];
  }

  /** Those with these numbers. */
  *some(numbers: Iterable<number>): Iterable<AccountLine> {
    for (const number of numbers) yield this.#at(number);
  }

  *#indexed(keysOf: (account: AccountLine) => readonly string[]): Iterable<[string, number]> {
    for (let number = 0; number < this.#places.length; number++)
      for (const key of new Set(keysOf(this.#at(number)))) yield [key, number];
  }

  /** A line that is longer than a block gets one of its own. */
  #begin(length: number): void {
    this.#blocks.push(Buffer.alloc(Math.max(blockSize, length)));
    this.#used = 0;
  }

  #at(number: number): AccountLine {
    const place = this.#places[number] ?? 0;
    const block = this.#blocks[Math.floor(place / blockSize)] ?? Buffer.alloc(0);
    const start = place % blockSize;
    return JSON.parse(block.toString('utf8', start, block.indexOf(newline, start)));
  }
}
