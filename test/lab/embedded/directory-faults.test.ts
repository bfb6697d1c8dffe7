import { connect } from 'node:net';
import { expect, it } from 'vitest';
import type { EmbeddedDirectory } from '../../../src/lab/embedded/ldap-server.ts';
import { collect, findingOf } from '../../adapters/ldap/support.ts';
import { settle } from '../../tools/until.ts';
import { connectTo, directoryForTest, jdoe, people } from './support.ts';

const everything = { base: 'o=isp', filter: '(objectClass=*)', attributes: ['uid', 'davStore'] };
const store = [
  { operation: 'add', attribute: 'objectClass', values: ['davEntity'] },
  { operation: 'add', attribute: 'davStore', values: ['b1'] },
] as const;

async function connected(directory: EmbeddedDirectory) {
  const connection = connectTo(directory);
  await connection.schema();
  return connection;
}

it.each([
  [3, 'timeLimitExceeded'],
  [4, 'sizeLimitExceeded'],
  [11, 'adminLimitExceeded'],
] as const)('early-end: result %d is no whole search', async (code, name) => {
  const directory = await directoryForTest(2000);
  const connection = await connected(directory);
  for (const entries of [0, 7, 1000, 1500]) {
    directory.setFault({ fault: 'early-end', entries, code });
    const finding = await findingOf(collect(connection.search(everything)));
    expect(finding.code).toBe('directory.search-incomplete');
    expect(finding.detail).toContain(`after ${entries.toLocaleString('en-US')} entries with result ${code} ${name}`);
  }
  directory.setFault({ fault: 'early-end', entries: 5000, code });
  expect((await collect(connection.search(everything))).length).toBe(2015);
  directory.clearFaults();
  expect((await collect(connection.search(everything))).length).toBe(2015);
});

it('out-of-order: every answer finds its question', async () => {
  const directory = await directoryForTest();
  const connection = await connected(directory);
  directory.setFault({ fault: 'out-of-order' });
  const uids = ['jdoe', "o'neil", 'r+d', 'zoë'];
  const order: string[] = [];
  const [, found] = await Promise.all([
    connection.modify(jdoe, store),
    Promise.all(
      uids.map(async uid => {
        const entries = await collect(connection.search({ ...everything, filter: `(uid=${uid})` }));
        order.push(uid);
        return entries.map(entry => entry.attributes.get('uid')?.[0]);
      }),
    ),
  ]);
  expect(found).toEqual(uids.map(uid => [uid]));
  expect(directory.entry(jdoe)?.attributes['davStore']).toEqual(['b1']);
});

it('drop-after: a search that was cut is not used, at whatever message or byte', async () => {
  const directory = await directoryForTest();
  for (const [count, unit] of [
    [0, 'messages'],
    [2, 'messages'],
    [29, 'messages'],
    [0, 'bytes'],
    [1, 'bytes'],
    [777, 'bytes'],
  ] as const) {
    const connection = await connected(directory);
    directory.setFault({ fault: 'drop-after', count, unit });
    const finding = await findingOf(collect(connection.search(everything)));
    expect(finding.code).toBe('directory.connection-lost');
    directory.clearFaults();
  }
});

it('drop-after: a modify that was not answered may have taken effect', async () => {
  const directory = await directoryForTest();
  const connection = await connected(directory);
  directory.setFault({ fault: 'drop-after', count: 0, unit: 'messages' });
  const first = await findingOf(connection.modify(jdoe, store));
  expect(first.code).toBe('directory.outcome-unknown');
  expect(directory.entry(jdoe)?.attributes['davStore']).toEqual(['b1']);
  expect(await findingOf(connection.modify(jdoe, store))).toMatchObject({ code: 'directory.connection-lost' });
});

it('slow: answers come late, and what is too late is reported', async () => {
  const directory = await directoryForTest();
  const patient = await connected(directory);
  const impatient = connectTo(directory, { connect: 30_000, silence: 1_000, fresh: 30_000 });
  await impatient.schema();
  directory.setFault({ fault: 'slow', milliseconds: 3_000 });
  const start = Date.now();
  expect((await collect(patient.search({ ...everything, filter: '(uid=jdoe)' }))).length).toBe(1);
  expect(Date.now() - start).toBeGreaterThanOrEqual(3_000);
  expect(await findingOf(collect(impatient.search(everything)))).toMatchObject({ code: 'directory.connection-lost' });
  const late = connectTo(directory, { connect: 200, silence: 1000, fresh: 1000 });
  expect(await findingOf(late.schema())).toMatchObject({ code: 'directory.unreachable' });
});

it('second-editor: somebody is faster, and what he wrote stays', async () => {
  const directory = await directoryForTest();
  const connection = await connected(directory);
  const dn = `uid=zoë,${people}`;
  const rival = [
    { operation: 'add', attribute: 'objectClass', values: ['davEntity'] },
    { operation: 'add', attribute: 'davStore', values: ['theirs'] },
  ] as const;
  directory.setFault({ fault: 'second-editor', dn, edits: rival });
  expect(await connection.modify(jdoe, store)).toEqual({ state: 'done' });
  expect(await connection.modify(dn, store)).toMatchObject({ state: 'conflict' });
  expect(directory.entry(dn)?.attributes['davStore']).toEqual(['theirs']);
  const mine = [
    { operation: 'delete', attribute: 'davStore', values: ['theirs'] },
    { operation: 'add', attribute: 'davStore', values: ['b1'] },
  ] as const;
  expect(await connection.modify(dn, mine)).toEqual({ state: 'done' });
});

it('what is not LDAP ends its own connection and no other', async () => {
  const directory = await directoryForTest();
  const connection = await connected(directory);
  const port = Number(new URL(directory.url).port);
  const lumps = [
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    Buffer.from([0x30, 0x84, 0x7f, 0xff, 0xff, 0xff]),
    Buffer.from([0x30, 0x05, 0x02, 0x01, 0x01, 0x63, 0x00]),
    Buffer.from([0x30, 0x80]),
  ];
  for (const lump of lumps) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    socket.write(lump);
    socket.resume();
    await new Promise(resolve => socket.once('close', resolve));
  }
  const open = connect(port, '127.0.0.1');
  open.write(Buffer.from([0x30, 0x20]));
  await settle();
  expect((await collect(connection.search(everything))).length).toBe(35);
  open.destroy();
});
