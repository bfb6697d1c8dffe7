import { NotBer, Tag } from './ber.ts';

/**
 * No message is longer: what a server shows of an account fits into far less, its whole schema into a few megabytes.
 * A length above it is nonsense, and waiting for so much would fill the memory.
 */
const LONGEST = 32 * 1024 * 1024;

/** Gets one whole message: its place in `bytes`, which belong to the receiver only until it returns. */
export type TakeFrame = (bytes: Buffer, start: number, end: number) => void;

/** Cuts a stream into LDAP messages, wherever its chunks begin and end. Throws NotBer for what cannot be one. */
export class Frames {
  readonly #take: TakeFrame;
  #parts: Buffer[] = [];
  #size = 0;
  /** The length of the message that #parts begin; nothing while its header is cut. */
  #wanted: number | undefined;

  constructor(take: TakeFrame) {
    this.#take = take;
  }

  /** Goes on with the next chunk. */
  push(chunk: Buffer): void {
    if (this.#parts.length === 0) {
      this.#cut(chunk, 0);
    } else if (this.#wanted === undefined) {
      this.#cut(this.#joined(chunk), 0);
    } else if (this.#size + chunk.length < this.#wanted) {
      this.#parts.push(chunk);
      this.#size += chunk.length;
    } else {
      // Only the message that lies across the border is copied, never the chunk.
      const missing = this.#wanted - this.#size;
      this.#take(this.#joined(chunk.subarray(0, missing)), 0, this.#wanted);
      this.#cut(chunk, missing);
    }
  }

  #joined(last: Buffer): Buffer {
    const bytes = Buffer.concat([...this.#parts, last], this.#size + last.length);
    this.#parts = [];
    return bytes;
  }

  #cut(bytes: Buffer, from: number): void {
    let start = from;
    while (start < bytes.length) {
      const length = frameLength(bytes, start);
      if (length === undefined || start + length > bytes.length) {
        this.#parts = [bytes.subarray(start)];
        this.#size = bytes.length - start;
        this.#wanted = length;
        return;
      }
      this.#take(bytes, start, start + length);
      start += length;
    }
  }
}

/** With its header; nothing where that is not whole yet. */
function frameLength(bytes: Buffer, start: number): number | undefined {
  if (bytes[start] !== Tag.sequence) {
    throw new NotBer('a message does not begin as one');
  }
  const first = bytes[start + 1];
  if (first === undefined || first < 0x80) {
    return first === undefined ? undefined : 2 + first;
  }
  const size = first & 0x7f;
  if (size < 1 || size > 4) {
    throw new NotBer('a length of no sensible size');
  }
  if (start + 2 + size > bytes.length) {
    return undefined;
  }
  const length = bytes.readUIntBE(start + 2, size);
  if (length > LONGEST) {
    throw new NotBer(`a message of ${length} bytes`);
  }
  return 2 + size + length;
}
