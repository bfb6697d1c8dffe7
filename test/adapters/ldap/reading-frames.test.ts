import { MessageParser, SearchEntry } from 'ldapts';
import { describe, expect, it } from 'vitest';
import { BerCursor, NotBer, Tag } from '../../../src/adapters/ldap/ber.ts';
import { EntryDecoder, Frames } from '../../../src/adapters/ldap/message-reader.ts';
import type { DirectoryEntry } from '../../../src/ports/directory.ts';
import { entryMessage } from './fake-server.ts';

const LONG = 'ü'.repeat(40_000);
const ENTRIES: readonly (readonly [string, Readonly<Record<string, readonly string[]>>])[] = [
  ['', {}],
  ['uid=a,o=isp', { uid: ['a'] }],
  ['uid=zoë,o=isp', { CN: ['Zoë (Guest) *'], objectClass: ['top', 'person', 'icsCalendarUser'], empty: [] }],
  ['uid=b,o=isp', { 'cn;lang-de': ['', ' ', '\u0000'], description: [LONG, 'x'.repeat(127), 'x'.repeat(128)] }],
  ['uid=c,o=isp', Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`a${index}`, [`v${index}`]]))],
];
const BYTES = Buffer.concat(ENTRIES.map(([dn, attributes], index) => entryMessage(index + 1, dn, attributes)));
const EXPECTED = ENTRIES.map(([dn, attributes]) => ({
  dn,
  attributes: Object.entries(attributes)
    .filter(([, values]) => values.length > 0)
    .map(([name, values]) => [name.toLowerCase(), values]),
}));

function shown({ dn, attributes }: DirectoryEntry) {
  return { dn, attributes: [...attributes] };
}

/** Decodes what comes in pieces of those sizes, over and over. */
function decodePieces(bytes: Buffer, sizes: () => number): readonly ReturnType<typeof shown>[] {
  const found: ReturnType<typeof shown>[] = [];
  const decoder = new EntryDecoder();
  const frames = new Frames((message, start, end) => found.push(shown(decodeMessage(decoder, message, start, end))));
  for (let at = 0; at < bytes.length; ) {
    const size = sizes();
    frames.push(Buffer.from(bytes.subarray(at, at + size)));
    at += size;
  }
  return found;
}

function decodeMessage(decoder: EntryDecoder, bytes: Buffer, start: number, end: number): DirectoryEntry {
  const cursor = new BerCursor(bytes, start, end);
  const outer = cursor.enter(Tag.sequence);
  cursor.unsigned(Tag.integer);
  const entry = decoder.decode(cursor);
  cursor.leave(outer);
  return entry;
}

describe('entries', () => {
  it.each([1, 2, 3, 5, 7, 64, 1000, 65_536, BYTES.length])('are the same in pieces of %d bytes', size => {
    expect(decodePieces(BYTES, () => size)).toEqual(EXPECTED);
  });

  it('are the same in pieces of any sizes', () => {
    const chance = createChance(7);
    for (let round = 0; round < 50; round += 1) {
      expect(decodePieces(BYTES, () => 1 + Math.floor(chance() ** 4 * 90_000))).toEqual(EXPECTED);
    }
  });

  it('are what ldapts makes of them', () => {
    const theirs: SearchEntry[] = [];
    const parser = new MessageParser();
    parser.on('message', message => void (message instanceof SearchEntry && theirs.push(message)));
    parser.read(BYTES, new Map());
    const asPort = theirs.map(({ name, attributes }) => ({
      dn: name,
      attributes: attributes.filter(one => one.values.length > 0).map(one => [one.type.toLowerCase(), one.values]),
    }));
    expect(asPort).toEqual(EXPECTED);
  });

  it('tell the same text from other bytes, also where it is remembered', () => {
    const decoder = new EntryDecoder();
    const bytes = entryMessage(1, 'uid=a', { cn: ['active', 'activX', 'é', 'active'] });
    const wrong = Buffer.from(bytes);
    wrong[wrong.indexOf('activX') + 5] = 0xe9;
    for (const message of [bytes, wrong, bytes]) {
      const values = decodeMessage(decoder, message, 0, message.length).attributes.get('cn');
      expect(values).toEqual(['active', message === wrong ? 'activ\ufffd' : 'activX', 'é', 'active']);
    }
  });

  it('may have lengths in more bytes than they need', () => {
    const value = Buffer.from([0x04, 0x84, 0, 0, 0, 1, 0x61]);
    const attribute = Buffer.concat([Buffer.from([0x30, 0x0c, 0x04, 0x01, 0x62, 0x31, value.length]), value]);
    const content = Buffer.concat([Buffer.from([0x04, 0x81, 0x01, 0x63, 0x30, attribute.length]), attribute]);
    const operation = Buffer.concat([Buffer.from([0x64, 0x82, 0, content.length]), content]);
    const message = Buffer.concat([Buffer.from([0x30, 0x83, 0, 0, operation.length + 3, 0x02, 0x01, 0x05]), operation]);
    expect(decodePieces(message, () => 1)).toEqual([{ dn: 'c', attributes: [['b', ['a']]] }]);
  });
});

describe('bytes that are not LDAP', () => {
  const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
  it.each([
    ['text', Buffer.from('HTTP/1.1 400 Bad Request')],
    ['a length without an end', hex('30 80 02 01 01')],
    ['a length of five bytes', hex('30 85 00 00 00 00 05')],
    ['a message of gigabytes', hex('30 84 7f ff ff ff 02')],
    ['a message of more than any', hex('30 84 ff ff ff ff 02')],
  ])('are refused: %s', (_, bytes) => {
    expect(() => new Frames(() => undefined).push(bytes)).toThrow(NotBer);
  });

  it.each([
    ['a name that reaches beyond', '30 0a 02 01 01 64 05 04 09 61 30 00'],
    ['an operation that reaches beyond', '30 0a 02 01 01 64 7f 04 01 61 30 00'],
    ['an operation that is shorter than its parts', '30 0a 02 01 01 64 04 04 01 61 30 00'],
    ['no attributes at all', '30 08 02 01 01 64 03 04 01 61'],
    ['something behind the attributes', '30 0c 02 01 01 64 07 04 01 61 30 00 05 00'],
    ['an attribute without values', '30 0f 02 01 01 64 0a 04 01 61 30 05 30 03 04 01 62'],
    ['a value of another kind', '30 14 02 01 01 64 0f 04 01 61 30 0a 30 08 04 01 62 31 03 02 01 61'],
    ['a length cut by the end', '30 0a 02 01 01 64 05 04 84 61 30 00'],
    ['a number of eight bytes', '30 0a 02 08 01 01 01 01 01 01 01 01'],
    ['a number without bytes', '30 02 02 00'],
    ['a number below zero', '30 03 02 01 ff'],
    ['nothing', '30 00'],
  ])('are refused: %s', (_, text) => {
    const bytes = hex(text);
    expect(() => decodeMessage(new EntryDecoder(), bytes, 0, bytes.length)).toThrow(NotBer);
  });

  it('are refused wherever an entry is cut, with lengths that fit the rest', () => {
    const whole = entryMessage(1, 'uid=a,o=isp', { cn: ['x', 'y'], sn: ['z'] });
    for (let length = 2; length < whole.length; length += 1) {
      const cut = Buffer.from(whole.subarray(0, length));
      cut[1] = length - 2;
      expect(() => decodeMessage(new EntryDecoder(), cut, 0, cut.length)).toThrow(NotBer);
    }
  });

  it('never crash, hang or take long, whatever they are', () => {
    const before = process.cpuUsage();
    const chance = createChance(11);
    for (let round = 0; round < 20_000; round += 1) {
      const bytes = mutated(BYTES.subarray(0, 500), chance);
      try {
        decodePieces(bytes, () => 1 + Math.floor(chance() * 200));
      } catch (error) {
        expect(error).toBeInstanceOf(NotBer);
      }
    }
    // 20,000 of them; another machine may be slower by far.
    expect(process.cpuUsage(before).user).toBeLessThan(120_000_000);
  });
});

/** The same numbers in every run. */
function createChance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x80000000;
  };
}

function mutated(bytes: Buffer, chance: () => number): Buffer {
  const copy = Buffer.from(bytes);
  for (let count = 1 + Math.floor(chance() * 4); count > 0; count -= 1) {
    copy[Math.floor(chance() * copy.length)] = Math.floor(chance() * 256);
  }
  return chance() < 0.2 ? copy.subarray(0, Math.floor(chance() * copy.length)) : copy;
}
