import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openFreeBusy } from '../../src/adapters/free-busy/reader.ts';
import { openMail } from '../../src/adapters/mail-client.ts';
import type { DesiredMigration } from '../../src/core/desired.ts';
import { TargetProblem } from '../../src/core/finding.ts';
import type { Outcome } from '../../src/core/run.ts';
import { cs6Calendar } from '../../src/kinds/cs6-calendar/cs6-calendar.ts';
import { type BoundTarget, bindable, type Item } from '../../src/kinds/managed-kind.ts';
import { setFault } from '../../src/lab/fault.ts';
import type { WritePorts } from '../../src/ports/ports.ts';
import { desiredOf } from '../kinds/cases.ts';
import { bindDn, connectTo, cs6Host, cs6Sbin, directoryForTest, jdoe, type TestHost } from './embedded/support.ts';
import { cs7Host } from './rehearsal-host.ts';

const FOLDER = '/var/opt/SUNWics5/backup';
const STORE = '/var/opt/SUNWics5/csdb/calendars.json';
const FROM_NINE = { start: '20300107T090000Z', end: '20300107T100000Z' };
const UNTIL_NOON = { start: '20300107T083000Z', end: '20300107T120000Z' };
const CALENDARS = [
  { calid: 'jdoe@example.com', owner: 'jdoe@example.com', busy: [FROM_NINE] },
  { calid: 'jdoe@example.com:Team Meetings', owner: 'jdoe@example.com', status: 'disabled' },
  { calid: 'lost@example.com', owner: '' },
  { calid: 'amy@example.com', owner: 'amy@example.com', otherOwners: ['jdoe@example.com'] },
];
const DENIED = { attribute: 'icsAllowedServiceAccess', values: ['-http:all'] };

interface Scene {
  readonly host: TestHost;
  readonly target: BoundTarget;
  readonly ports: WritePorts;
}

interface Changes {
  readonly migrated?: Partial<DesiredMigration>;
  /** When jdoe is busy on CS7. */
  readonly busy?: readonly (typeof FROM_NINE)[];
  readonly cs7?: 'down';
}

/** A CS6 that runs over SSH with calendars of jdoe, who is on CS7 in the directory, and a CS7 that runs. */
async function scene({ migrated, busy = [UNTIL_NOON], cs7 }: Changes = {}): Promise<Scene> {
  const server = await directoryForTest(5);
  const directory = connectTo(server);
  await directory.modify(jdoe, [
    { operation: 'add', attribute: 'objectClass', values: ['davEntity'] },
    { operation: 'add', attribute: 'davUniqueId', values: ['0c5a3c4e-0000-4000-8000-00000000000d'] },
    { operation: 'add', attribute: 'davStore', values: ['defaultbackend'] },
    { operation: 'add', ...DENIED },
  ]);
  const there = await cs7Host({
    options: {
      'davcore.scheduling.localuserattr': 'davStore',
      'davcore.uriinfo.subjectattributes': 'cn davstore icsstatus mail davuniqueid',
    },
    directory: { url: server.url, bindDn, password: 'bind-lab', base: 'o=isp' },
    busy: { 'jdoe@example.com': busy },
  });
  if (cs7 !== 'down') await there.run('/opt/glassfish3/bin/asadmin', ['start-domain', 'domain1']);
  const { host, http } = await runningCs6();
  const connection = host.open();
  const freeBusy = openFreeBusy(Date.UTC(2030, 0, 1));
  const ports: WritePorts = {
    host: () => connection,
    directory: () => directory,
    records: () => connection,
    freeBusy: () => freeBusy,
    mail: () => openMail(address => ({ address, dial: (...to) => connection.dial(...to) })),
    pause: async () => {},
    elapsed: () => 0,
    stopping: () => false,
  };
  return { host, target: targetOf(http, there.url, { deleteCalendars: true, ...migrated }), ports };
}

async function runningCs6() {
  const host = await cs6Host();
  writeFileSync(host.pathOf(STORE), JSON.stringify(CALENDARS));
  mkdirSync(host.pathOf(FOLDER), { recursive: true });
  const started = await host.open().run({ words: ['./start-cal'], directories: [cs6Sbin] });
  expect(started).toMatchObject({ code: 0 });
  const [, port] =
    /service\.http\.port = "(\d+)"/.exec(readFileSync(host.pathOf('/etc/opt/SUNWics5/config/ics.conf'), 'latin1')) ??
    [];
  return { host, http: `http://127.0.0.1:${port}` };
}

function targetOf(cs6: string, cs7: string, migrated: DesiredMigration): BoundTarget {
  const source = { file: 'estate.yaml', line: 1 };
  const state = desiredOf({
    name: '',
    live: {},
    changes: [],
    desired: {
      cs6: { http: cs6 },
      cs7: { http: cs7 },
      cohorts: [
        { name: 'pilot', store: 'defaultbackend', members: { list: ['jdoe'] }, migrated, source },
        { name: 'others', members: 'rest', source },
      ],
    },
  });
  const [target] = bindable(cs6Calendar)(state);
  if (!target) throw new Error('nothing is wanted');
  return target;
}

async function plan({ target, ports }: Scene): Promise<readonly Item[]> {
  const items: Item[] = [];
  for await (const item of target.items(ports)) items.push(item);
  return items;
}

async function apply({ target, ports }: Scene, items: readonly Item[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const work = items.filter(item => item.changes.length > 0).map(item => ({ item, changes: item.changes }));
  for await (const outcome of target.apply(work, ports)) outcomes.push(outcome);
  return outcomes;
}

function calids({ host }: Scene): readonly string[] {
  return JSON.parse(readFileSync(host.pathOf(STORE), 'utf8')).map((one: { calid: string }) => one.calid);
}

/** Plans, lets something happen, applies; all calendars must still be there. */
async function refusal(on: Scene, happening: () => unknown = () => {}): Promise<Outcome | undefined> {
  const items = await plan(on);
  await happening();
  const [outcome, ...more] = await apply(on, items);
  expect(more).toEqual([]);
  expect(calids(on)).toEqual(CALENDARS.map(({ calid }) => calid));
  return outcome;
}

describe('the calendars of a migrated account', () => {
  it('are exported and deleted over SSH, and nobody else’s', async () => {
    const on = await scene({ migrated: { denyLogin: '-http:all', exportTo: FOLDER } });
    const items = await plan(on);
    expect(items.map(({ name, changes, findings }) => [name, changes.length, findings.map(f => f.code)])).toEqual([
      ['(remark)', 0, ['calendars.no-owner']],
      ['jdoe@example.com', 1, []],
    ]);
    expect(items[1]?.changes[0]).toMatchObject({
      action: 'delete',
      before: ['jdoe@example.com', 'jdoe@example.com:Team Meetings'],
      group: 'pilot',
    });
    expect((await apply(on, items)).map(({ state, detail }) => [state, detail])).toEqual([['done', undefined]]);
    expect(calids(on)).toEqual(['lost@example.com', 'amy@example.com']);
    expect(readdirSync(on.host.pathOf(FOLDER)).toSorted()).toEqual([
      'jdoe@example.com%3ATeam%20Meetings.ics',
      'jdoe@example.com.ics',
    ]);
    expect(readFileSync(on.host.pathOf(`${FOLDER}/jdoe@example.com%3ATeam%20Meetings.ics`), 'utf8')).toContain(
      'CALID:jdoe@example.com:Team Meetings\r\n',
    );
    for (const name of readdirSync(on.host.pathOf(FOLDER)))
      expect(statSync(on.host.pathOf(`${FOLDER}/${name}`)).mode & 0o777).toBe(0o600);
    expect((await plan(on)).flatMap(item => item.changes)).toEqual([]);
  });

  it('stay when CS7 does not answer', async () => {
    const outcome = await refusal(await scene({ cs7: 'down' }));
    expect(outcome).toMatchObject({
      state: 'failed',
      detail: expect.stringMatching(/^CS7 .* does not answer for jdoe@/),
    });
  });

  it('stay when CS7 lacks their times', async () => {
    const outcome = await refusal(await scene({ busy: [] }));
    expect(outcome).toMatchObject({
      state: 'failed',
      detail: expect.stringContaining('such as 2030-01-07T09:00:00.000Z'),
    });
  });

  it('stay when CS6 does not say which times it has', async () => {
    const on = await scene();
    const outcome = await refusal(on, () => on.ports.host('').run({ words: ['./stop-cal'], directories: [cs6Sbin] }));
    expect(outcome).toMatchObject({
      state: 'failed',
      detail: expect.stringMatching(/^CS6 .* does not return its busy times/),
    });
  });

  it('stay when the login is no longer denied', async () => {
    const on = await scene({ migrated: { denyLogin: '-http:all' } });
    const outcome = await refusal(on, () => on.ports.directory().modify(jdoe, [{ operation: 'delete', ...DENIED }]));
    expect(outcome).toMatchObject({ state: 'failed', detail: expect.stringContaining('can still log in') });
  });

  it('stay when they cannot be copied', async () => {
    const on = await scene({ migrated: { exportTo: `${FOLDER}/missing` } });
    expect(await refusal(on)).toMatchObject({ state: 'failed', detail: expect.stringContaining('csexport') });
    expect(existsSync(on.host.pathOf(`${FOLDER}/missing`))).toBe(false);
  });

  it('that are not the planned ones stay', async () => {
    const on = await scene();
    const items = await plan(on);
    const words = ['./cscal', '-q', '-o', 'jdoe@example.com', 'create', 'jdoe:new'];
    expect(await on.ports.host('').run({ words, directories: [cs6Sbin] })).toMatchObject({ code: 0 });
    expect(await apply(on, items)).toMatchObject([{ state: 'conflict' }]);
    expect(calids(on)).toHaveLength(5);
  });
});

describe('cscal', () => {
  it('that claims to have deleted is not believed', async () => {
    const on = await scene();
    const outcome = await refusal(on, () => setFault(on.host.tree, 'cscal.ignore-delete'));
    expect(outcome).toMatchObject({ state: 'failed', detail: expect.stringContaining('still has jdoe@example.com') });
  });

  it('that breaks off half way ends in a failure', async () => {
    const on = await scene();
    const outcome = await refusal(on, () => setFault(on.host.tree, 'cscal.cut', 'once'));
    expect(outcome).toMatchObject({ state: 'failed', detail: expect.stringMatching(/cscal -o .* list does not show/) });
    setFault(on.host.tree, 'cscal.cut', 'once');
    const problem = await plan(on).catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(TargetProblem);
    expect(problem).toMatchObject({ finding: { code: 'calendars.listing-unclear', target: 'cs6' } });
  });

  it('that prints other lines is understood', async () => {
    const on = await scene();
    setFault(on.host.tree, 'cscal.noise');
    expect(await apply(on, await plan(on))).toMatchObject([{ state: 'done' }]);
  });
});
