import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shellWords } from '../cli/parse-only.ts';
import { cs7Home, type Estate, icsConf, startEstate } from '../servers/estate.ts';
import { reconcile, reportOf, runs } from './cli.ts';

/** Taking a run back after later runs, on real sshd and slapd. */
let estate: Estate;
let folder: string;
let everyone: string;

const domainMap = `${cs7Home}/config/ischeduledomainmap.properties`;

beforeAll(async () => {
  estate = await startEstate({ cs6: 2, cs7: 1, users: 30 });
  folder = mkdtempSync(join(tmpdir(), 'reconcile-undo-'));
  everyone = join(folder, 'everyone.yaml');
  writeFileSync(
    everyone,
    readFileSync(estate.file, 'utf8')
      .replace('moves: 25%', 'moves: 100%')
      .replace('server: cs6, members: rest', 'server: cs7, store: defaultbackend, members: rest'),
  );
  rmSync(estate.pathOf('cs7-fe1', domainMap), { force: true });
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await estate?.stop();
});

const run = (...words: readonly string[]) => reconcile([...words, '--runs', runs], estate.environment);

function lastRun(): string {
  const names = readdirSync(runs).filter(name => name.endsWith('.jsonl'));
  return names.sort().at(-1)?.replace('.jsonl', '') ?? 'none';
}

async function applied(...words: readonly string[]): Promise<string> {
  const ran = await run('apply', ...words, '--yes');
  expect(ran.code, ran.stdout + ran.stderr).toBe(0);
  return lastRun();
}

function search(filter: string, ...attributes: readonly string[]): string {
  const { url, adminDn, adminPassword } = estate.directory;
  const bind = ['-x', '-LLL', '-o', 'ldif-wrap=no', '-H', url, '-D', adminDn, '-w', adminPassword];
  return execFileSync('ldapsearch', [...bind, '-b', 'o=isp', filter, ...attributes], { encoding: 'utf8' });
}

const state = () => ({
  accounts: search('(objectClass=*)', 'davStore', 'davUniqueId', 'objectClass'),
  fe1: readFileSync(estate.pathOf('cs6-fe1', icsConf), 'utf8'),
  be1: readFileSync(estate.pathOf('cs6-be1', icsConf), 'utf8'),
  map: existsSync(estate.pathOf('cs7-fe1', domainMap)),
});

/** From here on only this machine has the records: what hosts keep of runs is gone. */
function forgetOnHosts(): void {
  for (const host of ['cs6-fe1', 'cs6-be1']) estate.on(host, `rm -rf $HOME/.reconcile/${host}/runs`);
}

/** What has to hold whatever is taken back. */
function expectOrder(): void {
  expect(search('(&(davStore=*)(!(davUniqueId=*)))', '1.1')).toBe('');
  const lastValue = (conf: string) => [...conf.matchAll(/^local\.autoprovision\s*=\s*"(.*)"/gm)].at(-1)?.[1];
  const isOn = [state().fe1, state().be1].some(conf => lastValue(conf) !== 'no');
  if (isOn) expect(search('(davStore=*)', '1.1')).toBe('');
}

const codes = (ran: { readonly stdout: string }) =>
  [...ran.stdout.matchAll(/^(?:\S+: )?(?:error|warning) (\S+):/gm)].map(m => m[1]);

/** The command that a message prints, as a person would run it; it ends without asking. */
function printedCommand(stdout: string): readonly string[] {
  const line = /^ {6}(reconcile undo .*)$/m.exec(stdout)?.[1] ?? 'reconcile';
  return shellWords([line])[0] ?? [];
}

describe('undo', () => {
  it('takes nothing back of a run that wrote nothing', async () => {
    const saved = join(folder, 'plan.json');
    await run('plan', estate.file, '-o', saved);
    const first = await applied(estate.file);
    const before = state();
    const nothing = await applied(saved, '-f', estate.file);
    expect(nothing).not.toBe(first);
    const undone = await run('undo', nothing, estate.file, '--yes');
    expect([undone.code, undone.stdout]).toEqual([0, expect.stringContaining('Nothing of the run is left to undo.')]);
    expect(state()).toEqual(before);
    const all = await run('undo', first, estate.file, '--yes');
    expect(all.code, all.stdout + all.stderr).toBe(0);
  });

  it('removes a file that the run made, keeps its backup, and takes the object class away that came with a value', async () => {
    const before = state();
    expect(before.map).toBe(false);
    const first = await applied(estate.file);
    expect(state().map).toBe(true);
    expect(state().accounts).not.toBe(before.accounts);
    const undone = await run('undo', first, estate.file, '--yes');
    expect(undone.code, undone.stdout + undone.stderr).toBe(0);
    expect(state()).toEqual(before);
    const map = estate.pathOf('cs7-fe1', domainMap);
    expect(readdirSync(dirname(map)).filter(name => name.includes('.properties.reconcile-2'))).not.toEqual([]);
  });

  it('leaves what later runs built on, names them, and offers the rest', async () => {
    const before = state();
    const first = await applied(estate.file);
    const second = await applied(everyone);
    const between = state();
    const refused = await run('undo', first, estate.file, '--yes');
    expect([refused.code, [...new Set(codes(refused))]], refused.stdout).toEqual([3, ['undo.limbo', 'undo.built-on']]);
    expect(refused.stdout).toContain(second);
    expect(refused.stdout).toContain('local.autoprovision');
    expect(refused.stdout).toContain('CS7 stores its data under davUniqueId');
    expect(state()).toEqual(between);

    for (const only of ['cs6-fe1', 'ldap-unique-id']) {
      const part = await run('undo', first, estate.file, '--yes', '--only', only);
      expect([part.code, codes(part)], part.stdout).toEqual([3, ['undo.built-on']]);
    }
    expectOrder();

    const rest = await reconcile(printedCommand(refused.stdout), estate.environment);
    expect(rest.code, rest.stdout + rest.stderr).toBe(0);
    expect(state().accounts).not.toBe(between.accounts);
    expectOrder();

    const later = await run('undo', second, everyone, '--yes');
    expect(codes(later)).toContain('undo.limbo');
    expect(later.code, later.stdout + later.stderr).toBe(0);
    expectOrder();
    const now = await run('undo', first, estate.file, '--yes');
    expect(now.code, now.stdout + now.stderr).toBe(0);
    expect(state()).toEqual(before);
  });

  it('restores byte for byte where a later run only put back what this one had written', async () => {
    const before = state();
    const first = await applied(estate.file);
    const conf = estate.pathOf('cs6-fe1', icsConf);
    const written = readFileSync(conf, 'utf8');
    writeFileSync(conf, before.fe1);
    await applied(estate.file);
    expect(readFileSync(conf, 'utf8')).toBe(written);
    const undone = await run('undo', first, estate.file, '--yes', '--format', 'json');
    expect([undone.code, reportOf(undone).refusals], undone.stderr).toEqual([0, []]);
    expect(state()).toEqual(before);
  });

  it('takes back what is recorded of a run that died half way, and an account that is gone is named', async () => {
    const before = state();
    const first = await applied(estate.file);
    const record = join(runs, `${first}.jsonl`);
    const lines = readFileSync(record, 'utf8').split('\n');
    const moves = lines.flatMap((line, i) =>
      line.includes('"directory/ldap-cohort"') && line.includes('"begin"') ? [i] : [],
    );
    const [, second = 0, third = 0] = moves;
    expect(third).toBeGreaterThan(second);
    forgetOnHosts();
    // As if the program had died when the third account was about to move: others moved the rest.
    writeFileSync(record, `${lines.slice(0, third).join('\n')}\n`);
    const told = JSON.parse(lines[second] ?? '{}');
    const { url, adminDn, adminPassword } = estate.directory;
    execFileSync('ldapdelete', ['-x', '-r', '-H', url, '-D', adminDn, '-w', adminPassword, told.dn]);
    const undone = await run('undo', first, estate.file, '--yes', '--only', 'ldap-cohort');
    expect([undone.code, codes(undone)], undone.stdout + undone.stderr).toEqual([0, ['undo.moved-on', 'undo.limbo']]);
    expect(undone.stdout).toContain(`${told.dn} davStore: ${told.dn} no longer exists`);
    expect(search('(davStore=*)', '1.1')).not.toBe('');
    expect(state().fe1).not.toBe(before.fe1);
    expectOrder();
  });

  it('holds the windows and limits of the files here, and names a host that is gone from them', async () => {
    const name = readdirSync(runs)
      .filter(one => one.endsWith('.jsonl'))
      .sort()
      .map(one => one.replace('.jsonl', ''))
      .findLast(one => readFileSync(join(runs, `${one}.jsonl`), 'utf8').includes('"cs6-fe1/cs6-ics-conf"'));
    const before = state();
    const tight = join(folder, 'tight.yaml');
    const window = 'window: { days: [sat], from: 22:00, to: 23:00, zone: Europe/Berlin }';
    const file = readFileSync(estate.file, 'utf8');
    writeFileSync(
      tight,
      file.replace('  platform:', `  ${window}\n  platform:`).replace('moves: 25%', 'moves: 25%, restarts: 0'),
    );
    const words = ['undo', name ?? '', tight, '--yes', '--runs', runs];
    const tuesday = { clock: { now: () => '2026-11-24T09:00:00.000Z' } };
    const closed = await reconcile(words, estate.environment, tuesday);
    expect(closed.code, closed.stdout + closed.stderr).toBe(3);
    expect(codes(closed)).toEqual(expect.arrayContaining(['plan.outside-window', 'plan.too-many-restarts']));
    expect(closed.stdout).toMatch(/^ {6}reconcile undo \S+ .*--allow-outside-window \d+$/m);

    const gone = join(folder, 'gone.yaml');
    writeFileSync(gone, file.replaceAll('cs6-fe1', 'cs6-fe9'));
    const missing = await run('undo', name ?? '', gone, '--yes');
    expect([missing.code, missing.stderr], missing.stdout).toEqual([3, expect.stringContaining('undo.host-gone')]);
    expect(state()).toEqual(before);
  });
});
