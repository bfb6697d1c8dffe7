import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitingCommand } from '../../../src/adapters/ssh/whole-script.ts';
import { type SshHosts, startSshHosts } from '../../servers/ssh-hosts.ts';
import { startTurnRelay } from '../../servers/turn-relay.ts';
import { openHost } from './open-host.ts';
import { accessTo, entryOf, probe, settingsWith } from './support.ts';

/* A session is opened ahead of the command that it is for, on servers that let so many and so long be open as they like. */
const echo = (word: string) => ({ words: ['echo', word] });

describe.each([
  ['as usual', []],
  ['with one session at a time', ['MaxSessions 1']],
  ['that closes sessions in which nothing happens', ['ChannelTimeout session=1s']],
])('a server %s', (_, sshd) => {
  const folder = mkdtempSync(join(tmpdir(), 'ssh-early-'));
  let hosts: SshHosts;

  beforeAll(async () => {
    hosts = await startSshHosts(join(folder, 'ssh'), new Map([['cs6', join(folder, 'cs6')]]), { sshd });
  });
  afterAll(async () => {
    await hosts.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A relay to the host, which counts how often it is waited for, and how the host is known behind it. */
  async function relayed() {
    const { address, port } = entryOf(hosts.hosts, 'cs6');
    const relay = await startTurnRelay(address, port, 20);
    const knownHosts = join(folder, `known_hosts_${relay.port}`);
    const known = readFileSync(hosts.knownHosts, 'utf8').replace(`[${address}]:${port}`, `[127.0.0.1]:${relay.port}`);
    writeFileSync(knownHosts, known);
    return {
      relay,
      place: { address: '127.0.0.1', port: relay.port },
      keys: { knownHosts, identity: hosts.identity },
    };
  }

  test('answers one question after the other, also after a while', async () => {
    const host = probe(entryOf(hosts.hosts, 'cs6'), hosts);
    for (const word of ['a', 'b', 'c']) expect(await host.query(echo(word))).toMatchObject({ output: `${word}\n` });
    await pause(2_500);
    for (const word of ['d', 'e']) expect(await host.query(echo(word))).toMatchObject({ output: `${word}\n` });
    await host.close();
  });

  test('is waited for once a question, after the first', async () => {
    const { relay, place, keys } = await relayed();
    const host = probe(place, keys);
    await host.query(echo('first'));
    relay.takeTurns();
    const words = ['a', 'b', 'c', 'd'];
    for (const word of words) await host.query(echo(word));
    const turns = relay.takeTurns();
    await host.close();
    relay.stop();
    // Where no session can be opened ahead, each question opens its own. What is left of the one before may come in between.
    const most = sshd.some(line => line.startsWith('MaxSessions')) ? 4 : 2;
    expect(turns).toBeLessThanOrEqual(most * words.length);
  });

  test('is written to once a step, whatever number of packets that is', async () => {
    const { port } = entryOf(hosts.hosts, 'cs6');
    const counted = countWrites(port);
    const host = probe(entryOf(hosts.hosts, 'cs6'), hosts);
    await host.query(echo('first'));
    const login = counted.writes();
    for (const word of ['a', 'b', 'c', 'd']) await host.query(echo(word));
    const questions = counted.writes() - login;
    counted.stop();
    await host.close();
    expect(login).toBeGreaterThan(4);
    expect(login).toBeLessThanOrEqual(14);
    expect(questions).toBeLessThanOrEqual(4 * 6);
  });

  test('answers with shells that were started ahead too, side by side, and after a while', async () => {
    const { address, port } = entryOf(hosts.hosts, 'cs6');
    const settings = settingsWith({}, { shellsAhead: true });
    const host = openHost('probe', accessTo({ address, port }, hosts), settings);
    for (const word of ['a', 'b', 'c', 'd'])
      expect(await host.query(echo(word))).toMatchObject({ output: `${word}\n` });
    await pause(2_500);
    // Where only one session may be open at a time, nothing can be asked side by side.
    const words = sshd.some(line => line.startsWith('MaxSessions')) ? ['e'] : ['e', 'f', 'g', 'h', 'i'];
    const patient = words.map(word => host.query({ ...echo(word), patience: 30_000 }));
    expect(await Promise.all(patient)).toMatchObject(words.map(word => ({ output: `${word}\n` })));
    await host.close();
  });

  test('is waited for once a question where a shell waits for it', async () => {
    const { relay, place, keys } = await relayed();
    const host = openHost('probe', accessTo(place, keys), settingsWith({}, { shellsAhead: true }));
    for (const word of ['first', 'second']) await host.query(echo(word));
    await pause(100);
    relay.takeTurns();
    const words = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const word of words) await host.query(echo(word));
    const turns = relay.takeTurns();
    await host.close();
    relay.stop();
    const most = sshd.some(line => line.startsWith('MaxSessions')) ? 4 : 1;
    expect(turns).toBeLessThanOrEqual(most * words.length + 1);
  });
});

/* Whatever /bin/sh is: the line that says what follows is taken, and nothing behind it. */
describe.each(['dash', 'busybox sh', 'bash', 'bash --posix', 'ksh93', 'mksh', 'yash'])('a %s that waits', shell => {
  const run = (input: string) => {
    const command = waitingCommand('abc').replaceAll('/bin/sh', shell);
    return spawnSync('/bin/sh', ['-c', command], { input, encoding: 'utf8' });
  };

  test('runs a script, with its mark among the arguments', () => {
    expect(run('0\necho "one $1"\nread rcl_x; echo "$rcl_x"\n').stdout).toMatch(/^one reconcile-abc\n/);
  });

  test('runs a script with data behind it, which nothing is taken of', () => {
    const script = 'cat; echo " end"\n';
    expect(run(`${script.length}\n${script}data\n more`).stdout).toBe('data\n more end\n');
  });

  test('ends with its input', () => {
    expect(run('')).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });
});

/** How often this process hands something for a port to the kernel. */
function countWrites(port: number) {
  const { _write: one, _writev: many } = Socket.prototype;
  let count = 0;
  const counted = (method: unknown) =>
    function (this: Socket, ...given: readonly unknown[]): void {
      if (this.remotePort === port) count += 1;
      if (typeof method === 'function') Reflect.apply(method, this, given);
    };
  Object.assign(Socket.prototype, { _write: counted(one), _writev: counted(many) });
  return { writes: () => count, stop: () => void Object.assign(Socket.prototype, { _write: one, _writev: many }) };
}
