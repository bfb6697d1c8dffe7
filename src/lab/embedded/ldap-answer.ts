import { BerWriter } from 'ldapts';
import { PAGED_RESULTS } from './ldap-request.ts';

/** The tags of answers. */
export const AnswerTag = {
  bind: 0x61,
  entry: 0x64,
  search: 0x65,
  modify: 0x67,
  extended: 0x78,
} as const;

/** What every last answer to a request says. */
export interface AnswerResult {
  readonly code: number;
  readonly words?: string;
  readonly matchedDn?: string;
}

/** The last answer to a request. `cookie`: of a paged search, empty at its end. */
export function resultMessage(messageId: number, tag: number, result: AnswerResult, cookie?: string): Buffer {
  return message(messageId, tag, writer => writeResult(writer, result), cookie);
}

/** The answer to an extended request. `value` and `oid` where it has them. */
export function extendedMessage(messageId: number, result: AnswerResult, value?: string, oid?: string): Buffer {
  return message(messageId, AnswerTag.extended, writer => {
    writeResult(writer, result);
    if (oid !== undefined) {
      writer.writeString(oid, 0x8a);
    }
    if (value !== undefined) {
      writer.writeString(value, 0x8b);
    }
  });
}

/** An entry that a search has found. */
export function entryMessage(
  messageId: number,
  dn: string,
  attributes: Iterable<readonly [string, readonly string[]]>,
): Buffer {
  return message(messageId, AnswerTag.entry, writer => {
    writer.writeString(dn);
    writer.startSequence();
    for (const [name, values] of attributes) {
      writer.startSequence();
      writer.writeString(name);
      writer.startSequence(0x31);
      for (const value of values) {
        writer.writeString(value);
      }
      writer.endSequence();
      writer.endSequence();
    }
    writer.endSequence();
  });
}

function message(messageId: number, tag: number, write: (writer: BerWriter) => void, cookie?: string): Buffer {
  const writer = new BerWriter({ size: 512 });
  writer.startSequence();
  writer.writeInt(messageId);
  writer.startSequence(tag);
  write(writer);
  writer.endSequence();
  if (cookie !== undefined) {
    writePageControl(writer, cookie);
  }
  writer.endSequence();
  return writer.buffer;
}

function writeResult(writer: BerWriter, { code, words = '', matchedDn = '' }: AnswerResult): void {
  writer.writeEnumeration(code);
  writer.writeString(matchedDn);
  writer.writeString(words);
}

function writePageControl(writer: BerWriter, cookie: string): void {
  const value = new BerWriter();
  value.startSequence();
  value.writeInt(0);
  value.writeString(cookie);
  value.endSequence();
  writer.startSequence(0xa0);
  writer.startSequence();
  writer.writeString(PAGED_RESULTS);
  writer.writeBuffer(value.buffer, 0x04);
  writer.endSequence();
  writer.endSequence();
}
