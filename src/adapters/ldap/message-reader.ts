import { MessageParser } from 'ldapts';
import type { DirectoryEntry } from '../../ports/directory.ts';
import { BerCursor, NotBer, Tag } from './ber.ts';
import { type AnswerParts, checkAnswer, checkControls } from './check-answer.ts';
import { EntryDecoder } from './decode-entry.ts';
import type { Awaited } from './exchange.ts';
import { Frames } from './frames.ts';

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
