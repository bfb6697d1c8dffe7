import { describe, expect, it } from 'vitest';
import { auditEstate } from '../../src/audit/audit.ts';
import { csvFormat, jsonlFormat, textFormat } from '../../src/audit/list-formats.ts';
import type { DesiredCohort, DesiredState } from '../../src/core/desired.ts';
import { TargetProblem } from '../../src/core/finding.ts';
import type { AuditRow } from '../../src/core/report.ts';
import type { DirectoryQuery, DirectoryReader } from '../../src/ports/directory.ts';
import { type Memory, memoryPorts } from '../fakes/memory-ports.ts';
import { desiredOf } from '../kinds/cases.ts';

const source = { file: 'estate.yaml', line: 1 };
const cohorts: readonly DesiredCohort[] = [
  { name: 'first', members: { filter: '(departmentNumber=1)' }, store: 'store1', source },
  { name: 'people', members: { base: 'ou=People,o=isp', filter: '(uid=*)' }, store: 'store1', source },
  { name: 'named', members: { list: ['a', 'c', 'UID=e,ou=Rooms,o=isp'] }, store: 'store1', source },
  { name: 'others', members: 'rest', source },
];

function account(uid: string, folder: string, more: Record<string, string[]> = {}) {
  const attributes = {
    objectClass: ['icsCalendarUser', 'davEntity'],
    uid: [uid],
    mail: [`${uid}@example.com`],
    davUniqueId: [`id-${uid}`],
    davStore: ['store1'],
    ...more,
  };
  return { dn: `uid=${uid},ou=${folder},o=isp`, attributes };
}

const good = [account('a', 'People', { departmentNumber: ['1'] }), account('b', 'People'), account('c', 'People')];

function ready(
  memory: Memory,
  changes: { cohorts?: readonly DesiredCohort[]; search?: DirectoryReader['search'] } = {},
) {
  const desired = { cohorts: changes.cohorts ?? cohorts, directory: { base: 'o=isp' } };
  const state: DesiredState = desiredOf({ name: '', live: {}, changes: [], desired });
  const { ports } = memoryPorts({ calendars: [], ...memory });
  const inner = ports.directory();
  // The fake knows no class of service.
  const search = changes.search ?? ((query: DirectoryQuery) => (query.virtualOnly ? none() : inner.search(query)));
  const readOnly = { ...ports, directory: () => ({ ...inner, search }) };
  return { state, warnings: [], readAt: '2026-11-22T10:00:00.000Z', ports: readOnly, progress: () => {} };
}

async function* none() {}

async function listOf(rows: AsyncIterable<AuditRow>): Promise<readonly AuditRow[]> {
  const list: AuditRow[] = [];
  for await (const row of rows) list.push(row);
  return list;
}

function countsOf({ facts }: Awaited<ReturnType<typeof auditEstate>>) {
  return Object.fromEntries(facts.classes.map(({ name, count }) => [name, count]));
}

describe('an audit', () => {
  it('counts by cohort, and who would have fitted a later one too', async () => {
    const { facts } = await auditEstate(ready({ entries: [...good, account('e', 'Rooms')] }));
    expect(facts.accounts).toMatchObject({ all: 4, good: 4 });
    expect(facts.accounts?.cohorts.map(({ name, accounts, overlaps }) => ({ name, accounts, overlaps }))).toEqual([
      { name: 'first', accounts: 1, overlaps: [] },
      { name: 'people', accounts: 2, overlaps: [{ cohort: 'first', accounts: 1 }] },
      {
        name: 'named',
        accounts: 1,
        overlaps: [
          { cohort: 'first', accounts: 1 },
          { cohort: 'people', accounts: 1 },
        ],
      },
      { name: 'others', accounts: 0, overlaps: [] },
    ]);
    expect([facts.classes, facts.unread]).toEqual([[], []]);
  });

  it('finds what two accounts share, by the values themselves and whatever their case', async () => {
    const entries = [
      ...good,
      account('d', 'People', { davUniqueId: ['ID-A'], mail: ['d@example.com', 'A@Example.com'] }),
      account('e', 'People', { davUniqueId: ['id- a'] }),
    ];
    const audit = await auditEstate(ready({ entries }));
    expect(countsOf(audit)).toEqual({ 'duplicate-unique-id': 2, 'duplicate-mail': 2 });
    expect(audit.facts.accounts?.good).toBe(3);
    const rows = await listOf(audit.rows(['duplicate-mail']));
    expect(rows.map(({ uid, problems }) => [uid, problems])).toEqual([
      [['a'], ['duplicate-unique-id', 'duplicate-mail']],
      [['d'], ['duplicate-unique-id', 'duplicate-mail']],
    ]);
    expect(await listOf(audit.rows(['not-good']))).toHaveLength(2);
    expect(await listOf(audit.rows(['all']))).toHaveLength(5);
    expect(await listOf(audit.rows(['limbo', 'good-cs7']))).toHaveLength(5);
  });

  it('tells calendars of nobody, each once, and those that several accounts may have', async () => {
    const calendars = [
      { calid: 'b', owner: 'b' },
      { calid: 'x:Left', owner: 'gone' },
      { calid: 'x:Left', owner: 'gone' },
      { calid: 'c:Nobody', owner: '' },
    ];
    const twin = { ...account('b', 'Rooms', { davUniqueId: ['id-b2'], mail: ['b@example.org'] }) };
    const audit = await auditEstate(ready({ entries: [...good, twin], calendars }));
    expect(countsOf(audit)).toMatchObject({ 'shared-calendar': 2, 'orphan-calendar': 1, 'ownerless-calendar': 1 });
    expect(await listOf(audit.rows(['orphan-calendar', 'ownerless-calendar']))).toEqual([
      { uid: ['gone'], mail: [], stores: [], problems: ['orphan-calendar'], calendar: 'x:Left', host: 'cs6' },
      { uid: [], mail: [], stores: [], problems: ['ownerless-calendar'], calendar: 'c:Nobody', host: 'cs6' },
    ]);
  });

  it('finds values that a class of service makes up', async () => {
    const { ports } = memoryPorts({ entries: good });
    const search = (query: DirectoryQuery) => {
      const own = ports.directory().search(query);
      return query.virtualOnly ? madeUp(own) : own;
    };
    async function* madeUp(entries: ReturnType<DirectoryReader['search']>) {
      for await (const { dn } of entries)
        yield {
          dn,
          attributes: new Map(dn.startsWith('uid=b,') ? [['davstore', ['store1']]] : [['icsstatus', ['active']]]),
        };
    }
    const audit = await auditEstate(ready({ entries: good }, { search }));
    expect(countsOf(audit)).toEqual({ 'virtual-value': 1 });
    expect((await listOf(audit.rows(['virtual-value']))).map(({ uid }) => uid)).toEqual([['b']]);
  });

  it('says nothing of accounts where the directory ends early, and fails in the middle of a list', async () => {
    const finding = { severity: 'error', code: 'directory.search-incomplete', summary: 's', detail: 'd' } as const;
    const { ports } = memoryPorts({ entries: good });
    let broken = true;
    async function* search(query: DirectoryQuery) {
      if (query.virtualOnly) return;
      for await (const entry of ports.directory().search(query)) {
        yield entry;
        if (broken && query.attributes.length > 1) throw new TargetProblem(finding);
      }
    }
    const { facts, rows } = await auditEstate(ready({ entries: good }, { search }));
    expect(facts).toMatchObject({ unread: ['directory'], classes: [], findings: [finding] });
    expect(facts).not.toHaveProperty('accounts');
    expect(await listOf(rows(['all']))).toEqual([]);
    broken = false;
    const whole = await auditEstate(ready({ entries: good }, { search }));
    broken = true;
    await expect(listOf(whole.rows(['all']))).rejects.toThrow(TargetProblem);
  });
});

const lists: readonly (readonly [string, number, string, string | number])[] = [
  ['nothing', 0, '', 0],
  ['a banner and a count', 0, 'Calendar list:\n\nb: owner=b status=enabled\n\n1 calendar(s)\n', 1],
  ['no owner', 0, 'b:x y: owner= status=disabled\n', 1],
  ['no count', 0, 'b: owner=b status=enabled\n', 1],
  ['text after the status', 0, 'b: owner=b status=enabled since=2003 (quota 10)\n', 1],
  ['a wrong count', 0, 'b: owner=b status=enabled\n2 calendar(s)\n', 'unclear'],
  ['a line that breaks off', 0, 'b: owner=b status=enabled\nc: owner=c sta', 'unclear'],
  ['a line that is not understood', 0, 'b: owner=b status=enabled\nowner=b status=enabled\n', 'unclear'],
  [
    'a name that looks like an owner',
    0,
    'b: owner=b status=on\nb:x: owner=a status=on: owner=b status=on\n',
    'unclear',
  ],
  ['an exit that is not zero', 255, 'b: owner=b status=enabled\n1 calendar(s)\n', 'unread'],
];

describe('cscal list', () => {
  it.each(lists)('%s', async (_, code, output, expected) => {
    const { facts } = await auditEstate(
      ready({ entries: good, output: { './cscal list': { code, output } } }, { cohorts: cohorts.slice(-1) }),
    );
    const [host] = facts.hosts;
    if (typeof expected === 'number') expect(host?.calendars).toBe(expected);
    else expect(facts.findings.map(f => f.code)).toEqual(['calendars.listing-unclear']);
    expect(facts.unread).toEqual(expected === 'unread' ? ['cs6'] : []);
    // What is listed is there; only that a calendar is not there is not known.
    const states = { unknown: expected === 'unread' ? 3 : 2, 'split-brain': expected === 'unread' ? 0 : 1 };
    expect(facts.accounts?.states).toMatchObject(typeof expected === 'number' ? { unknown: 0 } : states);
  });
});

describe('the formats of a list', () => {
  const row: AuditRow = {
    dn: 'uid=x,o=isp',
    uid: ['=HYPERLINK("http://x")', 'y'],
    mail: ['@x', '\u001b[31m@example.com'],
    cohort: '-1',
    state: 'limbo',
    stores: ['+s\nt'],
    problems: ['no-unique-id', 'wrong-side'],
  };

  it('csv follows RFC 4180, and no field is a formula', () => {
    expect(csvFormat.line(row)).toBe(
      `"uid=x,o=isp","'=HYPERLINK(""http://x""); y",'@x; \u001b[31m@example.com,'-1,limbo,"'+s\nt",no-unique-id wrong-side,,\r\n`,
    );
  });

  it('jsonl is one line of plain characters that says the same', () => {
    const line = jsonlFormat.line(row);
    expect(line).toMatch(/^[\x20-\x7e]*\n$/);
    expect(JSON.parse(line)).toEqual(row);
  });

  it('text is one line that no terminal obeys', () => {
    expect(textFormat.line(row)).toBe(
      'limbo        uid=x,o=isp  @x \\u001b[31m@example.com  cohort -1  store +s\\nt  no-unique-id wrong-side\n',
    );
  });
});
