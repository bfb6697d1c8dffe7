import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clearFault, setFault } from '../../src/lab/fault.ts';
import { type Estate, icsConf, runningCs6, startEstate, variantOf } from '../servers/estate.ts';
import { type Ran, reconcile, reportOf } from './cli.ts';

/** Faults on real servers: each a clear error, the right exit code, and nothing written where nothing may be. */
let estate: Estate;

beforeAll(async () => {
  estate = await startEstate({ cs6: 2, cs7: 1, users: 40 });
});
afterAll(async () => estate?.stop());

function run(...words: readonly string[]): Promise<Ran> {
  return reconcile(words, estate.environment);
}

function variant(name: string, from: string | RegExp, to: string): string {
  return variantOf(estate, name, from, to);
}

function backups(host: string): readonly string[] {
  return readdirSync(dirname(estate.pathOf(host, icsConf))).filter(name => name.includes('reconcile'));
}

/** What is wrong with the whole plan: told by `plan`, and refused by `apply` with nothing written. */
async function refuses(
  file: string,
  code: string,
  planCode: number,
  said: RegExp,
  environment = estate.environment,
): Promise<void> {
  const planned = await reconcile(['plan', file], environment);
  expect(planned.stdout).toMatch(said);
  expect(planned.stdout).toContain(code);
  expect(planned.code).toBe(planCode);
  const applied = await reconcile(['apply', file, '--yes'], environment);
  expect([applied.code, applied.stdout]).toEqual([
    planCode,
    expect.stringMatching(
      planCode === 4
        ? /Incomplete: .* could not be read, .* Nothing was written\./
        : /Refused: \d+ errors? above\. Nothing was written\./,
    ),
  ]);
  expect(['cs6-fe1', 'cs6-be1'].flatMap(backups)).toEqual([]);
}

describe('before anything was applied', () => {
  it('a wrong password', async () => {
    const wrong = { LDAP_PASSWORD: 'canary-wrong-password' };
    await refuses(estate.file, 'directory.login-refused', 4, /cn=reconcile/, wrong);
    expect((await reconcile(['plan', estate.file], wrong)).stdout).not.toContain('canary-wrong-password');
  });

  it('a password that is not there', () =>
    refuses(estate.file, 'secret.unavailable', 4, /LDAP_PASSWORD is not set/, {}));

  it('a directory that is not there', () =>
    refuses(
      variant('no-directory', /url: .*/, 'url: ldap://127.0.0.1:1'),
      'directory.unreachable',
      4,
      /127\.0\.0\.1:1/,
    ));

  it('an attribute the schema does not know', () =>
    refuses(
      variant('no-attribute', '  base: o=isp\n', '  base: o=isp\n  localUser: { attribute: xCs7User }\n'),
      'directory.schema-missing',
      3,
      /no attribute xCs7User/,
    ));

  it('a base without accounts', () =>
    refuses(
      variant('no-accounts', '  base: o=isp\n', '  base: "ou=Services,o=isp"\n'),
      'directory.no-accounts',
      4,
      /An empty answer is never trusted/,
    ));

  it('an unknown host key', async () => {
    const empty = join(estate.folder, 'empty_known_hosts');
    writeFileSync(empty, '');
    await refuses(variant('no-keys', /knownHosts: .*/, `knownHosts: ${empty}`), 'host.key-unknown', 4, /SHA256:/);
  });

  it('a wrong host key', async () => {
    const forged = join(estate.folder, 'forged_known_hosts');
    const lines = readFileSync(estate.ssh.knownHosts, 'utf8')
      .split('\n')
      .filter(line => line.includes('ed25519'));
    const other = 'AAAAC3NzaC1lZDI1NTE5AAAAIJ7zW0yzM0nKq9pQ0k6l6bRzv3VJm1m0b8m1cGJv8z0N';
    writeFileSync(forged, lines.map(line => line.replace(/AAAA\S+/, other)).join('\n'));
    await refuses(variant('forged', /knownHosts: .*/, `knownHosts: ${forged}`), 'host.key-mismatch', 4, /cs6-fe1/);
  });

  it('a file that is there and cannot be read is never taken for a missing one', async () => {
    const path = estate.pathOf('cs6-be1', icsConf);
    renameSync(path, `${path}.aside`);
    mkdirSync(path);
    await refuses(estate.file, 'host.file-unreadable', 4, /cs6-be1/);
    rmdirSync(path);
    renameSync(`${path}.aside`, path);
  });

  it('a command that prints what nobody expects', async () => {
    const tree = estate.ssh.hosts.get('cs7-fe1')?.tree ?? '';
    await setFault(tree, 'davadmin.noise');
    await refuses(estate.file, 'host.unexpected-output', 4, /davadmin config -o/);
    await clearFault(tree, 'davadmin.noise');
  });

  it('a patch level that is too low', () =>
    refuses(
      variant('old-patch', 'platform: solaris-sparc\n', 'platform: solaris-sparc\n  minimumPatch: 60\n'),
      'software.patch-too-low',
      3,
      /121657-54/,
    ));

  it('more moves than the limit, until they are allowed by number', async () => {
    const file = variant('limit', 'moves: 25%', 'moves: 1');
    await refuses(file, 'plan.too-many-moves', 3, /the limit is 1\.[\s\S]*reconcile apply -f \S+ --allow-moves \d+/);
    const few = await run('apply', file, '--yes', '--allow-moves', '2');
    expect([few.code, few.stdout]).toEqual([3, expect.stringContaining('Nothing was written.')]);
    const odd = await run('apply', file, '--yes', '--allow-moves', 'all');
    expect([odd.code, odd.stderr]).toEqual([1, expect.stringContaining('whole number')]);
  });

  it('nobody to ask', async () => {
    const ran = await run('apply', estate.file);
    expect([ran.code, ran.stderr]).toEqual([
      3,
      expect.stringContaining(`\n      reconcile apply ${estate.file} --yes\n`),
    ]);
    expect(backups('cs6-fe1')).toEqual([]);
  });

  it('a person who says no', async () => {
    let asked = '';
    const ask = async (question: string) => {
      asked = question;
      return 'y';
    };
    const ran = await reconcile(['apply', estate.file], estate.environment, { terminal: { ask } });
    expect(asked).toMatch(/Apply plan [0-9a-f]{8}\?/);
    expect([ran.code, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr).toMatch(/local\.autoprovision[\s\S]*Nothing was changed/);
    expect(backups('cs6-fe1')).toEqual([]);
  });

  it('a file that changed between plan and apply', async () => {
    const file = join(estate.folder, 'plan.json');
    await run('plan', estate.file, '-o', file);
    const path = estate.pathOf('cs6-fe1', icsConf);
    const before = readFileSync(path, 'latin1');
    writeFileSync(path, `${before}! somebody else\n`, 'latin1');
    const ran = await run('apply', file, '-f', estate.file, '--yes', '--only', 'cs6-fe1');
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('cli.only-on-saved-plan')]);
    const applied = await run('apply', file, '-f', estate.file, '--yes');
    expect([applied.code, applied.stdout]).toEqual([3, expect.stringMatching(/plan\.stale[\s\S]*Make a new plan/)]);
    expect(readFileSync(path, 'latin1')).toBe(`${before}! somebody else\n`);
    expect(backups('cs6-be1')).toEqual([]);
    expect(applied.stdout).toMatch(/cs6-be1\/cs6-ics-conf +6 not run/);
    expect(applied.stdout).toMatch(/directory\/ldap-cohort +\d+ not run/);
  });

  it('a plan file that was changed by hand', async () => {
    const file = join(estate.folder, 'plan.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"no"', '"yes"'));
    const ran = await run('apply', file, '-f', estate.file, '--yes');
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('plan.tampered')]);
  });
});

describe('while it is applied', () => {
  it('a restart that fails stops the roll, says that the server is down, and running again finishes', async () => {
    const tree = estate.ssh.hosts.get('cs6-fe1')?.tree ?? '';
    await setFault(tree, 'start-cal.fail');
    const ran = await run('apply', estate.file, '--yes');
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(/cs6-fe1\/cs6-service +1 FAILED\n.*the server is DOWN/);
    expect(ran.stdout).toMatch(/cs6-be1\/cs6-ics-conf +6 not run/);
    expect(ran.stdout).toMatch(/directory\/ldap-cohort +\d+ not run/);
    expect(ran.stdout).toMatch(/Read again: \d+ differences left/);
    await clearFault(tree, 'start-cal.fail');

    const owed = await run('--check', estate.file);
    expect(owed.stdout).toMatch(/\* cs6-fe1 +restart .*it is not running/);
    expect((await run('apply', estate.file, '--only', 'cs6-fe1,cs6-be1', '--yes')).code).toBe(0);
    expect(runningCs6(estate, 'cs6-fe1')).toMatchObject({ 'local.autoprovision': 'no' });
  });

  it('a davadmin that says done and does nothing is found by reading back', async () => {
    const tree = estate.ssh.hosts.get('cs7-fe1')?.tree ?? '';
    await setFault(tree, 'davadmin.ignore-modify');
    const ran = await run('apply', estate.file, '--yes');
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(/cs7-fe1\/cs7-davadmin +2 FAILED[\s\S]*[Rr]eading back shows/);
    expect(ran.stdout).toMatch(/cs7-fe1\/cs7-service +1 not run/);
    await clearFault(tree, 'davadmin.ignore-modify');
    expect((await run('apply', estate.file, '--yes')).code).toBe(0);
    expect((await run('--check', estate.file)).code).toBe(0);
  });

  it('a value that would be shell text is one word all the way', async () => {
    const hostile = '$(touch /tmp/reconcile-injected); `id` & | > x';
    const file = variant('hostile', /(cs6-fe1: \{.*?) \}/, `$1, settings: { service.test.note: '${hostile}' } }`);
    expect((await run('apply', file, '--yes')).code).toBe(0);
    expect(readFileSync(estate.pathOf('cs6-fe1', icsConf), 'latin1')).toContain(`service.test.note = "${hostile}"`);
    expect(() => statSync('/tmp/reconcile-injected')).toThrow();
    expect((await run('--check', file)).code).toBe(0);
  });
});

describe('a difference that is ignored', () => {
  const settings = (until: string) =>
    variant(
      `ignore-${until}`,
      /(cs6-fe1: \{.*?) \}([\s\S]*)$/,
      `$1, settings: { service.http.idletimeout: "120" } }$2ignore:\n  - { target: cs6-fe1, key: service.http.idletimeout, until: ${until}, reason: load test, owner: ops }\n`,
    );

  it('is shown, and neither planned nor applied', async () => {
    const file = settings('2099-01-31');
    const ran = await run('--check', file);
    expect([ran.code, ran.stdout]).toEqual([
      0,
      expect.stringMatching(/= cs6-fe1 {2}service\.http\.idletimeout {2}"180" -> "120" {2}until 2099/),
    ]);
    expect((await run('apply', file, '--yes')).code).toBe(0);
    expect(readFileSync(estate.pathOf('cs6-fe1', icsConf), 'latin1')).toContain('service.http.idletimeout = "180"');
  });

  it('is planned again after its day, and an entry that stays is refused', async () => {
    const ran = await run('--check', settings('2020-01-31'));
    expect([ran.code, ran.stdout]).toEqual([
      3,
      expect.stringMatching(/~ cs6-fe1 +service\.http\.idletimeout[\s\S]*ignore\.expired/),
    ]);
  });
});

describe('a host that is down', () => {
  it('exits with 4, whether the rest is in sync or not, and nothing is applied', async () => {
    await estate.ssh.hosts.get('cs6-be1')?.kill();
    const ran = await run('--check', estate.file);
    expect(ran.code).toBe(4);
    expect(ran.stdout).toContain('unread: cs6-be1');
    expect(ran.stdout).toMatch(/host\.unreachable[\s\S]*not everything could be read/);
    expect((await run('apply', estate.file, '--yes')).code).toBe(4);

    const path = estate.pathOf('cs6-fe1', icsConf);
    const drifted = readFileSync(path, 'latin1').replace(/(local\.autoprovision =)"no"/, '$1"yes"');
    writeFileSync(path, drifted, 'latin1');
    expect((await run('--check', estate.file)).code).toBe(4);
    const refused = await run('apply', estate.file, '--yes');
    expect([refused.code, refused.stdout]).toEqual([4, expect.stringContaining('Nothing was written.')]);
    const file = `${estate.file}.unread.json`;
    const unsaved = await run('plan', estate.file, '-o', file);
    expect([unsaved.code, unsaved.stderr]).toEqual([4, expect.stringContaining('plan.not-saved')]);
    expect(existsSync(file)).toBe(false);
    expect(readFileSync(path, 'latin1')).toBe(drifted);
  });

  it('can be stated as away: then the check is not incomplete, and the rest is applied', async () => {
    const stated = `${estate.file}.away.yaml`;
    const entry = '\nignore: [{ target: cs6-be1, key: all, until: 2099-01-31, reason: new board, owner: ops }]\n';
    writeFileSync(stated, readFileSync(estate.file, 'utf8') + entry);
    const ran = await run('--check', stated);
    expect([ran.code, ran.stdout]).toEqual([2, expect.stringContaining('until 2099-01-31: new board (ops)')]);
    const applied = await run('apply', stated, '--yes');
    expect(applied.code, applied.stdout).toBe(0);
    const after = await run('--check', stated);
    expect([after.code, after.stdout]).toEqual([0, expect.stringContaining('In sync.')]);
    const path = estate.pathOf('cs6-fe1', icsConf);
    writeFileSync(path, readFileSync(path, 'latin1').replace(/(local\.autoprovision =)"no"/, '$1"yes"'), 'latin1');
  });

  it('--only mends what does not depend on it, and does not know names that are not there', async () => {
    const ran = await run('apply', estate.file, '--only', 'cs6-fe1', '--yes', '--format', 'json');
    expect(ran.code).toBe(0);
    expect(reportOf(ran).plan.steps.map(s => s.id)).toEqual(['cs6-fe1/cs6-ics-conf', 'cs6-fe1/cs6-service']);
    const unknown = await run('plan', estate.file, '--only', 'cs6-fe9');
    expect([unknown.code, unknown.stderr]).toEqual([
      1,
      expect.stringMatching(/cli\.unknown-target[\s\S]*Did you mean "cs6-fe1"/),
    ]);
  });
});
