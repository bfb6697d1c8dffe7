import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pick, randomFrom } from '../../directories/made-up-accounts.ts';
import { startEstate } from '../../servers/estate.ts';
import { reconcile } from '../cli.ts';
import { replacedFiles, versionOf, watchFiles } from '../killed/file-watch.ts';
import { stateOf } from '../killed/final-state.ts';
import { recordedVersions } from '../killed/records.ts';
import type { Cut, Direction } from './cutting-proxy.ts';
import { type ProxiedEstate, putProxies } from './proxied-estate.ts';
import { setBack } from './set-back.ts';

/** CUT_SEED repeats the cuts of a run, CUT_ROUNDS makes more of them; when the bytes come is still up to the machine. */
const seed = Number(process.env['CUT_SEED'] ?? Date.now() % 1_000_000);
const rounds = Number(process.env['CUT_ROUNDS'] ?? 10);

/** A cut is noticed at once; what takes longer waits for something that never comes. */
const patience = 300_000;

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

/** To be cut, and its twin, which nothing disturbs. */
let cut: ProxiedEstate;
let twin: ProxiedEstate;

beforeAll(async () => {
  const size = { cs6: 1, cs7: 1, users: 40 };
  cut = await putProxies(await startEstate(size));
  twin = await putProxies(await startEstate(size));
});
afterAll(async () => {
  for (const one of [cut, twin]) {
    await one?.stop();
    await one?.estate.stop();
  }
});

it(`connections are cut anywhere: each run ends with a finding, files stay whole, the last one converges (CUT_SEED=${seed})`, async () => {
  process.stdout.write(`CUT_SEED=${seed}, ${rounds} rounds\n`);
  expect(await apply(twin)).toMatchObject({ code: 0 });
  const totals = new Map([...twin.proxies].map(([name, proxy]) => [name, proxy.passed()]));
  const files = replacedFiles(cut.estate);
  const first = files.map(versionOf);
  const watch = watchFiles(files);
  const random = randomFrom(seed);
  let cuts = 0;
  for (let round = 0; round < rounds; round += 1) {
    const { target, ...chosen } = chooseCut(random, totals);
    const proxy = cut.proxies.get(target);
    await breakLocks(cut);
    for (const one of cut.proxies.values()) one.begin(one === proxy ? chosen : undefined);
    const applied = await apply(cut);
    const happened = proxy?.hasCut() === true;
    cuts += happened ? 1 : 0;
    const words = `${target}, ${chosen.how} after ${chosen.after} bytes ${chosen.direction}, ${chosen.comesBack ? '' : 'not '}back`;
    const came = `${happened ? 'cut' : 'not reached'}, exit ${applied.code} after ${applied.milliseconds} ms`;
    process.stdout.write(`${round}: ${words}: ${came} ${codesOf(applied).join(' ')}\n`);
    expectProper(applied, happened, `${words}: ${came}`);
    if (applied.code === 0) await setBack(cut.estate);
  }
  await breakLocks(cut);
  const last = await apply(cut);
  expect(last.code, last.stdout + last.stderr).toBe(0);
  const { seen, looks } = await watch.stop();
  process.stdout.write(`${cuts} of ${rounds} cuts happened; files looked at ${looks} times\n`);
  expect(stateOf(cut.estate)).toEqual(stateOf(twin.estate));
  const versions = new Set([...first, ...recordedVersions(recordsFolder(cut))]);
  for (const [path, contents] of seen)
    for (const content of contents) expect(versions, `${path} was seen half`).toContain(content);
}, 3_000_000);

/** Evenly over most of what an undisturbed run sends and gets: one that goes on where another was cut sends less. */
function chooseCut(
  random: () => number,
  totals: ReadonlyMap<string, Readonly<Record<Direction, number>>>,
): Cut & { readonly target: string } {
  const [target, passed] = [...totals][Math.floor(random() * totals.size)] ?? ['', undefined];
  const direction = pick<Direction>(random, ['to the server', 'to the client']);
  const how = pick<Cut['how']>(random, ['RST', 'FIN']);
  const comesBack = pick(random, [true, true, false]);
  return { target, direction, how, comesBack, after: 1 + Math.floor(random() * 0.6 * (passed?.[direction] ?? 0)) };
}

function recordsFolder({ estate }: ProxiedEstate): string {
  return join(estate.folder, 'records');
}

/** A run that lost its connection could not give its locks back, and is known to be dead. */
async function breakLocks(proxied: ProxiedEstate): Promise<void> {
  for (const proxy of proxied.proxies.values()) proxy.begin();
  const hosts = [...proxied.estate.ssh.hosts.keys()];
  const broken = await Promise.all(
    hosts.map(host => reconcile(['lock', 'break', host, '-f', proxied.file], proxied.estate.environment)),
  );
  for (const { code, stdout, stderr } of broken) expect(code, stdout + stderr).toBe(0);
}

function apply(proxied: ProxiedEstate): Promise<Ran> {
  return program(proxied, 'apply', proxied.file, '--yes', '--runs', recordsFolder(proxied), '--format', 'json');
}

/** The shipped program as a process of its own: what nobody catches ends it, and what hangs does not end. */
async function program(proxied: ProxiedEstate, ...words: readonly string[]): Promise<Ran> {
  const began = Date.now();
  const child = spawn('node', ['dist/reconcile.cjs', ...words], {
    env: { ...process.env, COLUMNS: '1000', ...proxied.estate.environment },
    timeout: patience,
    killSignal: 'SIGKILL',
  });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].on('data', (chunk: Buffer) => {
      said[stream] += chunk.toString();
    });
  const [code] = await once(child, 'close');
  return { code, ...said, milliseconds: Date.now() - began };
}

function expectProper(applied: Ran, happened: boolean, words: string): void {
  const { code, stdout, stderr } = applied;
  const told = `${words}\n${stdout}\n${stderr}`;
  expect([0, 1, 2, 3, 4], told).toContain(code);
  expect(stdout + stderr, told).not.toMatch(/mistake of reconcile|^\s+at .*:\d+:\d+\)?$/m);
  expect(() => JSON.parse(stdout), told).not.toThrow();
  if (code !== 0) expect(codesOf(applied), told).not.toEqual([]);
  if (!happened)
    expect(
      codesOf(applied).filter(c => /unreachable|lost|cut/.test(c)),
      told,
    ).toEqual([]);
}

/** The codes of all findings. */
function codesOf({ stdout }: Ran): readonly string[] {
  return [...new Set([...stdout.matchAll(/"code": ?"([a-z0-9]+\.[a-z0-9-]+)"/g)].map(([, code]) => code ?? ''))];
}
