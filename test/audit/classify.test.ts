import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { Calendars } from '../../src/audit/calendars.ts';
import { badClasses } from '../../src/audit/classes.ts';
import { makeJudge } from '../../src/audit/classify.ts';
import { type DesiredCohort, hostsOf } from '../../src/core/desired.ts';
import { type CalendarListing, listAll } from '../../src/kinds/shared/calendar-listing.ts';
import { memoryPorts } from '../fakes/memory-ports.ts';
import { desiredOf } from '../kinds/cases.ts';

interface Case {
  readonly name: string;
  readonly dn?: string;
  readonly cohort?: string;
  readonly attributes?: Readonly<Record<string, readonly string[]>>;
  /** `calid owner`. */
  readonly calendars?: readonly string[];
  readonly read?: boolean;
  readonly virtual?: boolean;
  readonly state: string;
  readonly problems?: readonly string[];
}

const cases: readonly Case[] = parse(readFileSync('test/audit/accounts.yaml', 'utf8'));
const source = { file: 'estate.yaml', line: 1 };
const denied = { denyLogin: '-http:all', deleteCalendars: false };
const cohorts: readonly DesiredCohort[] = [
  { name: 'moved', members: { list: ['jdoe'] }, store: 'store1', source },
  { name: 'later', members: { list: ['x'] }, store: 'store2', share: 0, source },
  { name: 'denied', members: { list: ['y'] }, store: 'store1', migrated: denied, source },
  { name: 'others', members: 'rest', source },
];
const state = desiredOf({ name: '', live: {}, changes: [], desired: { cohorts } });

const usual = {
  objectClass: ['icsCalendarUser', 'davEntity'],
  uid: ['jdoe'],
  mail: ['jdoe@example.com'],
  davUniqueId: ['426dfa81-3ec811e0-808bb160-e71a5247'],
  nsUniqueId: ['426dfa81-3ec811e0-808bb160-e71a5247'],
};

async function listing(calendars: readonly string[]): Promise<CalendarListing> {
  const lines = calendars.map(text => text.replace(/^(.*) (\S*)$/, '$1: owner=$2 status=enabled\n'));
  const { ports } = memoryPorts({ output: { './cscal list': { code: 0, output: lines.join('') } } });
  const [host] = hostsOf(state, 'cs6');
  if (!host) throw new Error('the example has a CS6 host');
  return listAll(host, ports.host(host.name));
}

it.each(cases)('$name', async one => {
  const calendars = new Calendars([await listing(one.calendars ?? [])], one.read ?? true);
  const judge = makeJudge({ state, calendars, isVirtual: () => one.virtual ?? false });
  const cohort = cohorts.find(({ name }) => name === (one.cohort ?? 'others'));
  if (!cohort) throw new Error(`no such cohort: ${one.cohort}`);
  const attributes = Object.entries({ ...usual, ...one.attributes }).filter(([, values]) => values.length > 0);
  const judged = judge({
    dn: one.dn ?? 'uid=jdoe,ou=People,o=isp',
    cohort,
    store: cohort.share === 0 ? undefined : cohort.store,
    attributes: new Map(attributes.map(([name, values]) => [name.toLowerCase(), values])),
  });
  expect([judged.state, judged.problems]).toEqual([one.state, one.problems ?? []]);
});

it('every state and every problem of a single account has a case', () => {
  const judged = new Set(cases.flatMap(one => [one.state, ...(one.problems ?? [])]));
  const several = ['duplicate-unique-id', 'duplicate-mail', 'shared-calendar', 'orphan-calendar', 'ownerless-calendar'];
  expect(badClasses.filter(name => !judged.has(name))).toEqual(several);
});

it('the schema of the report knows every problem', () => {
  const { $defs } = JSON.parse(readFileSync('schemas/audit.schema.json', 'utf8'));
  expect([...$defs.problem.enum].sort()).toEqual(badClasses.filter(name => !$defs.state.enum.includes(name)).sort());
});
