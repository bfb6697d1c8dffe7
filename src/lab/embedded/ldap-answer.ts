import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BerWriter } from 'ldapts';
import type { DirectoryFaults } from './ldap-fault.ts';
import { PAGED_RESULTS } from './ldap-request.ts';

/** Sends the answers of one connection. */
interface LdapSender {
  /** Takes the messages as the client takes them, until `isWanted` says no. Several run at the same time. */
  send(messages: Iterable<Buffer>, isWanted: () => boolean): Promise<void>;
}

/** Entries in one write; one write for each would wake the client for each. */
const BATCH = 64;

/** Milliseconds without a further request after which held answers go out in reverse. */
const TOGETHER = 20;

/** A sender over this socket. */
export function createLdapSender(socket: Socket, faults: DirectoryFaults): LdapSender {
  const cutting = createCutter(socket, faults);
  const held: (readonly Buffer[])[] = [];
  let timer: NodeJS.Timeout | undefined;
  const release = () => {
    for (const messages of held.splice(0).reverse()) {
      cutting(messages);
    }
  };
  return {
    send: async (messages, isWanted) => {
      if (faults.get('out-of-order')) {
        held.push([...messages]);
        clearTimeout(timer);
        timer = setTimeout(release, TOGETHER);
        return;
      }
      for (const batch of batches(messages)) {
        if (!isWanted()) {
          return;
        }
        await flow(socket, cutting(batch));
      }
    },
  };
}

function* batches(messages: Iterable<Buffer>): Iterable<readonly Buffer[]> {
  let batch: Buffer[] = [];
  for (const message of messages) {
    batch.push(message);
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) {
    yield batch;
  }
}

/** Waits until there is room, and lets other requests have their turn. */
async function flow(socket: Socket, hasRoom: boolean): Promise<void> {
  if (hasRoom || socket.destroyed) {
    await nextTurn();
  } else {
    await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
  }
}

/** Writes messages, or as many as may still go out; false when there is no room for more. */
function createCutter(socket: Socket, faults: DirectoryFaults): (messages: readonly Buffer[]) => boolean {
  let counted: unknown;
  let left = 0;
  return messages => {
    const fault = faults.get('drop-after');
    if (!socket.writable || fault === undefined) {
      return !socket.writable || socket.write(Buffer.concat(messages));
    }
    left = fault === counted ? left : fault.count;
    counted = fault;
    const whole = Buffer.concat(fault.unit === 'messages' ? messages.slice(0, left) : messages);
    const size = fault.unit === 'messages' ? messages.length : whole.length;
    if (size <= left) {
      left -= size;
      return socket.write(whole);
    }
    socket.end(fault.unit === 'messages' ? whole : whole.subarray(0, left));
    socket.destroySoon();
    return true;
  };
}

/** The result codes of RFC 4511 that the embedded directory gives. */
export const Result = {
  success: 0,
  protocolError: 2,
  timeLimitExceeded: 3,
  sizeLimitExceeded: 4,
  authMethodNotSupported: 7,
  adminLimitExceeded: 11,
  unavailableCriticalExtension: 12,
  noSuchAttribute: 16,
  undefinedAttributeType: 17,
  constraintViolation: 19,
  valueExists: 20,
  invalidSyntax: 21,
  noSuchObject: 32,
  invalidDnSyntax: 34,
  invalidCredentials: 49,
  insufficientAccess: 50,
  unwilling: 53,
  namingViolation: 64,
  objectClassViolation: 65,
  other: 80,
} as const;

/** Ends a request with a result other than success. */
export class Refusal extends Error {
  readonly code: number;
  /** The nearest entry above one that is not there. */
  readonly matchedDn: string;

  constructor(code: number, words = '', matchedDn = '') {
    super(words);
    this.name = 'Refusal';
    this.code = code;
    this.matchedDn = matchedDn;
  }
}

/** LDAP messages put together from what comes over a connection. */
interface FrameReader {
  /** The messages that are complete now. Throws when what comes is not LDAP. */
  push(chunk: Buffer): readonly Buffer[];
}

/** Larger than any request; more than that is an attack or a mistake. */
const LARGEST = 16 * 1024 * 1024;

/** A reader for one connection. */
export function createFrameReader(): FrameReader {
  let rest: Buffer = Buffer.alloc(0);
  return {
    push: chunk => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const frames: Buffer[] = [];
      for (let length = frameLength(rest); length !== undefined && length <= rest.length; length = frameLength(rest)) {
        frames.push(rest.subarray(0, length));
        rest = rest.subarray(length);
      }
      return frames;
    },
  };
}

/** The length of the message that begins here, as soon as it can be told. */
function frameLength(bytes: Buffer): number | undefined {
  if (bytes.length > 0 && bytes[0] !== 0x30) {
    throw new Error('not an LDAP message');
  }
  const first = bytes[1];
  if (first === undefined) {
    return undefined;
  }
  const count = first & 0x80 ? first & 0x7f : 0;
  if (count > 4 || first === 0x80) {
    throw new Error('not a length of LDAP');
  }
  if (bytes.length < 2 + count) {
    return undefined;
  }
  const length = 2 + count + (count === 0 ? first : bytes.readUIntBE(2, count));
  if (length > LARGEST) {
    throw new Error('the message is too large');
  }
  return length;
}

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
