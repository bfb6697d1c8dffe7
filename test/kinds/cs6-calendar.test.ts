import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readAccounts } from '../../src/accounts/read-accounts.ts';
import { auditEstate } from '../../src/audit/audit.ts';
import { type Change, invert } from '../../src/core/change.ts';
import { type DesiredCs6Host, hostsOf } from '../../src/core/desired.ts';
import { type Finding, TargetProblem } from '../../src/core/finding.ts';
import { loadEstate } from '../../src/estate/load.ts';
import { cs6Calendar } from '../../src/kinds/cs6-calendar/cs6-calendar.ts';
import { buildPlan } from '../../src/plan/build.ts';
import { refusals } from '../../src/plan/guards.ts';
import type { WritePorts } from '../../src/ports/ports.ts';
import { type Memory, memoryPorts } from '../fakes/memory-ports.ts';
import { casesOf, desiredOf, estateSchema, type KindCase } from './cases.ts';

const [plain, copied] = casesOf('cs6-calendar');

function caseOf(test: KindCase | undefined): KindCase {
  if (!test) throw new Error('no such case');
  return structuredClone(test);
}

/** What is planned on the host of a case, with other calendars there. */
async function planned(
  test: KindCase | undefined,
  instead: Pick<Memory, 'calendars' | 'output'> | 'absent',
  cs6: Partial<DesiredCs6Host> = {},
) {
  const { desired, live, ...rest } = caseOf(test);
  const [wish] = cs6Calendar.wishes(desiredOf({ ...rest, live, desired: { ...desired, cs6 } }));
  if (!wish) throw new Error('nothing is wanted');
  const { ports } = memoryPorts(instead === 'absent' ? live : { ...live, ...instead });
  if (instead === 'absent') Object.assign(ports.host('cs6'), { query: async () => ({ state: 'absent' }) });
  const [changes, findings]: [Change[], Finding[]] = [[], []];
  for await (const one of cs6Calendar.read(wish.desired, ports)) {
    changes.push(...cs6Calendar.diff(wish.desired, one));
    findings.push(...(cs6Calendar.check?.(wish.desired, one) ?? []));
  }
  return { changes, findings };
}

/** Plans with the memory as the case has it, then changes it, then applies. */
async function applied(test: KindCase | undefined, meddle: (memory: Memory, ports: WritePorts) => void = () => {}) {
  const { desired, live, ...rest } = caseOf(test);
  const [wish] = cs6Calendar.wishes(desiredOf({ ...rest, live, ...(desired && { desired }) }));
  if (!wish) throw new Error('nothing is wanted');
  const { ports, writes } = memoryPorts(live);
  const work = [];
  for await (const one of cs6Calendar.read(wish.desired, ports))
    work.push({ live: one, changes: cs6Calendar.diff(wish.desired, one) });
  expect(work.flatMap(one => one.changes)).toHaveLength(1);
  meddle(live, ports);
  const outcomes = [];
  for await (const outcome of cs6Calendar.apply(wish.desired, work, ports)) outcomes.push(outcome);
  return { outcome: outcomes[0], writes, memory: live, wish, work, ports };
}

async function refused(test: KindCase | undefined, meddle: (memory: Memory, ports: WritePorts) => void) {
  const { outcome, writes } = await applied(test, meddle);
  expect(writes.filter(line => line.includes('delete'))).toEqual([]);
  expect(outcome?.state).not.toBe('done');
  return outcome;
}

function jdoeOf(memory: Memory): Record<string, string[]> {
  const attributes = memory.entries?.[0]?.attributes;
  if (!attributes) throw new Error('no jdoe');
  return attributes;
}

const ALL = 'Calendar list:\njdoe: owner=jdoe status=enabled\nlost: owner= status=enabled\n2 calendar(s)\n';

describe('planning', () => {
  it('wants nothing where nobody asks for it', () => {
    expect(cs6Calendar.wishes(desiredOf({ name: '', live: {}, changes: [] }))).toEqual([]);
  });

  it.each([
    ['ends badly', { code: 255, output: ALL }],
    ['is not there', undefined],
  ])('stops where cscal %s, and says so as a warning', async (_, output) => {
    const problem = await planned(plain, output ? { output: { './cscal': output } } : 'absent').catch(
      (error: unknown) => error,
    );
    expect(problem).toBeInstanceOf(TargetProblem);
    expect(problem).toMatchObject({
      finding: { code: 'calendars.listing-unclear', severity: 'warning', target: 'cs6' },
    });
    const about = { kind: 'cs6-calendar', stage: 'cs6-calendars', target: 'cs6', changes: [], findings: [] } as const;
    const unread = problem instanceof TargetProblem ? { unread: problem.finding } : {};
    const facts = { tool: '0', readAt: '2026-11-22T10:00:00.000Z', accounts: { counted: 1, all: true } };
    const plan = buildPlan(desiredOf({ name: '', live: {}, changes: [] }), [{ ...about, ...unread }], facts);
    expect(plan.unread).toEqual(['cs6']);
    expect(refusals(plan)).toEqual([]);
  });

  it.each([
    ['is cut', ALL.slice(0, -16)],
    ['has a line that is not understood', ALL.replace('2 cal', 'x: owner=\u001b[2J\n3 cal')],
    ['counts wrong', ALL.replace('2 cal', '7 cal')],
  ])('goes on with what is understood where the listing %s', async (_, output) => {
    const { changes, findings } = await planned(plain, { output: { './cscal': { code: 0, output } } });
    expect(changes).toMatchObject([{ item: 'jdoe', before: ['jdoe'] }]);
    expect(findings.map(({ code }) => code)).toContain('calendars.listing-unclear');
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(findings.map(({ detail }) => detail).join()).not.toContain('\u001b');
  });

  it('says so where CS6 calls accounts by other names', async () => {
    const output = readFileSync('test/cases/01-cscal-list-no-count.txt', 'utf8');
    const { changes, findings } = await planned(plain, { output: { './cscal': { code: 0, output } } });
    expect(changes).toEqual([]);
    expect(findings).toMatchObject([
      { code: 'calendars.owners-unknown', detail: expect.stringContaining('100234, 100377') },
    ]);
  });

  it('says so where only the part before the @ is the name of a migrated account', async () => {
    const calendars = [
      { calid: 'jdoe@cal.example.net', owner: 'jdoe@cal.example.net' },
      { calid: 'amy@example.com', owner: 'amy@example.com' },
    ];
    const { changes, findings } = await planned(plain, { calendars });
    expect(changes).toEqual([]);
    expect(findings).toMatchObject([
      {
        code: 'calendars.owner-ambiguous',
        detail: expect.stringMatching(/part before the @[\s\S]*Set icsCalendar of/),
      },
    ]);
  });

  it('reads the directory once for all hosts', async () => {
    const { desired, live, ...rest } = caseOf(plain);
    const state = desiredOf({ ...rest, live, ...(desired && { desired }) });
    const [host] = hostsOf(state, 'cs6');
    const hosts = host ? [host, { ...host, name: 'cs6-be1' }, { ...host, name: 'cs6-be2' }] : [];
    const { ports } = memoryPorts(live);
    const asked: string[] = [];
    const directory = ports.directory();
    const counting: WritePorts = {
      ...ports,
      directory: () => ({
        ...directory,
        search: query => {
          asked.push(query.filter);
          return directory.search(query);
        },
      }),
    };
    const wishes = cs6Calendar.wishes({ ...state, hosts });
    const found = await Promise.all(
      wishes.map(async ({ desired: wanted }) => {
        const items = [];
        for await (const one of cs6Calendar.read(wanted, counting)) items.push(cs6Calendar.item(one));
        return items;
      }),
    );
    expect(found).toEqual(hosts.map(() => ['JDoe@example.com', '(remark)']));
    // The survey of the cohort is one; each host then looks up its own owners.
    expect(asked.filter(filter => filter.includes('Finance') && filter.includes('(objectClass=*)'))).toHaveLength(1);
    expect(asked.filter(filter => filter.includes('(uid=jdoe)'))).toHaveLength(3);
  });
});

describe('a deletion', () => {
  it('is one command, between two looks', async () => {
    const { outcome, writes } = await applied(plain);
    expect(outcome).toMatchObject({ state: 'done' });
    expect(writes).toEqual(['./cscal -q -o JDoe@example.com delete']);
  });

  it('has no inverse, and is not made backwards', async () => {
    const { outcome, work, wish, ports, writes } = await applied(plain);
    expect(outcome && invert(outcome.change)).toBeUndefined();
    const [one] = work;
    const back: Change = { action: 'create', item: 'JDoe@example.com', key: 'calendars', after: ['x'] };
    const before = writes.length;
    for await (const { state } of cs6Calendar.apply(wish.desired, one ? [{ ...one, changes: [back] }] : [], ports))
      expect(state).toBe('failed');
    expect(writes).toHaveLength(before);
  });

  it.each([
    ['has no store', (is: Record<string, string[]>) => delete is['davStore'], /has no davStore and not defaultbackend/],
    ['is on another store', (is: Record<string, string[]>) => (is['davStore'] = ['b2']), /has davStore b2 and not/],
    ['may log in', (is: Record<string, string[]>) => delete is['icsAllowedServiceAccess'], /can still log in/],
    [
      'has another value',
      (is: Record<string, string[]>) => (is['icsAllowedServiceAccess'] = ['http']),
      /can still log in/,
    ],
    ['has no mail', (is: Record<string, string[]>) => (is['mail'] = []), /no mail address/],
    ['has another name', (is: Record<string, string[]>) => (is['uid'] = ['john']), /no longer has the name/],
  ])('is refused when the account %s', async (_, change, said) => {
    const outcome = await refused(plain, memory => void change(jdoeOf(memory)));
    expect(outcome).toMatchObject({ state: 'failed', detail: expect.stringMatching(said) });
  });

  it('is refused when the account is gone', async () => {
    const outcome = await refused(plain, memory => void memory.entries?.shift());
    expect(outcome).toMatchObject({ state: 'failed', detail: expect.stringContaining('no longer in the directory') });
  });

  it('is refused when nobody can be asked by mail', async () => {
    const outcome = await refused(copied, memory => void Object.assign(jdoeOf(memory), { mail: [] }));
    expect(outcome).toMatchObject({ state: 'failed', detail: expect.stringContaining('no mail address') });
  });

  const hour = { start: 0, end: 3_600_000 };
  it.each([
    ['CS7 does not answer', 'cs7', { state: 'failed', detail: 'HTTP 503' }, /CS7 .* does not answer .*HTTP 503/],
    ['CS7 has nobody', 'cs7', { state: 'nobody', detail: 'errno 29' }, /does not answer for john.doe@example.com/],
    [
      'CS7 lacks busy times',
      'cs7',
      { state: 'answered', busy: [hour] },
      /data migrated\?\n1 of 2 busy times, such as 1970/,
    ],
    ['CS7 has no times', 'cs7', { state: 'answered', busy: [] }, /^CS7 lacks busy times that CS6 has.*\n2 of 2/],
    ['CS6 does not say', 'cs6', { state: 'failed', detail: 'HTTP 503' }, /CS6 .* does not return/],
  ] as const)('is refused when %s', async (_, side, answer, said) => {
    const outcome = await refused(plain, memory => {
      const busy = answer.state === 'answered' ? { busy: [...answer.busy] } : { detail: answer.detail };
      memory.freeBusy = {
        ...memory.freeBusy,
        [`${side} john.doe@example.com`]: { state: answer.state, ...busy } as never,
      };
    });
    expect(outcome).toMatchObject({ state: 'failed', detail: expect.stringMatching(said) });
  });

  it('goes on when CS6 knows nobody', async () => {
    const { outcome } = await applied(plain, memory => delete memory.freeBusy?.['cs6 john.doe@example.com']);
    expect(outcome).toMatchObject({ state: 'done' });
  });

  it('asks every address, each on its own side', async () => {
    const asked: string[] = [];
    await refused(plain, (memory, ports) => {
      jdoeOf(memory)['mail'] = ['john.doe@example.com', 'jd@example.com'];
      const reader = ports.freeBusy();
      const ask: typeof reader.ask = question => {
        asked.push(`${question.side} ${question.http} ${question.mail}`);
        return reader.ask(question);
      };
      Object.assign(ports, { freeBusy: () => ({ ask }) });
    });
    expect(asked).toEqual([
      'cs7 http://cs7u1server.example.com:8080 john.doe@example.com',
      'cs6 http://cs6server.example.com:8080 john.doe@example.com',
      'cs7 http://cs7u1server.example.com:8080 jd@example.com',
    ]);
  });

  it.each([
    ['one more', (memory: Memory) => memory.calendars?.push({ calid: 'new', owner: 'JDoe@example.com' })],
    ['one less', (memory: Memory) => memory.calendars?.shift()],
    ['none left', (memory: Memory) => (memory.calendars = [])],
    [
      'another spelling',
      (memory: Memory) =>
        (memory.calendars = (memory.calendars ?? []).map(one => ({ ...one, owner: one.owner.toUpperCase() }))),
    ],
  ])('is a conflict when there is %s', async (_, change) => {
    expect(await refused(plain, memory => void change(memory))).toMatchObject({
      state: 'conflict',
      detail: expect.stringContaining('other calendars than planned'),
    });
  });

  it('is refused when cscal does not tell', async () => {
    const outcome = await refused(plain, memory => (memory.output = { './cscal -o': { code: 255, output: '' } }));
    expect(outcome).toMatchObject({ state: 'failed', detail: expect.stringContaining('exited with 255') });
  });

  it.each(['', ' ', '-O', 'a b', 'a\u001bb'])('never takes "%s" for an owner', async name => {
    const { work, wish, ports, writes } = await applied(plain, memory => void jdoeOf(memory)['davStore']?.pop());
    for (const { live, changes } of work)
      if (live.type === 'migrated') {
        const changed = changes.map(change => ({ ...change, item: name }));
        const other = { live: { ...live, owner: name }, changes: changed };
        for await (const outcome of cs6Calendar.apply(wish.desired, [other], ports))
          expect(outcome).toMatchObject({ state: 'failed', detail: expect.stringContaining('by hand') });
      }
    expect(writes).toEqual([]);
  });

  it('that did nothing is a failure, whatever was said', async () => {
    const said = await applied(plain, memory => (memory.output = { './cscal -q': { code: 0, output: '' } }));
    expect(said.outcome).toMatchObject({
      state: 'failed',
      detail: expect.stringContaining('still has jdoe@example.com'),
    });
    const failed = await applied(plain, memory => (memory.output = { './cscal -q': { code: 255, output: 'sorry' } }));
    expect(failed.outcome).toMatchObject({ state: 'failed', detail: expect.stringMatching(/255[\s\S]*sorry/) });
  });

  /** What `cscal -o OWNER list` answers about an owner without calendars, and `cscal list` where that is given. */
  async function removed(ofNobody: { code: number; output: string }, ofAll?: (listing: string) => string) {
    const asked: string[] = [];
    const result = await applied(plain, (memory, ports) => {
      const host = ports.host('cs6');
      const query: typeof host.query = async command => {
        const answer = await host.query(command);
        asked.push(command.words.slice(1).join(' '));
        if (answer.state !== 'ran') return answer;
        if (!command.words.includes('-o')) return { ...answer, output: ofAll?.(answer.output) ?? answer.output };
        return answer.output.includes('0 calendar(s)') ? { ...answer, ...ofNobody } : answer;
      };
      Object.assign(ports, { host: () => ({ ...host, query }) });
      expect(memory.calendars).toHaveLength(4);
    });
    return { outcome: result.outcome, asked };
  }

  it.each([
    ['nothing', { code: 0, output: '' }, 0],
    ['a sentence', { code: 0, output: 'No calendars for JDoe@example.com\n' }, 0],
    ['a count of none', { code: 0, output: '0 calendar(s)\n' }, 0],
    ['a failure', { code: 255, output: '' }, 1],
    ['a failure with a sentence', { code: 255, output: 'No such owner\n' }, 1],
    ['a page', { code: 0, output: 'Usage:\n'.repeat(9) }, 1],
    ['an odd line', { code: 0, output: 'x: owner=\n' }, 1],
  ])('is done when cscal says %s of an owner without calendars', async (_, answer, listings) => {
    const { outcome, asked } = await removed(answer);
    expect(outcome).toMatchObject({ state: 'done' });
    expect(asked.filter(words => words === 'list')).toHaveLength(listings);
  });

  it('is not known to be done where the list of all is not whole, and a failure where that has the owner', async () => {
    const failure = { code: 255, output: 'sorry' };
    const odd = await removed(failure, listing => `${listing}x: owner=\n`);
    expect(odd.outcome).toMatchObject({
      state: 'failed',
      detail: expect.stringMatching(
        /not known whether [\s\S]*: it exited with 255[\s\S]*sorry[\s\S]*x: owner=[\s\S]*Plan again/,
      ),
    });
    const left = await removed(failure, listing => `jdoe@example.com: owner=jdoe@EXAMPLE.com status=on\n${listing}`);
    expect(left.outcome).toMatchObject({ state: 'failed', detail: expect.stringContaining('still has jdoe@example') });
  });

  it('reads the list of all once for many owners', async () => {
    const many = Array.from({ length: 60 }, (_, n) => `u${n}`);
    const { outcomes, asked } = await removedOf(many, (words, answer) =>
      words.includes('-o') && answer.includes('0 calendar(s)') ? { code: 255, output: '' } : undefined,
    );
    expect(outcomes.map(({ state }) => state)).toEqual(many.map(() => 'done'));
    expect(asked.filter(words => words.length === 2)).toHaveLength(2);
  });

  it('that is not proved stops no other', async () => {
    const { outcomes } = await removedOf(['a', 'b', 'c', 'd'], (words, _, name) => {
      if (words.includes('b')) return { code: 0, output: `b: owner=b status=on\nb:x: owner=b\n` };
      if (words.includes('c')) return { code: 255, output: 'busy' };
      return name === 'd' ? 'unreadable' : undefined;
    });
    const states = outcomes.map(({ change, state }) => `${change.item} ${state}`);
    expect(states.toSorted()).toEqual(['a done', 'b failed', 'c failed', 'd failed']);
  });
});

type Answer = (
  words: readonly string[],
  output: string,
  account?: string,
) => { code: number; output: string } | 'unreadable' | undefined;

/** Deletes the calendar of each of some accounts; `instead` gives other answers of cscal, and accounts that cannot be read. */
async function removedOf(names: readonly string[], instead: Answer) {
  const { desired, live, ...rest } = caseOf(plain);
  const [jdoe] = live.entries ?? [];
  if (!jdoe) throw new Error('no jdoe');
  const of = (uid: string) => ({ uid: [uid], mail: [`${uid}@example.com`] });
  const entries = names.map(uid => ({ dn: `uid=${uid},o=isp`, attributes: { ...jdoe.attributes, ...of(uid) } }));
  const freeBusy = Object.fromEntries(
    names.map(uid => [`cs7 ${uid}@example.com`, { state: 'answered', busy: [] } as const]),
  );
  const memory: Memory = { entries, freeBusy, calendars: names.map(uid => ({ calid: uid, owner: uid })) };
  const [wish] = cs6Calendar.wishes(desiredOf({ ...rest, live: memory, ...(desired && { desired }) }));
  if (!wish) throw new Error('nothing is wanted');
  const { ports } = memoryPorts(memory);
  const work = [];
  for await (const one of cs6Calendar.read(wish.desired, ports))
    work.push({ live: one, changes: cs6Calendar.diff(wish.desired, one) });
  const asked: (readonly string[])[] = [];
  const [host, directory] = [ports.host('cs6'), ports.directory()];
  const query: typeof host.query = async command => {
    const answer = await host.query(command);
    asked.push(command.words);
    const other = answer.state === 'ran' ? instead(command.words, answer.output) : undefined;
    return typeof other === 'object' && answer.state === 'ran' ? { ...answer, ...other } : answer;
  };
  const search: typeof directory.search = search => {
    const name = /^uid=(\w+),/.exec(search.base)?.[1] ?? '';
    if (instead([], '', name) !== 'unreadable') return directory.search(search);
    const detail = 'the server is busy';
    throw new TargetProblem({ severity: 'error', code: 'directory.search-failed', summary: 'x', detail });
  };
  Object.assign(ports, { host: () => ({ ...host, query }), directory: () => ({ ...directory, search }) });
  const outcomes = [];
  for await (const outcome of cs6Calendar.apply(wish.desired, work, ports)) outcomes.push(outcome);
  return { outcomes, asked };
}

describe('a group and a user of another mail domain, as they were found', () => {
  const folder = 'test/cases/';
  const ldif = readFileSync(`${folder}02-owner-domain.ldif`, 'utf8');
  const listing = readFileSync(`${folder}02-cscal-list.txt`, 'utf8');

  /** The example of the chapter with the domains and cohorts of the case. */
  function estateOf(): string {
    const example = readFileSync('test/estate/chapter-in-braces.yaml', 'utf8');
    const parts = readFileSync(`${folder}02-cohort.yaml`, 'utf8').split(/^(?=cohorts:)/m);
    const [domains = '', cohorts = ''] = parts;
    return example
      .replace(/^domains:[\s\S]*?\n\n/m, `${domains}\n`)
      .replace(/^cohorts:[\s\S]*/m, cohorts)
      .replace(/^( {2}base: o=isp)$/m, '$1\n  localUser: { attribute: davStore }');
  }

  function entriesOf(): NonNullable<Memory['entries']> {
    return ldif.split('\n\n').map(text => {
      const lines = text
        .trim()
        .split('\n')
        .map(line => line.split(/: (.*)/));
      const attributes: Record<string, string[]> = { davStore: ['defaultbackend'] };
      for (const [name = '', value = ''] of lines.slice(1)) attributes[name] = [...(attributes[name] ?? []), value];
      if (attributes['uid']) attributes['icsAllowedServiceAccess'] = ['-http:all'];
      return { dn: lines[0]?.[1] ?? '', attributes };
    });
  }

  it('are both members, without a warning, and lose their calendars', async () => {
    const { state, findings } = loadEstate('estate.yaml', estateOf(), estateSchema);
    if (!state) throw new Error(JSON.stringify(findings));
    const { ports } = memoryPorts({ entries: entriesOf(), output: { './cscal list': { code: 0, output: listing } } });
    const [wish] = cs6Calendar.wishes(state);
    if (!wish) throw new Error('nothing is wanted');
    const found = [];
    for await (const one of cs6Calendar.read(wish.desired, ports)) found.push(one);
    expect(
      found
        .flatMap(one => cs6Calendar.diff(wish.desired, one))
        .map(({ item }) => item)
        .toSorted(),
    ).toEqual(['alan.two@example.com', 'mygroup@example.com']);
    const said = found.flatMap(one => cs6Calendar.check?.(wish.desired, one) ?? []);
    expect(said.map(({ code }) => code)).toEqual(['calendars.no-copy']);
    const query = { attributes: () => ['uid'], deviation: () => '(objectClass=*)', tellsOfCohorts: true } as const;
    const members = [];
    for await (const one of readAccounts(state, [query], ports)) members.push('dn' in one ? one.cohort.name : one.code);
    expect(members).toEqual(['wild', 'wild']);
    const audit = await auditEstate({
      state,
      warnings: [],
      readAt: '',
      ports: withoutVirtual(ports),
      progress: () => {},
    });
    expect(audit.facts.accounts?.states).toMatchObject({ 'split-brain': 2 });
  });
});

/** The fake directory knows no class of service. */
function withoutVirtual(ports: WritePorts): WritePorts {
  const directory = ports.directory();
  const search: typeof directory.search = query => (query.virtualOnly ? none() : directory.search(query));
  return { ...ports, directory: () => ({ ...directory, search }) };
}

async function* none() {}

describe('a hot backup', () => {
  const folder = '/var/opt/SUNWics5/csdb/hotbackup';
  const ls = (code: number, output: string) => ({ output: { [`ls -1 ${folder}`]: { code, output } } });

  it.each([
    ['of today is enough', ls(0, 'archive\n20261121\n20261122\n'), undefined],
    [
      'of yesterday is none',
      ls(0, '20261120\n20261121\n20261122.log\n'),
      /today \(20261122\)[\s\S]*newest is 20261121/,
    ],
    ['is missing', ls(0, ''), /newest is none/],
    [
      'cannot be listed',
      ls(2, `${folder}: Permission denied\n`),
      /denied[\s\S]*\n {4}cs6\.hosts\.cs6\.hotBackup: \/var/,
    ],
    [
      'cannot be told',
      { output: { ...ls(0, '20261122').output, date: { code: 0, output: '?' } } },
      /the date on the host/,
    ],
  ] as const)('that %s', async (_, output, said) => {
    const before = await planned(plain, output, { hotBackup: folder });
    expect(before.changes).toHaveLength(1);
    expect(before.findings).toMatchObject(
      said ? [{ code: 'calendars.hot-backup-missing', severity: 'warning', detail: expect.stringMatching(said) }] : [],
    );
    const test = caseOf(plain);
    const found = { ...test, desired: { ...test.desired, cs6: { hotBackup: folder } } };
    const { outcome, writes } = await applied(found, memory => void Object.assign(memory, output));
    expect(outcome?.state).toBe(said ? 'failed' : 'done');
    if (said) expect(outcome?.detail).toMatch(said);
    expect(writes).toHaveLength(said ? 0 : 1);
  });

  it('is not looked for where nothing is to be deleted', async () => {
    const { findings } = await planned(plain, { calendars: [] }, { hotBackup: folder });
    expect(findings).toEqual([]);
  });

  it('that nobody knows of is said, with the line that names it, unless copies are made', async () => {
    const { findings } = await planned(plain, {});
    expect(findings).toMatchObject([
      { code: 'calendars.no-copy', detail: expect.stringMatching(/\n {4}cs6\.hosts\.cs6\.hotBackup: \/var\S+$/) },
    ]);
    expect((await planned(copied, {})).findings).toEqual([]);
  });
});

describe('the busy times of a host that nobody asks over HTTP', () => {
  /** The addresses that are asked, where the calendars are on a back end. */
  async function asked(fronts: readonly string[], routed?: string) {
    const { desired, live, ...rest } = caseOf(plain);
    const state = desiredOf({ ...rest, live, ...(desired && { desired }) });
    const [one] = hostsOf(state, 'cs6');
    if (!one) throw new Error('no CS6 host');
    const { http: _, ...back } = one;
    const front = (name: string) => ({ ...one, name, http: `http://${name}` });
    const domain = { domain: 'example.com', url: `http://${routed}/ischedule/`, because: '', source: one.source };
    const cs7 = hostsOf(state, 'cs7').map(host => ({ ...host, domains: routed === undefined ? [] : [domain] }));
    const { ports } = memoryPorts(live);
    const seen: string[] = [];
    const reader = ports.freeBusy();
    const ask: typeof reader.ask = question => {
      seen.push(`${question.side} ${question.http}`);
      return reader.ask(question);
    };
    Object.assign(ports, { freeBusy: () => ({ ...reader, ask }) });
    const [wish] = cs6Calendar.wishes({ ...state, hosts: [back, ...fronts.map(front), ...cs7] });
    if (!wish) throw new Error('nothing is wanted');
    const work = [];
    for await (const item of cs6Calendar.read(wish.desired, ports))
      work.push({ live: item, changes: cs6Calendar.diff(wish.desired, item) });
    const outcomes = [];
    for await (const outcome of cs6Calendar.apply(wish.desired, work, ports)) outcomes.push(outcome);
    return { cs6: seen.filter(line => line.startsWith('cs6 ')), outcome: outcomes[0] };
  }

  it.each([
    ['the front end that the domain is routed to', ['fe1', 'fe2'], 'fe2', 'fe2'],
    ['the first front end', ['fe1', 'fe2'], undefined, 'fe1'],
    ['the first, where the domain is routed elsewhere', ['fe1', 'fe2'], 'other', 'fe1'],
  ])('are asked of %s', async (_, fronts, routed, expected) => {
    expect(await asked(fronts, routed)).toMatchObject({ cs6: [`cs6 http://${expected}`], outcome: { state: 'done' } });
  });

  it('are not known without a front end, and the line that names one is printed', async () => {
    const { cs6, outcome } = await asked([]);
    expect(cs6).toEqual([]);
    expect(outcome).toMatchObject({
      state: 'failed',
      detail: expect.stringMatching(/\n {4}cs6\.hosts\.cs6\.http: "http:\/\/cs6server\.example\.com:8080"$/),
    });
  });
});

describe('a copy', () => {
  const exported = './csexport -c jdoe calendar';
  it('comes before the deletion', async () => {
    const { outcome, writes } = await applied(copied);
    expect(outcome).toMatchObject({ state: 'done' });
    expect(writes).toEqual([
      './csexport -c jdoe calendar /var/backup/calendars/jdoe.20261122T000000Z.ics',
      './csexport -c jdoe:../../etc/passwd 100% calendar /var/backup/calendars/jdoe%3A..%2F..%2Fetc%2Fpasswd%20100%25.ics',
      './cscal -q -o jdoe delete',
    ]);
  });

  it.each([
    [
      'fails',
      { code: 255, output: '' },
      /could not be exported to \/var\/backup\/calendars: csexport: it exited with 255/,
    ],
    ['claims to have worked', { code: 0, output: '' }, /\/var\/backup.* does not exist/],
  ])('that %s keeps the calendars', async (_, output, said) => {
    const outcome = await refused(copied, memory => (memory.output = { [exported]: output }));
    expect(outcome).toMatchObject({ state: 'failed', detail: expect.stringMatching(said) });
  });

  it.each(['', 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\n', 'END:VCALENDAR', 'x\nBEGIN:VCALENDAR\nEND:VCALENDAR\n'])(
    'that is not whole keeps the calendars: %j',
    async text => {
      const outcome = await refused(copied, (memory, ports) => {
        const host = ports.host('cs6');
        const run: typeof host.run = async command => {
          const result = await host.run(command);
          if (command.words[0] === './csexport') memory.files = { ...memory.files, [command.words[4] ?? '']: text };
          return result;
        };
        Object.assign(ports, { host: () => ({ ...host, run }) });
      });
      expect(outcome).toMatchObject({ state: 'failed', detail: expect.stringContaining('not one complete VCALENDAR') });
    },
  );

  it('is not made where an earlier one cannot be read', async () => {
    const outcome = await refused(copied, (_, ports) => {
      const files = async () => {
        const detail = 'cs6: the file cannot be read';
        throw new TargetProblem({ severity: 'error', code: 'host.file-unreadable', summary: 'x', detail });
      };
      const host = ports.host('cs6');
      const run: typeof host.run = () => Promise.reject(new Error('nothing may run'));
      Object.assign(ports, { host: () => ({ ...host, run, files }) });
    });
    expect(outcome).toMatchObject({ state: 'failed', detail: expect.stringContaining('cannot be read') });
  });

  it('leaves no time for a calendar that comes while it is made', async () => {
    const outcome = await refused(copied, (memory, ports) => {
      const host = ports.host('cs6');
      const run: typeof host.run = command => {
        memory.calendars?.push({ calid: 'late', owner: 'jdoe' });
        return host.run(command);
      };
      Object.assign(ports, { host: () => ({ ...host, run }) });
    });
    expect(outcome).toMatchObject({ state: 'conflict' });
  });
});
