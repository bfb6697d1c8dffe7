import { appendFileSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VerifiedCell, VerifyReport } from '../../src/core/verification.ts';
import { askCs6 } from '../../src/lab/freebusy/look-up-client.ts';
import { rehearsalDay } from '../../src/lab/freebusy/rehearsal-times.ts';
import { cs6Sbin, type Estate, icsConf, startEstate } from '../servers/estate.ts';
import {
  type BrokenSetting,
  brokenSettings,
  CS6_USER,
  CS7_USER,
  deleteCalendars,
  editFile,
  restartCs6,
  setIcs,
  setOption,
} from './broken-settings.ts';
import { type Ran, reconcile } from './cli.ts';

/** Two CS6 and two CS7 front ends, of which cs6-fe1 and cs7-fe1 are the ones that the map and the redirect lead to. */
let estate: Estate;

beforeAll(async () => {
  estate = await startEstate({ cs6: 2, cs7: 2, users: 20, groups: 2, resources: 2 });
  appendFileSync(estate.file, `verify:\n  probes: { cs6: [${CS6_USER}], cs7: [${CS7_USER}] }\n`);
});
afterAll(async () => estate?.stop());

const isReport = new Ajv2020({ strict: true }).compile(JSON.parse(readFileSync('schemas/verify.schema.json', 'utf8')));

function run(...words: readonly string[]): Promise<Ran> {
  return reconcile(words, estate.environment);
}

function stores(): readonly string[] {
  const store = '/var/opt/SUNWics5/csdb/calendars.json';
  return ['cs6-fe1', 'cs6-be1'].map(host => readFileSync(estate.pathOf(host, store), 'utf8'));
}

/** Verifies, and holds that this changes nothing and that what it prints is what its schema says. */
async function verify(...words: readonly string[]): Promise<VerifyReport> {
  const before = stores();
  const ran = await run('verify', estate.file, '--format', 'json', ...words);
  expect(stores()).toEqual(before);
  const report: VerifyReport = JSON.parse(ran.stdout);
  expect([isReport(report), isReport.errors, report.exitCode]).toEqual([true, null, ran.code]);
  return report;
}

const nameOf = ({ from, to, host, way }: VerifiedCell) =>
  `${from} -> ${to} by ${host}${way === 'ischedule' ? ' iSchedule' : ''}`;

/** What does not work: the state, and the cause named first with its line of the file. */
function redOf({ cells, mail }: VerifyReport): Readonly<Record<string, string>> {
  const shortly = ({ state, causes: [cause] }: Pick<VerifiedCell, 'state' | 'causes'>) => {
    const line = cause?.source && readFileSync(cause.source.file, 'utf8').split('\n')[cause.source.line - 1];
    return `${state}: ${cause?.target} ${cause?.key} <- ${line?.trim().split(':')[0]}`;
  };
  const red = [
    ...cells.map(cell => ({ name: nameOf(cell), ...cell })),
    ...mail.map(one => ({ name: `${one.what} by ${one.host}`, ...one })),
  ].filter(({ state }) => state !== 'works');
  return Object.fromEntries(red.map(one => [one.name, shortly(one)]));
}

const every = [
  'cs6 -> cs6 by cs6-be1',
  'cs6 -> cs6 by cs6-fe1',
  'cs6 -> cs7 by cs6-be1',
  'cs6 -> cs7 by cs6-fe1',
  'cs7 -> cs6 by cs6-fe1 iSchedule',
  'cs7 -> cs6 by cs7-fe1',
  'cs7 -> cs6 by cs7-fe2',
  'cs7 -> cs7 by cs7-fe1',
  'cs7 -> cs7 by cs7-fe2',
];

function all(names: readonly string[], what: string): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map(name => [name, what]));
}

async function expectGreen(): Promise<void> {
  const report = await verify();
  expect(redOf(report)).toEqual({});
  expect(report.cells.map(nameOf)).toEqual(every);
  expect(report.exitCode).toBe(0);
}

async function mend(): Promise<void> {
  const mended = await run('apply', estate.file, '--yes', '--allow-moves-back', '1');
  expect([mended.code, mended.stdout]).toEqual([0, expect.stringContaining('Read again: in sync.')]);
}

describe('before coexistence', () => {
  it('is red, and does not ask what would do harm', async () => {
    const report = await verify();
    expect(report.exitCode).toBe(4);
    expect(redOf(report)).toMatchObject({
      ...all(['cs6 -> cs7 by cs6-be1'], 'unknown: cs6-be1 local.autoprovision <- cs6-be1'),
      ...all(['cs6 -> cs7 by cs6-fe1'], 'unknown: cs6-fe1 local.autoprovision <- cs6-fe1'),
      'cs7 -> cs6 by cs6-fe1 iSchedule': 'fails: cs6-fe1 service.http.caldavcompatible <- cs6-fe1',
      ...all(['cs7 -> cs6 by cs7-fe1'], 'fails: cs7-fe1 davcore.scheduling.localuserattr <- url'),
      ...all(['cs7 -> cs7 by cs7-fe1', 'cs7 -> cs7 by cs7-fe2'], 'fails: directory davStore <- pilot'),
    });
    expect(redOf(report)).not.toHaveProperty('cs6 -> cs6 by cs6-fe1');
  });

  it('tells people where it fails: each hop, the likely cause and its line', async () => {
    const { code, stdout } = await run('verify', estate.file);
    expect(code).toBe(4);
    expect(stdout).toMatch(
      /^by way of {2}cs6 -> cs6 {2}cs6 -> cs7 {2}cs7 -> cs6 {2}cs7 -> cs6 iSchedule {2}cs7 -> cs7$/m,
    );
    expect(stdout).toMatch(/^cs6-fe1 {4}works {7}unknown {5}- {11}fails/m);
    expect(stdout).toMatch(/1\. POST http:\S+\/ischedule\/ {2}HTTP 404/);
    expect(stdout).toMatch(/-> cs6-fe1 service\.http\.caldavcompatible {2}\S+estate\.yaml:\d+/);
  });

  it('is green once the file was applied', async () => {
    await mend();
    await expectGreen();
    expect((await run('verify', estate.file)).stdout).toMatch(/Coexistence works: \d+ look-ups, \d+ mail checks\./);
  });
});

const overMap = ['cs7 -> cs6 by cs6-fe1 iSchedule', 'cs7 -> cs6 by cs7-fe1', 'cs7 -> cs6 by cs7-fe2'];
const overFirstCs7 = ['cs6 -> cs7 by cs6-be1', 'cs6 -> cs7 by cs6-fe1', 'cs7 -> cs7 by cs7-fe1'];
const toCs7 = [...overFirstCs7, 'cs7 -> cs7 by cs7-fe2'];
const invited = 'autoprovisioning by cs6-fe1';

/** Exactly the cells that the chapter lets one expect, and the cause that is named first. */
const red: Readonly<Record<BrokenSetting, Readonly<Record<string, string>>>> = {
  'service.http.caldavcompatible = "no"': all(overMap, 'fails: cs6-fe1 service.http.caldavcompatible <- cs6-fe1'),
  'service.wcap.freebusy.redirecturl absent': {
    'cs6 -> cs7 by cs6-fe1': 'fails: cs6-fe1 service.wcap.freebusy.redirecturl <- freeBusyRedirect',
  },
  'local.autoprovision back to yes': {
    'cs6 -> cs7 by cs6-fe1': 'unknown: cs6-fe1 local.autoprovision <- cs6-fe1',
    [invited]: 'fails: cs6-fe1 local.autoprovision <- cs6-fe1',
  },
  'user.invite.autoprovision back to yes': { [invited]: 'fails: cs6-fe1 user.invite.autoprovision <- cs6-fe1' },
  'group.invite.autoprovision back to yes': { [invited]: 'fails: cs6-fe1 group.invite.autoprovision <- cs6-fe1' },
  'resource.invite.autoprovision back to yes': { [invited]: 'fails: cs6-fe1 resource.invite.autoprovision <- cs6-fe1' },
  'the line of the domain map removed': { 'cs7 -> cs6 by cs7-fe1': 'fails: cs7-fe1 example.com <- example.com' },
  'davcore.scheduling.localuserattr unset': {
    'cs7 -> cs6 by cs7-fe1': 'fails: cs7-fe1 davcore.scheduling.localuserattr <- url',
  },
  'davStore missing in davcore.uriinfo.subjectattributes': all(
    overFirstCs7,
    'fails: cs7-fe1 davcore.uriinfo.subjectattributes <- url',
  ),
  'davUniqueId missing in davcore.uriinfo.subjectattributes': all(
    overFirstCs7,
    'fails: cs7-fe1 davcore.uriinfo.subjectattributes <- url',
  ),
  'davStore removed from an account of CS7': all(toCs7, 'fails: directory davStore <- pilot'),
  'davStore put on an account of CS6': all(
    ['cs7 -> cs6 by cs7-fe1', 'cs7 -> cs6 by cs7-fe2'],
    'fails: directory davStore <- others',
  ),
  'davUniqueId removed from an account of CS7': all(toCs7, 'fails: directory davUniqueId <- pilot'),
};

describe('each setting in turn', () => {
  it.each(Object.entries(red))('%s', async (name, cells) => {
    brokenSettings[name as BrokenSetting](estate);
    const report = await verify();
    await mend();
    expect(redOf(report)).toEqual(cells);
    // What could not be asked counts before what failed.
    expect(report.exitCode).toBe(Object.values(cells).some(cell => cell.startsWith('unknown')) ? 4 : 2);
    await expectGreen();
  });
});

describe('what is no setting', () => {
  it('a calendar that CS6 made for an account of CS7', async () => {
    setIcs(estate, 'local.autoprovision', 'yes');
    const cs7 = estate.urlOf('cs7-fe1');
    expect(await askCs6(estate.urlOf('cs6-fe1'), CS7_USER, rehearsalDay, cs7)).toMatchObject({ periods: [] });
    await mend();
    const report = await verify();
    expect(redOf(report)).toEqual({ 'cs6 -> cs7 by cs6-fe1': `fails: cs6-fe1 calendar of ${CS7_USER} <- pilot` });
    expect(report.cells.find(({ problem }) => problem)).toMatchObject({ problem: 'verify.split-brain' });
    deleteCalendars(estate, 'jdoe@example.com');
    await expectGreen();
  });

  it('a CS6 server that was not restarted since its ics.conf was written', async () => {
    editFile(estate, 'cs6-fe1', icsConf, text => `${text}! a remark\n`);
    const report = await verify();
    restartCs6(estate);
    expect(redOf(report)).toEqual({
      'cs6 -> cs7 by cs6-fe1': 'unknown: cs6-fe1 local.autoprovision <- cs6-fe1',
      [invited]: 'unknown: cs6-fe1 service <- cs6-fe1',
    });
    expect(report.exitCode).toBe(4);
    await expectGreen();
  });

  it('a CS6 server that is down', async () => {
    estate.on('cs6-fe1', `cd ${cs6Sbin} && ./stop-cal`);
    const report = await verify();
    estate.on('cs6-fe1', `cd ${cs6Sbin} && ./start-cal`);
    expect(redOf(report)).toEqual({
      ...all([...overMap, 'cs6 -> cs6 by cs6-fe1'], 'fails: cs6-fe1 service <- cs6-fe1'),
      'cs6 -> cs7 by cs6-fe1': 'unknown: cs6-fe1 local.autoprovision <- cs6-fe1',
    });
    await expectGreen();
  });

  it('a redirect to another host is not followed', async () => {
    setIcs(estate, 'service.wcap.freebusy.redirecturl', `${estate.urlOf('cs7-fe2')}/davserver/wcap/get_freebusy.wcap`);
    const report = await verify();
    await mend();
    expect(redOf(report)).toEqual({
      'cs6 -> cs7 by cs6-fe1': 'fails: cs6-fe1 service.wcap.freebusy.redirecturl <- freeBusyRedirect',
    });
    expect(report.cells.find(({ problem }) => problem)?.hops).toHaveLength(1);
    await expectGreen();
  });

  it("the chapter's sample, which replaces the list of attributes; adding back what is managed is not enough", async () => {
    setOption(estate, 'davcore.uriinfo.subjectattributes', 'davstore');
    await mend();
    const report = await verify();
    setOption(estate, 'davcore.uriinfo.subjectattributes', 'cn davstore icsstatus mail davUniqueId');
    const blind = [...overFirstCs7, 'cs7 -> cs6 by cs7-fe1'];
    expect(redOf(report)).toEqual(all(blind, 'fails: cs7-fe1 cs7.subject-attributes-short <- cs7-fe1'));
    await expectGreen();
  });
});

describe('whom to ask about', () => {
  const chosenFile = () => estate.file.replace('.yaml', '-chosen.yaml');

  beforeAll(() => {
    appendFileSync(chosenFile(), readFileSync(estate.file, 'utf8').replace(/^verify:[\s\S]*/m, ''));
  });

  it('a few accounts of each cohort with busy times, where nobody is named; the same ones each time', async () => {
    const probes = async () => {
      const ran = await run('verify', chosenFile(), '--format', 'json');
      const report: VerifyReport = JSON.parse(ran.stdout);
      expect([ran.code, redOf(report)]).toEqual([0, {}]);
      return report.probes;
    };
    const chosen = await probes();
    expect(chosen.map(({ side, chosen: why }) => `${side} ${why}`)).toEqual([
      'cs7 cohort pilot: has busy times',
      'cs7 cohort pilot: has busy times',
      'cs7 cohort finance: has busy times',
      'cs7 cohort finance: has busy times',
      'cs6 cohort others: has busy times',
      'cs6 cohort others: has busy times',
    ]);
    expect(await probes()).toEqual(chosen);
  });

  it('those of --probe, on the side that the directory has them on', async () => {
    const { probes } = await verify('--probe', CS7_USER, '--probe', 'rd@example.com');
    expect(probes).toMatchObject([
      { side: 'cs7', mail: CS7_USER },
      { side: 'cs6', mail: 'rd@example.com' },
    ]);
  });

  it('somebody who is not there is told, and nothing is concluded', async () => {
    const report = await verify('--probe', 'nobody@example.com');
    expect(report).toMatchObject({ exitCode: 4, cells: [], findings: [{ code: 'verify.probe-unusable' }] });
  });
});

describe('what cannot be known', () => {
  it('a directory that does not let us in: nobody is asked about, and that is told', async () => {
    const ran = await reconcile(['verify', estate.file, '--format', 'json'], { LDAP_PASSWORD: 'wrong' });
    expect(ran.code).toBe(4);
    const told = [expect.objectContaining({ code: 'directory.login-refused' })];
    expect(JSON.parse(ran.stdout)).toMatchObject({ exitCode: 4, cells: [], unread: ['directory'], findings: told });
  });

  it('a wrong file is an error', async () => {
    expect(await run('verify', '/nowhere/estate.yaml')).toMatchObject({ code: 1 });
  });
});
