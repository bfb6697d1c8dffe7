import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asDirectoryAdmin, type Estate, icsConf, startEstate } from '../servers/estate.ts';
import { type Ran, reconcile, runs } from './cli.ts';

/** An estate that coexists; then somebody changes things by hand, and they are to stay. */
let estate: Estate;
const timeout = 'service.http.idletimeout';

beforeAll(async () => {
  estate = await startEstate({ cs6: 2, cs7: 1, users: 30, groups: 2, resources: 2 });
  const text = readFileSync(estate.file, 'utf8')
    .replace('moves: 25%', 'moves: 100%')
    .replace('solaris-sparc\n', `solaris-sparc   # both\n  settings:\n    ${timeout}: '120'   # seconds\n`);
  writeFileSync(estate.file, `# This file is written by hand.\n${text}`);
  chmodSync(estate.file, 0o640);
  const applied = await reconcile(['apply', estate.file, '--runs', runs, '--yes'], estate.environment);
  expect(applied.code, applied.stdout + applied.stderr).toBe(0);
});
afterAll(async () => estate?.stop());

function drift(...words: readonly string[]): Promise<Ran> {
  return reconcile(['drift', '-f', estate.file, '--runs', runs, ...words], estate.environment);
}

const fileNow = () => readFileSync(estate.file, 'utf8');

function setByHand(host: string, key: string, value: string): void {
  estate.on(host, `sed -i '/^${key}/d' ${icsConf}; echo '${key} = "${value}"' >> ${icsConf}`);
}

function modify(...lines: readonly string[]): void {
  asDirectoryAdmin(estate, ['ldapmodify'], `${lines.join('\n')}\n`);
}

const people = 'ou=People,o=example.com,o=isp';

/** The differences that `drift` shows, without restarts. */
async function differences(): Promise<readonly string[]> {
  const { stdout } = await drift('--format', 'json');
  const report: { plan: { steps: { target: string; changes: { action: string; key: string }[] }[] } } =
    JSON.parse(stdout);
  return report.plan.steps.flatMap(({ target, changes }) =>
    changes.flatMap(({ action, key }) => (action === 'restart' ? [] : [`${target}:${key}`])),
  );
}

describe('over real servers', () => {
  let before: string;
  beforeAll(() => {
    before = fileNow();
    setByHand('cs6-be1', timeout, '300');
    setByHand('cs6-fe1', 'local.autoprovision', 'yes');
    modify(`dn: uid=o'neil,${people}`, 'changetype: modify', 'delete: davStore');
  });

  it('refuses what is derived, and names what can be accepted', async () => {
    const { code, stderr } = await drift('--accept', 'all', '--yes');
    expect([code, stderr]).toEqual([3, expect.stringContaining('drift.accept-derived')]);
    expect(stderr).toMatch(/reconcile why cs6-fe1 local\.autoprovision/);
    expect(stderr).toMatch(/reconcile drift .*--accept cs6-be1:service\.http\.idletimeout,directory:davStore/);
    expect(fileNow()).toBe(before);
  });

  it('edits the file, whose mode and other bytes stay, and the differences are gone', async () => {
    expect(await differences()).toEqual(['cs6-fe1:local.autoprovision', `cs6-be1:${timeout}`, 'directory:davStore']);
    const { code, stdout, stderr } = await drift('--accept', `cs6-be1:${timeout}`, 'directory:davStore');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('  directory  davStore');
    const after = before
      .replace(/(cs6-be1: \{.*?) \}/, `$1, settings: { ${timeout}: "300" } }`)
      .replace(', "o\'neil"]', ']');
    expect(fileNow()).toBe(after);
    expect(statSync(estate.file).mode & 0o777).toBe(0o640);
    expect(await differences()).toEqual(['cs6-fe1:local.autoprovision']);
  });

  it('edits the side once both hosts have the same', async () => {
    setByHand('cs6-be1', 'service.http.maxthreads', '8');
    const text = fileNow().replace(`${timeout}: '120'   # seconds\n`, `$&    service.http.maxthreads: "4"\n`);
    writeFileSync(estate.file, text);
    setByHand('cs6-fe1', 'service.http.maxthreads', '8');
    const { code, stdout } = await drift('--accept', 'cs6-fe1:service.http.maxthreads', '--format', 'json');
    expect(code, stdout).toBe(0);
    expect(JSON.parse(stdout).accepted).toHaveLength(2);
    expect(fileNow()).toBe(text.replace('maxthreads: "4"', 'maxthreads: "8"'));
    expect(await differences()).toEqual(['cs6-fe1:local.autoprovision']);
  });

  it('writes nothing that the plan does not prove: another cohort asks for the store as well', async () => {
    const kept = fileNow().replace('[jdoe]', '[jdoe, "o\'neil"]');
    writeFileSync(estate.file, kept);
    modify(`dn: uid=o'neil,${people}`, 'changetype: modify', 'add: davStore', 'davStore: defaultbackend');
    modify(`dn: uid=jdoe,${people}`, 'changetype: modify', 'delete: davStore');
    const { code, stderr } = await drift('--accept', 'directory:davStore');
    expect([code, stderr]).toEqual([3, expect.stringContaining('as cohort finance asks')]);
    expect(fileNow()).toBe(kept);
  });

  it('refuses a host that is down', async () => {
    await estate.ssh.hosts.get('cs6-be1')?.kill();
    const { code, stderr } = await drift('--accept', `cs6-be1:${timeout}`);
    expect([code, stderr]).toEqual([3, expect.stringContaining('drift.accept-unread')]);
  });
});
