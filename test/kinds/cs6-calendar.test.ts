import { describe, expect, it } from 'vitest';
import { type Change, invert } from '../../src/core/change.ts';
import { hostsOf } from '../../src/core/desired.ts';
import { TargetProblem } from '../../src/core/finding.ts';
import { cs6Calendar } from '../../src/kinds/cs6-calendar/cs6-calendar.ts';
import type { WritePorts } from '../../src/ports/ports.ts';
import { type Memory, memoryPorts } from '../fakes/memory-ports.ts';
import { casesOf, desiredOf, type KindCase } from './cases.ts';

const [plain, copied] = casesOf('cs6-calendar');

function caseOf(test: KindCase | undefined): KindCase {
  if (!test) throw new Error('no such case');
  return structuredClone(test);
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
    ['ends badly', { code: 255, output: ALL }, 'host.unexpected-output'],
    ['is cut', { code: 0, output: ALL.slice(0, -16) }, 'calendars.listing-unclear'],
    ['has escapes', { code: 0, output: 'jdoe: owner=\u001b[2J\n1 calendar\n' }, 'calendars.listing-unclear'],
  ])('stops where cscal %s', async (_, output, code) => {
    const { desired, live, ...rest } = caseOf(plain);
    const [wish] = cs6Calendar.wishes(desiredOf({ ...rest, live, ...(desired && { desired }) }));
    const { ports } = memoryPorts({ ...live, output: { './cscal': output } });
    const read = async () => {
      for await (const one of wish ? cs6Calendar.read(wish.desired, ports) : []) expect(one).toBeUndefined();
    };
    const problem = await read().catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(TargetProblem);
    expect(problem).toMatchObject({ finding: { code, target: 'cs6' } });
    expect(String(problem)).not.toContain('\u001b');
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
    expect(found).toEqual(hosts.map(() => ['JDoe@example.com']));
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
    ['has another name', (is: Record<string, string[]>) => (is['uid'] = ['john']), /no longer goes by/],
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
    ['CS7 lacks times', 'cs7', { state: 'answered', busy: [hour] }, /data migrated\?\n1 of 2 busy times, such as 1970/],
    ['CS7 has no times', 'cs7', { state: 'answered', busy: [] }, /^CS7 lacks times that CS6 has.*\n2 of 2/],
    ['CS6 does not say', 'cs6', { state: 'failed', detail: 'HTTP 503' }, /CS6 .* does not say/],
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
    expect(outcome).toMatchObject({ state: 'failed', detail: expect.stringContaining('ended with 255') });
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

  it('is done when the list of all is without the owner, should cscal not list an owner without calendars', async () => {
    const { outcome } = await applied(plain, (memory, ports) => {
      const host = ports.host('cs6');
      const query: typeof host.query = async command => {
        const result = await host.query(command);
        const none = command.words.includes('-o') && result.state === 'ran' && result.output.includes('0 calendar(s)');
        return none ? { state: 'ran', code: 255, output: '' } : result;
      };
      Object.assign(ports, { host: () => ({ ...host, query }) });
      expect(memory.calendars).toHaveLength(4);
    });
    expect(outcome).toMatchObject({ state: 'done' });
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
      /could not be exported to \/var\/backup\/calendars: csexport: it ended with 255/,
    ],
    ['claims to have worked', { code: 0, output: '' }, /there is no \/var\/backup/],
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
      expect(outcome).toMatchObject({ state: 'failed', detail: expect.stringContaining('not one whole VCALENDAR') });
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
