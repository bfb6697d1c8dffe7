import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { setFault } from '../../src/lab/fault.ts';
import type { TestDirectory } from '../servers/directory-server.ts';
import { type Estate, icsConf, startEstate } from '../servers/estate.ts';
import { type LdapRelay, type RelayLimits, startLdapRelay } from '../servers/ldap-relay.ts';
import { startSlapd } from '../servers/slapd.ts';
import { reconcile, reportOf } from './cli.ts';

/** The connection to the directory, in whole commands on real servers. */
const size = { cs6: 2, cs7: 1, users: 30, groups: 2, resources: 2 };

/** A copy of the estate file with another place for the directory. */
function withDirectoryAt(estate: Estate, url: string): string {
  const path = join(estate.folder, 'elsewhere.yaml');
  const text = readFileSync(estate.file, 'utf8');
  const changed = text.replace(estate.directory.url, url);
  expect(changed).not.toBe(text);
  writeFileSync(path, changed);
  return path;
}

async function relayTo(estate: Estate, limits?: RelayLimits): Promise<LdapRelay> {
  const relay = await startLdapRelay(estate.directory.port, limits);
  onTestFinished(() => relay.stop());
  return relay;
}

function administer({ url, adminDn, adminPassword }: TestDirectory, ...ldif: readonly string[]): void {
  const words = ['-x', '-H', url, '-D', adminDn, '-w', adminPassword];
  execFileSync('ldapmodify', words, { input: `${ldif.join('\n')}\n`, stdio: 'pipe' });
}

describe.each<[string, RelayLimits]>([
  ['is ended by the server and dropped without a sign on the way', { forgetAfter: 2_500 }],
  ['is ended', { cutAfter: 2_500 }],
])('a connection that %s while a CS6 server restarts', (_, limits) => {
  let estate: Estate;
  beforeAll(async () => {
    estate = await startEstate({ ...size, slapd: { global: ['idletimeout 1'] } });
  });
  afterAll(async () => estate?.stop());

  it('costs a login, and no change', async () => {
    for (const host of ['cs6-fe1', 'cs6-be1']) setFault(estate.pathOf(host, '/'), 'start-cal.slow', '6000');
    const relay = await relayTo(estate, limits);
    const path = withDirectoryAt(estate, relay.url);
    const ran = await reconcile(['apply', path, '--yes', '--format', 'json'], estate.environment);
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    const report = reportOf(ran);
    const run = 'run' in report ? report.run : undefined;
    const states = run?.steps.flatMap(({ results }) => results.map(({ state }) => state)) ?? [];
    expect(new Set(states)).toEqual(new Set(['done']));
    expect(run?.unread).toEqual([]);
    expect(run?.remaining).toEqual([]);
    expect(relay.binds()).toBeGreaterThan(1);
    expect(relay.binds(), 'each connection logs in once').toBe(relay.connections());
    expect((await reconcile(['--check', estate.file], estate.environment)).code).toBe(0);
  });
});

describe('a directory that takes no changes', () => {
  it.each<[string, (estate: Estate, folder: string) => Promise<string>, string]>([
    ['slapd as a replica', replicaOfSlapd, 'directory.writes-elsewhere'],
    ['slapd without rights', async estate => estate.directory.url, 'directory.writes-refused'],
    ['389 as a replica', async estate => estate.directory.url, 'directory.writes-elsewhere'],
    ['389 that is read-only', async estate => estate.directory.url, 'directory.writes-refused'],
  ])('is noticed before the first host is touched: %s', async (name, place, code) => {
    const estate = await startEstate({ ...size, ...optionsOf(name) });
    const folder = mkdtempSync(join(tmpdir(), 'reconcile-replica-'));
    onTestFinished(async () => {
      await estate.stop();
      rmSync(folder, { recursive: true, force: true });
    });
    const url = await place(estate, folder);
    const path = url === estate.directory.url ? estate.file : withDirectoryAt(estate, url);
    const before = touched(estate);
    const ran = await reconcile(['apply', path, '--yes'], estate.environment);
    const said = ran.stdout + ran.stderr;
    expect(said).toContain(code);
    expect(ran.code, said).toBe(3);
    if (code === 'directory.writes-elsewhere') expect(said).toContain(writable(name, estate));
    expect(said).toContain('No part of this plan was applied: no account and no host was changed.');
    expect(touched(estate)).toEqual(before);
  });
});

function optionsOf(name: string): Parameters<typeof startEstate>[0] {
  switch (name) {
    case 'slapd as a replica':
      return { slapd: { global: ['moduleload syncprov'], database: ['overlay syncprov'] } };
    case 'slapd without rights':
      return { slapd: { database: ['access to attrs=davUniqueId by * read'] } };
    case '389 as a replica':
      return {
        directory: '389',
        ds389: {
          configuration: {
            'cn=o\\3Disp,cn=mapping tree,cn=config': {
              'nsslapd-state': 'referral on update',
              'nsslapd-referral': 'ldap://writable.example.com:389/o=isp',
            },
          },
        },
      };
    default: {
      const database = 'cn=userroot,cn=ldbm database,cn=plugins,cn=config';
      return { directory: '389', ds389: { configuration: { [database]: { 'nsslapd-readonly': 'on' } } } };
    }
  }
}

function writable(name: string, estate: Estate): string {
  return name.startsWith('slapd') ? `    ${estate.directory.url}\n` : '    ldap://writable.example.com:389\n';
}

/** Starts a real consumer of the estate's directory, and waits until it has everything. */
async function replicaOfSlapd({ directory }: Estate, folder: string): Promise<string> {
  const { url, adminDn, adminPassword } = directory;
  mkdirSync(join(folder, 'replica'));
  const sync = `syncrepl rid=1 provider=${url} type=refreshAndPersist searchbase="o=isp" retry="1 +"`;
  const bind = `bindmethod=simple binddn="${adminDn}" credentials=${adminPassword}`;
  const replica = await startSlapd(join(folder, 'replica'), {
    entries: [],
    database: [`${sync} ${bind}`, `updateref ${url}`],
  });
  onTestFinished(() => replica.kill());
  const count = (at: string) => {
    const words = ['-x', '-LLL', '-H', at, '-D', adminDn, '-w', adminPassword, '-b', 'o=isp', '1.1'];
    try {
      return execFileSync('ldapsearch', words, { encoding: 'utf8', stdio: 'pipe' }).match(/^dn:/gm)?.length ?? 0;
    } catch {
      return 0;
    }
  };
  await expect.poll(() => count(replica.url)).toBe(count(url));
  return replica.url;
}

/** Everything of the CS6 hosts that a run would change: the configuration, and which server runs since when. */
function touched(estate: Estate): unknown {
  return ['cs6-fe1', 'cs6-be1'].map(host => [
    readFileSync(estate.pathOf(host, icsConf), 'latin1'),
    readFileSync(estate.pathOf(host, '/var/opt/SUNWics5/tmp/running.json'), 'utf8'),
    estate.on(host, 'ls -a /root/.reconcile 2>/dev/null || ls -a ~/.reconcile 2>/dev/null || echo none'),
  ]);
}

describe('a password that expires', () => {
  let estate: Estate;
  beforeAll(async () => {
    estate = await startEstate({
      ...size,
      slapd: { global: ['moduleload ppolicy'], database: ['overlay ppolicy', 'ppolicy_default "cn=policy,o=isp"'] },
    });
    const { directory } = estate;
    administer(
      directory,
      ...['dn: cn=policy,o=isp', 'changetype: add', 'objectClass: device', 'objectClass: pwdPolicy', 'cn: policy'],
      ...['pwdAttribute: userPassword', 'pwdMaxAge: 100000', 'pwdExpireWarning: 99999'],
    );
    const { bindDn, password } = directory;
    administer(directory, `dn: ${bindDn}`, 'changetype: modify', 'replace: userPassword', `userPassword: ${password}`);
    await new Promise(resolve => setTimeout(resolve, 2500));
  });
  afterAll(async () => estate?.stop());

  it.each(['text', 'json', 'markdown', 'html', 'github', 'sarif', 'junit'])('is a warning in %s', async format => {
    const ran = await reconcile(['plan', estate.file, '--format', format], estate.environment);
    expect(ran.code, ran.stderr).toBe(2);
    expect(ran.stdout).toContain('The password for the directory must be changed soon');
    expect(ran.stdout).toMatch(/It expires at \d{4}-\d\d-\d\dT\d\d:\d\dZ/);
  });

  it.each([['--check'], ['plan'], ['audit'], ['verify'], ['drift'], ['apply', '--yes'], ['--check'], ['audit']])(
    'is a warning of %s, which logs in once',
    async (command, ...more) => {
      const relay = await relayTo(estate);
      const path = withDirectoryAt(estate, relay.url);
      const ran = await reconcile([command, path, ...more], estate.environment);
      expect(ran.stdout).toContain('directory.password-expiring');
      expect(relay.binds()).toBe(1);
    },
  );

  it('is one warning, whichever kinds are asked for', async () => {
    for (const only of [['--only', 'ldap-unique-id'], ['--only', 'ldap-login'], []]) {
      const ran = await reconcile(['plan', estate.file, '--format', 'json', ...only], estate.environment);
      const codes = reportOf(ran).plan.findings.map(({ code }) => code);
      expect(codes.filter(code => code === 'directory.password-expiring')).toHaveLength(1);
    }
  });

  it('is in the metrics', async () => {
    const file = join(estate.folder, 'reconcile.prom');
    await reconcile(['drift', estate.file, '--metrics-file', file], estate.environment);
    const line = readFileSync(file, 'utf8').match(/^reconcile_drift_directory_password_expiry_seconds\{.*\} (\d+)$/m);
    expect(Number(line?.[1])).toBeGreaterThan(90_000);
    expect(Number(line?.[1])).toBeLessThanOrEqual(100_000);
  });
});

describe.each(['slapd', '389'] as const)('an entry of %s that refers to another server', make => {
  it('costs a finding about that entry, and nothing else is missing', async () => {
    const estate = await startEstate({ ...size, directory: make });
    onTestFinished(() => estate.stop());
    const { url, adminDn, adminPassword } = estate.directory;
    const away = ['dn: ou=Away,ou=People,o=example.com,o=isp', 'ou: Away', 'ref: ldap://elsewhere.example.com/o=isp'];
    const entry = [...away, 'objectClass: referral', 'objectClass: extensibleObject'];
    const words = ['-x', '-M', '-H', url, '-D', adminDn, '-w', adminPassword];
    execFileSync('ldapadd', words, { input: `${entry.join('\n')}\n`, stdio: 'pipe' });
    const applied = await reconcile(['apply', estate.file, '--yes'], estate.environment);
    expect(applied.code, applied.stdout + applied.stderr).toBe(0);
    const ran = await reconcile(['--check', estate.file, '--format', 'json'], estate.environment);
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    const report = reportOf(ran);
    const findings = 'plan' in report ? report.plan.findings.filter(({ severity }) => severity !== 'note') : [];
    expect(findings.map(({ code, about }) => [code, about?.names])).toEqual([
      [
        'directory.referral-entry',
        ['ou=Away,ou=People,o=example.com,o=isp refers to ldap://elsewhere.example.com/o=isp'],
      ],
    ]);
  });
});
