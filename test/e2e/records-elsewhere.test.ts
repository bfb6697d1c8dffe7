import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asDirectoryAdmin, type Estate, icsConf, startEstate } from '../servers/estate.ts';

/*
 * In CI every run starts on an empty machine. Here two of them work on one estate, over real sshd and slapd and with the built
 * program: what the first has done the second knows from the hosts alone.
 */
let estate: Estate;
let first: string;

beforeAll(async () => {
  estate = await startEstate({ cs6: 2, cs7: 1, users: 40 });
  first = readFileSync(estate.file, 'utf8');
});
afterAll(async () => estate?.stop());

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A machine is a home folder; a new one is empty. */
function machine(name: string): string {
  const home = join(estate.folder, name);
  mkdirSync(home, { recursive: true });
  return home;
}

function start(home: string, words: readonly string[]): ChildProcess {
  const env = { PATH: process.env['PATH'], HOME: home, COLUMNS: '1000', ...estate.environment };
  return spawn(process.execPath, [join(process.cwd(), 'dist/reconcile.cjs'), ...words], {
    env,
    cwd: home,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function on(home: string, ...words: readonly string[]): Promise<Ran> {
  const child = start(home, words);
  const { stdout: out, stderr: errors } = child;
  if (!out || !errors) throw new Error('no pipes');
  const ended = new Promise<number | null>(done => child.once('close', done));
  const [stdout, stderr, code] = await Promise.all([text(out), text(errors), ended]);
  return { code, stdout, stderr };
}

const one = () => machine('one');
/** A machine that nobody has used before. */
let used = 0;
const another = () => machine(`another-${++used}`);

const local = (home: string) => join(home, '.local/state/reconcile', encodeURIComponent('example.com rehearsal'));
const conf = (host: string) => readFileSync(estate.pathOf(host, icsConf), 'utf8');
const write = (...changes: readonly (readonly [string, string])[]) =>
  writeFileSync(
    estate.file,
    changes.reduce((all, [from, to]) => {
      expect(all).toContain(from);
      return all.replace(from, to);
    }, first),
  );

/** The runs as JSON, and the newest of them. */
async function runsSeenBy(home: string) {
  const ran = await on(home, 'runs', estate.file, '--format', 'json');
  expect([ran.code, ran.stderr]).toEqual([0, expect.any(String)]);
  const { runs } = JSON.parse(ran.stdout) as { runs: readonly Record<string, unknown>[] };
  return runs;
}

async function until(what: () => boolean): Promise<void> {
  for (let tries = 0; tries < 3000 && !what(); tries++) await wait(20);
  expect(what()).toBe(true);
}

describe('what one machine applied', () => {
  let before: Readonly<Record<string, string>>;

  beforeAll(async () => {
    before = { fe1: conf('cs6-fe1'), be1: conf('cs6-be1') };
    const applied = await on(one(), 'apply', estate.file, '--yes');
    expect(applied.code, applied.stdout + applied.stderr).toBe(0);
  });

  it('is listed by another with an empty home, with who did it', async () => {
    const there = another();
    const [run, ...others] = await runsSeenBy(there);
    expect(others).toEqual([]);
    expect(run).toMatchObject({
      head: { actor: `${userInfo().username}@${hostname()}`, changes: expect.any(Number) },
    });
    const listed = await on(there, 'runs', estate.file);
    expect([listed.code, listed.stdout]).toEqual([0, expect.stringContaining(String(run?.['name']))]);
    const shown = await on(there, 'runs', String(run?.['name']), estate.file);
    expect([shown.code, shown.stdout]).toEqual([0, expect.stringContaining('service.http.caldavcompatible')]);
    const status = await on(there, 'status', estate.file);
    expect(status.code, status.stdout + status.stderr).toBe(0);
    expect(existsSync(join(there, '.local'))).toBe(false);
  });

  it('stands on the first two hosts of the file, for the login only, and jq can read it', () => {
    for (const host of ['cs6-fe1', 'cs6-be1']) {
      const listed = estate.on(host, 'cd $HOME/.reconcile/*/runs/* && ls -ln && cat *.head.json *.end.json');
      expect(listed).toMatch(/^-rw-------.*\.plan\.json$/m);
      expect(listed).not.toMatch(/^-rw-.*[r-][w-][x-]r/m);
      const heads = listed.split('\n').filter(line => line.startsWith('{'));
      expect(heads.map(line => JSON.parse(line).line)).toEqual(['run', 'finished']);
    }
    expect(estate.on('cs7-fe1', 'ls $HOME/.reconcile/*/runs 2>/dev/null || echo none')).toBe('none\n');
  });

  it('is undone by another, byte for byte', async () => {
    const [run] = await runsSeenBy(another());
    const undone = await on(another(), 'undo', String(run?.['name']), estate.file, '--yes');
    expect(undone.code, undone.stdout + undone.stderr).toBe(0);
    expect({ fe1: conf('cs6-fe1'), be1: conf('cs6-be1') }).toEqual(before);
    const names = (await runsSeenBy(another())).map(({ name }) => name);
    expect(names).toEqual([expect.any(String), run?.['name']]);
    const again = await on(another(), 'apply', estate.file, '--yes');
    expect(again.code, again.stdout + again.stderr).toBe(0);
  });

  it('lets another tell drift from what was never applied, without a base of its own machine', async () => {
    appendFileSync(estate.pathOf('cs6-be1', icsConf), '\nlocal.autoprovision = "yes"\n');
    const base = join(estate.folder, 'base.yaml');
    writeFileSync(base, first);
    write(['solaris-sparc\n', 'solaris-sparc\n  settings: { service.http.idletimeout: "135" }\n']);
    const checked = await on(another(), 'check', estate.file, '--base', base, '--format', 'json');
    expect(checked.code, checked.stderr).toBe(2);
    const { plan, origins } = JSON.parse(checked.stdout);
    const found = new Map<string, string>();
    for (const [at, step] of plan.steps.entries())
      for (const [index, change] of step.changes.entries())
        found.set(`${step.target} ${change.key}`, origins[at][index]);
    expect(found.get('cs6-be1 local.autoprovision')).toBe('drift');
    expect(found.get('cs6-be1 service.http.idletimeout')).toBe('planned');
  });

  it('guards another against accounts that a directory hides', async () => {
    const whole = asDirectoryAdmin(estate, [
      'ldapsearch',
      '-LLL',
      '-o',
      'ldif-wrap=no',
      '-b',
      'o=isp',
      '(uid=*)',
      '1.1',
    ]);
    const names = [...whole.matchAll(/^dn: (.*)$/gm)].map(match => match[1] ?? '').slice(0, 20);
    const kept = names.map(dn =>
      asDirectoryAdmin(estate, ['ldapsearch', '-LLL', '-o', 'ldif-wrap=no', '-b', dn, '-s', 'base']),
    );
    asDirectoryAdmin(estate, ['ldapdelete'], `${names.join('\n')}\n`);
    const planned = await on(another(), 'plan', estate.file);
    asDirectoryAdmin(estate, ['ldapadd'], kept.join('\n'));
    expect(planned.code, planned.stdout).toBe(3);
    expect(planned.stdout).toContain('plan.accounts-fell');
  });

  it('is put back by another where it drifted, and nothing else is touched', async () => {
    const healed = await on(another(), 'apply', estate.file, '--origin', 'drift', '--yes');
    expect(healed.stdout).toMatch(/left out/i);
    expect([0, 2], healed.stdout + healed.stderr).toContain(healed.code);
    expect(conf('cs6-be1').trimEnd().split('\n').at(-1)).toBe('local.autoprovision = "no"');
    expect(conf('cs6-be1')).not.toContain('idletimeout = "135"');
    writeFileSync(estate.file, first);
    const check = await on(another(), 'check', estate.file);
    expect(check.code, check.stdout).toBe(0);
  });
});

describe('a machine that is killed', () => {
  it('leaves a run that another sees as half done, and finishes', async () => {
    write(['solaris-sparc\n', 'solaris-sparc\n  settings: { service.http.idletimeout: "240" }\n']);
    const home = machine('killed');
    const child = start(home, ['apply', estate.file, '--yes']);
    await until(() => {
      const names = existsSync(local(home)) ? readdirSync(local(home)) : [];
      const journal = names.find(name => name.endsWith('.jsonl'));
      return journal !== undefined && readFileSync(join(local(home), journal), 'utf8').includes('"line":"end"');
    });
    child.kill('SIGKILL');
    await new Promise(done => child.once('close', done));

    const there = another();
    const status = await on(there, 'status', estate.file);
    expect([0, 1, 3]).not.toContain(status.code);
    expect(status.stdout).toContain('not finished');
    const applied = await on(there, 'apply', estate.file, '--yes');
    expect(applied.code, applied.stdout + applied.stderr).toBe(0);
    expect(applied.stderr).toMatch(/Run \S+ did not finish/);
    expect(conf('cs6-be1')).toContain('service.http.idletimeout = "240"');
    const check = await on(another(), 'check', estate.file);
    expect([check.code, check.stdout]).toEqual([0, expect.stringContaining('In sync')]);
  });

  it('whose record ends within a tier can be undone: what it may have done is compared with live', async () => {
    const [, killed] = await runsSeenBy(another());
    expect(killed).not.toHaveProperty('finished');
    const undone = await on(another(), 'undo', String(killed?.['name']), estate.file, '--yes');
    expect([0, 3], undone.stdout + undone.stderr).toContain(undone.code);
    expect(undone.stdout + undone.stderr).toMatch(/not finish|ends before|no record/i);
  });
});

describe('with the first host down', () => {
  beforeAll(async () => {
    writeFileSync(estate.file, first);
    await on(one(), 'apply', estate.file, '--yes');
    await estate.ssh.hosts.get('cs6-fe1')?.kill();
  });

  it('the second one has it all', async () => {
    const there = another();
    const ran = await on(there, 'runs', estate.file, '--format', 'json');
    expect([ran.code, JSON.parse(ran.stdout).runs.length > 3]).toEqual([0, true]);
    expect(ran.stderr + ran.stdout).toContain('cs6-fe1');
    const status = await on(there, 'status', estate.file);
    expect(status.stdout).toContain(JSON.parse(ran.stdout).runs[0].name);
    expect(statSync(there).isDirectory()).toBe(true);
  });

  it('another one checks, and knows what was applied', async () => {
    appendFileSync(estate.pathOf('cs6-be1', icsConf), '\nlocal.autoprovision = "yes"\n');
    const base = join(estate.folder, 'base.yaml');
    const checked = await on(another(), 'check', estate.file, '--base', base, '--format', 'json');
    expect(checked.code).toBe(4);
    const { plan, origins } = JSON.parse(checked.stdout);
    const at = plan.steps.findIndex((step: { id: string }) => step.id === 'cs6-be1/cs6-ics-conf');
    expect(origins[at]).toEqual(['drift']);
  });

  it('an apply of what can be reached is recorded on the second', async () => {
    const applied = await on(another(), 'apply', estate.file, '--yes', '--only', 'cs6-be1');
    expect(applied.code, applied.stdout + applied.stderr).toBe(0);
    const [run] = await runsSeenBy(another());
    expect(run).toMatchObject({ head: { only: ['cs6-be1'] }, finished: { converged: true } });
  });

  it('with both down nothing is known: 4, and no claim that nothing was done', async () => {
    await estate.ssh.hosts.get('cs6-be1')?.kill();
    for (const command of ['runs', 'status']) {
      const ran = await on(another(), command, estate.file);
      expect([command, ran.code]).toEqual([command, 4]);
      expect(ran.stdout + ran.stderr).not.toMatch(/cs6-\S+ .*ha(s|ve) no records|No run/);
      expect(ran.stderr).toMatch(/cs6-fe1[\s\S]*cs6-be1/);
    }
  });
});
