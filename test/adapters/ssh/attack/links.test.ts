import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { HostConnection } from '../../../../src/adapters/ssh/host-connection.ts';
import { TargetProblem } from '../../../../src/core/finding.ts';
import { type SshHost, type SshHosts, startSshHosts } from '../../../servers/ssh-hosts.ts';
import { entryOf, probe } from '../support.ts';

/*
 * Root writes in a folder that another user owns, over real sshd, while that user swaps what is there against links to root's
 * files and folders. The same attacker against the way files were replaced before shows that it has a chance.
 */
const tries = Number(process.env['RECONCILE_ATTACK_TRIES'] ?? 80);
const clerk = 1001;
const secret = 'only root may read this\n';
const old = 'old\n';

const folder = mkdtempSync(join(tmpdir(), 'ssh-attack-'));
let estate: SshHosts;
let one: SshHost;
let host: HostConnection;
let victims: string;
let config: string;

beforeAll(async () => {
  estate = await startSshHosts(folder, new Map([['one', join(folder, 'tree')]]));
  one = entryOf(estate.hosts, 'one');
  host = probe(one, estate);
  victims = join(one.tree, 'etc/opt/victims');
  config = join(one.tree, 'etc/opt/product/config');
  for (const path of [folder, one.tree, join(one.tree, 'etc')]) chmodSync(path, 0o755);
});

afterAll(async () => {
  await host.close();
  await estate.stop();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(layVictims);

/** Names that a careless writer would meet behind a link; the first has the content that it expects. */
function layVictims(): void {
  rmSync(victims, { recursive: true, force: true });
  mkdirSync(join(victims, 'folder'), { recursive: true });
  writeFileSync(join(victims, 'ics.conf'), old, { mode: 0o600 });
  for (const name of ['holder', 'folder/holder', 'folder/ics.conf']) {
    writeFileSync(join(victims, name), secret, { mode: 0o600 });
  }
}

/** The product's folder and the one above it, as they are before every try. */
function layConfig(): void {
  rmSync(join(config, '..'), { recursive: true, force: true });
  mkdirSync(config, { recursive: true });
  writeFileSync(join(config, 'ics.conf'), old, { mode: 0o640 });
  for (const path of [join(config, '..'), config, join(config, 'ics.conf')]) chownSync(path, clerk, clerk);
}

/** Everything of root's, with times: any write, and any new or lost name, is a difference. */
function stateOfVictims(): string {
  const names = ['.', ...readdirSync(victims, { recursive: true, encoding: 'utf8' })].sort();
  return names
    .map(name => {
      const { mode, uid, ino, size, mtimeMs, ctimeMs } = lstatSync(join(victims, name));
      return [name, mode, uid, ino, size, mtimeMs, ctimeMs].join(' ');
    })
    .join('\n');
}

/** Files below the product's folder that their reader should not have. */
function leaks(): readonly string[] {
  const top = join(config, '..');
  return readdirSync(top, { recursive: true, encoding: 'utf8' }).filter(name => {
    const { mode, uid } = lstatSync(join(top, name));
    const isFile = (mode & 0o170000) === 0o100000;
    const readable = uid === clerk || (mode & 0o004) !== 0;
    return isFile && readable && readFileSync(join(top, name), 'utf8').includes(secret);
  });
}

interface Battle {
  readonly hits: number;
  readonly written: number;
  readonly swaps: number;
  readonly leaked: readonly string[];
}

/** Tries under attack, until there were `enough` hits; between two of them the attacker stands still, and everything is laid anew. */
async function underAttack(
  kind: string,
  count: number,
  write: () => Promise<boolean>,
  enough = count,
): Promise<Battle> {
  const attacker = await startAttacker(kind);
  try {
    return await fight(attacker, count, write, enough);
  } finally {
    attacker.kill('SIGKILL');
  }
}

async function fight(
  attacker: ChildProcess,
  count: number,
  write: () => Promise<boolean>,
  enough: number,
): Promise<Battle> {
  let hits = 0;
  let written = 0;
  const leaked: string[] = [];
  for (let i = 0; i < count && hits < enough; i += 1) {
    layConfig();
    const before = stateOfVictims();
    attacker.kill('SIGCONT');
    written += (await write()) ? 1 : 0;
    await standStill(attacker);
    leaked.push(...leaks());
    if (stateOfVictims() !== before) {
      hits += 1;
      layVictims();
    }
  }
  return { hits, written, swaps: await endOf(attacker), leaked };
}

/** A signal takes a moment to arrive. */
async function standStill(attacker: ChildProcess): Promise<void> {
  attacker.kill('SIGSTOP');
  while (!/^\d+ \(.*\) T /.test(readFileSync(`/proc/${attacker.pid}/stat`, 'utf8'))) await pause(1);
}

async function startAttacker(kind: string): Promise<ChildProcess> {
  const program = readFileSync(join(import.meta.dirname, 'attacker.mjs'));
  const words = ['--input-type=module', '-', kind, config, '/etc/opt/victims'];
  const child = spawn(process.execPath, words, {
    uid: clerk,
    gid: clerk,
    stdio: ['pipe', 'pipe', 'inherit'],
    cwd: '/',
  });
  child.stdin?.end(program);
  await once(child, 'spawn');
  return child;
}

async function endOf(attacker: ChildProcess): Promise<number> {
  attacker.kill('SIGTERM');
  attacker.kill('SIGCONT');
  const [said] = await once(attacker.stdout ?? attacker, 'data');
  return Number(said);
}

/** A replacement as it is; true when it says that it was made. */
async function replace(): Promise<boolean> {
  const path = '/etc/opt/product/config/ics.conf';
  try {
    await host.replace({ path, expected: Buffer.from(old), content: Buffer.from('new\n') });
    return true;
  } catch (problem) {
    expect(problem).toBeInstanceOf(TargetProblem);
    return false;
  }
}

/** The lines with which files were replaced before: each path is followed wherever it leads at that moment. */
const FOLLOWING = [
  'cd /; d=/etc/opt/product/config; f=$d/ics.conf; t=$d/.ics.conf.reconcile-new.1; k=$d/.ics.conf.reconcile-lock',
  'umask 077; cp -p $f $t && echo new > $t',
  'mkdir $k && echo holder > $k/holder',
  'test "`cat $f`" = old && cp -p $f $f.reconcile-1 && mv -f $t $f',
  'rm -f $t $k/holder; rmdir $k',
].join('; ');

async function followingReplace(): Promise<boolean> {
  const result = await host.run({ words: ['sh', '-c', FOLLOWING] });
  return result.state === 'ran' && result.code === 0;
}

/** A command that makes a file, as csexport does. */
async function make(makes?: string): Promise<boolean> {
  const path = '/etc/opt/product/config/calendar.ics';
  const words = ['sh', '-c', 'echo new > "$1"', 'sh', path];
  const result = await host.run({ words, ...(makes !== undefined && { makes }) });
  return result.state === 'ran' && result.code === 0;
}

const makeSafely = () => make('/etc/opt/product/config/calendar.ics');

describe.each([
  ['temporary', 'a replacement', followingReplace, replace],
  ['folder', 'a replacement', followingReplace, replace],
  ['target', 'a replacement', followingReplace, replace],
  ['planted', 'a command that makes a file', () => make(), makeSafely],
] as const)('links (%s) in the way of %s', (kind, _, before, now) => {
  test('the attacker has a chance: the old way hits', async () => {
    const battle = await underAttack(kind, 400, before, 1);
    process.stdout.write(`${kind}, the old way: ${JSON.stringify(battle)}\n`);
    expect(battle.hits).toBeGreaterThan(0);
  });

  test('nothing of root is touched, and nothing of it leaks', { timeout: 300_000 + tries * 5_000 }, async () => {
    const battle = await underAttack(kind, tries, now);
    process.stdout.write(`${kind}: ${JSON.stringify(battle)}\n`);
    expect(battle).toMatchObject({ hits: 0, leaked: [] });
    expect(battle.written, 'some of the tries go through').toBeGreaterThan(0);
    expect(battle.swaps).toBeGreaterThan(tries);
  });
});
