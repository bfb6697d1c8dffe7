import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { longList } from '../../src/core/change-list.ts';
import { fillAccounts, fillDn, fillId, writeFillEstate } from '../bench/fill-estate.ts';
import type { TestDirectory } from '../servers/directory-server.ts';
import { startDs389 } from '../servers/ds389.ts';
import { startSlapd } from '../servers/slapd.ts';
import { bundledProgram } from '../tools/bundled-program.ts';

/** More than a plan keeps as objects, so that all of it goes through lists. */
const accounts = longList + 500;

interface Done {
  readonly changes: number;
  readonly run: string;
  readonly states: Readonly<Record<string, number>>;
  readonly remaining: number;
  readonly report: string;
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

it.each(['slapd', '389'] as const)('%s: killed in the middle, finished, and taken back', async make => {
  const folder = mkdtempSync(join(tmpdir(), 'reconcile-fill-'));
  folders.push(folder);
  const entries = fillAccounts(accounts);
  const server = make === 'slapd' ? await startSlapd(folder, { entries }) : await startDs389(folder, { entries });
  const fill = fillOf(folder, server);

  expect((await fill.run('plan')).report).toContain(`${accounts.toLocaleString('en-US')} unique ids`);
  await fill.killed('apply');
  const half = idsOn(server);
  expect(half.size).toBeGreaterThan(0);
  expect(half.size).toBeLessThan(accounts);
  for (const [dn, id] of half) expect(id).toBe(fillId(numberOf(dn)));

  // Somebody gives one of the others another id meanwhile; the plan of before is carried out to its end.
  const other = Array.from({ length: accounts }, (_, number) => number).find(number => !half.has(fillDn(number))) ?? 0;
  setId(server, fillDn(other), 'of-somebody-else');
  const rest = await fill.run('apply');
  const due = accounts - half.size - 1;
  expect(rest.states).toMatchObject({ done: due, unchanged: half.size + 1, failed: 0, refused: 0, unknown: 0 });
  expect(rest.remaining).toBe(0);
  expect(rest.report).toContain(`${due} done`);
  const all = idsOn(server);
  expect(all.size).toBe(accounts);
  expect(all.get(fillDn(other))).toBe('of-somebody-else');

  // What was changed after the run stays; what the run wrote goes, and nothing else.
  const changed = Array.from({ length: accounts }, (_, number) => number).find(
    number => number !== other && !half.has(fillDn(number)),
  );
  setId(server, fillDn(changed ?? 0), 'changed-since');
  const undone = await fill.run('undo', rest.run);
  expect(undone.states).toMatchObject({ done: due - 1, failed: 0, refused: 1, unknown: 0 });
  const left = idsOn(server);
  expect(new Set(left.keys())).toEqual(new Set([...half.keys(), fillDn(other), fillDn(changed ?? 0)]));
  await server.kill();
});

it('a file that was cut off is refused before anything is written', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'reconcile-fill-'));
  folders.push(folder);
  const server = await startSlapd(folder, { entries: fillAccounts(accounts) });
  const fill = fillOf(folder, server);
  await fill.run('plan');
  const text = readFileSync(fill.plan, 'utf8');
  for (const broken of [text.slice(0, -1000), text.replace(fillId(7), fillId(8))]) {
    writeFileSync(fill.plan, broken);
    await expect(fill.run('apply')).rejects.toThrow(/plan\.(not-json|tampered)/);
  }
  expect(existsSync(fill.runs)).toBe(false);
  expect(idsOn(server).size).toBe(0);
  await server.kill();
});

function fillOf(folder: string, server: TestDirectory) {
  const [estate, plan, runs] = ['estate.yaml', 'plan.json', 'runs'].map(name => join(folder, name));
  writeFillEstate(estate ?? '', server.url, server.bindDn);
  const environment = { LDAP_PASSWORD: server.password };
  const program = bundledProgram('test/bench/fill-client.mjs');
  const words = (what: string, run?: string) => [
    program,
    JSON.stringify({ what, estate, plan, runs, environment, ...(run !== undefined && { run }) }),
  ];
  return {
    plan: plan ?? '',
    runs: runs ?? '',
    async run(what: string, run?: string): Promise<Done> {
      const { stdout } = await promisify(execFile)(process.execPath, words(what, run), { maxBuffer: 1 << 28 });
      return JSON.parse(stdout);
    },
    /** Ends it without warning once some writes are recorded. */
    async killed(what: string): Promise<void> {
      const child = spawn(process.execPath, words(what), { stdio: 'ignore' });
      await expect.poll(() => recordedLines(runs ?? ''), { interval: 5 }).toBeGreaterThan(500);
      await ended(child);
    },
  };
}

function ended(child: ChildProcess): Promise<unknown> {
  const exit = new Promise(resolve => child.once('exit', resolve));
  child.kill('SIGKILL');
  return exit;
}

function recordedLines(runs: string): number {
  const [journal] = existsSync(runs) ? readdirSync(runs).filter(name => name.endsWith('.jsonl')) : [];
  return journal === undefined ? 0 : readFileSync(join(runs, journal), 'utf8').split('\n').length;
}

function login({ url, adminDn, adminPassword }: TestDirectory): readonly string[] {
  return ['-x', '-H', url, '-D', adminDn, '-w', adminPassword];
}

/** The unique ids that accounts have, by DN. */
function idsOn(server: TestDirectory): ReadonlyMap<string, string> {
  const words = [
    '-LLL',
    '-o',
    'ldif-wrap=no',
    '-E',
    'pr=1000/noprompt',
    '-b',
    'o=isp',
    '(davUniqueId=*)',
    'davUniqueId',
  ];
  const text = execFileSync('ldapsearch', [...login(server), ...words], { maxBuffer: 1 << 28 }).toString();
  return new Map([...text.matchAll(/^dn: (.*)\ndavUniqueId: (.*)$/gm)].map(([, dn = '', id = '']) => [dn, id]));
}

function setId(server: TestDirectory, dn: string, id: string): void {
  const input = `dn: ${dn}\nchangetype: modify\nreplace: davUniqueId\ndavUniqueId: ${id}\n`;
  execFileSync('ldapmodify', login(server), { input });
}

function numberOf(dn: string): number {
  return Number(/^uid=u(\d+),/.exec(dn)?.[1]);
}
