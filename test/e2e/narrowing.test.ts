import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Plan } from '../../src/core/plan.ts';
import { formats } from '../../src/report/format.ts';
import { shellWords } from '../cli/parse-only.ts';
import { junitErrors, reportErrors, sarifErrors } from '../report/official-schemas.ts';
import { type Estate, icsConf, startEstate } from '../servers/estate.ts';
import { type Ran, reconcile, reportOf, runs } from './cli.ts';

/** Parts of an estate by name, and plans for another day, on real sshd and slapd. */
let estate: Estate;
let more: string;

const at = (name: string) => join(estate.folder, name);
const now = '2026-11-30T12:00:00.000Z';
const run = (...words: readonly string[]): Promise<Ran> =>
  reconcile([...words, '--runs', runs], estate.environment, { clock: { now: () => now } });

function variant(name: string, ...changes: readonly (readonly [string, string])[]): string {
  const text = readFileSync(estate.file, 'utf8');
  writeFileSync(
    at(name),
    changes.reduce((all, [from, to]) => all.replace(from, to), text),
  );
  return at(name);
}

beforeAll(async () => {
  estate = await startEstate({ cs6: 2, cs7: 1, users: 40 });
  const cohort = (name: string) =>
    `  ${name.toLowerCase()}: { server: cs7, store: defaultbackend, members: { filter: (departmentNumber=${name}) } }\n`;
  more = variant(
    'more.yaml',
    ['  others:', `${cohort('Sales')}${cohort('Legal')}  others:`],
    ['moves: 25%', 'moves: 100%'],
  );
});
afterAll(async () => estate?.stop());

function onCs7(filter = '(davStore=*)'): number {
  const { url, adminDn, adminPassword } = estate.directory;
  const bind = ['-x', '-LLL', '-o', 'ldif-wrap=no', '-H', url, '-D', adminDn, '-w', adminPassword];
  const found = execFileSync('ldapsearch', [...bind, '-b', 'o=isp', filter, '1.1'], { encoding: 'utf8' });
  return found.match(/^dn:/gm)?.length ?? 0;
}
const inDepartment = (name: string) => onCs7(`(&(davStore=*)(departmentNumber=${name}))`);

const codes = (ran: Ran) => reportOf(ran).refusals.map(({ code }) => code);

describe('before coexistence', () => {
  it('a move is refused while a host is not ready, with a command that is safe and as small as it can be', async () => {
    const before = readFileSync(estate.pathOf('cs6-be1', icsConf), 'utf8');
    const ran = await run('apply', estate.file, '--only', 'pilot', '--yes', '--format', 'json');
    expect([ran.code, codes(ran)]).toEqual([3, ['plan.prerequisite-left-out']]);
    expect([onCs7(), readFileSync(estate.pathOf('cs6-be1', icsConf), 'utf8')]).toEqual([0, before]);
    const line = reportOf(ran).refusals[0]?.next?.[0]?.line ?? '';
    const words = shellWords([line])[0] ?? [];
    expect(words).toContain('--only');
    const planned = words.filter(word => word !== '--yes').map(word => (word === 'apply' ? 'plan' : word));
    const printed = await run(...planned, '--format', 'json');
    expect(printed.code, printed.stderr + printed.stdout).toBe(2);
  });

  it.each([
    ['--except', 'cs6-be1'],
    ['--except', 'cs6-service'],
    ['--except', 'cs7-domain-map'],
    ['--except', 'cs7-fe1'],
    ['--except', 'ldap-unique-id'],
    ['--only', 'directory'],
    ['--only', 'cs7-fe1'],
    ['--only', 'cs6-ics-conf'],
    ['--only', 'ldap-cohort'],
  ])('%s %s changes nothing', async (...words) => {
    const ran = await run('apply', estate.file, ...words, '--yes', '--format', 'json');
    expect([ran.code, codes(ran), onCs7()]).toEqual([3, ['plan.prerequisite-left-out'], 0]);
  });

  it('names that nothing has are refused with the nearest, and names that leave nothing', async () => {
    for (const option of ['--only', '--except']) {
      const ran = await run('apply', estate.file, option, 'pilots', '--yes');
      expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining(`${option}: "pilots" is not`)]);
      expect(ran.stderr).toContain('Did you mean "pilot"?');
    }
    const nothing = await run('check', estate.file, '--only', 'cs6-fe1', '--except', 'cs6-fe1');
    expect([nothing.code, nothing.stderr]).toEqual([1, expect.stringContaining('cli.nothing-chosen')]);
  });

  it('hosts are changed alone, and the rest is not called in sync', async () => {
    const ran = await run('apply', estate.file, '--only', 'cs6-fe1,cs6-be1', '--yes');
    expect(ran.code, ran.stdout).toBe(0);
    expect(ran.stdout).toContain('Read again: no difference left in what was chosen.');
    expect(ran.stdout).toMatch(/Left out by --only cs6-fe1,cs6-be1: directory \(\d+ changes\), cs7-fe1 \(/);
    expect(ran.stdout).not.toMatch(/in sync/i);
    const [, last = ''] = (await run('runs', estate.file)).stdout.split('\n');
    expect(last).toMatch(/ done, its part has no difference left$/);
  });

  it('a check that differs only in what is left out ends with 0 and says so in every format', async () => {
    const reports = formats.flatMap(format => ['--report', `${format}:${at(`part.${format}`)}`]);
    const ran = await run('check', estate.file, '--only', 'cs6-fe1', ...reports);
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    const read = (format: string) => readFileSync(at(`part.${format}`), 'utf8');
    for (const format of formats) {
      expect(read(format), format).toMatch(/Left out by --only|left out/i);
      if (format !== 'junit') expect(read(format), format).toContain('cs7-fe1');
      if (format !== 'html') expect(read(format).replaceAll('"note"', ''), format).not.toMatch(/in sync/i);
    }
    expect(ran.stdout).toContain('No difference in what was chosen; ');
    expect(reportErrors(read('json'))).toEqual([]);
    expect(sarifErrors(read('sarif'))).toEqual([]);
    expect(junitErrors(read('junit'))).toBe('');
    const quiet = await run('check', estate.file, '--only', 'cs6-fe1', '--quiet');
    expect([quiet.code, quiet.stdout]).toEqual([
      0,
      expect.stringMatching(/^No difference in what was chosen; .* left out\.\n$/),
    ]);
  });
});

describe('in coexistence', () => {
  let part: string;

  it('a cohort moves alone by a saved plan, and the apply says what was left out', async () => {
    expect((await run('apply', estate.file, '--yes')).code).toBe(0);
    const saved = at('sales.json');
    const planned = await run('plan', more, '--only', 'sales', '-o', saved);
    expect(planned.code, planned.stdout).toBe(2);
    const plan: Plan = JSON.parse(readFileSync(saved, 'utf8'));
    expect(plan.only).toEqual(['sales']);
    expect(plan.leftOut?.map(({ by, cohort }) => [by, cohort])).toEqual([['only', 'legal']]);
    for (const option of ['--only', '--except']) {
      const again = await run('apply', saved, '-f', more, option, 'sales', '--yes');
      expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('cli.only-on-saved-plan')]);
    }
    const before = onCs7();
    const ran = await run('apply', saved, '-f', more, '--yes', '--format', 'json');
    expect(ran.code, ran.stdout).toBe(0);
    expect(reportOf(ran).plan.findings.map(({ code }) => code)).toContain('plan.left-out');
    part = JSON.parse(ran.stdout).run.journal;
    expect([inDepartment('Legal'), onCs7() - before]).toEqual([0, inDepartment('Sales')]);
    expect(inDepartment('Sales')).toBeGreaterThan(0);
  });

  it('everything but a cohort has no difference, and the cohort has', async () => {
    const but = await run('check', more, '--except', 'legal');
    expect([but.code, but.stdout]).toEqual([0, expect.stringContaining('Left out by --except legal: cohort legal (')]);
    expect(but.stdout).not.toMatch(/in sync/i);
    expect((await run('check', more, '--only', 'legal')).code).toBe(2);
    const both = await run('check', more, '--only', 'directory', '--except', 'legal');
    expect([both.code, both.stdout]).toEqual([0, expect.stringContaining('Left out by --only directory: nothing.')]);
  });

  it('a run of a part is undone, and of a run a part', async () => {
    const back = await run('undo', part, more, '--yes');
    expect([back.code, inDepartment('Sales')], back.stdout).toEqual([0, 0]);
    const ran = await run('apply', more, '--yes', '--format', 'json');
    expect(ran.code).toBe(0);
    const [sales, legal] = [inDepartment('Sales'), inDepartment('Legal')];
    expect(Math.min(sales, legal)).toBeGreaterThan(0);
    const name = JSON.parse(ran.stdout).run.journal;
    const manual = await run('undo', name, more, '--except', 'sales', '--manual', estate.folder);
    expect(manual.code, manual.stderr).toBe(0);
    const ldif = readFileSync(at(`undo-${name}.ldif`), 'utf8');
    expect(ldif.match(/^dn:/gm)).toHaveLength(legal);
    const undone = await run('undo', name, more, '--except', 'sales', '--yes');
    expect(undone.code, undone.stdout).toBe(0);
    expect([inDepartment('Sales'), inDepartment('Legal')]).toEqual([sales, 0]);
    expect(undone.stdout).toContain('Left out by --except sales: cohort sales (');
    const rest = await run('undo', name, more, '--only', 'sales', '--yes');
    expect([rest.code, inDepartment('Sales')], rest.stdout).toEqual([0, 0]);
  });

  it('parts of a reading refuse the options, and trusted connections take them', async () => {
    const shard = await run('plan', more, '--shard', '1/2', '--except', 'legal', '-o', at('part-1.json'));
    expect([shard.code, shard.stderr]).toEqual([
      1,
      expect.stringContaining('--except: these options need the whole plan'),
    ]);
    const repository = at('repository');
    mkdirSync(repository);
    copyFileSync(estate.file, join(repository, 'estate.yaml'));
    const git = (...words: readonly string[]) =>
      execFileSync('git', ['-C', repository, '-c', 'user.name=a', '-c', 'user.email=a@b', ...words], { stdio: 'pipe' });
    git('init', '-q');
    git('add', 'estate.yaml');
    git('commit', '-qm', 'estate');
    const file = join(repository, 'estate.yaml');
    const trusted = await run('check', file, '--connections-from', 'HEAD', '--except', 'pilot');
    expect([trusted.code, trusted.stdout]).toEqual([
      0,
      expect.stringContaining('Left out by --except pilot: nothing.'),
    ]);
  });

  it('what a check leaves out is accepted into the file by name, and the whole is in sync again', async () => {
    const file = variant('accept.yaml', [
      '  platform: solaris-sparc',
      '  platform: solaris-sparc\n  settings: { service.http.idletimeout: "99" }',
    ]);
    const without = await run('check', file, '--except', 'cs6-fe1,cs6-be1');
    expect([without.code, without.stdout]).toEqual([
      0,
      expect.stringMatching(/Left out by --except cs6-fe1,cs6-be1: cs6-fe1 \(.*, cs6-be1 \(/),
    ]);
    const keys = ['cs6-fe1', 'cs6-be1'].map(host => `${host}:service.http.idletimeout`);
    const accepted = await run('drift', file, '--accept', ...keys);
    expect(accepted.code, accepted.stderr + accepted.stdout).toBe(0);
    const again = await run('check', file, '--except', 'cs6-fe1,cs6-be1');
    expect(again.stdout).toContain('Left out by --except cs6-fe1,cs6-be1: nothing.');
    expect((await run('check', file)).stdout).toMatch(/In sync\.\n$/);
  });

  it('a snapshot is planned from in part and for a day', async () => {
    const live = at('live.jsonl.gz');
    const taken = await reconcile(['snapshot', more, '-o', live], estate.environment, { clock: { now: () => now } });
    expect(taken.code, taken.stderr).toBe(0);
    const ran = await run('plan', more, '--live', live, '--only', 'sales', '--at', '2026-12-05', '--format', 'json');
    expect(ran.code, ran.stderr + ran.stdout).toBe(2);
    expect(JSON.parse(ran.stdout)).toMatchObject({ at: '2026-12-05T00:00:00.000Z', snapshot: { file: live } });
    expect(reportErrors(ran.stdout)).toEqual([]);
  });
});

describe('a plan for another day', () => {
  const movesAt = async (file: string, date: string) => {
    const ran = await run('plan', file, '--at', date, '--format', 'json');
    expect([2, 3].includes(ran.code), ran.stderr).toBe(true);
    return JSON.parse(ran.stdout).counts.movesToCs7;
  };

  it('has the waves of that day, which begins at midnight UTC', async () => {
    const file = variant('waves.yaml', [
      '  others:',
      '  rest1: { server: cs7, store: defaultbackend, wave: { 2026-12-05: 40%, 2026-12-12: 100% }, members: { filter: (departmentNumber=Legal) } }\n  others:',
    ]);
    const today = await run('plan', file, '--at', '2026-11-30');
    expect([today.code, today.stdout]).toEqual([0, expect.stringContaining('plan.at-date')]);
    expect(today.stdout).toMatch(/Nothing would change then\.\n$/);
    expect(today.stdout).not.toMatch(/in sync/i);
    const first = await movesAt(file, '2026-12-05');
    const all = await movesAt(file, '2026-12-12');
    expect([first > 0, first < all]).toEqual([true, true]);
    expect(await movesAt(file, '2026-12-05T00:30+01:00').catch(() => 0)).toBe(0);
    expect(await movesAt(file, '2026-12-12T00:30+00:00')).toBe(all);
  });

  it('says in every format that it is for another day, and is never saved', async () => {
    const reports = formats.flatMap(format => ['--report', `${format}:${at(`day.${format}`)}`]);
    const ran = await run('plan', more, '--at', '2026-12-05', ...reports);
    expect(ran.code, ran.stderr).toBe(2);
    expect(ran.stdout).toContain('planned for 2026-12-05 (UTC), with the live state of now; this cannot be applied');
    for (const format of formats)
      expect(readFileSync(at(`day.${format}`), 'utf8'), format).toContain(
        'This is what would be planned on Sat 2026-12-05 00:00 in UTC',
      );
    const saved = at('future.json');
    const refused = await run('plan', more, '--at', '2026-12-05', '-o', saved);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('plan.at-not-for-apply')]);
    expect(refused.stderr).toContain(`reconcile plan ${more} --runs ${runs} -o ${saved}`);
    expect(existsSync(saved)).toBe(false);
    writeFileSync(saved, JSON.stringify(JSON.parse(readFileSync(at('day.json'), 'utf8')).plan));
    const applied = await run('apply', saved, '-f', more, '--yes');
    expect([applied.code, applied.stderr]).toEqual([3, expect.stringContaining('plan.at-not-for-apply')]);
  });

  it('is refused in the past, without a zone, and for commands that are about now', async () => {
    const past = await run('plan', more, '--at', '2026-11-29');
    expect([past.code, past.stderr]).toEqual([1, expect.stringContaining('cli.at-in-the-past')]);
    const earlier = await run('plan', more, '--at', '2026-11-30T12:59+01:00');
    expect(earlier.stderr).toContain('cli.at-in-the-past');
    for (const wrong of ['2026-12-05T10:00', '2026-02-30', 'tomorrow'])
      expect((await run('plan', more, '--at', wrong)).stderr).toContain('Expected a day such as 2026-12-05');
    for (const command of ['check', 'apply', 'drift'])
      expect((await run(command, more, '--at', '2026-12-05')).code).toBe(1);
  });

  it('counts ignore entries as of that day, and says which windows are open then', async () => {
    const file = variant(
      'windows.yaml',
      [
        '  platform: solaris-sparc',
        '  platform: solaris-sparc\n  settings: { service.http.idletimeout: "99" }\n  window: { days: [sat], from: "22:00", to: "06:00", zone: Europe/Berlin }',
      ],
      [
        'cohorts:',
        'ignore: [{ target: cs6-be1, key: service.http.idletimeout, until: 2026-12-04, reason: load test, owner: ops }]\n\ncohorts:',
      ],
    );
    const hosts = (ran: Ran) =>
      reportOf(ran)
        .plan.steps.filter(({ kind }) => kind === 'cs6-ics-conf')
        .map(({ target }) => target);
    const friday = await run('plan', file, '--at', '2026-12-04', '--format', 'json');
    expect(hosts(friday)).toEqual(['cs6-fe1']);
    const saturday = await run('plan', file, '--at', '2026-12-05T23:00+01:00', '--format', 'json');
    expect(hosts(saturday)).toEqual(['cs6-fe1', 'cs6-be1']);
    const said = (ran: Ran) => reportOf(ran).plan.findings.find(({ code }) => code === 'plan.at-date')?.detail;
    expect(said(friday)).toContain(
      'cs6-fe1: on Fri 2026-12-04 01:00 in Europe/Berlin; the window (sat 22:00-06:00 Europe/Berlin) opens next on Sat 2026-12-05 22:00 in Europe/Berlin.',
    );
    expect(said(saturday)).toContain(
      'cs6-fe1, cs6-be1: on Sat 2026-12-05 23:00 in Europe/Berlin; the window (sat 22:00-06:00 Europe/Berlin) is open.',
    );
    expect(reportOf(saturday).plan.findings.map(({ code }) => code)).toContain('ignore.expired');
  });
});
