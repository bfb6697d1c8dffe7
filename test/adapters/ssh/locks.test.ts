import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { HostConnection } from '../../../src/adapters/ssh/host-connection.ts';
import { fromPlainWord, plainWord } from '../../../src/adapters/ssh/shell-words.ts';
import type { HostLock, HostWriter, LockHolder } from '../../../src/ports/host.ts';
import { type SshHost, type SshHosts, startSshHosts } from '../../servers/ssh-hosts.ts';
import { openHost } from './open-host.ts';
import { accessTo, entryOf, findingOf, probe, settingsWith } from './support.ts';

/* On real sshd, each with a home of its own; the clients are as many connections. */
const folder = mkdtempSync(join(tmpdir(), 'ssh-locks-'));
let estate: SshHosts;
let one: SshHost;
let home: string;
let state: string;
let clients: readonly HostConnection[];

beforeAll(async () => {
  estate = await startSshHosts(folder, new Map([['one', join(folder, 'tree')]]));
  one = entryOf(estate.hosts, 'one');
  home = join(folder, 'host-one', 'home');
  state = join(home, '.reconcile', 'one');
  clients = Array.from({ length: 5 }, () => probe(one, estate));
});

afterAll(async () => {
  await Promise.all(clients.map(client => client.close()));
  await estate.stop();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => rmSync(join(home, '.reconcile'), { recursive: true, force: true }));

function client(index: number): HostConnection {
  const found = clients[index];
  if (!found) {
    throw new Error(`there is no client ${index}`);
  }
  return found;
}

function claim(host: HostWriter, run: string, expiry = 60_000) {
  return host.lock({ run, by: 'admin@desk', expiry, isDead: () => false });
}

async function take(host: HostWriter, run: string, expiry?: number): Promise<HostLock> {
  const taken = await claim(host, run, expiry);
  if (taken.state !== 'held') {
    throw new Error(`the lock is taken by ${taken.holder.run}`);
  }
  return taken.lock;
}

function holderOf(host: HostWriter): Promise<LockHolder | undefined> {
  return host.guard().then(({ holder }) => holder);
}

async function breakRun(host: HostWriter, run: string): Promise<boolean> {
  const holder = await holderOf(host);
  return holder?.run === run && (await host.breakLock(holder.identity)).state === 'broken';
}

/** As if nothing had been heard of the holder for so many seconds. */
function age(seconds: number): void {
  const then = Date.now() / 1000 - seconds;
  for (const name of readdirSync(join(state, 'lock'))) {
    utimesSync(join(state, 'lock', name), then, then);
  }
  utimesSync(join(state, 'lock'), then, then);
}

describe('the lock of a host', () => {
  test('is taken, told of, renewed and given back, and leaves nothing', async () => {
    expect(await holderOf(client(0))).toBeUndefined();
    expect(existsSync(join(home, '.reconcile'))).toBe(false);
    const lock = await take(client(0), 'run-1');
    expect(statSync(state).mode & 0o777).toBe(0o700);
    expect(statSync(join(home, '.reconcile')).mode & 0o777).toBe(0o700);
    const taken = await claim(client(1), 'run-2');
    expect(taken).toEqual({
      state: 'taken',
      holder: {
        run: 'run-1',
        by: 'admin@desk',
        silent: expect.any(Number),
        state: 'idle',
        identity: expect.stringMatching(/^[0-9a-f]{24}$/),
      },
    });
    age(30);
    expect((await holderOf(client(1)))?.silent).toBeGreaterThan(29_000);
    await lock.renew();
    expect((await holderOf(client(1)))?.silent).toBeLessThan(29_000);
    await lock.release();
    expect(await holderOf(client(1))).toBeUndefined();
    expect(readdirSync(state)).toEqual([]);
  });

  test('goes to exactly one of two, each time', async () => {
    for (let round = 0; round < 30; round += 1) {
      const both = await Promise.all([claim(client(0), 'a'), claim(client(1), 'b')]);
      const held = both.flatMap(taken => (taken.state === 'held' ? [taken.lock] : []));
      const told = both.flatMap(taken => (taken.state === 'taken' ? [taken.holder.run] : []));
      expect([held.length, told.length]).toEqual([1, 1]);
      expect(told).toEqual([both[0].state === 'held' ? 'a' : 'b']);
      await held[0]?.renew();
      await held[0]?.release();
    }
    expect(readdirSync(state)).toEqual([]);
  });

  test('of a dead holder goes to exactly one of five, each time', async () => {
    for (let round = 0; round < 8; round += 1) {
      const dead = await take(client(0), 'dead');
      age(3_600);
      const all = await Promise.all(clients.map((host, index) => claim(host, `run-${index}`)));
      const winner = all.findIndex(taken => taken.state === 'held');
      const held = all.flatMap(taken => (taken.state === 'held' ? [taken.lock] : []));
      expect(held.length).toBe(1);
      const told = all.flatMap(taken => (taken.state === 'taken' ? [taken.holder.run] : []));
      expect(new Set(told)).toEqual(new Set([`run-${winner}`]));
      expect((await findingOf(dead.renew())).code).toBe('host.lock-lost');
      await dead.release();
      await held[0]?.renew();
      await held[0]?.release();
    }
    expect(readdirSync(state)).toEqual([]);
  });

  test('of a holder that was renewed right before is not taken over', async () => {
    const lock = await take(client(0), 'slow');
    age(3_600);
    await lock.renew();
    expect(await claim(client(1), 'eager')).toMatchObject({ state: 'taken', holder: { run: 'slow' } });
    await lock.release();
  });

  test('that was broken is lost to its holder, and its release leaves that of the next one', async () => {
    const first = await take(client(0), 'first');
    expect(await breakRun(client(1), 'other')).toBe(false);
    await first.renew();
    expect(await breakRun(client(1), 'first')).toBe(true);
    expect((await findingOf(first.renew())).detail).toContain('No run has it');
    const second = await take(client(1), 'second');
    const finding = await findingOf(first.renew());
    expect(finding).toMatchObject({ code: 'host.lock-lost', detail: expect.stringContaining('for the run second') });
    await first.release();
    await second.renew();
    expect(await holderOf(client(0))).toMatchObject({ run: 'second' });
    expect(await breakRun(client(0), 'first')).toBe(false);
    await second.release();
  });

  test('is broken once, by one of two', async () => {
    await take(client(0), 'r');
    const identity = (await holderOf(client(0)))?.identity ?? '';
    const both = await Promise.all([client(0).breakLock(identity), client(1).breakLock(identity)]);
    expect(both.map(({ state }) => state).toSorted()).toEqual(['broken', 'changed']);
  });

  test.each([
    [`$(touch hurt) \`touch hurt\` "; touch hurt; ' ! \\c \\n * ~ %41 -n`, `größe 日本 \\0 & | < > #`],
    ['two\nlines\r\ttab', ''],
    ['x'.repeat(5_000), '\u202e\u0007'],
  ])('holds any text: %j', async (run, by) => {
    const taken = await client(0).lock({ run, by, expiry: 60_000, isDead: () => false });
    expect(taken.state).toBe('held');
    expect(await holderOf(client(1))).toMatchObject({ run, by, silent: expect.any(Number) });
    expect(await breakRun(client(1), `${run} `)).toBe(false);
    expect(await breakRun(client(1), run)).toBe(true);
    expect(readdirSync(home).filter(name => name.includes('hurt'))).toEqual([]);
  });

  test('that was left behind half made is taken when its time is over', async () => {
    mkdirSync(join(state, 'lock'), { recursive: true, mode: 0o700 });
    chmodSync(join(home, '.reconcile'), 0o700);
    expect(await claim(client(0), 'r')).toMatchObject({ state: 'taken', holder: { run: '', by: '' } });
    writeFileSync(join(state, 'lock', 'next-0'), '');
    age(3_600);
    const lock = await take(client(0), 'r');
    await lock.release();
    expect(readdirSync(state)).toEqual([]);
  });

  test('that was left behind by runs that are known to be dead is taken at once, and tells whose it was', async () => {
    await (await take(client(0), 'r')).release();
    const left = (name: string, run: string) => writeFileSync(join(state, 'lock', name), `run=${run}\nby=b\n`);
    const claimFor = (...dead: readonly string[]) =>
      client(0).lock({ run: 'new', by: 'b', expiry: 60_000, isDead: ({ run }) => dead.includes(run) });
    mkdirSync(join(state, 'lock'));
    left('past-1', 'old');
    left('next-2', 'older');
    writeFileSync(join(state, 'lock', 'next-3'), 'run=half');
    expect(await claimFor('old')).toMatchObject({ state: 'taken', holder: { run: 'old', by: 'b', identity: '' } });
    expect(await holderOf(client(1))).toMatchObject({ run: 'old', by: 'b' });
    const taken = await claimFor('old', 'older');
    expect(taken.state).toBe('held');
    expect(readdirSync(join(state, 'lock'))).toHaveLength(1);
  });

  test.each([
    ['a name that is none', 'beat-x; touch hurt', 'run=a\nby=b\n'],
    ['text that is not ours', `beat-${'0'.repeat(24)}`, 'run=$(touch hurt)\nby=b\n'],
    ['more lines than two', `beat-${'0'.repeat(24)}`, 'run=a\nby=b\nby=c\n'],
  ])('with %s is refused', async (_, name, text) => {
    await (await take(client(0), 'r')).release();
    mkdirSync(join(state, 'lock'));
    writeFileSync(join(state, 'lock', name), text);
    expect((await findingOf(claim(client(0), 'r'))).code).toBe('host.unexpected-output');
    expect((await findingOf(holderOf(client(0)))).code).toBe('host.unexpected-output');
  });
});

describe('the folder of the locks', () => {
  const refused = async () => [
    await findingOf(claim(client(0), 'r')),
    await findingOf(client(0).watch({ name: 'w', files: [], commands: [], patience: 1_000 })),
  ];

  test('is refused when it is a symbolic link', async () => {
    const elsewhere = join(folder, 'elsewhere');
    mkdirSync(elsewhere, { mode: 0o700 });
    symlinkSync(elsewhere, join(home, '.reconcile'));
    for (const finding of await refused()) {
      expect(finding).toMatchObject({ code: 'host.state-folder', detail: expect.stringContaining('symbolic link') });
    }
    expect(readdirSync(elsewhere)).toEqual([]);
    expect((await findingOf(holderOf(client(0)))).code).toBe('host.state-folder');
    rmSync(join(home, '.reconcile'));
    symlinkSync(join(folder, 'nowhere'), join(home, '.reconcile'));
    expect((await findingOf(claim(client(0), 'r'))).code).toBe('host.state-folder');
    rmSync(join(home, '.reconcile'));
    mkdirSync(join(home, '.reconcile'), { mode: 0o700 });
    symlinkSync(elsewhere, state);
    expect((await findingOf(claim(client(0), 'r'))).code).toBe('host.state-folder');
  });

  test('is refused when it is a file, is somebody else’s, or others can write it', async () => {
    writeFileSync(join(home, '.reconcile'), '');
    expect((await refused()).map(finding => finding.code)).toEqual(['host.state-folder', 'host.state-folder']);
    rmSync(join(home, '.reconcile'));
    mkdirSync(join(home, '.reconcile'));
    execFileSync('chown', ['1001', join(home, '.reconcile')]);
    expect((await refused())[0]?.detail).toContain('another user');
    execFileSync('chown', ['0', join(home, '.reconcile')]);
    chmodSync(join(home, '.reconcile'), 0o770);
    expect((await refused())[1]?.detail).toContain('written by others');
  });

  test('is closed when others could only read it', async () => {
    mkdirSync(join(home, '.reconcile'));
    chmodSync(join(home, '.reconcile'), 0o755);
    await (await take(client(0), 'r')).release();
    expect(statSync(join(home, '.reconcile')).mode & 0o777).toBe(0o700);
  });

  test('cannot be made where the login may write nothing', async () => {
    const clerk = openHost('probe', accessTo(one, estate, { user: 'clerk' }), settingsWith());
    const finding = await findingOf(claim(clerk, 'r'));
    await clerk.close();
    expect(finding).toMatchObject({ code: 'host.state-folder', detail: expect.stringContaining('cannot be made') });
  });

  test('a lock that is no folder is refused', async () => {
    await (await take(client(0), 'r')).release();
    writeFileSync(join(state, 'lock'), '');
    expect((await findingOf(claim(client(0), 'r'))).code).toBe('host.state-folder');
    rmSync(join(state, 'lock'));
    symlinkSync(folder, join(state, 'lock'));
    expect((await findingOf(holderOf(client(0)))).code).toBe('host.state-folder');
    expect(lstatSync(join(state, 'lock')).isSymbolicLink()).toBe(true);
    renameSync(join(state, 'lock'), join(state, 'link'));
  });
});

test('any text is one plain word and back', () => {
  for (const text of ['', 'a b', `'"$\\`, 'größe', '日本', '\n', '%41']) {
    expect(plainWord(text)).toMatch(/^[A-Za-z0-9._%-]*$/);
    expect(fromPlainWord(plainWord(text))).toBe(text);
  }
  expect(['a b', '%4', '%GG', '$x', '%4A'].map(fromPlainWord)).toEqual(Array(5).fill(undefined));
});
