import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cs7Home, type Estate, icsConf, runningCs6, startEstate } from '../../servers/estate.ts';
import { stateOf } from './final-state.ts';
import { recordsOf } from './killed-runs.ts';

/*
 * The shipped program, killed at moments that nobody chose. KILL_SEED=… repeats the moments of a run that printed that seed,
 * as far as the machine is as fast; KILLS=… makes it more of them.
 */
const seed = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000_007);
const kills = Number(process.env['KILLS'] ?? 60);

/** Four: most of its time a run waits. */
const estates: Estate[] = [];

/** A run that finishes what others left may be killed too, so often in a row. */
const mostInARow = 3;

beforeAll(async () => {
  const size = { cs6: 1, cs7: 1, users: 20, groups: 2, resources: 2 };
  await Promise.all([0, 1, 2, 3].map(async () => estates.push(await startEstate(size))));
});
afterAll(async () => {
  await Promise.all(estates.map(estate => estate.stop()));
});

it(`loses nothing and leaves nothing, killed ${kills} times at random moments`, async () => {
  process.stdout.write(`KILL_SEED=${seed}\n`);
  const began = Date.now();
  const told = await Promise.all(
    estates.map((estate, i) => killAtRandom(estate, random(seed + i), kills / estates.length)),
  );
  process.stdout.write(`${kills} kills in ${Math.round((Date.now() - began) / 1000)} s: ${JSON.stringify(told)}\n`);
}, 3_600_000);

/** What killed runs had come to: recorded nothing, begun writes, or said that they were done. */
type Tally = Record<'before' | 'writing' | 'finished', number>;

async function killAtRandom(estate: Estate, next: () => number, count: number): Promise<Tally> {
  const first = snapshotOf(estate);
  await expectInSync(estate, 'the first run');
  disturb(estate, first);
  const { took, writing } = await expectInSync(estate, 'an undisturbed run');
  let pace = 1;
  const wanted = stateOf(estate);
  const tally: Tally = { before: 0, writing: 0, finished: 0 };
  for (let killed = 0, rounds = 0; killed < count; rounds += 1) {
    expect(rounds, 'most runs are killed before they end').toBeLessThan(count * 4);
    const parts = 1 + Math.floor(next() * 7);
    disturb(estate, first, parts);
    const deaths: string[] = [];
    while (deaths.length < mostInARow && killed < count) {
      const from = next() < 0.3 ? 'start' : 'first write';
      const after = Math.round(pace * next() * (from === 'start' ? took * 0.7 : writing * 0.3 * bits(parts)));
      const run = await apply(estate, { from, after });
      if (run.signal !== 'SIGKILL') break;
      killed += 1;
      deaths.push(`${after} ms after its ${from}`);
      tally[run.stage] += 1;
    }
    if (deaths.length === 0) {
      // The machine is less busy than it was, or little was left to do.
      pace *= 0.9;
      continue;
    }
    const name = `killed ${killed} times by now, at last ${deaths.join(' and ')}`;
    await expectInSync(estate, name);
    expect(stateOf(estate), name).toEqual(wanted);
    expectNothingLeft(estate, name);
  }
  return tally;
}

/** How far the records that were begun since then say that a run has come. */
function stageOf(estate: Estate, before: ReadonlySet<string>): keyof Tally {
  const names = readdirSync(recordsOf(estate)).filter(name => !before.has(name) && name.endsWith('.jsonl'));
  const lines = names.map(name => readFileSync(join(recordsOf(estate), name), 'utf8')).join('');
  return lines.includes('"line":"finished"') ? 'finished' : lines.includes('"line":"begin"') ? 'writing' : 'before';
}

interface Ran {
  readonly code: number | null;
  readonly signal: string | null;
  readonly said: string;
  readonly stage: keyof Tally;
  /** Milliseconds, and those of them since the first write was begun. */
  readonly took: number;
  readonly writing: number;
}

/** When a run is killed: so many milliseconds after it was started, or after it began its first write. */
interface Death {
  readonly from: 'start' | 'first write';
  readonly after: number;
}

/** One apply; killed at that moment, if it has not ended by then. */
async function apply(estate: Estate, death?: Death): Promise<Ran> {
  const before = new Set(readdirSync(recordsOf(estate)));
  const began = Date.now();
  const words = ['dist/reconcile.cjs', 'apply', estate.file, '--yes', '--runs', recordsOf(estate)];
  const child = spawn(process.execPath, words, { env: { ...process.env, COLUMNS: '1000', ...estate.environment } });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  const timers: NodeJS.Timeout[] = [];
  const reached = (from: Death['from']) => {
    if (death?.from === from) timers.push(setTimeout(() => child.kill('SIGKILL'), death.after));
  };
  reached('start');
  let wrote: number | undefined;
  const watch = setInterval(() => {
    if (wrote !== undefined || stageOf(estate, before) === 'before') return;
    wrote = Date.now();
    reached('first write');
  }, 20);
  const [code, signal] = await once(child, 'close');
  for (const timer of [watch, ...timers]) clearTimeout(timer);
  const ended = Date.now();
  return { code, signal, said, stage: stageOf(estate, before), took: ended - began, writing: ended - (wrote ?? ended) };
}

/** The run ends well, and the servers run with what the files say. */
async function expectInSync(estate: Estate, name: string): Promise<Ran> {
  const run = await apply(estate);
  expect([run.code, run.said], name).toEqual([0, expect.stringMatching(/in sync/i)]);
  expect(runningCs6(estate, 'cs6-fe1')['local.autoprovision'], name).toBe('no');
  return run;
}

/** Nothing that acts later, nothing that keeps the next run out, and no file on its way. */
function expectNothingLeft(estate: Estate, name: string): void {
  for (const { name: host, tree } of estate.ssh.hosts.values()) {
    const own = 'find .reconcile -name "lock*" -o -name "watch-*" -o -name "*busy*" 2>/dev/null';
    expect(estate.on(host, `${own}; ps -e -o args | grep "[r]econcile-" || :`), `${host}, ${name}`).toBe('');
    const beside = readdirSync(tree, { recursive: true, encoding: 'utf8' });
    expect(
      beside.filter(path => /reconcile-(new|lock)/.test(path)),
      `${host}, ${name}`,
    ).toEqual([]);
  }
}

type Snapshot = ReadonlyMap<string, Buffer>;

/** The configuration as it was before the first run. */
function snapshotOf(estate: Estate): Snapshot {
  const paths = [
    estate.pathOf('cs6-fe1', icsConf),
    estate.pathOf('cs7-fe1', `${cs7Home}/config/davserver.properties`),
    estate.pathOf('cs7-fe1', `${cs7Home}/config/ischeduledomainmap.properties`),
  ];
  return new Map(paths.flatMap(path => (existsSync(path) ? [[path, readFileSync(path)] as const] : [])));
}

/** How many of the three parts a number stands for. */
function bits(parts: number): number {
  return [1, 2, 4].filter(bit => (parts & bit) !== 0).length;
}

/**
 * What an administrator might do by mistake: an old configuration of CS6 (1) or of CS7 (2), and accounts that lose what the cohorts
 * gave them (4).
 */
function disturb(estate: Estate, first: Snapshot, parts = 7): void {
  for (const [path, content] of first)
    if ((parts & (path.endsWith('/ics.conf') ? 1 : 2)) !== 0) writeFileSync(path, content);
  if ((parts & 4) === 0) return;
  const { url, adminDn, adminPassword } = estate.directory;
  const bind = ['-x', '-H', url, '-D', adminDn, '-w', adminPassword];
  const words = ['-LLL', '-o', 'ldif-wrap=no', '-b', 'o=isp', '(davStore=*)', 'davStore'];
  const ldif = execFileSync('ldapsearch', [...bind, ...words], { encoding: 'utf8' });
  const dns = ldif.split('\n').filter(line => /^dns?:/.test(line));
  const changes = dns.slice(0, 8).map(dn => `${dn}\nchangetype: modify\ndelete: davStore\n`);
  execFileSync('ldapmodify', bind, { input: changes.join('\n') });
}

/** Mulberry32: the same numbers for the same seed, between 0 and 1. */
function random(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
