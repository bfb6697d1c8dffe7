import { describe, expect, it } from 'vitest';
import { findWriteProblem } from '../../src/accounts/modify-accounts.ts';
import type { Change } from '../../src/core/change.ts';
import type { WouldModify } from '../../src/ports/directory.ts';
import { memoryPorts } from '../fakes/memory-ports.ts';

const source = { file: 'estate.yaml', line: 1 };
const store = (item: string): Change => ({ item, key: 'davStore', action: 'create', after: 's', source });
const taken = (item: string): Change => ({ item, key: 'davStore', action: 'delete', before: 's', source });
const login = (item: string): Change => ({
  ...{ item, key: 'icsAllowedServiceAccess', action: 'create', after: '-http:all', source },
});

/** What is asked about these changes, of a directory with these entries. */
async function askedAbout(
  changes: readonly Change[],
  entries: Readonly<Record<string, readonly string[]>>,
  answer: WouldModify = { state: 'takes' },
) {
  const listed = Object.entries(entries).map(([dn, objectClass]) => ({
    dn,
    attributes: { objectClass: [...objectClass] },
  }));
  const asked: [string, readonly string[]][] = [];
  const directory = {
    ...memoryPorts({ entries: listed }).ports.directory(),
    wouldModify: async (dn: string, attributes: readonly string[]) => {
      asked.push([dn, attributes]);
      return answer;
    },
  };
  return { asked, problem: await findWriteProblem([{ changes }], directory) };
}

const people = (uid: string) => `uid=${uid},ou=People,o=isp`;
const groups = (uid: string) => `uid=${uid},ou=Groups,o=isp`;

describe('whether the directory takes changes', () => {
  it('is not asked where the plan changes no account', async () => {
    expect(await askedAbout([], {})).toEqual({ asked: [], problem: undefined });
  });

  it('is asked about one account of each container, with the attributes that change on it', async () => {
    const all = [people('a'), people('b'), groups('c')];
    const entries = Object.fromEntries(all.map(dn => [dn, ['davEntity', 'icsCalendarUser']]));
    const { asked } = await askedAbout([...all.map(store), login(people('b'))], entries);
    expect(asked).toEqual([
      [people('a'), ['davStore']],
      [groups('c'), ['davStore']],
      [people('b'), ['davStore', 'icsAllowedServiceAccess']],
    ]);
  });

  it('is asked about the object class only where it has to be added', async () => {
    expect((await askedAbout([store(people('a'))], { [people('a')]: ['person'] })).asked).toEqual([
      [people('a'), ['davStore', 'objectClass']],
    ]);
    expect((await askedAbout([taken(people('a'))], { [people('a')]: ['person'] })).asked).toEqual([
      [people('a'), ['davStore']],
    ]);
  });

  it('is asked a bounded number of times, and not about what is gone', async () => {
    const names = Array.from({ length: 30 }, (_, at) => `uid=a,ou=${at},o=isp`);
    const entries = Object.fromEntries(names.map(dn => [dn, ['davEntity']]));
    expect((await askedAbout(names.map(store), entries)).asked).toHaveLength(8);
    expect((await askedAbout([store(people('gone'))], {})).asked).toEqual([]);
  });

  it.each<[WouldModify, string | undefined, string]>([
    [{ state: 'unknown', detail: 'result 80' }, undefined, ''],
    [
      { state: 'elsewhere', urls: ['ldap://w.example.com:389/uid=a,o=isp'], detail: 'result 10' },
      'directory.writes-elsewhere',
      '    ldap://w.example.com:389',
    ],
    [{ state: 'elsewhere', urls: [], detail: 'result 10' }, 'directory.writes-elsewhere', 'does not say which server'],
    [{ state: 'refused', why: 'rights', detail: 'result 50' }, 'directory.writes-refused', 'the right to change'],
    [{ state: 'refused', why: 'read-only', detail: 'result 53' }, 'directory.writes-refused', 'read-only'],
    [{ state: 'refused', why: 'other', detail: 'result 52' }, 'directory.writes-refused', 'Run the command again'],
  ])('%j', async (answer, code, words) => {
    const { problem } = await askedAbout([store(people('a'))], { [people('a')]: ['davEntity'] }, answer);
    expect(problem?.code).toBe(code);
    expect(problem?.detail ?? '').toContain(words);
    if (problem) expect(problem.detail).not.toContain('/uid=a');
  });
});
