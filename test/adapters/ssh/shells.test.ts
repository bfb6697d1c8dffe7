import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HostConnection } from '../../../src/adapters/ssh/host-connection.ts';
import { type SshServer, startSshServer } from '../../servers/ssh-server.ts';
import { until } from '../../tools/until.ts';
import { makeTools, shellEnvironment, shellMatrix } from './shell-matrix.ts';
import { findingOf, probe, readOne } from './support.ts';

/* The same behaviour under every shell that /bin/sh may be, and with three families of tools. */
const tools = mkdtempSync(join(tmpdir(), 'ssh-tools-'));
const matrix = shellMatrix(tools);

const oddBytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * 7 + (index >> 8)) & 255));
const oddName = `it's $(odd) "größe" \\n * # &`;

beforeAll(() => {
  makeTools(tools);
});

afterAll(() => rmSync(tools, { recursive: true, force: true }));

describe.each(matrix)('%s with %s tools', (shell, family, path) => {
  const folder = mkdtempSync(join(tmpdir(), 'ssh-shell-'));
  const work = join(folder, oddName);
  const file = join(work, 'ics conf');
  let server: SshServer;
  let host: HostConnection;

  beforeAll(async () => {
    execFileSync('/bin/sh', ['-c', `${shell} -c :`]);
    mkdirSync(work);
    const environment = shellEnvironment([shell, family, path]);
    server = await startSshServer(folder, { shell, environment });
    host = probe(server, server);
  });

  afterAll(async () => {
    await host.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The ls of busybox shows whole seconds. */
  const inTime = (moment: number) =>
    `${shell} ${family}`.includes('busybox') ? Math.floor(moment / 1000) * 1000 : moment;

  test('reads files, whatever is in them', async () => {
    writeFileSync(file, oddBytes, { mode: 0o640 });
    writeFileSync(join(work, 'empty'), '');
    symlinkSync('ics conf', join(work, 'link'));
    utimesSync(file, 1_700_000_000, 1_700_000_000);
    const names = ['ics conf', 'empty', 'link', 'missing', 'none/at/all'].map(name => join(work, name));
    const readings = await host.files(names);
    expect(readings.map(reading => [reading.asked, reading.link, reading.content.length])).toEqual([
      [names[0], false, 70_000],
      [names[1], false, 0],
      [names[2], true, 70_000],
    ]);
    expect(readings[0]?.content.equals(oddBytes)).toBe(true);
    const owner = `${process.getuid?.()}:${process.getgid?.()}`;
    expect(readings[0]).toEqual({
      asked: file,
      path: file,
      content: expect.any(Buffer),
      modified: 1_700_000_000_000,
      changed: expect.closeTo(inTime(statSync(file).ctimeMs), 0),
      owner,
      mode: '-rw-r-----',
      link: false,
    });
  });

  test('tells what is there but no file', async () => {
    symlinkSync('nowhere', join(work, 'dangling'));
    mkdirSync(join(work, 'folder'));
    execFileSync('mkfifo', [join(work, 'pipe')]);
    for (const [name, word] of [
      ['dangling', 'symbolic link'],
      ['folder', 'folder'],
      ['pipe', 'pipe'],
    ] as const) {
      const finding = await findingOf(host.files([join(work, name)]));
      expect(finding).toMatchObject({ code: 'host.file-unreadable', detail: expect.stringContaining(word) });
    }
  });

  test('runs commands', async () => {
    const bin = join(work, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'tool'), '#!/bin/sh\npwd\nprintf "%s|" "$A" "$@"\ncat\necho problem >&2\nexit 7\n', {
      mode: 0o755,
    });
    writeFileSync(join(bin, 'plain'), 'no program', { mode: 0o644 });
    const words = ['tool', oddName, '', '-n', 'two  blanks'];
    const environment = { A: oddName };
    const [ran, absent, nowhere, found, unknown] = await Promise.all([
      host.query({ words, directories: [join(work, 'not there'), work, bin, '/usr/bin'], environment }),
      host.query({ words: ['tool'], directories: [work] }),
      host.query({ words: ['tool'], directories: ['/not/there'] }),
      host.query({ words: ['expr', '6', '*', '7'] }),
      host.query({ words: ['no-such-command-here', 'x'] }),
    ]);
    const printed = `${bin}\n${oddName}|${oddName}||-n|two  blanks|problem\n`;
    expect(ran).toEqual({ state: 'ran', directory: bin, code: 7, output: printed });
    expect([absent, nowhere, unknown]).toEqual([{ state: 'absent' }, { state: 'absent' }, { state: 'absent' }]);
    expect(found).toEqual({ state: 'ran', code: 0, output: '42\n' });
    const finding = await findingOf(host.query({ words: ['plain'], directories: [bin] }));
    expect(finding.code).toBe('host.command-unusable');
  });

  test('knows the time', async () => {
    expect(Math.abs((await host.clock()) - Date.now())).toBeLessThan(300_000);
  });

  test('replaces a file', async () => {
    const content = Buffer.concat([oddBytes, Buffer.from('no line end')]);
    chmodSync(file, 0o604);
    const backup = await host.replace({ path: file, expected: oddBytes, content });
    const again = await host.replace({ path: file, expected: content, content: oddBytes });
    expect(readFileSync(file).equals(oddBytes)).toBe(true);
    expect(readFileSync(String(backup)).equals(oddBytes)).toBe(true);
    expect(readFileSync(String(again)).equals(content)).toBe(true);
    expect(backup).not.toBe(again);
    expect((await readOne(host, file)).mode).toBe('-rw----r--');
    expect(readdirSync(work).filter(name => name.startsWith('.'))).toEqual([]);
  });

  test('refuses a file that changed, is gone, is new or is a link', async () => {
    const content = Buffer.from('other');
    const replace = (path: string, expected: Buffer | 'absent') => host.replace({ path, expected, content });
    const before = readdirSync(work);
    const codes = [
      await findingOf(replace(file, Buffer.from('not this'))),
      await findingOf(replace(file, 'absent')),
      await findingOf(replace(join(work, 'missing'), oddBytes)),
      await findingOf(replace(join(work, 'link'), oddBytes)),
      await findingOf(replace(join(work, 'none', 'x'), 'absent')),
    ].map(finding => finding.code);
    expect(codes).toEqual([
      'host.file-changed',
      'host.file-changed',
      'host.file-changed',
      'host.file-link',
      'host.file-not-written',
    ]);
    expect(readdirSync(work)).toEqual(before);
    expect(readFileSync(file).equals(oddBytes)).toBe(true);
  });

  test('keeps the access list and extended attributes, or refuses', async () => {
    const marked = join(work, 'marked');
    writeFileSync(marked, 'old', { mode: 0o640 });
    utimesSync(marked, 1_700_000_000, 1_700_000_000);
    execFileSync('setfattr', ['-n', 'user.odd name', '-v', oddName, marked]);
    execFileSync('setfacl', ['-m', 'u:1001:r', marked]);
    const attributes = () =>
      execFileSync('getfattr', ['-d', '-m', '-', '-e', 'hex', 'marked'], { cwd: work, encoding: 'utf8' });
    const before = attributes();
    expect(before).toContain('system.posix_acl_access');
    const names = readdirSync(work);
    const replacing = host.replace({ path: marked, expected: Buffer.from('old'), content: Buffer.from('new') });
    // Its shell runs its own tools, whatever PATH says; they cannot copy such attributes.
    if (family === 'busybox' || shell === 'busybox sh') {
      const finding = await findingOf(replacing);
      expect(finding).toMatchObject({ code: 'host.file-not-written', detail: expect.stringContaining('attributes') });
      expect([readFileSync(marked, 'utf8'), readdirSync(work)]).toEqual(['old', names]);
    } else {
      const backup = String(await replacing);
      expect(readFileSync(marked, 'utf8')).toBe('new');
      expect(Date.now() - statSync(marked).mtimeMs).toBeLessThan(300_000);
      expect(statSync(backup).mtimeMs).toBe(1_700_000_000_000);
      expect(execFileSync('getfattr', ['--absolute-names', '--only-values', '-n', 'user.odd name', backup])).toEqual(
        Buffer.from(oddName),
      );
    }
    expect(attributes()).toBe(before);
  });

  test('refuses a file that has a second name', async () => {
    linkSync(file, join(work, 'second'));
    const names = readdirSync(work);
    const finding = await findingOf(host.replace({ path: file, expected: oddBytes, content: Buffer.from('x') }));
    expect(finding).toMatchObject({ code: 'host.file-not-written', detail: expect.stringContaining('hard links') });
    expect(readdirSync(work)).toEqual(names);
    rmSync(join(work, 'second'));
  });

  test('creates a file, like another one or by itself', async () => {
    chmodSync(file, 0o600);
    expect(
      await host.replace({ path: join(work, 'new'), expected: 'absent', content: oddBytes, like: file }),
    ).toBeUndefined();
    expect(
      await host.replace({ path: join(work, 'plain'), expected: 'absent', content: Buffer.alloc(0) }),
    ).toBeUndefined();
    expect(statSync(join(work, 'new')).mode & 0o777).toBe(0o600);
    expect(statSync(join(work, 'plain')).mode & 0o777).toBe(0o644);
    expect(readFileSync(join(work, 'new')).equals(oddBytes)).toBe(true);
  });

  test('respects the lock of a living run, takes over that of a dead one, sweeps what it left', async () => {
    const lock = join(work, '.ics conf.reconcile-lock');
    const stale = join(work, '.ics conf.reconcile-new.0123abc');
    const fresh = join(work, '.ics conf.reconcile-new.4567def');
    writeFileSync(lock, '0123abc elsewhere pid 42\n');
    for (const left of [stale, fresh]) {
      mkdirSync(left, { mode: 0o700 });
      writeFileSync(join(left, 'ics conf'), 'half');
      writeFileSync(join(left, '.ics conf.reconcile-lock'), '');
    }
    utimesSync(stale, 1_700_000_000, 1_700_000_000);
    const replacement = { path: file, expected: oddBytes, content: oddBytes };
    const finding = await findingOf(host.replace(replacement));
    expect(finding.code).toBe('host.file-locked');
    expect(finding.detail).toContain('0123abc elsewhere pid 42');
    expect(finding.detail).toMatch(/^ {4}rm -f '.*reconcile-lock'$/m);
    utimesSync(lock, 1_700_000_000, 1_700_000_000);
    expect(await host.replace(replacement)).toContain('ics conf.reconcile-');
    expect(readdirSync(work).filter(name => name.startsWith('.'))).toEqual(['.ics conf.reconcile-new.4567def']);
  });

  test('ends what takes too long', async () => {
    const hasty = probe(server, server, { read: 1_000 });
    const sleep = `sleep ${100_000 + server.port}`;
    const finding = await findingOf(hasty.query({ words: ['sh', '-c', `${sleep}; ${sleep}`] }));
    await hasty.close();
    expect(finding.code).toBe('host.no-answer');
    expect(finding.detail).toContain('It was ended there.');
    const table = () => execFileSync('ps', ['-eo', 'stat,args'], { encoding: 'utf8' }).split('\n');
    await until(() => !table().some(line => !line.startsWith('Z') && line.includes(sleep)), 'it has ended');
  });
});
