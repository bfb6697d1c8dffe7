import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report, Trace } from '../../src/core/report.ts';
import { reportErrors } from '../report/official-schemas.ts';
import { type Estate, icsConf, startEstate } from '../servers/estate.ts';
import { type Ran, reconcile, runs } from './cli.ts';

/** An estate that coexists; then somebody changes things by hand, and drift says what, who and when. */
let estate: Estate;
/** The same, read by a login and an identity that may write nothing. */
let asAuditor: string;
const people = 'ou=People,o=example.com,o=isp';
const auditor = 'cn=auditor,ou=Services,o=isp';
const cs7State = '/var/opt/sun/comms/davserver';

beforeAll(async () => {
  estate = await startEstate({ cs6: 2, cs7: 1, users: 30, groups: 2, resources: 2 });
  writeFileSync(estate.file, readFileSync(estate.file, 'utf8').replace('moves: 25%', 'moves: 100%'));
  // Before the servers start: to a login that did not start them only the times tell what they read.
  for (const host of ['cs6-fe1', 'cs6-be1']) estate.on(host, `chmod o+r ${icsConf}*`);
  estate.on('cs7-fe1', `chmod -R o+rX ${cs7State} && chmod o+r /etc/opt/davadmin.clifile`);
  const applied = await reconcile(['apply', estate.file, '--yes'], estate.environment);
  expect(applied.code, applied.stdout + applied.stderr).toBe(0);
  const entry = ['changetype: add', 'objectClass: organizationalRole', 'objectClass: simpleSecurityObject'];
  ldapmodify([`dn: ${auditor}`, ...entry, 'cn: auditor', 'userPassword: auditor-lab']);
  asAuditor = join(estate.folder, 'auditor.yaml');
  const text = readFileSync(estate.file, 'utf8').replace('ssh:', 'ssh:\n  user: clerk');
  writeFileSync(asAuditor, text.replace(/bindDn: .*/, `bindDn: ${auditor}`));
});
afterAll(async () => estate?.stop());

function ldapmodify(
  lines: readonly string[],
  password = estate.directory.adminPassword,
  dn = estate.directory.adminDn,
) {
  const words = ['-x', '-H', estate.directory.url, '-D', dn, '-w', password];
  execFileSync('ldapmodify', words, { input: `${lines.join('\n')}\n`, stdio: ['pipe', 'ignore', 'pipe'] });
}

function drift(...words: readonly string[]): Promise<Ran> {
  return reconcile(['drift', estate.file, '--runs', runs, ...words], estate.environment);
}

async function traces(file = estate.file, environment = estate.environment, records = runs): Promise<readonly Trace[]> {
  const { stdout } = await reconcile(['drift', file, '--runs', records, '--format', 'json'], environment);
  expect(reportErrors(stdout)).toEqual([]);
  const report: Report = JSON.parse(stdout);
  return ('traces' in report && report.traces) || [];
}

/** Every byte, owner, mode and time of the hosts' files, and every attribute of the directory. */
function everything(): string {
  const { url, adminDn, adminPassword } = estate.directory;
  const words = [
    '-x',
    '-LLL',
    '-H',
    url,
    '-D',
    adminDn,
    '-w',
    adminPassword,
    '-b',
    'o=isp',
    '-E',
    'pr=1000/noprompt',
    '*',
    '+',
  ];
  const ldif = execFileSync('ldapsearch', words, { encoding: 'utf8', maxBuffer: 1e8 });
  // The stand-ins count their own processes in the folder of the lab, which no real host has.
  const lab = ['-path', '*/var/opt/lab', '-prune', '-o'];
  const list = ['.', ...lab, '-printf', '%p %M %U %G %s %T@ %C@\n', '-type', 'f', '-exec', 'sha256sum', '{}', ';'];
  const files = execFileSync('find', list, { cwd: join(estate.folder, 'hosts'), encoding: 'utf8', maxBuffer: 1e8 });
  return createHash('sha256').update(ldif).update(files).digest('hex');
}

const inPlace = (key: string, value: string) =>
  `sed -i '/^${key}/d' ${icsConf}; echo '${key} = "${value}"' >> ${icsConf}`;

it('says 0 where nothing differs, also to one who may write nothing, and changes nothing', async () => {
  const before = everything();
  const ran = await drift();
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  expect(ran.stdout).toMatch(/^reconcile drift {2}example\.com rehearsal[\s\S]*\nIn sync\.\n$/);
  const audited = await reconcile(['drift', asAuditor], { LDAP_PASSWORD: 'auditor-lab' });
  expect([audited.code, audited.stderr]).toEqual([0, '']);
  expect(everything()).toBe(before);
});

describe('after somebody was there', () => {
  let when: number;
  const about = (found: readonly Trace[], key: string, step: string) =>
    found.find(trace => trace.key === key && trace.step === step);
  const recent = (at: string | undefined) => Date.parse(at ?? '') >= when - 1000 && Date.parse(at ?? '') <= Date.now();

  beforeAll(() => {
    when = Date.now();
    // An editor keeps the owner, a copy that is moved there does not.
    estate.on('cs6-be1', inPlace('local.autoprovision', 'yes'));
    estate.on(
      'cs6-fe1',
      `cp ${icsConf} ${icsConf}.tmp && mv ${icsConf}.tmp ${icsConf} && ${inPlace('user.invite.autoprovision', 'yes')}`,
    );
    ldapmodify([`dn: uid=jdoe,${people}`, 'changetype: modify', 'replace: davStore', 'davStore: elsewhere']);
    const davadmin =
      '/opt/sun/comms/davserver/sbin/davadmin config modify -u admin -o davcore.uriinfo.subjectattributes -v cn';
    estate.on('cs7-fe1', `cd /opt/sun/comms/davserver/sbin && DAVADMIN_CLIFILE=/etc/opt/davadmin.clifile ${davadmin}`);
  });

  it('says who and when, and what that is known from', async () => {
    const before = everything();
    const found = await traces();
    const edited = about(found, 'local.autoprovision', 'cs6-be1/cs6-ics-conf');
    expect(edited).toMatchObject({
      by: 'uid 1001 or root',
      from: expect.stringMatching(/it is not what reconcile wrote \(\S+Z\); before that it was the same as now$/),
    });
    const replaced = about(found, 'user.invite.autoprovision', 'cs6-fe1/cs6-ics-conf');
    expect(replaced).toMatchObject({
      by: 'root',
      from: expect.stringMatching(/replaced by someone: its owner was 1001:1001, and now is 0:0; before that it was/),
    });
    const moved = about(found, 'davStore', 'directory/ldap-cohort');
    expect(moved).toEqual({
      ...{ step: 'directory/ldap-cohort', item: `uid=jdoe,${people}`, key: 'davStore', by: estate.directory.adminDn },
      ...{ at: moved?.at, from: 'the last change of the entry' },
    });
    const option = about(found, 'davcore.uriinfo.subjectattributes', 'cs7-fe1/cs7-davadmin');
    expect(option).toMatchObject({
      by: expect.stringContaining('root'),
      from: expect.stringContaining('davserver.properties'),
    });
    expect([edited, replaced, moved, option].map(trace => recent(trace?.at))).toEqual([true, true, true, true]);
    expect(everything()).toBe(before);
  });

  it('one who may write nothing is told the same', async () => {
    const before = everything();
    expect(await traces(asAuditor, { LDAP_PASSWORD: 'auditor-lab' })).toEqual(await traces());
    expect(everything()).toBe(before);
  });

  it('without a record of the last run the times tell, as far as they can', async () => {
    for (const host of ['cs6-fe1', 'cs6-be1']) estate.on(host, 'rm -rf $HOME/.reconcile/*/runs');
    const later = new Date(Date.now() + 60_000).toISOString();
    estate.on('cs6-be1', `touch -d ${later} ${icsConf}`);
    estate.on('cs6-fe1', `touch -d 2020-01-01 ${icsConf}`);
    const found = await traces(estate.file, estate.environment, join(estate.folder, 'none'));
    const from = (step: string) => found.find(trace => trace.step === step)?.from;
    expect(from('cs6-be1/cs6-ics-conf')).toContain('changed after reconcile last replaced it (');
    expect(from('cs6-fe1/cs6-ics-conf')).toContain('an earlier file put back, or clocks that differ');
    estate.on('cs6-be1', `rm ${icsConf}.reconcile-*`);
    const bare = await traces(estate.file, estate.environment, join(estate.folder, 'none'));
    expect(bare.find(({ step }) => step === 'cs6-be1/cs6-ics-conf')?.from).toContain('it has no backup by reconcile');
  });

  it('tells it from what nobody has applied yet', async () => {
    const asked = join(estate.folder, 'asked.yaml');
    const settings = '$1, settings: { service.http.idletimeout: "77" } }';
    writeFileSync(asked, readFileSync(estate.file, 'utf8').replace(/(cs6-fe1: \{.*?) \}/, settings));
    const words = ['drift', asked, '--base', asked, '--applied', estate.file, '--format', 'json'];
    const report: Report = JSON.parse((await reconcile(words, estate.environment)).stdout);
    if (report.command !== 'drift') throw new Error(`a report of ${report.command}`);
    const labels = report.plan.steps.flatMap(({ target, changes }, step) =>
      changes.map(({ key }, change) => [target, key, report.origins?.[step]?.[change]].join(' ')),
    );
    expect(labels).toEqual(
      expect.arrayContaining([
        'cs6-fe1 service.http.idletimeout not-applied',
        'cs6-be1 local.autoprovision drift',
        'directory davStore drift',
      ]),
    );
  });

  it('prints it for people, with 2 as every command', async () => {
    const { code, stdout, stderr } = await drift();
    expect([code, stderr]).toEqual([2, '']);
    expect(stdout).toContain(`by ${estate.directory.adminDn}`);
    expect(stdout).toMatch(/local\.autoprovision +expected "no", found "yes"[\s\S]*by uid 1001 or root/);
  });
});

it('a host that is down is 4, and not drift', async () => {
  const applied = await reconcile(['apply', estate.file, '--yes'], estate.environment);
  expect(applied.code, applied.stdout).toBe(0);
  await estate.ssh.hosts.get('cs6-be1')?.kill();
  const { code, stdout } = await drift();
  expect([code, stdout]).toEqual([4, expect.stringContaining('unread: cs6-be1')]);
});
