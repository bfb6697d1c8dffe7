import { execFileSync } from 'node:child_process';
import {
  chownSync,
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
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HostConnection } from '../../../src/adapters/ssh/host-connection.ts';
import { type SshHost, type SshHosts, startSshHosts } from '../../servers/ssh-hosts.ts';
import { until } from '../../tools/until.ts';
import { openHost } from './open-host.ts';
import { accessTo, entryOf, findingOf, probe, readOne, settingsWith } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'ssh-hosts-'));
const trees = new Map(['one', 'two'].map(name => [name, join(folder, 'trees', name)]));
let estate: SshHosts;
let one: SshHost;
let host: HostConnection;
let clerk: HostConnection;

beforeAll(async () => {
  estate = await startSshHosts(folder, trees);
  one = entryOf(estate.hosts, 'one');
  host = probe(one, estate);
  clerk = openHost('probe', accessTo(one, estate, { user: 'clerk' }), settingsWith());
  tool('hello', 'echo hello from `hostname`');
});

afterAll(async () => {
  await Promise.all([host.close(), clerk.close()]);
  await estate.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A command in the folder that comes first in PATH on host one. */
function tool(name: string, text: string): void {
  const bin = join(one.tree, 'opt/lab/bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
}

function place(name: string, content: string | Buffer, mode = 0o644): string {
  writeFileSync(join(one.tree, 'etc/opt', name), content, { mode });
  return `/etc/opt/${name}`;
}

describe('a command that another user runs', () => {
  const words = ['/bin/sh', '-c', 'id -un; echo "$1"', 'x', "it's $HOME"];

  test.each([
    ['root, by root', () => host, 'root'],
    ['another user, by root', () => host, 'clerk'],
    ['the login itself', () => clerk, 'clerk'],
  ])('is run by %s', async (_, by, as) => {
    expect(await by().run({ words, as })).toMatchObject({ code: 0, output: `${as}\nit's $HOME\n` });
  });

  test('needs sudo where the login is neither, and never asks for a password', async () => {
    const result = await clerk.run({ words, as: 'root' });
    expect(result).toMatchObject({ state: 'ran', code: expect.any(Number) });
    expect(result.state === 'ran' && result.code).not.toBe(0);
    tool('sudo', 'printf "%s " "$@"');
    expect(await clerk.run({ words: ['true'], as: 'root' })).toMatchObject({
      output: expect.stringMatching(/^-n -u root \/bin\/sh -c/),
    });
    rmSync(join(one.tree, 'opt/lab/bin/sudo'));
  });

  test('is refused where the name is none of a user', async () => {
    for (const as of ['a b', '$(id)', "o'neil", '-x'])
      expect((await findingOf(host.run({ words, as }))).code).toBe('host.words-refused');
  });
});

describe('a command that is only looked for', () => {
  test('is not run, and its folder is named as it really is', async () => {
    mkdirSync(join(one.tree, 'opt/real'), { recursive: true });
    writeFileSync(join(one.tree, 'opt/real/tell'), '#!/bin/sh\ntouch /opt/real/ran\n', { mode: 0o755 });
    symlinkSync('/opt/real', join(one.tree, 'opt/linked'));
    const asked = { words: ['./tell'], directories: ['/opt/none', '/opt/linked'], find: true } as const;
    expect(await host.query(asked)).toEqual({ state: 'ran', code: 0, directory: '/opt/linked', output: '/opt/real\n' });
    expect(readdirSync(join(one.tree, 'opt/real'))).toEqual(['tell']);
    expect(await host.query({ ...asked, words: ['./other'] })).toEqual({ state: 'absent' });
  });
});

describe('the estate', () => {
  test('every host has its own files, name and processes', async () => {
    const two = probe(entryOf(estate.hosts, 'two'), estate);
    const path = place('own', 'of one');
    const [here, there, name, processes] = await Promise.all([
      host.files([path]),
      two.files([path]),
      two.query({ words: ['hostname'] }),
      two.query({ words: ['ps', '-ef'] }),
    ]);
    await two.close();
    expect(here.map(file => file.content.toString())).toEqual(['of one']);
    expect(there).toEqual([]);
    expect(name).toMatchObject({ output: 'two\n' });
    expect(processes).toMatchObject({ output: expect.stringMatching(/root +1 +0 .*sshd/) });
  });

  test('a daemon outlives the session that started it, and its dead children are cleared away', async () => {
    tool('start', 'sh -c "sleep 0.2; (sleep 0.1 &) ; sleep 600.125" & echo started');
    const run = probe(one, estate);
    const result = await run.run({ words: ['start'] });
    await run.close();
    expect(result).toEqual({ state: 'ran', code: 0, output: 'started\n' });
    const processes = async () => {
      const table = await host.query({ words: ['ps', '-eo', 'stat,ppid,args'] });
      return table.state === 'ran' ? table.output : '';
    };
    await until(async () => /\d sleep 600\.125$/m.test(await processes()), 'its children have ended');
    expect(await processes()).toMatch(/ 1 sh .*sleep 600\.125$/m);
    await until(async () => !/^Z/m.test(await processes()), 'they are cleared away');
  });
});

describe('a query with a patience of its own', () => {
  const processes = async () => {
    const table = await host.query({ words: ['ps', '-eo', 'args'] });
    return table.state === 'ran' ? table.output : '';
  };

  test('ends a showrev that hangs, says what it had printed, and holds nothing else up', async () => {
    tool('showrev', 'trap "" 15\necho Patch: 100000-01\nsleep 600.25');
    const begun = Date.now();
    const slow = host.query({ words: ['showrev', '-p'], patience: 1_500 });
    expect(await host.query({ words: ['hello'] })).toMatchObject({ code: 0 });
    expect(Date.now() - begun, 'the others do not wait').toBeLessThan(1_400);
    expect(await slow).toEqual({ state: 'ran', code: 143, output: 'Patch: 100000-01', late: 1_500 });
    await until(async () => !(await processes()).includes('sleep 600.25'), 'it is gone from the host');
  });

  test('is answered as any other where it ends in time, or where there is no such command', async () => {
    const asked = [['hello'], ['no-such-command']].map(words => host.query({ words, patience: 20_000 }));
    expect(await Promise.all(asked)).toEqual([
      { state: 'ran', code: 0, output: 'hello from one\n' },
      { state: 'absent' },
    ]);
  });
});

describe('a query whose answer depends on files', () => {
  const asked = (path: string) => host.query({ words: ['count'], patience: 20_000, whileSame: [path] });
  let calls = 0;

  test('is answered from memory while they are the same, and this connection has changed nothing', async () => {
    const counted = join(one.tree, 'etc/opt/counted');
    tool('count', 'echo x >> /etc/opt/counted; wc -l < /etc/opt/counted | tr -d " "');
    const path = place('options', 'a=1');
    const next = { state: 'ran', code: 0, output: expect.stringMatching(/^\d+\n$/) };
    expect(await asked(path)).toMatchObject(next);
    expect(await asked(path)).toMatchObject({ output: '1\n' });
    place('options', 'a=2');
    expect(await asked(path), 'the file is another one').toMatchObject({ output: '2\n' });
    await host.run({ words: ['hello'] });
    expect(await asked(path), 'something was run').toMatchObject({ output: '3\n' });
    calls = readFileSync(counted, 'utf8').length / 2;
    expect(calls).toBe(3);
  });

  test('is asked again where there is no such file, and where it did not end with 0', async () => {
    tool('count', 'echo x >> /etc/opt/counted; wc -l < /etc/opt/counted | tr -d " "; exit 3');
    const path = place('options', 'a=3');
    for (const file of ['/etc/opt/no-such-file', '/etc/opt/no-such-file', path, path])
      expect(await asked(file)).toMatchObject({ output: `${++calls}\n` });
  });
});

describe('reading', () => {
  test('the folder of a reading is the physical one', async () => {
    mkdirSync(join(one.tree, 'etc/opt/real'));
    place('real/ics.conf', 'x');
    symlinkSync('real', join(one.tree, 'etc/opt/alias'));
    const readings = await host.files(['/etc/opt/alias/ics.conf', '/etc/opt/real/ics.conf']);
    expect(readings.map(reading => [reading.asked, reading.path, reading.link])).toEqual([
      ['/etc/opt/alias/ics.conf', '/etc/opt/real/ics.conf', false],
      ['/etc/opt/real/ics.conf', '/etc/opt/real/ics.conf', false],
    ]);
  });

  test('the time of a reading is that of the file, with its fraction', async () => {
    const path = place('time', 'x');
    const { modified } = await readOne(host, path);
    expect(modified).toBeCloseTo(statSync(join(one.tree, 'etc/opt/time')).mtimeMs, 1);
  });

  test('what this user may not read is not missing', async () => {
    place('secret', 'x', 0o600);
    mkdirSync(join(one.tree, 'etc/opt/closed'), { mode: 0o700 });
    place('closed/inside', 'x');
    for (const path of ['/etc/opt/secret', '/etc/opt/closed/inside', '/etc/opt/closed/deeper/still']) {
      const finding = await findingOf(clerk.files([path]));
      expect(finding).toMatchObject({ code: 'host.file-unreadable', severity: 'error', target: 'probe' });
      expect(finding.detail).toContain(path);
    }
    expect(await clerk.files(['/etc/opt/nothing'])).toEqual([]);
    const commands = clerk.query({ words: ['inside'], directories: ['/etc/opt/closed/bin'] });
    expect((await findingOf(commands)).code).toBe('host.command-unusable');
    expect(await host.files([])).toEqual([]);
  });

  test('a problem with one request leaves the others of the trip alone', async () => {
    const path = place('good', 'x');
    const [bad, good] = await Promise.allSettled([host.files(['/etc/opt']), host.files([path])]);
    expect([bad.status, good.status]).toEqual(['rejected', 'fulfilled']);
    const words = await findingOf(host.query({ words: ['echo', 'two\nlines'] }));
    expect(words.code).toBe('host.words-refused');
    expect((await findingOf(host.query({ words: [] }))).code).toBe('host.words-refused');
  });

  test('a file that changes while it is read is read again, and given up in the end', async () => {
    const path = place('torn', 'x');
    const count = join(one.tree, 'var/opt/count');
    tool(
      'cat',
      `echo y >> /var/opt/count; /usr/bin/cat "$@"; case $1 in */torn) if test \`wc -l < /var/opt/count\` -lt "\${LIMIT-3}"; then echo z >> "$1"; fi;; esac`,
    );
    const reading = await readOne(host, path);
    expect(reading.content.toString()).toBe(readFileSync(join(one.tree, 'etc/opt/torn'), 'utf8'));
    expect(readFileSync(count, 'utf8')).toBe('y\ny\ny\n');
    tool('cat', '/usr/bin/cat "$@"; case $1 in */torn) echo z >> "$1";; esac');
    expect((await findingOf(host.files([path]))).code).toBe('host.file-torn');
    rmSync(join(one.tree, 'opt/lab/bin/cat'));
  });

  test('a listing without a full time is refused', async () => {
    const path = place('listed', 'x');
    tool('ls', 'exec /usr/bin/ls -ln /etc/opt/listed');
    const finding = await findingOf(host.files([path]));
    rmSync(join(one.tree, 'opt/lab/bin/ls'));
    expect(finding.code).toBe('host.unexpected-output');
  });

  test('an answer has a limit', async () => {
    const small = probe(one, estate, { answer: 10_000 });
    const finding = await findingOf(small.query({ words: ['yes', 'x'.repeat(100)] }));
    await small.close();
    expect(finding.code).toBe('host.answer-too-large');
    expect(finding.detail).toContain('It was ended there.');
    const table = await host.query({ words: ['ps', '-eo', 'args'] });
    expect(table).not.toMatchObject({ output: expect.stringMatching(/^yes x/m) });
  });

  test('one hanging command ends the trip, and nothing of it is left', async () => {
    const hasty = probe(one, estate, { read: 2_000 });
    const sleeping = hasty.query({ words: ['sh', '-c', 'sleep 601.5; :'] });
    const [finding, other] = await Promise.all([findingOf(sleeping), findingOf(hasty.clock())]);
    expect(finding).toMatchObject({ code: 'host.no-answer', detail: expect.stringContaining('sleep 601.5') });
    expect(other).toBe(finding);
    await hasty.close();
    const table = await host.query({ words: ['ps', '-eo', 'args'] });
    expect(table).not.toMatchObject({ output: expect.stringContaining('sleep 601.5') });
  });

  test('what does not heed the first signal is killed, what writes is left alone', async () => {
    const hasty = probe(one, estate, { read: 2_000, write: 2_000 });
    const deaf = await findingOf(hasty.query({ words: ['sh', '-c', 'trap "" 15; sleep 606; sleep 606'] }));
    const writing = await findingOf(hasty.run({ words: ['sleep', '607'] }));
    expect(deaf.detail).toContain('It was ended there.');
    expect(writing).toMatchObject({ code: 'host.no-answer', detail: expect.stringContaining('still running') });
    const processes = async () => {
      const table = await host.query({ words: ['ps', '-eo', 'args'] });
      return table.state === 'ran' ? table.output : '';
    };
    await until(async () => !(await processes()).includes('sleep 606'), 'it is killed');
    expect(await processes()).toContain('sleep 607');
    await hasty.close();
  });

  test('more trips than sshd has sessions wait for their turn', async () => {
    const runs = Array.from({ length: 60 }, (_, index) => host.run({ words: ['echo', String(index)] }));
    const outputs = (await Promise.all(runs)).map(result => (result.state === 'ran' ? result.output.trim() : ''));
    expect(outputs).toEqual(Array.from({ length: 60 }, (_, index) => String(index)));
  });
});

describe('writing', () => {
  test('the last twenty backups stay, and nothing else is taken away', async () => {
    const path = place('kept', 'new');
    const names = Array.from(
      { length: 25 },
      (_, i) => `kept.reconcile-202601${String(i + 1).padStart(2, '0')}T000000Z`,
    );
    for (const name of [...names, 'kept.reconciled', 'kept.old']) place(name, 'old');
    const [before] = await host.files([path]);
    await host.replace({ path, expected: before?.content ?? 'absent', content: Buffer.from('newer') });
    const left = readdirSync(join(one.tree, 'etc/opt')).filter(name => name.startsWith('kept'));
    const backups = left.filter(name => name.startsWith('kept.reconcile-'));
    expect(backups).toHaveLength(20);
    expect(backups.sort().slice(0, 19)).toEqual(names.slice(6));
    expect(left).toEqual(expect.arrayContaining(['kept', 'kept.old', 'kept.reconciled']));
  });

  test('owner, mode and place are kept, and the backup has them too', async () => {
    const path = place('mine', 'before', 0o640);
    await host.run({ words: ['chown', '1001:1001', path] });
    const before = await readOne(host, path);
    const backup = await host.replace({ path, expected: before.content, content: Buffer.from('after') });
    const [after, old] = await Promise.all([readOne(host, path), readOne(host, String(backup))]);
    expect([after.content.toString(), after.owner, after.mode]).toEqual(['after', '1001:1001', '-rw-r-----']);
    expect([old.content.toString(), old.owner, old.mode, old.modified]).toEqual([
      'before',
      '1001:1001',
      '-rw-r-----',
      before.modified,
    ]);
    expect(backup).toMatch(/^\/etc\/opt\/mine\.reconcile-\d{8}T\d{6}Z$/);
  });

  test('one who cannot give the file its owner is refused', async () => {
    const expected = Buffer.from('of root');
    await host.run({ words: ['mkdir', '-m', '777', '/var/opt/shared'] });
    writeFileSync(join(one.tree, 'var/opt/shared/file'), expected, { mode: 0o644 });
    const replacement = { path: '/var/opt/shared/file', expected, content: Buffer.from('of clerk') };
    const finding = await findingOf(clerk.replace(replacement));
    expect(finding).toMatchObject({ code: 'host.file-not-written', detail: expect.stringContaining('owner') });
    expect(readdirSync(join(one.tree, 'var/opt/shared'))).toEqual(['file']);
    expect(statSync(join(one.tree, 'var/opt/shared/file')).uid).toBe(0);
  });

  test('a folder that may not be written, in the words of the host', async () => {
    const expected = Buffer.from('x');
    const path = place('guarded', expected);
    const finding = await findingOf(clerk.replace({ path, expected, content: Buffer.from('y') }));
    expect(finding).toMatchObject({
      code: 'host.file-not-written',
      detail: expect.stringMatching(/> mkdir: .*Permission denied/),
    });
  });

  test('a full disk leaves the file as it was', async () => {
    await host.run({ words: ['mkdir', '/var/opt/small'] });
    await host.run({ words: ['mount', '-t', 'tmpfs', '-o', 'size=64k', 'none', '/var/opt/small'] });
    await host.replace({ path: '/var/opt/small/file', expected: 'absent', content: Buffer.from('small') });
    const content = Buffer.alloc(200_000, 'large');
    const replacement = { path: '/var/opt/small/file', expected: Buffer.from('small'), content };
    const finding = await findingOf(host.replace(replacement));
    expect(finding).toMatchObject({ code: 'host.file-not-written', detail: expect.stringContaining('No space left') });
    expect(await host.query({ words: ['ls', '-A', '/var/opt/small'] })).toMatchObject({ output: 'file\n' });
    expect((await readOne(host, '/var/opt/small/file')).content.toString()).toBe('small');
  });

  test('an upload that arrives damaged is not used', async () => {
    const expected = Buffer.from('x');
    const path = place('damaged', expected);
    tool('cat', 'case $# in 0) exec /usr/bin/head -c 3;; esac; exec /usr/bin/cat "$@"');
    const finding = await findingOf(host.replace({ path, expected, content: Buffer.from('longer') }));
    rmSync(join(one.tree, 'opt/lab/bin/cat'));
    expect(finding).toMatchObject({ code: 'host.file-not-written', detail: expect.stringContaining('whole') });
    expect(readFileSync(join(one.tree, path), 'utf8')).toBe('x');
  });

  test('a command makes a file, also one that goes on as the owner of the folder, and replaces none', async () => {
    const shared = join(one.tree, 'var/opt/exports');
    mkdirSync(shared);
    chownSync(shared, 1001, 1001);
    symlinkSync('exports', join(one.tree, 'var/opt/linked'));
    const making = (path: string, ...before: readonly string[]) =>
      host.run({ words: [...before, 'sh', '-c', 'echo "$0" > "$1"', 'made', path], makes: path });
    const asOwner = ['setpriv', '--reuid=1001', '--regid=1001', '--clear-groups'];
    const codes = [
      await making('/var/opt/exports/by root'),
      await making('/var/opt/exports/by owner', ...asOwner),
      await making('/var/opt/of-root'),
      await making('/var/opt/exports/by root'),
      await making('/var/opt/linked/x'),
      await making('/var/opt/none/x'),
      await host.run({ words: ['sh', '-c', 'echo half > "$0"; exit 9', '/var/opt/half'], makes: '/var/opt/half' }),
    ].map(result => result.state === 'ran' && result.code);
    expect(codes).toEqual([0, 0, 0, 73, 73, 73, 9]);
    const made = ['exports/by owner', 'exports/by root', 'of-root'].map(name => join(one.tree, 'var/opt', name));
    expect(made.map(path => readFileSync(path, 'utf8'))).toEqual(Array(3).fill('made\n'));
    expect(made.map(path => [statSync(path).mode & 0o777, statSync(path).nlink])).toEqual(Array(3).fill([0o600, 1]));
    expect(readdirSync(shared)).toEqual(['by owner', 'by root']);
    expect(readdirSync(join(one.tree, 'var/opt'))).not.toContain('half');
    expect(readdirSync('/var/tmp').filter(name => /by (owner|root)/.test(name))).toEqual([]);
  });

  test('a folder with an access list that new ones inherit is written all the same', async () => {
    const inheriting = join(one.tree, 'var/opt/inheriting');
    mkdirSync(inheriting);
    execFileSync('setfacl', ['-d', '-m', 'u:1001:rwx', inheriting]);
    writeFileSync(join(inheriting, 'file'), 'old');
    const path = '/var/opt/inheriting/file';
    const before = execFileSync('getfacl', ['-c', join(inheriting, 'file')], { encoding: 'utf8' });
    await host.replace({ path, expected: Buffer.from('old'), content: Buffer.from('new') });
    expect(readFileSync(join(inheriting, 'file'), 'utf8')).toBe('new');
    expect(execFileSync('getfacl', ['-c', join(inheriting, 'file')], { encoding: 'utf8' })).toBe(before);
  });

  test('two runs at the same time: one writes, the other one is refused', async () => {
    const expected = Buffer.from('start');
    const path = place('contested', expected);
    const other = probe(one, estate);
    await other.clock();
    const results = await Promise.allSettled([
      host.replace({ path, expected, content: Buffer.from('first') }),
      other.replace({ path, expected, content: Buffer.from('second') }),
    ]);
    await other.close();
    expect(results.map(result => result.status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const winner = results[0]?.status === 'fulfilled' ? 'first' : 'second';
    expect(readFileSync(join(one.tree, path), 'utf8')).toBe(winner);
    const names = readdirSync(join(one.tree, 'etc/opt')).filter(name => name.includes('contested'));
    expect(names).toEqual(['contested', expect.stringMatching(/^contested\.reconcile-\d/)]);
  });
});
