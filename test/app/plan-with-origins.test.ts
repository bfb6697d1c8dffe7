import { expect, it } from 'vitest';
import { compareEarlier } from '../../src/app/compare-earlier.ts';
import { type DesiredState, hostsOf } from '../../src/core/desired.ts';
import { TargetProblem } from '../../src/core/finding.ts';
import type { ChangeOrigin } from '../../src/core/plan.ts';
import { compareAll } from '../../src/engine/compare.ts';
import { finding } from '../../src/findings/catalogue.ts';
import { targetsOf } from '../../src/kinds/registry.ts';
import { buildPlan } from '../../src/plan/build.ts';
import { labelOrigins, letGoFindings, originsOf } from '../../src/plan/origins.ts';
import type { DirectoryWriter } from '../../src/ports/directory.ts';
import { memoryPorts } from '../fakes/memory-ports.ts';
import { desiredOf } from '../kinds/cases.ts';

/** What a revision says about one key: not a word, a value, or that it must not be set. */
type Wish = undefined | 'a' | 'b' | null;

const wishes: readonly Wish[] = [undefined, 'a', 'b', null];
const lives = [undefined, 'a', 'b'] as const;
const key = 'some.key';
const path = '/etc/opt/SUNWics5/config/ics.conf';
const example = desiredOf({ name: '', live: {}, changes: [] });

function wanting(wish: Wish): DesiredState {
  const source = { file: 'estate.yaml', line: 1 };
  const settings = wish === undefined ? [] : [{ key, value: wish, because: '', source }];
  return { ...example, hosts: hostsOf(example, 'cs6').map(host => ({ ...host, settings })) };
}

async function labelAll(head: Wish, base: Wish | 'no file', applied: Wish | 'no file', live: string | undefined) {
  const running = { running: 60, written: 3600 };
  const { ports } = memoryPorts({ ...running, files: { [path]: live === undefined ? '' : `${key} = "${live}"\n` } });
  const desired = wanting(head);
  const facts = { tool: '0', readAt: '2026-11-22T10:00:00.000Z', accounts: { counted: 0, all: true } };
  const asking = (wish: Wish | 'no file') => ({ name: '', ...(wish !== 'no file' && { state: wanting(wish) }) });
  const [comparisons, known] = await Promise.all([
    compareAll(targetsOf(desired), ports),
    compareEarlier({ base: asking(base), applied: asking(applied) }, desired, ports),
  ]);
  const plan = buildPlan(desired, comparisons, facts);
  const { origins: from, unread } = known(comparisons, '2026-11-22');
  expect(unread).toEqual([]);
  const origins = labelOrigins(plan.steps, from);
  expect(origins.map(step => step.length)).toEqual(plan.steps.map(step => step.changes.length));
  return { plan, origins };
}

async function originsFor(head: Wish, base: Wish | 'no file', applied: Wish | 'no file', live: string | undefined) {
  const { plan, origins } = await labelAll(head, base, applied, live);
  return origins[plan.steps.findIndex(({ kind }) => kind === 'cs6-ics-conf')] ?? [];
}

/** Said by what the revisions say, and not by what they would do. */
function expected(head: Wish, base: Wish, applied: Wish, live: string | undefined): readonly ChangeOrigin[] {
  if (head === undefined || (head ?? undefined) === live) return [];
  if (base !== head) return ['planned'];
  return applied === head ? ['drift'] : ['not-applied'];
}

const cases = wishes.flatMap(head => wishes.flatMap(base => wishes.map(applied => ({ head, base, applied }))));

it.each(cases)('head $head, base $base, applied $applied', async ({ head, base, applied }) => {
  for (const live of lives)
    expect(await originsFor(head, base, applied, live), `live ${live}`).toEqual(expected(head, base, applied, live));
});

it('without a file in the base everything is planned, and where nothing is known to be applied nothing is drift', async () => {
  expect(await originsFor('a', 'no file', 'a', 'b')).toEqual(['planned']);
  expect(await originsFor('a', 'a', 'no file', 'b')).toEqual(['not-applied']);
});

const entries = [
  { dn: 'uid=a,o=isp', attributes: { objectClass: ['icsCalendarUser'], uid: ['a'], davUniqueId: ['1'] } },
];

it('asks the directory again only where what it is asked about differs', async () => {
  const { ports } = memoryPorts({ files: { [path]: '' }, entries });
  const searches: string[] = [];
  const directory: DirectoryWriter = {
    ...ports.directory(),
    search: query => {
      searches.push(query.filter);
      return ports.directory().search(query);
    },
  };
  const desired = wanting('a');
  const other = { ...desired, cohorts: desired.cohorts.slice(-1) };
  const searchesFor = async (base: DesiredState) => {
    searches.length = 0;
    const earlier = { base: { name: '', state: base }, applied: { name: '' } };
    await compareEarlier(earlier, desired, { ...ports, directory: () => directory });
    return searches.length;
  };
  expect(await searchesFor(wanting('b'))).toBe(0);
  expect(await searchesFor(other)).toBeGreaterThan(0);
});

const account = { action: 'create', item: 'uid=a,o=isp', key: 'davStore', after: 'one' } as const;

it('the cohort and the reason do not matter, what comes about does', () => {
  const steps = (...changes: readonly object[]) => [
    { id: 'directory/ldap-cohort', changes: changes.map(change => ({ ...account, ...change })) },
  ];
  const wish = (asked: ReturnType<typeof steps>) => ({ asked, targets: new Set(asked.map(({ id }) => id)) });
  const label = (base: object, applied: object) =>
    labelOrigins(steps({}), originsOf(wish(steps(base)), wish(steps(applied))));
  expect(label({ group: 'other', reason: 'x' }, { source: { file: 'f', line: 2 } })).toEqual([['drift']]);
  expect(label({ after: 'two' }, {})).toEqual([['planned']]);
  expect(label({}, { after: 'two' })).toEqual([['not-applied']]);
  const lists = labelOrigins(steps({ after: ['a', 'b'] }), originsOf(wish(steps({ after: ['b', 'a'] })), wish([])));
  expect(lists).toEqual([['not-applied']]);
});

it('a restart is planned where only this revision owes it', async () => {
  const service = 'cs6-service';
  const labelled = async (base: Wish, applied: Wish) => {
    const { plan, origins } = await labelAll('a', base, applied, 'b');
    return origins[plan.steps.findIndex(({ kind }) => kind === service)];
  };
  expect(await labelled('b', 'b')).toEqual(['planned']);
  expect(await labelled('a', 'b')).toEqual(['not-applied']);
  expect(await labelled('a', 'a')).toEqual(['drift']);
});

it('what an earlier state asks for and cannot be compared is named, and counts as planned', async () => {
  const { ports } = memoryPorts({ files: { [path]: '' }, entries });
  const desired = wanting('a');
  const refusing: DirectoryWriter = {
    ...ports.directory(),
    // biome-ignore lint/correctness/useYield: nothing is found
    async *search() {
      throw new TargetProblem(finding('directory.search-incomplete', { detail: 'cn=gone: no such object' }));
    },
  };
  const other = { ...desired, cohorts: desired.cohorts.slice(-1) };
  const known = await compareEarlier(
    { base: { name: 'run a', state: other }, applied: { name: 'run a', state: other } },
    desired,
    {
      ...ports,
      directory: () => refusing,
    },
  );
  const now = await compareAll(targetsOf(desired), ports);
  const { unread } = known(now, '2026-11-22');
  expect(unread.map(({ code, target }) => [code, target])).toEqual([['base.unread', 'directory']]);
  expect(unread[0]?.detail).toContain('what run a asks for could not be compared');
  expect(known([], '2026-11-22').unread).toEqual([]);
});

it('tells what the base asks for and this revision does not', () => {
  const details = (base: DesiredState, head: DesiredState) =>
    letGoFindings(targetsOf(base), targetsOf(head)).map(({ detail }) => detail);
  expect(details(wanting('a'), wanting('b'))).toEqual([]);
  expect(details(wanting(undefined), wanting('a'))).toEqual([]);
  const [gone] = details(wanting('a'), wanting(undefined));
  expect(gone).toContain(`the base manages ${key}, and this file does not`);
  expect(details(wanting('a'), { ...wanting('a'), hosts: [] })[0]).toContain('itself');
  const denying = example.cohorts.map(cohort => ({
    ...cohort,
    migrated: { denyLogin: 'http', deleteCalendars: true },
  }));
  expect(details({ ...example, cohorts: denying }, example).join('\n')).toMatch(
    /^directory: the base manages logins of cohort/m,
  );
  expect(details({ ...example, cohorts: denying }, example)[0]).toContain('calendars of migrated accounts of cohort');
  const [cohort] = example.cohorts;
  expect(details(example, { ...example, cohorts: example.cohorts.slice(1) })).toEqual([
    expect.stringMatching(`^cohort ${cohort?.name}: the base asks for it, and this file does not\\.`),
  ]);
  const unmapped = {
    ...example,
    hosts: example.hosts.map(host => (host.product === 'cs7' ? { ...host, domains: host.domains.slice(1) } : host)),
  };
  expect(details(example, unmapped)[0]).toContain(`domain ${hostsOf(example, 'cs7')[0]?.domains[0]?.domain}`);
});
