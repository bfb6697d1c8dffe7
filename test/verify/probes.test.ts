import { describe, expect, it } from 'vitest';
import { isInWave } from '../../src/accounts/account.ts';
import type { DesiredCohort, DesiredState } from '../../src/core/desired.ts';
import type { DirectoryEntry } from '../../src/ports/directory.ts';
import type { ReadPorts } from '../../src/ports/ports.ts';
import { verify } from '../../src/verify/verify.ts';
import { type Memory, memoryPorts } from '../fakes/memory-ports.ts';
import { desiredOf } from '../kinds/cases.ts';

const source = { file: 'estate.yaml', line: 1 };
const finance: DesiredCohort = {
  name: 'finance',
  members: { filter: '(departmentNumber=Finance)' },
  store: 's1',
  source,
};
const rest: DesiredCohort = { name: 'rest', members: 'rest', source };

function estate(cohorts: readonly DesiredCohort[], verifySection?: DesiredState['verify']): DesiredState {
  return {
    ...desiredOf({ name: '', live: {}, changes: [], desired: { cohorts } }),
    ...(verifySection && { verify: verifySection }),
  };
}

type Entry = NonNullable<Memory['entries']>[number];

function user(uid: string, more: Record<string, string[]> = {}): Entry {
  const attributes = { objectClass: ['icsCalendarUser'], uid: [uid], mail: [`${uid}@example.com`], ...more };
  return { dn: `uid=${uid},o=isp`, attributes };
}

const onCs7 = { departmentNumber: ['Finance'], davStore: ['s1'] };
const busy = { state: 'answered', busy: [{ start: 0, end: 1 }] } as const;

/** Who is asked about: side, uid and why; `freeBusy` says what the owners answer. */
async function chosen(state: DesiredState, entries: Entry[], freeBusy: Memory['freeBusy'] = {}) {
  const owners = entries.flatMap(({ attributes }) => attributes['uid'] ?? []);
  const calendars = owners.map(owner => ({ calid: owner, owner }));
  const { ports } = memoryPorts({ entries, freeBusy, calendars });
  const { probes, findings } = await verify(state, ports);
  return {
    probes: probes.map(({ side, mail, chosen: why }) => `${side} ${mail.split('@')[0]}, ${why}`),
    findings: findings.map(({ code }) => code),
  };
}

describe('the accounts that are chosen', () => {
  it('are those with busy times, two of each cohort, else those with a calendar, else the first', async () => {
    const entries = ['a', 'b', 'c', 'd'].map(uid => user(uid));
    const cs6 = (...uids: readonly string[]) => Object.fromEntries(uids.map(uid => [`cs6 ${uid}@example.com`, busy]));
    expect((await chosen(estate([rest]), entries, cs6('b', 'c', 'd'))).probes).toEqual([
      'cs6 b, cohort rest: has busy times',
      'cs6 c, cohort rest: has busy times',
    ]);
    const quiet = { 'cs6 c@example.com': { state: 'answered', busy: [] } } as const;
    expect((await chosen(estate([rest]), entries, quiet)).probes).toEqual(['cs6 c, cohort rest: has a calendar']);
    expect((await chosen(estate([rest]), entries)).probes).toEqual(['cs6 a, cohort rest: found first']);
  });

  it.each<[string, readonly DesiredCohort[], Entry[]]>([
    [
      'whose wave has not come is still one of CS6',
      [{ ...finance, share: 0 }],
      [user('a', { departmentNumber: ['Finance'] })],
    ],
    ['without mail is passed over', [rest], [user('0', { mail: [] }), user('a')]],
    ['on the wrong side is passed over', [finance, rest], [user('0', { davStore: ['s1'] }), user('a')]],
    ['of an earlier cohort is passed over', [{ ...finance, members: { list: ['0'] } }, rest], [user('0'), user('a')]],
    [
      'that an earlier filter takes is passed over',
      [finance, rest],
      [user('0', { departmentNumber: ['Finance'] }), user('a')],
    ],
    [
      'that an earlier base takes is passed over',
      [{ ...finance, members: { base: 'uid=0,o=isp' } }, rest],
      [user('0'), user('a')],
    ],
    [
      'that an earlier group takes is passed over',
      [{ ...finance, members: { group: 'cn=g,o=isp' } }, rest],
      [
        { dn: 'cn=g,o=isp', attributes: { objectClass: ['groupOfUniqueNames'], uniqueMember: ['uid=0,o=isp'] } },
        user('0'),
        user('a'),
      ],
    ],
    [
      'that is a resource is passed over',
      [rest],
      [{ ...user('0'), attributes: { ...user('0').attributes, objectClass: ['icsCalendarResource'] } }, user('a')],
    ],
  ])('one %s', async (_, cohorts, entries) => {
    const { probes } = await chosen(estate(cohorts), entries);
    expect(probes.map(line => line.split(',')[0])).toEqual(['cs6 a']);
  });

  it('may be named by a list or a group, with whole DNs and names that are gone', async () => {
    const named = (members: DesiredCohort['members']) => estate([{ ...finance, members }, rest]);
    const list = ['gone', 'uid=gone,o=isp', 'uid=a,o=isp', 'b'];
    const entries = [
      user('a', onCs7),
      user('b', onCs7),
      { dn: 'cn=g,o=isp', attributes: { objectClass: ['groupOfUniqueNames'], uniqueMember: ['uid=b,o=isp'] } },
    ];
    const both = { 'cs6 a@example.com': busy, 'cs7 a@example.com': busy, 'cs7 b@example.com': busy };
    const { ports } = memoryPorts({ entries, freeBusy: both });
    const mails = async (state: DesiredState) => (await verify(state, ports)).probes.map(({ mail }) => mail);
    expect(await mails(named({ list }))).toEqual(['a@example.com']);
    expect(await mails(named({ group: 'cn=g,o=isp' }))).toEqual(['b@example.com']);
  });

  it('of a wave are told apart by whether it has reached them', async () => {
    const uids = Array.from({ length: 40 }, (_, i) => `u${i}`);
    const entries = uids.map(uid => {
      const here = isInWave(`uid=${uid},o=isp`, 50);
      return user(uid, { departmentNumber: ['Finance'], ...(here && { davStore: ['s1'] }) });
    });
    const { probes } = await chosen(estate([{ ...finance, share: 50 }]), entries);
    expect(probes.map(line => line.slice(0, 3))).toEqual(['cs6', 'cs7']);
  });

  it('take no more than a few entries of a large directory', async () => {
    let sent = 0;
    const { ports } = memoryPorts({});
    const many: ReadPorts = {
      ...ports,
      directory: () => ({
        ...ports.directory(),
        async *search({ scope, base }): AsyncIterable<DirectoryEntry> {
          if (scope === 'base') return;
          for (let i = 0; i < 1_000_000; i++) {
            sent++;
            yield { dn: `uid=u${i},${base}`, attributes: new Map([['mail', [`u${i}@example.com`]]]) };
          }
        },
      }),
    };
    expect((await verify(estate([finance, rest]), many)).probes).toHaveLength(1);
    expect(sent).toBeLessThan(200);
  });

  it('where nobody fits, that is told', async () => {
    expect(await chosen(estate([finance, rest]), [user('a')])).toMatchObject({ findings: ['verify.nobody-to-ask'] });
  });
});

describe('the accounts that the file names', () => {
  const named = { probes: [{ side: 'cs7', mail: 'a@example.com', source }] } as const;

  it('count as being where it says, whatever their entry says', async () => {
    expect((await chosen(estate([rest], named), [user('a'), user('b')])).probes).toEqual([
      'cs7 a, named in the file',
      'cs6 a, cohort rest: found first',
    ]);
  });

  it.each([
    ['is nobody', [user('b')]],
    ['is two', [user('b'), user('c', { mail: ['a@example.com'] }), user('d', { mail: ['a@example.com'] })]],
  ])('an address that %s is told with its line', async (_, entries) => {
    const { ports } = memoryPorts({ entries });
    const { findings } = await verify(estate([rest], named), ports);
    expect(findings).toMatchObject([{ code: 'verify.probe-unusable', where: source }]);
  });
});
