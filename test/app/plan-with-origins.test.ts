import { expect, it } from 'vitest';
import { planWithOrigins } from '../../src/app/make-plan.ts';
import { type DesiredState, hostsOf } from '../../src/core/desired.ts';
import type { ChangeOrigin } from '../../src/core/report.ts';
import { compareAll } from '../../src/engine/compare.ts';
import { targetsOf } from '../../src/kinds/registry.ts';
import { buildPlan } from '../../src/plan/build.ts';
import { labelOrigins, letGoFindings } from '../../src/plan/origins.ts';
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

async function originsOf(head: Wish, base: Wish | 'no file', applied: Wish | 'no file', live: string | undefined) {
  const { ports } = memoryPorts({ files: { [path]: live === undefined ? '' : `${key} = "${live}"\n` } });
  const desired = wanting(head);
  const make = async () => {
    const comparisons = await compareAll(targetsOf(desired), ports);
    const facts = { tool: '0', readAt: '2026-11-22T10:00:00.000Z', accounts: { counted: 0, all: true } };
    return buildPlan(desired, comparisons, facts);
  };
  const asking = (wish: Wish | 'no file') => ({ name: '', ...(wish !== 'no file' && { state: wanting(wish) }) });
  const { plan, origins } = await planWithOrigins(
    make,
    { base: asking(base), applied: asking(applied) },
    desired,
    ports,
  );
  expect(plan.digest).toBe((await make()).digest);
  expect(origins?.map(step => step.length)).toEqual(plan.steps.map(step => step.changes.length));
  const at = plan.steps.findIndex(({ kind }) => kind === 'cs6-ics-conf');
  return origins?.[at] ?? [];
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
    expect(await originsOf(head, base, applied, live), `live ${live}`).toEqual(expected(head, base, applied, live));
});

it('without a file in the base everything is planned, and where nothing is known to be applied nothing is drift', async () => {
  expect(await originsOf('a', 'no file', 'a', 'b')).toEqual(['planned']);
  expect(await originsOf('a', 'a', 'no file', 'b')).toEqual(['not-applied']);
});

it('asks the directory again only where what it is asked about differs', async () => {
  const entries = [
    { dn: 'uid=a,o=isp', attributes: { objectClass: ['icsCalendarUser'], uid: ['a'], davUniqueId: ['1'] } },
  ];
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
    const facts = { tool: '0', readAt: '2026-11-22T10:00:00.000Z', accounts: { counted: 0, all: true } };
    const make = async () => buildPlan(desired, [], facts);
    const earlier = { base: { name: '', state: base }, applied: { name: '' } };
    await planWithOrigins(make, earlier, desired, { ...ports, directory: () => directory });
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
  const label = (base: object, applied: object) =>
    labelOrigins(steps({}), { base: steps(base), applied: steps(applied) });
  expect(label({ group: 'other', reason: 'x' }, { source: { file: 'f', line: 2 } })).toEqual([['drift']]);
  expect(label({ after: 'two' }, {})).toEqual([['planned']]);
  expect(label({}, { after: 'two' })).toEqual([['not-applied']]);
  const lists = labelOrigins(steps({ after: ['a', 'b'] }), { base: steps({ after: ['b', 'a'] }), applied: [] });
  expect(lists).toEqual([['not-applied']]);
});

it('a restart is planned where only this revision owes it', () => {
  const restart = { action: 'restart', item: 'cs6', key: 'service' } as const;
  const steps = [{ id: 'cs6/cs6-service', changes: [restart] }];
  expect(labelOrigins(steps, { base: [], applied: [] })).toEqual([['planned']]);
  const owed = [{ id: 'cs6/cs6-service', changes: [{ ...restart, reason: 'it is older than its file' }] }];
  expect(labelOrigins(steps, { base: owed, applied: owed })).toEqual([['drift']]);
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
