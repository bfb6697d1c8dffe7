import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HostConnection } from '../../../src/adapters/ssh/host-connection.ts';
import { type SshServer, startSshServer } from '../../servers/ssh-server.ts';
import { until } from '../../tools/until.ts';
import { makeTools, shellEnvironment, shellMatrix } from './shell-matrix.ts';
import { findingOf, probe } from './support.ts';
import { AMPLE } from './watchdogs.ts';

/* Locks and watchdogs under every shell that /bin/sh may be, in a home whose name is as odd as can be. */
const tools = mkdtempSync(join(tmpdir(), 'ssh-tools-'));
const oddBytes = Buffer.from(Array.from({ length: 20_000 }, (_, index) => (index * 7 + (index >> 8)) & 255));
const oddName = `it's $(odd) "größe" \\n * # &`;

beforeAll(() => makeTools(tools));

afterAll(() => rmSync(tools, { recursive: true, force: true }));

/** A process with as odd a name as Linux lets it have. */
function startOdd(folder: string): ChildProcess {
  const program = join(folder, '(a) b) 1 2 )');
  if (!existsSync(program)) copyFileSync('/usr/bin/sleep', program);
  return spawn(program, ['600'], { stdio: 'ignore' });
}

/** Side by side, as a watchdog is waited for under each of them. */
describe.concurrent.each(shellMatrix(tools))('%s with %s tools', (shell, family, path) => {
  const folder = mkdtempSync(join(tmpdir(), 'ssh-state-'));
  const home = join(folder, oddName);
  const state = join(home, '.reconcile', hostname());
  let server: SshServer;
  let clients: readonly HostConnection[];
  let host: HostConnection;

  beforeAll(async () => {
    execFileSync('/bin/sh', ['-c', `${shell} -c :`]);
    mkdirSync(home);
    const environment = { ...shellEnvironment([shell, family, path]), HOME: home };
    server = await startSshServer(folder, { shell, environment });
    host = probe(server, server);
    clients = [host, probe(server, server), probe(server, server)];
  });

  afterAll(async () => {
    await Promise.all(clients.map(client => client.close()));
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test.sequential('a record of a start: of these very processes and files, until it is written anew', async () => {
    const file = join(home, 'ics.conf');
    writeFileSync(file, oddBytes);
    const odd = startOdd(folder);
    // Linux counts starts in hundredths of a second.
    await pause(50);
    const other = startOdd(folder);
    const processes = [process.pid, odd.pid ?? 0].map(pid => ({ pid, started: 1_700_000_000_000 }));
    expect(await host.startRecord('cs6-service')).toBeUndefined();
    const [reading] = await host.files([file]);
    if (!reading) throw new Error('no reading');
    await host.keepStart('cs6-service', processes, [reading]);
    const place = join(state, 'start-cs6-service');
    expect([statSync(place).mode & 0o777, readdirSync(state).filter(name => name.startsWith('record-'))]).toEqual([
      0o600,
      [],
    ]);
    const record = await host.startRecord('cs6-service');
    expect(record?.processes).toEqual(processes.map(one => ({ ...one, same: true })));
    expect(record?.holds(reading)).toBe(true);
    expect(record?.holds({ ...reading, content: Buffer.from('other') })).toBe(false);
    expect(record?.holds({ ...reading, path: '/another' })).toBeUndefined();
    expect(await host.startRecord('cs7-service')).toBeUndefined();

    // The number now belongs to another process.
    const text = readFileSync(place, 'latin1');
    writeFileSync(place, text.replaceAll(`process ${odd.pid} `, `process ${other.pid} `));
    expect((await host.startRecord('cs6-service'))?.processes.map(({ same }) => same)).toEqual([true, false]);
    odd.kill();
    other.kill();

    const spoilt: readonly (readonly [string, () => void])[] = [
      ['cut short', () => writeFileSync(place, text.slice(0, -2))],
      ['of another boot', () => writeFileSync(place, text.replace(/^boot .*$/m, 'boot another'))],
      ['of no form of ours', () => writeFileSync(place, text.replace('file ', 'files '))],
      ['writable by others', () => chmodSync(place, 0o620)],
      [
        'a link',
        () => {
          rmSync(place);
          writeFileSync(join(home, 'real'), text, { mode: 0o600 });
          symlinkSync(join(home, 'real'), place);
        },
      ],
      [
        'a folder',
        () => {
          rmSync(place);
          mkdirSync(place);
        },
      ],
    ];
    for (const [what, spoil] of spoilt) {
      writeFileSync(place, text);
      chmodSync(place, 0o600);
      spoil();
      expect([what, await host.startRecord('cs6-service')]).toEqual([what, undefined]);
    }
    expect((await findingOf(host.keepStart('cs6-service', processes, [reading]))).code).toBe('host.state-folder');
    rmSync(place, { recursive: true });
    chmodSync(state, 0o770);
    expect(await host.startRecord('cs6-service')).toBeUndefined();
    chmodSync(state, 0o700);
  });

  test.sequential('records of runs: every byte, the newest first, bounded, with odd files beside them', async () => {
    const estate = "..it's/größe *";
    const runs = [1, 2, 3, 4].map(day => `2026110${day}T120000000Z-0a1b2c3${day}`);
    const place = join(state, 'runs', encodeURIComponent(estate));
    const text = (run: string) => `{"run":"${run}","text":"größe \\\\n $(id) \`id\` \\u0000 %s ' \\\\"}\n`;
    expect(await host.runs(estate)).toEqual([]);
    expect(await host.runPart(estate, runs[0] ?? '', 'plan.json')).toBeUndefined();
    expect(existsSync(join(state, 'runs'))).toBe(false);
    const lengths = [0, 1, 4_095, 4_096, 4_097, 70_001];
    for (const run of runs) {
      const journals = lengths.map(
        (length, index) => [`${index + 1}.jsonl`, 'ß"\n'.repeat(length).slice(0, length)] as const,
      );
      await host.keepRun(
        estate,
        run,
        new Map([['head.json', text(run)], ['plan.json', oddBytes.toString('latin1')], ...journals]),
        3,
      );
    }
    expect(readdirSync(place).filter(name => /new-/.test(name))).toEqual([]);
    expect([statSync(place).mode & 0o777, statSync(join(place, `${runs[3]}.1.jsonl`)).mode & 0o777]).toEqual([
      0o700, 0o600,
    ]);
    await host.keepRun(
      estate,
      runs[3] ?? '',
      new Map([
        ['end.json', text('end')],
        ['2.jsonl', 'again'],
      ]),
      3,
    );
    const odd = [
      'x',
      `${runs[0]}.plan`,
      `${runs[0]}.head.json.old`,
      `${runs[1]}.head json`,
      `${runs[0]}.0.jsonl`,
      oddName,
    ];
    for (const name of odd) writeFileSync(join(place, name), 'odd');
    mkdirSync(join(place, `${runs[0]}.head.json`));
    symlinkSync('/etc/passwd', join(place, `${runs[0]}.end.json`));
    execFileSync('mkfifo', [join(place, `${runs[0]}.plan.json`)]);
    const kept = await host.runs(estate);
    expect(kept.map(({ run }) => run)).toEqual(runs.slice(1).toReversed());
    expect(kept.map(({ head }) => head)).toEqual(runs.slice(1).toReversed().map(text));
    expect(kept.map(({ end }) => end)).toEqual([text('end'), undefined, undefined]);
    const sizes = Object.fromEntries(kept[1]?.parts ?? []);
    expect(sizes['plan.json']).toBe(Buffer.byteLength(oddBytes.toString('latin1')));
    expect(await host.runPart(estate, runs[2] ?? '', 'plan.json')).toBe(oddBytes.toString('latin1'));
    for (const [index, length] of lengths.entries()) {
      expect(await host.runPart(estate, runs[2] ?? '', `${index + 1}.jsonl`)).toBe(
        'ß"\n'.repeat(length).slice(0, length),
      );
    }
    expect(await host.runPart(estate, runs[3] ?? '', '2.jsonl')).toBe('again');
    for (const part of ['head.json', 'end.json', 'plan.json', '1.jsonl'] as const) {
      expect(await host.runPart(estate, runs[0] ?? '', part)).toBeUndefined();
    }
    rmSync(join(state, 'runs'), { recursive: true });
  });

  test.sequential('the lock goes to one, is renewed, taken over once, broken and given back', async () => {
    const claim = (client: HostConnection, index: number) =>
      client.lock({ run: `${index} ${oddName}`, by: oddName, expiry: 60_000, isDead: () => false });
    const first = await Promise.all(clients.map(claim));
    expect(first.map(taken => taken.state).toSorted()).toEqual(['held', 'taken', 'taken']);
    const winner = first.findIndex(taken => taken.state === 'held');
    expect((await host.guard()).holder).toMatchObject({ run: `${winner} ${oddName}`, by: oddName, state: 'idle' });
    const [beat = ''] = readdirSync(join(state, 'lock'));
    utimesSync(join(state, 'lock', beat), 1_700_000_000, 1_700_000_000);
    const second = await Promise.all(clients.map(claim));
    expect(second.map(taken => taken.state).toSorted()).toEqual(['held', 'taken', 'taken']);
    for (const taken of first) {
      if (taken.state === 'held') {
        expect((await findingOf(taken.lock.renew())).code).toBe('host.lock-lost');
        await taken.lock.release();
      }
    }
    const next = second.findIndex(taken => taken.state === 'held');
    for (const taken of second) {
      if (taken.state === 'held') {
        await taken.lock.renew();
        const { holder } = await host.guard();
        expect(holder?.run).toBe(`${next} ${oddName}`);
        expect(await host.breakLock(holder?.identity ?? '')).toEqual({ state: 'broken', calledOff: 0 });
        expect((await findingOf(taken.lock.renew())).code).toBe('host.lock-lost');
      }
    }
    const again = await claim(host, 7);
    if (again.state === 'held') {
      await again.lock.release();
    }
    expect(readdirSync(state)).toEqual([]);
  });

  test.sequential('the watchdog acts when it must, and only then', async () => {
    // The connections of the locks have lost theirs, and may write nothing any more.
    const host = probe(server, server);
    clients = [...clients, host];
    const bin = join(home, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'tell'), '#!/bin/sh\nprintf "%s|" "$A" "$@" >> ../log\necho told\nexit 3\n', {
      mode: 0o755,
    });
    const place = (name: string) => {
      const file = join(home, name);
      writeFileSync(`${file}.old`, oddBytes);
      writeFileSync(file, 'new', { mode: 0o604 });
      return { path: file, backup: `${file}.old`, before: oddBytes, written: Buffer.from('new') };
    };
    const files = ['a b', 'c', 'd'].map(place);
    const commands = [
      { words: ['tell', 'x', oddName, ''], directories: [join(home, 'none'), bin], environment: { A: oddName } },
      { words: ['true'] },
    ];
    const silent = await host.watch({ name: 'silent', files: [place('e')], commands, patience: AMPLE });
    const [folder = ''] = readdirSync(state).filter(name => name.startsWith('watch-'));
    const held = `/proc/${readFileSync(join(state, folder, 'pid'), 'utf8').trim()}/fd`;
    const ends = readdirSync(held).filter(one => readlinkSync(join(held, one)).startsWith('socket:'));
    // mksh cannot let go of its script; nobody waits for the end of that.
    expect(ends.length).toBeLessThanOrEqual(shell === 'mksh' ? 1 : 0);
    expect(['0', '1', '2'].map(one => readlinkSync(join(held, one)))).toEqual(Array(3).fill('/dev/null'));
    const acting = await host.watch({ name: 'acting', files, commands, patience: 20_000 });
    // Nothing else comes between the start and this.
    writeFileSync(join(home, 'c'), 'by hand');
    expect((await findingOf(host.watch({ name: 'silent', files: [], commands, patience: 1_000 }))).code).toBe(
      'host.watchdog-running',
    );
    await silent.confirm();
    await until(() => existsSync(join(state, 'watchdog-acting.done')), 'it acted');
    expect(readFileSync(join(home, 'a b')).equals(oddBytes)).toBe(true);
    expect(statSync(join(home, 'a b')).mode & 0o777).toBe(0o604);
    expect(readFileSync(join(home, 'c'), 'utf8')).toBe('by hand');
    expect(readFileSync(join(home, 'd')).equals(oddBytes)).toBe(true);
    expect(readFileSync(join(home, 'e'), 'utf8')).toBe('new');
    expect(readFileSync(join(home, 'log'), 'utf8')).toBe(`${oddName}|x|${oddName}||`);
    const finding = await findingOf(acting.confirm());
    expect(finding.code).toBe('host.watchdog-acted');
    const lines = finding.detail.split('\n').filter(line => line.startsWith('  > '));
    expect(lines.map(line => line.replace(/^ {2}> |.*: /g, '')).slice(2)).toEqual([
      'restored',
      'left alone, it was edited since',
      'restored',
      'ended with code 3',
      'ended with code 0',
      'it has done all of this',
    ]);
    expect(readdirSync(state)).toEqual(['watchdog-acting.done', 'watchdog-acting.output']);
  });
});
