import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { HostConnection } from '../../../src/adapters/ssh/host-connection.ts';
import type { Watch } from '../../../src/ports/host.ts';
import { type SshHost, type SshHosts, startSshHosts } from '../../servers/ssh-hosts.ts';
import { bundledText } from '../../tools/bundled-program.ts';
import { until } from '../../tools/until.ts';
import { accessTo, entryOf, findingOf, probe } from './support.ts';
import { AMPLE, hurry, laySleep, watched } from './watchdogs.ts';

/* On real sshd: the watchdog must outlast the channel, the connection and the client. */
const folder = mkdtempSync(join(tmpdir(), 'ssh-watch-'));
const oddBytes = Buffer.from(Array.from({ length: 20_000 }, (_, index) => (index * 7 + (index >> 8)) & 255));
let estate: SshHosts;
let one: SshHost;
let host: HostConnection;
let state: string;
let etc: string;
let log: string;

beforeAll(async () => {
  estate = await startSshHosts(folder, new Map([['one', join(folder, 'tree')]]));
  one = entryOf(estate.hosts, 'one');
  state = join(folder, 'host-one', 'home', '.reconcile', 'one');
  etc = join(one.tree, 'etc/opt');
  log = join(etc, 'log');
  laySleep(one);
  const tell =
    '#!/bin/sh\nprintf "%s\\n" "$A $1 `cat /etc/opt/ics.conf | cksum` `umask` `pwd`" >> /etc/opt/log\necho said $1\nexit $2\n';
  writeFileSync(join(one.tree, 'opt/lab/bin/tell'), tell, { mode: 0o755 });
  writeFileSync(join(one.tree, 'opt/lab/bin/locked'), tell, { mode: 0o644 });
  host = probe(one, estate);
});

afterAll(async () => {
  await host.close();
  await estate.stop();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => {
  rmSync(join(state, '..'), { recursive: true, force: true });
  for (const name of readdirSync(etc)) {
    rmSync(join(etc, name), { recursive: true, force: true });
  }
});

/** A file that was changed by a run: its backup stands beside it. */
function changed(name: string, before: Buffer | string, after: Buffer | string): Watch['files'][number] {
  writeFileSync(join(etc, `${name}.old`), before);
  writeFileSync(join(etc, name), after);
  return {
    path: `/etc/opt/${name}`,
    backup: `/etc/opt/${name}.old`,
    before: Buffer.from(before),
    written: Buffer.from(after),
  };
}

function content(name: string): string {
  return readFileSync(join(etc, name), 'latin1');
}

function record(name: string): readonly string[] {
  return readFileSync(join(state, `watchdog-${name}.done`), 'utf8')
    .trim()
    .split('\n');
}

/** Lets its time pass, and waits until it has done what it must. */
const acted = (name: string) => hurry(one, () => existsSync(join(state, `watchdog-${name}.done`)), `${name} acted`);

/** A process that is called as one of a server. */
async function startServer(): Promise<void> {
  await host.query({
    words: ['sh', '-c', 'cp /bin/sleep /opt/lab/bin/csstored; /opt/lab/bin/csstored 120 >/dev/null 2>&1 &'],
  });
}

/** Kills a watchdog and what it has started: all that has its mark. */
async function killMarked(name: string): Promise<void> {
  const mark = readFileSync(join(state, name, 'mark'), 'utf8').trim();
  const script = `for p in \`ps -e -o pid -o args | grep 'reconcile-[${mark[0]}]${mark.slice(1)}' | cut -c1-8\`; do kill -9 $p; done`;
  await host.query({ words: ['sh', '-c', script] });
}

describe('a watchdog', { concurrent: false }, () => {
  test('puts files back and then runs commands, in order, and tells', async () => {
    const files = [changed('ics.conf', oddBytes, 'new one'), changed('b c', 'old b', `it's "new" \\b`)];
    const home = join(folder, 'host-one', 'home');
    const commands = [
      { words: ['tell', 'first', '0'], directories: ['/opt/none', '/opt/lab/bin'], environment: { A: `x 'y' $z \\n` } },
      { words: ['tell', 'second `touch hurt` $(touch hurt) \\n', '3'] },
      { words: ['nowhere'], directories: ['/opt/lab/bin'] },
      { words: ['locked'], directories: ['/opt/lab/bin'] },
    ];
    const watchdog = await host.watch({ name: 'cs6-service', files, commands, patience: AMPLE });
    expect(statSync(join(state, readdirSync(state)[0] ?? '')).mode & 0o777).toBe(0o700);
    expect(await watched(host)).toBe(true);
    const pid = readFileSync(join(state, readdirSync(state)[0] ?? '', 'pid'), 'utf8').trim();
    const open = await host.query({ words: ['ls', '-l', `/proc/${pid}/fd`] });
    expect(open).toMatchObject({ output: expect.stringMatching(/ 0 -> .* 1 -> .* 2 -> /s) });
    expect(open).toMatchObject({ output: expect.not.stringMatching(/pipe|socket/) });
    await acted('cs6-service');
    expect([content('ics.conf'), content('b c')]).toEqual([oddBytes.toString('latin1'), 'old b']);
    const sum = `${(await host.query({ words: ['cksum', '/etc/opt/ics.conf.old'] }).then(r => (r.state === 'ran' ? r.output : ''))).split(' ', 2).join(' ')}`;
    expect(content('log').split('\n')).toEqual([
      `x 'y' $z \\n first ${sum} 0022 /opt/lab/bin`,
      expect.stringContaining(`${sum} 0022 ${home}`),
      '',
    ]);
    const lines = record('cs6-service');
    expect(lines).toEqual([
      expect.stringMatching(/^watch [0-9a-f]{24} begun at \d{4}-.*Z, patience 120 s$/),
      expect.stringMatching(/^nobody said that all is well, so it acted at \d{4}-.*Z$/),
      '/etc/opt/ics.conf: restored',
      '/etc/opt/b c: restored',
      'tell first 0: ended with code 0',
      'tell second `touch hurt` $(touch hurt) ?n 3: ended with code 3',
      'nowhere: is not there',
      'locked: cannot be run',
      'it has done all of this',
    ]);
    expect(readFileSync(join(state, 'watchdog-cs6-service.output'), 'utf8')).toContain('said first\nsaid second');
    expect(readdirSync(state)).toEqual(['watchdog-cs6-service.done', 'watchdog-cs6-service.output']);
    expect([...readdirSync(etc), ...readdirSync(home)].filter(name => /hurt|^\..*reconcile-/.test(name))).toEqual([]);
    const finding = await findingOf(watchdog.confirm());
    expect(finding.code).toBe('host.watchdog-acted');
    for (const line of lines) {
      expect(finding.detail).toContain(`  > ${line}`);
    }
    expect(record('cs6-service')).toEqual(lines);
  });

  test('acts also when the client was killed right after it had started it', async () => {
    const file = changed('ics.conf', 'old', 'new');
    const watch = { name: 'w', commands: [{ words: ['tell', 'x', '0'] }], patience: AMPLE };
    const text = `
import { HostPool } from './src/adapters/ssh/host-pool.ts';
const pool = new HostPool({ secret: async () => { throw new Error(); } });
const host = pool.open('probe', ${JSON.stringify(accessTo(one, estate))});
const file = { path: '/etc/opt/ics.conf', backup: '/etc/opt/ics.conf.old', before: Buffer.from('old'), written: Buffer.from('new') };
await host.watch({ ...${JSON.stringify(watch)}, files: [file] });
process.kill(process.pid, 'SIGKILL');`;
    const client = spawn(process.execPath, [bundledText(text)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const [, signal] = await once(client, 'exit');
    expect(signal).toBe('SIGKILL');
    expect(content('ics.conf')).toBe(file.written.toString());
    await acted('w');
    expect(content('ics.conf')).toBe('old');
    expect(content('log')).toContain('x');
  });

  test('acts also when every session of sshd was ended', async () => {
    const lone = probe(one, estate);
    await lone.watch({ name: 'w', files: [changed('ics.conf', 'old', 'new')], commands: [], patience: AMPLE });
    const killer = await host
      .query({
        words: [
          'sh',
          '-c',
          'for p in `ps -eo pid,args | grep "sshd: root" | grep -v grep | cut -c1-8`; do kill -1 $p; kill -15 $p; done',
        ],
      })
      .catch(() => undefined);
    expect(killer).toBeUndefined();
    await lone.close();
    await acted('w');
    expect(content('ics.conf')).toBe('old');
    host = probe(one, estate);
  });

  test('that is told in time does nothing and leaves nothing', async () => {
    const files = [changed('ics.conf', 'old', 'new')];
    const watchdog = await host.watch({ name: 'w', files, commands: [{ words: ['tell', 'x', '0'] }], patience: AMPLE });
    await watchdog.confirm();
    expect(readdirSync(state)).toEqual([]);
    await watchdog.confirm();
    expect(content('ics.conf')).toBe('new');
    expect(existsSync(log)).toBe(false);
    expect(readdirSync(state)).toEqual([]);
    expect(await watched(host)).toBe(false);
  });

  test('leaves alone what is no longer as the run left it', async () => {
    const files = ['changed', 'same-length', 'gone', 'link', 'before', 'locked', 'plain'].map(name =>
      changed(name, 'old', 'new'),
    );
    await host.watch({ name: 'w', files, commands: [], patience: AMPLE });
    writeFileSync(join(etc, 'changed'), 'by hand');
    writeFileSync(join(etc, 'same-length'), 'nEw');
    rmSync(join(etc, 'gone'));
    rmSync(join(etc, 'link'));
    symlinkSync('plain', join(etc, 'link'));
    writeFileSync(join(etc, 'before'), 'old');
    mkdirSync(join(etc, '.locked.reconcile-lock'));
    await acted('w');
    expect(record('w').slice(2, -1)).toEqual([
      '/etc/opt/changed: left alone, it was edited since',
      '/etc/opt/same-length: left alone, it was edited since',
      '/etc/opt/gone: left alone, it is gone',
      '/etc/opt/link: left alone, it is a symbolic link',
      '/etc/opt/before: is as it was before already',
      '/etc/opt/locked: left alone, another run is writing it',
      '/etc/opt/plain: restored',
    ]);
    const contents = ['changed', 'same-length', 'link', 'before', 'locked', 'plain'].map(content);
    expect(contents).toEqual(['by hand', 'nEw', 'old', 'old', 'new', 'old']);
    expect(existsSync(join(etc, 'gone'))).toBe(false);
  });

  test('keeps owner and mode, and whoever has the file open keeps what he has', async () => {
    const files = [changed('ics.conf', 'old', 'new')];
    chmodSync(join(etc, 'ics.conf'), 0o604);
    chownSync(join(etc, 'ics.conf'), 1001, 1002);
    const before = statSync(join(etc, 'ics.conf'));
    await host.watch({ name: 'w', files, commands: [], patience: 1_000 });
    await acted('w');
    const after = statSync(join(etc, 'ics.conf'));
    expect([after.mode & 0o777, after.uid, after.gid]).toEqual([0o604, 1001, 1002]);
    expect(after.ino).not.toBe(before.ino);
    expect(content('ics.conf')).toBe('old');
  });

  test('does not restart a service that runs when it has restored nothing, nor anything when its flag was taken away', async () => {
    const commands = [{ words: ['tell', 'x', '0'] }];
    const alive = { processes: ['nobody-is-called-so', 'csstored'], below: [], pidFiles: [] };
    await startServer();
    await host.watch({ name: 'a', files: [changed('a', 'old', 'new')], commands, alive, patience: AMPLE });
    await host.watch({ name: 'b', files: [changed('b', 'old', 'new')], commands, patience: AMPLE });
    writeFileSync(join(etc, 'a'), 'old');
    rmSync(join(state, readdirSync(state).find(name => name.startsWith('watch-b')) ?? 'none', 'flag'));
    await hurry(one, () => readdirSync(state).join() === 'watchdog-a.done', 'a acted and b is gone');
    expect(record('a').slice(2)).toEqual([
      '/etc/opt/a: is as it was before already',
      'no file was restored and the service runs, so it was not restarted',
      'it has done all of this',
    ]);
    await until(async () => !(await watched(host)), 'no watchdog is at work');
    expect(content('b')).toBe('new');
    expect(existsSync(log)).toBe(false);
  });

  test('goes by the folder of a program, or by the status command alone, where these are given', async () => {
    const commands = [{ words: ['tell', 'x', '0'] }];
    await startServer();
    const place = (name: string) => ({ name, files: [changed(name, 'old', 'new')], commands, patience: AMPLE });
    const path = await host.query({ words: ['ps', '-e', '-o', 'args'] });
    expect(path.state === 'ran' && path.output).toMatch(/csstored/);
    const signs = { processes: ['csstored'], below: [], pidFiles: [] };
    const cases = [
      ['status-up', { ...signs, processes: [], status: { words: ['true'] } }, 0],
      ['status-down', { ...signs, status: { words: ['false'] } }, 1],
    ] as const;
    for (const [name, alive, restarts] of cases) {
      rmSync(log, { force: true });
      await host.watch({ ...place(name), alive });
      writeFileSync(join(etc, name), 'by hand');
      await acted(name);
      expect(existsSync(log), name).toBe(restarts === 1);
    }
  });

  test('that has restored nothing, because the file was edited, starts a service that is down and no other', async () => {
    const commands = [{ words: ['tell', 'x', '0'] }];
    await startServer();
    const place = (name: string) => ({ name, files: [changed(name, 'old', 'new')], commands, patience: AMPLE });
    const pidFile = join(etc, 'pid');
    writeFileSync(pidFile, '4194304\n');
    await host.watch({ ...place('up'), alive: { processes: ['csstored'], below: [], pidFiles: [] } });
    writeFileSync(join(etc, 'up'), 'by hand');
    await acted('up');
    expect(existsSync(log)).toBe(false);
    await host.watch({
      ...place('down'),
      alive: { processes: ['nobody-is-called-so'], below: [], pidFiles: ['/etc/opt/pid'] },
    });
    writeFileSync(join(etc, 'down'), 'by hand');
    await acted('down');
    expect(readFileSync(log, 'utf8').split('\n').length).toBe(2);
    expect(record('down').slice(2)).toEqual([
      '/etc/opt/down: left alone, it was edited since',
      'tell x 0: ended with code 0',
      'it has done all of this',
    ]);
  });

  test('is not replaced by a second one of its name, but by one of a name that is like it', async () => {
    const files = [changed('ics.conf', 'old', 'new')];
    const first = await host.watch({ name: 'cs6', files, commands: [], patience: AMPLE });
    const finding = await findingOf(host.watch({ name: 'cs6', files, commands: [], patience: 1_000 }));
    expect(finding.code).toBe('host.watchdog-running');
    expect(finding.detail).toMatch(/^ {4}rm -r '?.*\/watch-cs6-[0-9a-f]{24}'?$/m);
    const other = await host.watch({ name: 'cs6-service', files, commands: [], patience: AMPLE });
    expect(readdirSync(state).length).toBe(2);
    await Promise.all([first.confirm(), other.confirm()]);
    const next = await host.watch({ name: 'cs6', files, commands: [], patience: AMPLE });
    await next.confirm();
    expect(readdirSync(state)).toEqual([]);
  });

  test('that died is cleared away by the next one; what it had begun to do is told', async () => {
    const files = [changed('ics.conf', 'old', 'new')];
    const dead = await host.watch({ name: 'w', files, commands: [{ words: ['sleep', '600.25'] }], patience: 1_000 });
    const [name = ''] = readdirSync(state);
    const begun = () => existsSync(join(state, name, 'acting')) && content('ics.conf') === 'old';
    await until(begun, 'it acts');
    expect((await findingOf(host.watch({ name: 'w', files, commands: [], patience: 1_000 }))).code).toBe(
      'host.watchdog-running',
    );
    await killMarked(name);
    const finding = await findingOf(dead.confirm());
    expect(finding.code).toBe('host.watchdog-acted');
    expect(finding.detail).toContain('it was ended before it was done');
    const next = await host.watch({ name: 'w', files, commands: [], patience: AMPLE });
    expect(record.bind(undefined, 'w')).toThrow();
    expect(existsSync(join(state, 'watchdog-w.before'))).toBe(true);
    await killMarked(readdirSync(state).find(one => one.startsWith('watch-')) ?? '');
    const last = await host.watch({ name: 'w', files, commands: [], patience: AMPLE });
    await next.confirm();
    await last.confirm();
    expect(readdirSync(state)).toEqual(['watchdog-w.before']);
  });

  test('a confirmation while it acts waits for it', async () => {
    const files = [changed('ics.conf', 'old', 'new')];
    const commands = [{ words: ['sleep', '2'] }, { words: ['tell', 'x', '0'] }];
    const watchdog = await host.watch({ name: 'w', files, commands, patience: 1_000 });
    await until(() => content('ics.conf') === 'old', 'it acts');
    const finding = await findingOf(watchdog.confirm());
    expect(finding.detail).toContain('tell x 0: ended with code 0');
    expect(finding.detail).toContain('it has done all of this');
  });

  test('is not started without a backup, with a bad name, path or patience', async () => {
    const file = changed('ics.conf', 'old', 'new');
    const watch = { name: 'w', files: [file], commands: [], patience: 1_000 };
    const codes = [
      await findingOf(host.watch({ ...watch, files: [{ ...file, backup: '/etc/opt/none' }] })),
      // Its folder's owner may have put a link to a file of root's there: that would be restored for all to read.
      await findingOf(host.watch({ ...watch, files: [{ ...file, before: Buffer.from('odd') }] })),
      await findingOf(host.watch({ ...watch, name: '../w' })),
      await findingOf(host.watch({ ...watch, name: 'a b' })),
      await findingOf(host.watch({ ...watch, files: [{ ...file, path: 'ics.conf' }] })),
      await findingOf(host.watch({ ...watch, files: [{ ...file, backup: '/etc/opt/a\nb' }] })),
      await findingOf(host.watch({ ...watch, patience: Number.NaN })),
    ].map(finding => finding.code);
    expect(codes).toEqual([...Array(2).fill('host.watchdog-not-started'), ...Array(5).fill('host.words-refused')]);
    expect(existsSync(state) ? readdirSync(state) : []).toEqual([]);
  });
});
