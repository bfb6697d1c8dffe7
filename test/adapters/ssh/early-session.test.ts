import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SshHosts, startSshHosts } from '../../servers/ssh-hosts.ts';
import { startTurnRelay } from '../../servers/turn-relay.ts';
import { entryOf, probe } from './support.ts';

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

  test('answers one question after the other, also after a while', async () => {
    const host = probe(entryOf(hosts.hosts, 'cs6'), hosts);
    for (const word of ['a', 'b', 'c']) expect(await host.query(echo(word))).toMatchObject({ output: `${word}\n` });
    await pause(2_500);
    for (const word of ['d', 'e']) expect(await host.query(echo(word))).toMatchObject({ output: `${word}\n` });
    await host.close();
  });

  test('is waited for once a question, after the first', async () => {
    const { address, port } = entryOf(hosts.hosts, 'cs6');
    const relay = await startTurnRelay(address, port, 0);
    const knownHosts = join(folder, 'known_hosts');
    const known = readFileSync(hosts.knownHosts, 'utf8').replace(`[${address}]:${port}`, `[127.0.0.1]:${relay.port}`);
    writeFileSync(knownHosts, known);
    const host = probe({ address: '127.0.0.1', port: relay.port }, { knownHosts, identity: hosts.identity });
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
});
