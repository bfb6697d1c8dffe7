import { describe, expect, it } from 'vitest';
import { entryMessage, fakeServer, onSearch } from './fake-server.ts';
import { collect, connectionForTest, findingOf, IMPATIENT } from './support.ts';

const QUERY = { base: 'o=isp', filter: '(objectClass=*)', attributes: ['uid'] };
const COUNT = 40;
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** Entries and the end of a search, as bytes. */
function wholeAnswer(messageId: number): Buffer {
  const entries = Array.from({ length: COUNT }, (_, number) =>
    entryMessage(messageId, `uid=${number},o=isp`, { uid: [String(number)], mail: ['a@example.com', 'b@example.com'] }),
  );
  return Buffer.concat([...entries, finished(messageId)]);
}

function finished(messageId: number): Buffer {
  return Buffer.concat([hex('30 0c 02 01'), Buffer.from([messageId]), hex('65 07 0a 01 00 04 00 04 00')]);
}

/** Reads from a server that answers every search with these bytes and hangs up. */
async function readFrom(bytes: (messageId: number) => Buffer) {
  const server = await fakeServer(
    onSearch((asked, answer) => {
      answer.socket.end(bytes(asked.messageId));
      return true;
    }),
  );
  return collect(connectionForTest(server).search(QUERY));
}

describe('an answer', () => {
  it('is whole', async () => {
    expect(await readFrom(wholeAnswer)).toHaveLength(COUNT);
  });

  it.each<[string, (messageId: number) => Buffer]>([
    ['that ends without an end', id => wholeAnswer(id).subarray(0, -1)],
    ['whose end has no result', id => Buffer.concat([hex('30 05 02 01'), Buffer.from([id]), hex('65 00')])],
    [
      'whose end has an empty result',
      id => Buffer.concat([hex('30 0b 02 01'), Buffer.from([id]), hex('65 06 0a 00 04 00 04 00')]),
    ],
    [
      'that succeeds and refers elsewhere',
      id => Buffer.concat([hex('30 0e 02 01'), Buffer.from([id]), hex('65 09 0a 01 00 04 00 04 00 a3 00')]),
    ],
    ['whose page has a cookie that is cut', id => withControls(id, hex('04 06 30 04 02 01 00 04'))],
    ['whose page has no cookie', id => withControls(id, hex('04 05 30 03 02 01 00'))],
    ['whose page has no value', id => withControls(id, Buffer.alloc(0))],
    [
      'whose controls reach beyond',
      id => Buffer.concat([hex('30 0e 02 01'), Buffer.from([id]), hex('65 07 0a 01 00 04 00 04 00 a0 7f')]),
    ],
    [
      'whose controls are garbage',
      id => Buffer.concat([hex('30 11 02 01'), Buffer.from([id]), hex('65 07 0a 01 00 04 00 04 00 a0 03 30 01 04')]),
    ],
    [
      'of the kind of a modify',
      id => Buffer.concat([hex('30 0c 02 01'), Buffer.from([id]), hex('67 07 0a 01 00 04 00 04 00')]),
    ],
    ['to what was never asked', id => Buffer.concat([entryMessage(id + 7, 'uid=a,o=isp', {}), finished(id)])],
    [
      'that refers to nothing',
      id => Buffer.concat([hex('30 05 02 01'), Buffer.from([id]), hex('73 00'), finished(id)]),
    ],
    ['with garbage in many layers', id => Buffer.concat([nested(20_000), finished(id)])],
  ])('is refused %s', async (_, bytes) => {
    expect(await findingOf(readFrom(bytes))).toMatchObject({ code: 'directory.connection-lost' });
  });

  it('that somebody has tampered with is an error, or has as many entries as it should', async () => {
    const chance = createChance(23);
    let server = await start(chance);
    for (let round = 0; round < 120; round += 1) {
      const connection = connectionForTest({ ...server, timing: IMPATIENT });
      const outcome = await Promise.race([
        collect(connection.search(QUERY)).then(
          entries => entries.length,
          (error: unknown) => error,
        ),
        new Promise(resolve => setTimeout(resolve, 120_000, 'hangs')),
      ]);
      expect(outcome === COUNT || outcome instanceof Error, String(outcome)).toBe(true);
      await connection.close();
      if (round % 40 === 39) {
        server = await start(chance);
      }
    }
  });
});

function start(chance: () => number) {
  return fakeServer(
    onSearch((asked, answer) => {
      const bytes = wholeAnswer(asked.messageId);
      for (let count = 1 + Math.floor(chance() * 3); count > 0; count -= 1) {
        bytes[Math.floor(chance() * bytes.length)] = Math.floor(chance() * 256);
      }
      answer.socket.end(bytes);
      return true;
    }),
    { paging: true },
  );
}

/** The end of a search with the control of a page, whose value is what is given. */
function withControls(messageId: number, value: Buffer): Buffer {
  const type = Buffer.concat([Buffer.from([0x04, 22]), Buffer.from('1.2.840.113556.1.4.319')]);
  const control = Buffer.concat([Buffer.from([0x30, type.length + value.length]), type, value]);
  const tail = Buffer.concat([hex('65 07 0a 01 00 04 00 04 00'), Buffer.from([0xa0, control.length]), control]);
  return Buffer.concat([Buffer.from([0x30, tail.length + 3, 0x02, 0x01, messageId]), tail]);
}

/** Sequences in sequences, each of a length that fits. */
function nested(depth: number): Buffer {
  const layers: Buffer[] = [];
  for (let left = depth; left > 0; left -= 1) {
    const header = Buffer.alloc(6, 0x30);
    header[1] = 0x84;
    header.writeUInt32BE((left - 1) * 6, 2);
    layers.push(header);
  }
  return Buffer.concat(layers);
}

/** The same numbers in every run. */
function createChance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x80000000;
  };
}
