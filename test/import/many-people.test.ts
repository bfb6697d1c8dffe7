import { describe, expect, it } from 'vitest';
import { findPeople } from '../../src/import/directory-facts.ts';
import type { DirectoryFacts } from '../../src/import/fact.ts';
import type { DirectoryReader } from '../../src/ports/directory.ts';
import { type Memory, memoryPorts } from '../fakes/memory-ports.ts';
import { desiredOf } from '../kinds/cases.ts';

/* What an import asks of a directory with 100,000 accounts: counted in questions and entries, not in time. */

const state = desiredOf({ name: '', live: {}, changes: [] });

type Entries = NonNullable<Memory['entries']>;

/** Every third account is on CS7; half of these sites have a group of exactly those, and ten groups like it. */
function site(accounts: number, hasGroup: boolean): Entries {
  const dn = (i: number) => `uid=u${i},ou=f${i % 50},o=isp`;
  const every = (modulo: number, from = 0) =>
    Array.from({ length: Math.ceil((accounts - from) / modulo) }, (_, i) => dn(from + i * modulo));
  const group = (name: string, members: string[]) => ({
    dn: `cn=${name},o=isp`,
    attributes: { objectClass: ['groupOfUniqueNames'], uniqueMember: members },
  });
  return [
    { dn: '', attributes: { objectClass: ['top'], namingContexts: ['o=isp'] } },
    ...Array.from({ length: accounts }, (_, i) => ({
      dn: dn(i),
      attributes: {
        objectClass: ['top', 'icsCalendarUser', 'davEntity'],
        uid: [`u${i}`],
        mail: [`u${i}@example.com`],
        nsUniqueId: [`ns-${i}`],
        departmentNumber: [`d${i % 7}`],
        ...(i % 3 === 0 && { davStore: ['s'] }),
      },
    })),
    ...Array.from({ length: 10 }, (_, i) => group(`near${i}`, every(3, 3 * (i + 1)))),
    group('all', every(1)),
    ...(hasGroup ? [group('exact', [...every(3), 'uid=gone,o=isp'])] : []),
  ];
}

async function count(entries: Entries): Promise<{ questions: number; read: number; facts: DirectoryFacts }> {
  const directory = memoryPorts({ entries }).ports.directory();
  let [questions, read] = [0, 0];
  const counting: DirectoryReader = {
    server: () => directory.server(),
    password: () => directory.password(),
    schema: () => directory.schema(),
    async *search(query) {
      questions++;
      for await (const entry of directory.search(query)) {
        read++;
        yield entry;
      }
    },
  };
  const facts = await findPeople(state, counting, { hosts: [], stated: [], day: '2026-11-30' });
  return { questions, read, facts };
}

describe.each([true, false])('where a group has exactly the accounts of CS7: %s', hasGroup => {
  it('asks no more questions for 100,000 accounts than for 1,000, and reads each a few times', async () => {
    const few = await count(site(1_000, hasGroup));
    const many = await count(site(100_000, hasGroup));
    expect(many.questions).toBe(few.questions);
    expect(many.questions).toBeLessThan(12);
    expect(many.read).toBeLessThan(2.5 * 100_000);
    const cohort = many.facts.found.find(({ path }) => path[1] === 's')?.value;
    expect(cohort).toMatchObject({ members: hasGroup ? { group: 'cn=exact,o=isp' } : { file: 'cohorts/s.csv' } });
    expect(many.facts.accounts).toBe(100_000);
    expect(many.facts.stores).toEqual(new Map([['s', 33_334]]));
  });
});
