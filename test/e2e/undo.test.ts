import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cs7Home, type Estate, icsConf, startEstate } from '../servers/estate.ts';
import { reconcile, reportOf, runs } from './cli.ts';

/** Taking a run back, on real sshd and slapd. */
let estate: Estate;

beforeAll(async () => {
  estate = await startEstate({ cs6: 2, cs7: 1, users: 30 });
});
afterAll(async () => estate?.stop());

const run = (...words: readonly string[]) => reconcile(words, estate.environment);

/** The newest record. */
function lastRun(): string {
  const last = readdirSync(runs)
    .filter(name => name.endsWith('.jsonl'))
    .sort()
    .at(-1);
  return last?.replace('.jsonl', '') ?? 'none';
}

function accounts(): string {
  const { url, adminDn, adminPassword } = estate.directory;
  const bind = ['-x', '-LLL', '-o', 'ldif-wrap=no', '-H', url, '-D', adminDn, '-w', adminPassword];
  return execFileSync('ldapsearch', [...bind, '-b', 'o=isp', '(objectClass=*)', 'davStore', 'davUniqueId'], {
    encoding: 'utf8',
  });
}

const conf = (host: string) => readFileSync(estate.pathOf(host, icsConf), 'utf8');
/** The last assignment counts. */
function valueOn(host: string, key: string): string | undefined {
  const lines = conf(host).split('\n');
  const assigned = lines.flatMap(line => (line.startsWith(key) ? [/"(.*)"/.exec(line)?.[1]] : []));
  return assigned.at(-1);
}

const options = () => readFileSync(estate.pathOf('cs7-fe1', `${cs7Home}/config/davserver.properties`), 'utf8');

it('undo brings the first state back, byte for byte where nobody touched a file since, and the meaning where somebody did', async () => {
  const first = { accounts: accounts(), fe1: conf('cs6-fe1'), be1: conf('cs6-be1'), options: options() };
  expect((await run('apply', estate.file, '--yes')).code).toBe(0);
  const name = lastRun();
  appendFileSync(estate.pathOf('cs6-be1', icsConf), '! a note of an administrator\n');

  const asked = await run('undo', name, estate.file, '--runs', runs);
  expect([asked.code, asked.stderr]).toEqual([3, expect.stringContaining('cli.nobody-to-ask')]);

  const undone = await run('undo', name, estate.file, '--runs', runs, '--yes', '--format', 'json');
  const report = reportOf(undone);
  expect(undone.code, undone.stdout).toBe(0);
  expect(report.plan).toMatchObject({ direction: 'undo', undoes: name });
  expect(report.plan.steps.map(step => step.stage)).toEqual([
    ...['cs7-config', 'cs7-config', 'cs7-activate', 'accounts'],
    ...['cs6-config', 'cs6-activate', 'cs6-config', 'cs6-activate', 'identity'],
  ]);

  expect(accounts()).toBe(first.accounts);
  expect(conf('cs6-fe1')).toBe(first.fe1);
  expect(conf('cs6-be1')).toContain('! a note of an administrator\n');
  expect(valueOn('cs6-be1', 'local.autoprovision')).toBe('yes');
  expect(valueOn('cs6-be1', 'service.http.caldavcompatible')).toBeUndefined();
  expect(effective(options())).toEqual(effective(first.options));

  const again = await run('undo', name, estate.file, '--runs', runs, '--yes');
  expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('Nothing of the run is left to undo.')]);
  const back = await run('undo', lastRun(), estate.file, '--runs', runs, '--yes');
  expect([back.code, back.stderr]).toEqual([1, expect.stringContaining('undo.of-an-undo')]);
  expect((await run('apply', estate.file, '--yes')).code).toBe(0);
});

it('leaves alone what somebody changed since, and takes back only what it is told to', async () => {
  const name = lastRun();
  const alone = await run('undo', name, estate.file, '--runs', runs, '--yes', '--only', 'cs6-fe1');
  expect([alone.code, alone.stdout]).toEqual([3, expect.stringContaining('local.autoprovision')]);
  expect(valueOn('cs6-fe1', 'local.autoprovision')).toBe('no');
  const some = await run('undo', name, estate.file, '--runs', runs, '--yes', '--only', 'cs6-fe1,ldap-cohort');
  expect(some.code, some.stdout + some.stderr).toBe(0);
  expect(valueOn('cs6-fe1', 'local.autoprovision')).toBe('yes');
  expect(valueOn('cs6-be1', 'local.autoprovision')).toBe('no');

  appendFileSync(estate.pathOf('cs6-be1', icsConf), 'local.autoprovision = "maybe"\n');
  const rest = await run('undo', name, estate.file, '--runs', runs, '--yes', '--only', 'cs6-be1');
  expect([rest.code, rest.stdout]).toEqual([0, expect.stringContaining('undo.moved-on')]);
  expect(valueOn('cs6-be1', 'local.autoprovision')).toBe('maybe');
});

it('writes LDIF and commands that take a run back without this program', async () => {
  const before = accounts();
  writeFileSync(
    estate.file,
    readFileSync(estate.file, 'utf8')
      .replace('moves: 25%', 'moves: 100%')
      .replace('server: cs6, members: rest', 'server: cs7, store: defaultbackend, members: rest'),
  );
  appendFileSync(estate.pathOf('cs6-fe1', icsConf), 'local.autoprovision = "yes"\n');
  const mine = conf('cs6-fe1');
  await run('apply', estate.file, '--yes', '--only', 'cs6-fe1', '--only', 'cs6-be1', '--only', 'directory');
  expect(accounts()).not.toBe(before);
  const folder = mkdtempSync(join(tmpdir(), 'reconcile-manual-'));
  const written = await run('undo', lastRun(), estate.file, '--runs', runs, '--manual', folder);
  const [ldif = '', commands = ''] = written.stdout.trim().split('\n');
  expect(written.code).toBe(0);
  const { url, adminDn, adminPassword } = estate.directory;
  execFileSync('ldapmodify', ['-x', '-c', '-H', url, '-D', adminDn, '-w', adminPassword, '-f', ldif], {
    stdio: 'pipe',
  });
  expect(accounts()).toBe(before);
  for (const section of readFileSync(commands, 'utf8').split('# on ').slice(1)) {
    const host = section.slice(0, section.indexOf(':'));
    for (const line of section.split('\n').filter(one => one.startsWith('cp -p'))) estate.on(host, line);
  }
  expect(conf('cs6-fe1')).toBe(mine);
  rmSync(folder, { recursive: true });
});

it('lists the runs, and says of a run that is not there which there are', async () => {
  const listed = await run('runs', estate.file, '--runs', runs);
  expect([listed.code, listed.stdout]).toEqual([0, expect.stringContaining(lastRun())]);
  const status = await run('status', estate.file, '--runs', runs, '--format', 'json');
  expect(JSON.parse(status.stdout).runs).toEqual([expect.objectContaining({ name: lastRun(), open: [] })]);
  const unknown = await run('undo', 'nothing', estate.file, '--runs', runs);
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining(lastRun())]);
});

/** Options with a value; davadmin cannot take an option away, only empty it. */
function effective(text: string): readonly string[] {
  return text
    .split('\n')
    .filter(line => /^[^#].*=./.test(line))
    .sort();
}
