import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { BerReader, BerWriter } from 'ldapts';
import { onTestFinished } from 'vitest';
import { type Target, UNHURRIED } from './support.ts';

/** What a client asked. */
export interface Asked {
  readonly messageId: number;
  readonly what: 'bind' | 'search' | 'modify' | 'extended' | 'abandon' | 'unbind';
  /** Of a search. */
  readonly base: string;
  /** The cookie of a paged search; nothing when it does not page. */
  readonly cookie?: string;
}

/** How the server answers one request. */
export interface Answerer {
  entry(dn: string, attributes?: Readonly<Record<string, readonly string[]>>): void;
  done(status?: number, words?: string, cookie?: string): void;
  /** An extended response; with the number 0 nobody asked for it. */
  extended(status: number, words: string, value?: string, messageId?: number): void;
  raw(bytes: Buffer): void;
  /** The connection, for cutting it and for looking at back-pressure. */
  readonly socket: Socket;
}

/** Returns true when it has answered, or wants silence. */
export type Script = (asked: Asked, answer: Answerer) => boolean | Promise<boolean>;

const OPERATIONS: Readonly<Record<number, Asked['what']>> = {
  96: 'bind',
  99: 'search',
  102: 'modify',
  119: 'extended',
  80: 'abandon',
  66: 'unbind',
};
const RESPONSES = { bind: 0x61, search: 0x65, modify: 0x67, extended: 0x78, abandon: 0, unbind: 0 };
const WHO_AM_I = '1.3.6.1.4.1.4203.1.11.3';
const PAGED_RESULTS = '1.2.840.113556.1.4.319';

/** What the server says it can. */
export interface Offers {
  readonly paging?: boolean;
  readonly whoAmI?: boolean;
}

/** How to reach it, what it was asked, and a way to end its connections. */
export interface FakeServer extends Target {
  readonly log: Asked[];
  cut(): void;
}

/** A server that does what slapd cannot be brought to do. Without a script it logs in everybody and finds nothing. */
export async function fakeServer(script: Script, offers: Offers = {}): Promise<FakeServer> {
  const log: Asked[] = [];
  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    let rest: Buffer = Buffer.alloc(0);
    socket.on('data', chunk => {
      if (chunk[0] !== 0x30 && rest.length === 0) {
        socket.destroy(); // not LDAP: the start of TLS
        return;
      }
      rest = Buffer.concat([rest, chunk]);
      for (let frame = firstFrame(rest); frame; frame = firstFrame(rest)) {
        rest = rest.subarray(frame.length);
        const asked = readRequest(frame);
        log.push(asked);
        void serve(asked, answerer(socket, asked), script, offers);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(() => {
    server.close();
    cut();
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { url: `ldap://127.0.0.1:${port}`, bindDn: 'cn=fake', password: 'canary-7391', timing: UNHURRIED, log, cut };
}

/** A script for the searches below o=isp; all else gets the ordinary answer. */
export function onSearch(script: Script): Script {
  return (asked, answer) => (asked.what === 'search' && asked.base === 'o=isp' ? script(asked, answer) : false);
}

async function serve(asked: Asked, answer: Answerer, script: Script, offers: Offers): Promise<void> {
  if (await script(asked, answer)) {
    return;
  }
  if (asked.what === 'extended') {
    answer.extended(0, '', 'dn:cn=fake');
  } else if (asked.what === 'search' && asked.base === '') {
    answer.entry('', {
      supportedControl: [...(offers.paging ? [PAGED_RESULTS] : ['1.2.3'])],
      supportedExtension: offers.whoAmI ? [WHO_AM_I] : ['1.2.3'],
      subschemaSubentry: ['cn=schema'],
    });
    answer.done();
  } else if (RESPONSES[asked.what] !== 0) {
    answer.done();
  }
}

function firstFrame(bytes: Buffer): Buffer | undefined {
  const reader = new BerReader(bytes);
  const complete = reader.readSequence() !== null && reader.remain >= reader.length;
  return complete ? bytes.subarray(0, reader.offset + reader.length) : undefined;
}

function readRequest(frame: Buffer): Asked {
  const reader = new BerReader(frame);
  reader.readSequence();
  const messageId = reader.readInt() ?? 0;
  const what = OPERATIONS[reader.readSequence() ?? 0] ?? 'unbind';
  const end = reader.offset + reader.length;
  const base = what === 'search' ? (reader.readString() ?? '') : '';
  const oid = frame.indexOf(PAGED_RESULTS, end);
  if (oid < 0) {
    return { messageId, what, base };
  }
  const control = new BerReader(frame.subarray(oid + PAGED_RESULTS.length));
  control.readBoolean();
  const value = new BerReader(control.readString(0x04, true) ?? Buffer.alloc(0));
  value.readSequence();
  value.readInt();
  return { messageId, what, base, cookie: value.readString() ?? '' };
}

function answerer(socket: Socket, asked: Asked): Answerer {
  const raw = (bytes: Buffer) => void socket.write(bytes);
  return {
    socket,
    raw,
    entry: (dn, attributes = {}) => raw(entryMessage(asked.messageId, dn, attributes)),
    done: (status = 0, words = '', cookie) =>
      raw(
        message(
          asked.messageId,
          RESPONSES[asked.what],
          writer => writeResult(writer, status, words),
          cookie === undefined ? undefined : writer => writeCookie(writer, cookie),
        ),
      ),
    extended: (status, words, value, messageId = asked.messageId) =>
      raw(
        message(messageId, RESPONSES.extended, writer => {
          writeResult(writer, status, words);
          if (value !== undefined) {
            writer.writeString(value, 0x8b);
          }
        }),
      ),
  };
}

/** One search entry as bytes; exported for answers in bulk. */
export function entryMessage(
  messageId: number,
  dn: string,
  attributes: Readonly<Record<string, readonly string[]>>,
): Buffer {
  return message(messageId, 0x64, writer => {
    writer.writeString(dn);
    writer.startSequence();
    for (const [name, values] of Object.entries(attributes)) {
      writer.startSequence();
      writer.writeString(name);
      writer.startSequence(0x31);
      writer.writeStringArray([...values]);
      writer.endSequence();
      writer.endSequence();
    }
    writer.endSequence();
  });
}

function message(
  messageId: number,
  tag: number,
  content: (writer: BerWriter) => void,
  controls?: (writer: BerWriter) => void,
): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeInt(messageId);
  writer.startSequence(tag);
  content(writer);
  writer.endSequence();
  controls?.(writer);
  writer.endSequence();
  return writer.buffer;
}

function writeResult(writer: BerWriter, status: number, words: string): void {
  writer.writeEnumeration(status);
  writer.writeString('');
  writer.writeString(words);
}

function writeCookie(writer: BerWriter, cookie: string): void {
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
