import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { HostConnection } from '../../../src/adapters/ssh/host-connection.ts';
import type { HostLock } from '../../../src/ports/host.ts';
import { type SshHost, type SshHosts, startSshHosts } from '../../servers/ssh-hosts.ts';
import { until } from '../../tools/until.ts';
import { entryOf, findingOf, probe } from './support.ts';
import { AMPLE, watched } from './watchdogs.ts';

/* What spin finds in the variants of test/protocol/lock.pml, replayed with the real scripts on a real sshd: there it must hold. */
const folder = mkdtempSync(join(tmpdir(), 'ssh-fence-'));
let estate: SshHosts;
let one: SshHost;
let state: string;
let etc: string;
const open: HostConnection[] = [];

beforeAll(async () => {
  estate = await startSshHosts(folder, new Map([['one', join(folder, 'tree')]]));
  one = entryOf(estate.hosts, 'one');
  state = join(folder, 'host-one', 'home', '.reconcile', 'one');
  etc = join(one.tree, 'etc/opt');
});

afterAll(async () => {
  await Promise.all(open.map(client => client.close()));
  await estate.stop();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => rmSync(join(state, '..'), { recursive: true, force: true }));

function connect(): HostConnection {
  const client = probe(one, estate);
  open.push(client);
  return client;
}

async function take(client: HostConnection, run: string, dead = false): Promise<HostLock> {
  const taken = await client.lock({ run, by: 'test', expiry: 60_000, isDead: () => dead });
  if (taken.state !== 'held') throw new Error(`held by ${taken.holder.run}`);
  return taken.lock;
}

async function holder(client: HostConnection) {
  return (await client.guard()).holder;
}

function watch(patience: number) {
  writeFileSync(join(etc, 'f'), 'new');
  writeFileSync(join(etc, 'f.old'), 'old');
  const [path, backup] = ['/etc/opt/f', '/etc/opt/f.old'];
  const files = [{ path, backup, before: Buffer.from('old'), written: Buffer.from('new') }];
  return { name: 'w', files, commands: [{ words: ['true'] }], patience };
}

test('UNFENCED: a run whose lock was broken runs no command and replaces no file', async () => {
  const [run, operator] = [connect(), connect()];
  const lock = await take(run, 'a');
  await run.run({ words: ['touch', '/etc/opt/first'] });
  const broken = await operator.breakLock((await holder(operator))?.identity ?? '');
  expect(broken).toEqual({ state: 'broken', calledOff: 0 });
  writeFileSync(join(etc, 'g'), 'old');
  const replacement = { path: '/etc/opt/g', expected: Buffer.from('old'), content: Buffer.from('new') };
  expect((await findingOf(run.run({ words: ['touch', '/etc/opt/second'] }))).code).toBe('host.lock-lost');
  expect((await findingOf(run.replace(replacement))).code).toBe('host.lock-lost');
  expect((await findingOf(run.watch(watch(AMPLE)))).code).toBe('host.lock-lost');
  expect(readFileSync(join(etc, 'g'), 'utf8')).toBe('old');
  expect(readdirSync(etc)).toContain('first');
  expect(readdirSync(etc)).not.toContain('second');
  await lock.release();
});

test('HASTY: the lock of a run whose command is at work is neither broken nor taken over; that of a killed command is', async () => {
  const [run, other] = [connect(), connect()];
  await take(run, 'a');
  const working = run.run({ words: ['sleep', '600'] });
  working.catch(() => {});
  await until(async () => (await holder(other))?.state === 'writing', 'its command is at work');
  const identity = (await holder(other))?.identity ?? '';
  const broken = await other.breakLock(identity);
  expect(broken).toMatchObject({
    state: 'busy',
    processes: expect.arrayContaining([expect.stringContaining('sleep 600')]),
  });
  expect((await other.lock({ run: 'b', by: 'test', expiry: 0, isDead: () => true })).state).toBe('taken');
  const [busy = ''] = readdirSync(join(state, 'lock'));
  const mark = busy.slice(-24);
  const patterns = `-e 'reconcile-[${mark[0]}]${mark.slice(1)}' -e 'sleep [6]00'`;
  const kill = `for p in \`ps -e -o pid -o args | grep ${patterns} | cut -c1-8\`; do kill -9 $p; done`;
  await other.query({ words: ['sh', '-c', kill] });
  await working.catch(() => {});
  await take(other, 'b', true);
  expect((await findingOf(run.run({ words: ['true'] }))).code).toBe('host.lock-lost');
});

test.each(['release', 'break', 'take over'])('FORGETFUL: a watchdog that was not called off is, by %s', async way => {
  const [run, other] = [connect(), connect()];
  const lock = await take(run, 'a');
  await run.watch(watch(AMPLE));
  expect((await other.guard()).watchdogs).toEqual([{ name: 'w', state: 'waiting', until: expect.any(Number) }]);
  if (way === 'release') await lock.release();
  else if (way === 'break') {
    const broken = await other.breakLock((await holder(other))?.identity ?? '');
    expect(broken).toEqual({ state: 'broken', calledOff: 1 });
  } else await (await take(other, 'b', true)).release();
  expect(await other.guard()).toEqual({ watchdogs: [], acted: [] });
  await until(async () => !(await watched(other)), 'no watchdog is at work');
  expect(readFileSync(join(etc, 'f'), 'utf8')).toBe('new');
});

test('a watchdog that acted leaves a free lock and its record, and its run writes nothing more', async () => {
  const [run, other] = [connect(), connect()];
  await take(run, 'a');
  await run.watch(watch(1_000));
  await until(async () => (await other.guard()).acted.length > 0, 'it acted');
  await until(async () => !(await holder(other)), 'the lock is free');
  const guard = await other.guard();
  expect(guard).toEqual({
    watchdogs: [],
    acted: [{ name: 'w', lines: expect.arrayContaining(['/etc/opt/f: restored']) }],
  });
  const finding = await findingOf(run.run({ words: ['true'] }));
  expect([finding.code, finding.detail]).toEqual(['host.lock-lost', expect.stringContaining('The watchdog w acted')]);
  await other.acknowledge();
  expect((await other.guard()).acted).toEqual([]);
});
