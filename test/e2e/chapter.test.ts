import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/adapters/open-ports.ts';
import { invert } from '../../src/core/change.ts';
import type { DesiredState } from '../../src/core/desired.ts';
import type { Plan } from '../../src/core/plan.ts';
import { loadEstate } from '../../src/estate/load.ts';
import { targetsOf } from '../../src/kinds/registry.ts';
import { davadminPassword } from '../../src/lab/lay-rehearsal.ts';
import { estateSchema } from '../kinds/cases.ts';
import {
  asDirectoryAdmin,
  cs7Home,
  type Estate,
  icsConf,
  runningCs6,
  runningCs7,
  startEstate,
} from '../servers/estate.ts';
import { type Ran, reconcile, reportOf } from './cli.ts';

/** The chapter's own example, on real sshd and slapd, from "installed side by side" to "coexisting". */
let estate: Estate;
let plan: Plan;
const outputs: string[] = [];

beforeAll(async () => {
  estate = await startEstate({ cs6: 2, cs7: 1 });
});
afterAll(async () => estate?.stop());

function stateOf(): DesiredState {
  const { state } = loadEstate(estate.file, readFileSync(estate.file, 'utf8'), estateSchema);
  if (!state) throw new Error('the estate file is not valid');
  return state;
}

async function run(...words: readonly string[]): Promise<Ran> {
  const ran = await reconcile(words, estate.environment);
  outputs.push(ran.stdout, ran.stderr);
  return ran;
}

/** Every configuration file of the hosts and every entry of the directory, as one digest. */
function everything(): string {
  const hash = createHash('sha256');
  for (const host of estate.ssh.hosts.values()) {
    for (const folder of ['etc/opt', 'var/opt/sun/comms/davserver/config']) {
      const names = safeList(join(host.tree, folder));
      for (const name of names) hash.update(name).update(readFileSync(name));
    }
  }
  return hash.update(dump()).digest('hex');
}

function safeList(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map(name => join(folder, name))
      .filter(name => statSync(name).isFile())
      .sort();
  } catch {
    return [];
  }
}

function ldap(words: readonly string[], input = ''): string {
  return asDirectoryAdmin(estate, words, input);
}

function dump(): string {
  return ldap(['ldapsearch', '-LLL', '-b', 'o=isp', '(objectClass=*)', '*', 'modifyTimestamp']);
}

/** How many accounts a filter finds. */
function count(filter: string): number {
  return [...ldap(['ldapsearch', '-LLL', '-b', 'o=isp', filter, '1.1']).matchAll(/^dn:/gm)].length;
}

const classes = '(|(objectClass=icsCalendarUser)(objectClass=icsCalendarGroup)(objectClass=icsCalendarResource))';

describe('from side by side to coexisting', () => {
  it('--check finds what differs, exits with 2 and writes nothing', async () => {
    const before = everything();
    const ran = await run('--check', estate.file);
    expect(ran.code).toBe(2);
    expect(ran.stdout).toMatch(
      /~ cs6-fe1, cs6-be1 +local\.autoprovision +"yes" -> "no" .*ics\.conf:25 +estate\.yaml:\d+/,
    );
    expect(ran.stdout).toMatch(/add davUniqueId {2}\(keeps cn davstore icsstatus mail\)/);
    expect(ran.stdout).toMatch(/\* cs6-fe1, cs6-be1 +restart +one by one/);
    expect(ran.stderr).toBe('');
    expect(everything()).toBe(before);
  });

  it('plan saves what it printed, and the same facts as JSON', async () => {
    const file = join(estate.folder, 'plan.json');
    expect((await run('plan', estate.file, '-o', file)).code).toBe(2);
    plan = JSON.parse(readFileSync(file, 'utf8'));
    const report = reportOf(await run('plan', estate.file, '--format', 'json'));
    expect(report.plan.steps).toEqual(plan.steps);
    expect(report.plan.desiredSha256).toBe(plan.desiredSha256);
  });

  it('apply carries the plan out, converges, and the servers run with what was written', async () => {
    const owners = [icsConf].map(path => statSync(estate.pathOf('cs6-fe1', path)));
    const ran = await run('apply', join(estate.folder, 'plan.json'), estate.file, '--yes');
    expect(ran.stdout).toContain('Read again: in sync.');
    expect(ran.code).toBe(0);
    for (const host of ['cs6-fe1', 'cs6-be1']) {
      expect(runningCs6(estate, host)).toMatchObject({
        'service.http.caldavcompatible': 'yes',
        'service.wcap.freebusy.redirecturl': expect.stringMatching(
          /^http:\/\/127\..*:8080\/davserver\/wcap\/get_freebusy\.wcap$/,
        ),
        'local.autoprovision': 'no',
        'user.invite.autoprovision': 'no',
        'group.invite.autoprovision': 'no',
        'resource.invite.autoprovision': 'no',
        'service.http.idletimeout': '180',
      });
    }
    expect(runningCs7(estate, 'cs7-fe1')).toMatchObject({
      options: {
        'davcore.uriinfo.subjectattributes': 'cn davstore icsstatus mail davUniqueId',
        'davcore.scheduling.localuserattr': 'davStore',
      },
      domainMap: { 'example.com': expect.stringMatching(/:8080\/ischedule\/$/) },
    });
    const after = statSync(estate.pathOf('cs6-fe1', icsConf));
    expect([after.uid, after.gid, after.mode]).toEqual([owners[0]?.uid, owners[0]?.gid, owners[0]?.mode]);
  });

  it('the directory says of every account which side it is on', () => {
    expect(count(`(&${classes}(!(davUniqueId=*)))`)).toBe(0);
    expect(count("(&(davStore=defaultbackend)(|(departmentNumber=Finance)(uid=jdoe)(uid=o'neil)))")).toBe(
      count('(davStore=*)'),
    );
    expect(count('(&(objectClass=icsCalendarUser)(departmentNumber=Finance)(!(davStore=defaultbackend)))')).toBe(0);
  });

  it('the file before is beside the new one, byte for byte', () => {
    const folder = estate.pathOf('cs6-fe1', '/etc/opt/SUNWics5/config');
    const [backup] = readdirSync(folder).filter(name => name.startsWith('ics.conf.reconcile-'));
    const text = readFileSync(join(folder, backup ?? ''), 'latin1');
    expect(text).toContain('local.autoprovision ="yes" \n');
    const now = readFileSync(estate.pathOf('cs6-fe1', icsConf), 'latin1').split('\n');
    const changed = text.split('\n').filter((line, i) => line !== now[i]);
    expect(changed).toEqual([
      'user.invite.autoprovision = "yes"',
      'local.autoprovision ="yes" ',
      'group.invite.autoprovision = "yes"',
      '',
    ]);
  });

  it('a second apply changes nothing', async () => {
    const before = everything();
    const ran = await run('apply', estate.file, '--yes');
    expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining('In sync.')]);
    expect((await run('--check', estate.file)).code).toBe(0);
    expect(everything()).toBe(before);
  });

  it('the same saved plan once more is in effect already', async () => {
    const before = everything();
    const ran = await run('apply', join(estate.folder, 'plan.json'), estate.file, '--yes', '--format', 'json');
    const report = reportOf(ran);
    expect(
      report.command === 'apply' &&
        report.run?.steps.flatMap(s => s.results.map(r => r.state)).every(s => s === 'unchanged'),
    ).toBe(true);
    expect(ran.code).toBe(0);
    expect(everything()).toBe(before);
  });
});

/** Changes live what an apply had put right, as somebody would by hand. */
const drifts: readonly (readonly [string, () => void, RegExp])[] = [
  [
    'a drifted ics.conf',
    () => {
      const path = estate.pathOf('cs6-be1', icsConf);
      writeFileSync(path, `${readFileSync(path, 'latin1')}local.autoprovision = "yes"\n`, 'latin1');
    },
    /~ cs6-be1 +local\.autoprovision +"yes" -> "no" .*ics\.conf:\d+ +estate\.yaml:\d+[\s\S]*\* cs6-be1 +restart/,
  ],
  [
    'a changed davadmin option',
    () =>
      void estate.on(
        'cs7-fe1',
        `cd ${cs7Home}/sbin && DAVADMIN_CLIFILE=/etc/opt/davadmin.clifile ./davadmin config modify -o davcore.uriinfo.subjectattributes -v "cn davstore icsstatus mail"`,
      ),
    /~ cs7-fe1 +davcore\.uriinfo\.subjectattributes +add davUniqueId {2}\(keeps cn davstore icsstatus mail\).*estate\.yaml:\d+[\s\S]*\* cs7-fe1 +restart/,
  ],
  [
    'a lost line of the domain map',
    () =>
      writeFileSync(
        estate.pathOf('cs7-fe1', '/var/opt/sun/comms/davserver/config/ischeduledomainmap.properties'),
        '# empty\n',
      ),
    /\+ cs7-fe1 +example\.com +\(none\) -> "http:.*\/ischedule\/" +estate\.yaml:\d+/,
  ],
  [
    'a removed local-user attribute',
    () =>
      void ldap(['ldapmodify'], 'dn: uid=jdoe,ou=People,o=example.com,o=isp\nchangetype: modify\ndelete: davStore\n'),
    /\+ davStore +\(none\) -> "defaultbackend" +1 account +estate\.yaml:\d+\n +e\.g\. uid=jdoe/,
  ],
  [
    'a local-user attribute on an account of CS6',
    () =>
      void ldap(
        ['ldapmodify'],
        'dn: uid=r\\+d,ou=People,o=example.com,o=isp\nchangetype: modify\nadd: davStore\ndavStore: defaultbackend\n',
      ),
    /- davStore +"defaultbackend" -> \(none\) +1 account[\s\S]*plan\.moves-back/,
  ],
  [
    'a removed unique id',
    () =>
      void ldap(
        ['ldapmodify'],
        'dn: uid=jdoe,ou=People,o=example.com,o=isp\nchangetype: modify\ndelete: davUniqueId\n',
      ),
    /\+ davUniqueId +\(none\) -> "[0-9a-f-]+" +1 account +estate/,
  ],
];

describe('drift', () => {
  it.each(drifts)('%s is found, shown and mended', async (_, drift, shown) => {
    const isBack = shown.source.includes('moves-back');
    drift();
    const found = await run('--check', estate.file);
    expect(found.code).toBe(isBack ? 3 : 2);
    expect(found.stdout).toMatch(shown);
    const mended = await run('apply', estate.file, '--yes', ...(isBack ? ['--allow-moves-back', '1'] : []));
    expect([mended.code, mended.stdout]).toEqual([0, expect.stringContaining('Read again: in sync.')]);
    expect((await run('--check', estate.file)).code).toBe(0);
  });

  it('a restart that is owed is found though no file differs, and done once', async () => {
    estate.on('cs6-fe1', `sleep 3; touch ${icsConf}`);
    expect((await run('--check', estate.file)).code, 'the record of the restart knows the file').toBe(0);
    estate.on('cs6-fe1', `echo '! a remark' >> ${icsConf}`);
    const found = await run('--check', estate.file);
    expect([found.code, found.stdout]).toEqual([
      2,
      expect.stringMatching(/\* cs6-fe1 +restart .*ics\.conf has changed since cshttpd read it at its start/),
    ]);
    expect((await run('apply', estate.file, '--yes')).code).toBe(0);
    expect((await run('--check', estate.file)).code).toBe(0);
  });
});

it('the built program says the same, on standard output only', () => {
  const ran = spawnSync('node', ['dist/reconcile.cjs', '--check', estate.file], {
    encoding: 'utf8',
    env: { ...process.env, COLUMNS: '1000', ...estate.environment },
  });
  expect([ran.status, ran.stdout, ran.stderr]).toEqual([0, expect.stringContaining('In sync.'), '']);
});

it('the inverse of the first plan brings the first state back, and applying again the second', async () => {
  const targets = targetsOf(stateOf());
  const connection = connect(stateOf(), estate.environment);
  try {
    for (const step of [...plan.steps].reverse().filter(s => s.changes.every(c => c.action !== 'restart'))) {
      const target = targets.find(t => t.kind === step.kind && t.target === step.target);
      const inverse = step.changes.flatMap(change => invert(change) ?? []);
      const work = [];
      for await (const item of target?.find(inverse, connection.ports) ?? [])
        work.push({ item, changes: inverse.filter(change => change.item === item.name) });
      for await (const outcome of target?.apply(work, connection.ports) ?? [])
        expect(outcome).toMatchObject({ state: 'done' });
    }
  } finally {
    await connection.close();
  }
  const back = reportOf(await run('plan', estate.file, '--format', 'json')).plan;
  const meaning = (p: Plan) =>
    p.steps.flatMap(s => s.changes.map(({ live: _, reason: __, ...change }) => ({ step: s.id, ...change })));
  expect(meaning(back)).toEqual(meaning(plan));
  expect((await run('apply', estate.file, '--yes')).code).toBe(0);
});

it('no secret is in any output, plan or report', () => {
  const all = [...outputs, JSON.stringify(plan)].join('\n');
  for (const secret of [davadminPassword, estate.slapd.password, 'canary-enduser-cred'])
    expect(all).not.toContain(secret);
});
