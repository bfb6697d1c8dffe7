import { MessageParser } from 'ldapts';
import type { DirectoryEntry } from '../../ports/directory.ts';
import { BerCursor, NotBer, Tag } from './ber.ts';
import type { Awaited } from './exchange.ts';
import { type AnswerParts, checkAnswer, checkControls } from './result-code.ts';

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
    const dn = oneLine(cursor.bytes.toString('utf8', cursor.at, end));
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

/**
 * No message is longer: what a server shows of an account fits into far less, its whole schema into a few megabytes.
 * A length above it is nonsense, and waiting for so much would fill the memory.
 */
const LONGEST = 32 * 1024 * 1024;

/** Gets one whole message: its place in `bytes`, which belong to the receiver only until it returns. */
type TakeFrame = (bytes: Buffer, start: number, end: number) => void;

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

/** Who waits for answers. */
export interface AwaitedAnswers {
  get(messageId: number): Awaited | undefined;
  /** Whether late answers with that number are no nonsense. */
  wasGivenUp(messageId: number): boolean;
}

/** Turns the bytes of a connection into entries, which it decodes itself, and other answers, which ldapts parses. */
export class MessageReader {
  readonly #frames = new Frames((bytes, start, end) => this.#message(bytes, start, end));
  readonly #decoder = new EntryDecoder();
  readonly #parser = new MessageParser();
  readonly #pending: AwaitedAnswers;
  #problem: Error | undefined;
  #parts: AnswerParts = { urls: [], controls: new Map() };

  /** `answer` takes the answers other than entries, and what comes unasked. */
  constructor(pending: AwaitedAnswers, answer: (messageId: number, message: object, parts: AnswerParts) => void) {
    this.#pending = pending;
    this.#parser.on('message', message => answer(message.messageId, message, this.#parts));
    this.#parser.on('error', error => {
      this.#problem = error;
    });
  }

  /** Goes on with the next bytes. Returns what is wrong with them: then nothing that follows can be trusted. */
  read(chunk: Buffer): string | undefined {
    try {
      this.#frames.push(chunk);
      return undefined;
    } catch (error) {
      if (error instanceof NotBer || error === this.#problem) {
        return error instanceof Error ? error.message : undefined;
      }
      throw error;
    }
  }

  #message(bytes: Buffer, start: number, end: number): void {
    const cursor = new BerCursor(bytes, start, end);
    const outer = cursor.enter(Tag.sequence);
    const messageId = cursor.unsigned(Tag.integer);
    const awaited = this.#pending.get(messageId);
    if (awaited === undefined && messageId !== 0) {
      if (!this.#pending.wasGivenUp(messageId)) {
        // Passed over, it could be one that is missing elsewhere.
        throw new NotBer('an answer to what was not asked');
      }
      return;
    }
    if (awaited?.answer === Tag.searchDone && cursor.peek() === Tag.searchEntry) {
      const entry = this.#entry(cursor);
      awaited.sink?.entry(entry);
    } else {
      this.#answer(cursor, awaited?.answer ?? Tag.extendedResponse);
      this.#parse(bytes.subarray(start, end));
    }
    cursor.leave(outer);
  }

  #entry(cursor: BerCursor): DirectoryEntry {
    const entry = this.#decoder.decode(cursor);
    if (cursor.more) {
      checkControls(cursor);
    }
    return entry;
  }

  #answer(cursor: BerCursor, expected: number): void {
    const tag = cursor.peek();
    if (tag !== expected && !(tag === Tag.searchReference && expected === Tag.searchDone)) {
      throw new NotBer('an answer of another kind than the request');
    }
    this.#parts = checkAnswer(cursor);
  }

  #parse(message: Buffer): void {
    this.#parser.read(message, new Map());
    if (this.#problem) {
      throw this.#problem;
    }
  }
}

/** RFC 4514, 2.4: a character of a name may be written as its bytes. A server leaves line ends in a name as they are. */
function oneLine(dn: string): string {
  return /[\u0000-\u001f\u007f]/.test(dn)
    ? dn.replace(/[\u0000-\u001f\u007f]/g, char => `\\${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
    : dn;
}
