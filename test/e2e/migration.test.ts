import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cs6Sbin, type Estate, startEstate } from '../servers/estate.ts';
import { reconcile } from './cli.ts';

/**
 * A whole migration on each make of directory: accounts move in waves, CS7 answers for them, they can no longer log in to
 * CS6, and only by number are their calendars there copied and deleted.
 */
describe.each(['slapd', '389'] as const)('a migration with %s', make => {
  let estate: Estate;

  beforeAll(async () => {
    estate = await startEstate({ cs6: 2, cs7: 1, users: 60, directory: make });
    cscal('-o jdoe create jdoe');
    cscal("-o jdoe create jdoe:'Team meetings'");
    mkdirSync(estate.pathOf('cs6-be1', '/var/opt/exports'), { recursive: true });
    rewrite(
      /( {2}pilot: .*) \}$/m,
      '$1, migrated: { denyCs6Login: true, deleteCs6Calendars: true, exportTo: /var/opt/exports } }',
    );
    rewrite(/( {2}finance: .*) \}$/m, '$1, wave: 50% }');
  });
  afterAll(async () => estate?.stop());

  const run = (...words: readonly string[]) => reconcile(words, estate.environment);
  const cscal = (words: string) => estate.on('cs6-be1', `cd ${cs6Sbin} && ./cscal ${words}`);
  const calendarsOf = (owner: string) =>
    cscal(`-o ${owner} list`).match(new RegExp(`owner=${owner}\\b`, 'g'))?.length ?? 0;

  function rewrite(pattern: RegExp, replacement: string): void {
    const text = readFileSync(estate.file, 'utf8');
    const changed = text.replace(pattern, replacement);
    expect(changed).not.toBe(text);
    writeFileSync(estate.file, changed);
  }

  function accounts(filter: string): readonly string[] {
    const { url, adminDn, adminPassword } = estate.directory;
    const bind = ['-x', '-LLL', '-o', 'ldif-wrap=no', '-H', url, '-D', adminDn, '-w', adminPassword];
    const ldif = execFileSync('ldapsearch', [...bind, '-b', 'o=isp', filter, '1.1'], { encoding: 'utf8' });
    return [...ldif.matchAll(/^dn:+ (.*)$/gm)].map(match => match[1] ?? '').sort();
  }

  const finance = '(departmentNumber=Finance)';
  const onCs7 = '(davStore=defaultbackend)';

  it('moves the pilot and the first wave, denies the logins, and holds back what cannot be undone', async () => {
    const { code, stdout } = await run('apply', estate.file, '--yes');
    expect(stdout).toMatch(/calendars on cs6-be1, deleted once CS7 answers: cannot be undone/);
    expect(stdout).toMatch(/cs6-be1\/cs6-calendar +1 held back/);
    expect(stdout).toContain(`\n    reconcile apply ${estate.file} --yes --allow-deletes 1\n`);
    expect(code, stdout).toBe(2);
    expect(accounts('(icsAllowedServiceAccess=-http:all)')).toHaveLength(2);
    const moved = accounts(`(&${finance}${onCs7}(!(icsAllowedServiceAccess=*)))`);
    expect(moved.length).toBeGreaterThan(0);
    expect(moved.length).toBeLessThan(accounts(finance).length);
    expect(calendarsOf('jdoe')).toBe(2);
    const check = await run('--check', estate.file);
    expect([check.code, check.stdout]).toEqual([2, expect.stringContaining('1 deletion,')]);
  });

  it('refuses another number, and deletes when the number is right, after a copy', async () => {
    const refused = await run('apply', estate.file, '--yes', '--allow-deletes', '0');
    expect([refused.code, refused.stdout]).toEqual([3, expect.stringContaining('plan.deletes-not-allowed')]);
    expect(calendarsOf('jdoe')).toBe(2);
    const done = await run('apply', estate.file, '--yes', '--allow-deletes', '1');
    expect(done.code, done.stdout).toBe(0);
    expect(calendarsOf('jdoe')).toBe(0);
    const copies = readdirSync(estate.pathOf('cs6-be1', '/var/opt/exports'));
    expect(copies).toHaveLength(2);
    for (const copy of copies)
      expect(readFileSync(estate.pathOf('cs6-be1', `/var/opt/exports/${copy}`), 'utf8')).toMatch(
        /^BEGIN:VCALENDAR\r\n/,
      );
    expect((await run('--check', estate.file)).code).toBe(0);
  });

  it('the next wave moves the rest, and nobody back', async () => {
    const before = accounts(onCs7);
    rewrite(/wave: 50%/, 'wave: 100%');
    const { code, stdout } = await run('apply', estate.file, '--yes');
    expect(code, stdout).toBe(0);
    const after = accounts(onCs7);
    expect(after).toEqual(expect.arrayContaining([...before]));
    expect(accounts(`(&${finance}(!${onCs7}))`)).toEqual([]);
    expect((await run('--check', estate.file)).code).toBe(0);
  });

  it('an account whose calendars appear again is found', async () => {
    cscal('-o jdoe create jdoe:again');
    const check = await run('--check', estate.file);
    expect([check.code, check.stdout]).toEqual([2, expect.stringContaining('calendars on cs6-be1')]);
  });
});
