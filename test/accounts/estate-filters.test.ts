import { describe, expect, it } from 'vitest';
import { classFindings, proveDescribed, proveFilters } from '../../src/accounts/estate-filters.ts';
import type { DesiredState } from '../../src/core/desired.ts';
import { TargetProblem } from '../../src/core/finding.ts';
import { buildDirectorySchema, type DirectorySchema } from '../../src/ldap/schema.ts';
import type { DirectoryQuery, DirectoryReader } from '../../src/ports/directory.ts';
import { cohort } from '../directories/made-up-cohorts.ts';
import { desiredOf } from '../kinds/cases.ts';

const chapter = desiredOf({ name: '', live: {}, changes: [] });

/** A file with these cohorts before its own. */
function withCohorts(...filters: readonly string[]): DesiredState {
  const own = filters.map((filter, i) => cohort(`cohort${i + 1}`, { filter }, 'store1', {}));
  return { ...chapter, cohorts: [...own, ...chapter.cohorts] };
}

/** A directory that cannot evaluate what holds `undefined`, and hides the entry at the base where `hidden`. */
function directoryThat({ hidden = false } = {}): DirectoryReader & { readonly asked: DirectoryQuery[] } {
  const asked: DirectoryQuery[] = [];
  return {
    asked,
    server: async () => undefined,
    password: async () => ({}),
    schema: () => Promise.reject(new Error('not asked for here')),
    async *search(query) {
      asked.push(query);
      if (query.filter.includes('undefined') || (hidden && query.scope === 'base')) return;
      yield { dn: 'o=isp', attributes: new Map() };
    },
  };
}

const attributes = ['objectclass', 'employeenumber', 'departmentnumber'];
const schema: DirectorySchema = {
  attributes: new Map(attributes.map(name => [name, { singleValue: true }])),
  objectClasses: new Map(
    ['inetOrgPerson', 'icsCalendarUser', 'icsCalendarResource'].map(name => [
      name.toLowerCase(),
      { auxiliary: name !== 'inetOrgPerson', may: [], must: [] },
    ]),
  ),
};

function findingOf(state: DesiredState, directory: DirectoryReader): Promise<unknown> {
  return proveFilters(state, schema, directory).catch((problem: unknown) =>
    problem instanceof TargetProblem ? problem.finding : problem,
  );
}

describe('the filters of a file', () => {
  const sound = withCohorts('(departmentNumber=d1)', '(employeeNumber>=7)');

  it('are proved with one question about the entry at the base', async () => {
    const directory = directoryThat();
    expect(await findingOf(sound, directory)).toBeUndefined();
    expect(directory.asked).toMatchObject([{ base: chapter.directory.base, scope: 'base' }]);
    for (const part of [
      '(|(departmentNumber=d1)(!(departmentNumber=d1)))',
      '(|(employeeNumber>=7)(!(employeeNumber>=7)))',
    ])
      expect(directory.asked[0]?.filter).toContain(part);
  });

  it('are proved with any entry where that one is hidden', async () => {
    const directory = directoryThat({ hidden: true });
    expect(await findingOf(sound, directory)).toBeUndefined();
    expect(directory.asked.map(({ scope }) => scope)).toEqual(['base', undefined]);
  });

  it('are refused with the name of the one that cannot be evaluated', async () => {
    const state = withCohorts('(departmentNumber=d1)', '(employeeNumber=undefined)', '(departmentNumber=d2)');
    expect(await findingOf(state, directoryThat())).toMatchObject({
      code: 'directory.filter-undefined',
      detail: expect.stringMatching(/^cohort cohort2: \(employeeNumber=undefined\)\nNo entry matches it/),
    });
  });

  it('are refused without a question where the schema lacks an attribute', async () => {
    const directory = directoryThat();
    expect(await findingOf(withCohorts('(noSuchAttribute=x)'), directory)).toMatchObject({
      code: 'directory.filter-undefined',
      detail: expect.stringContaining('The schema has no attribute nosuchattribute.'),
    });
    expect(directory.asked).toEqual([]);
  });

  it('are refused where a cohort asks for an object class that the schema lacks, and who is in it could not be told', async () => {
    const directory = directoryThat();
    expect(await findingOf(withCohorts('(objectClass=icsCalendarUzer)'), directory)).toMatchObject({
      code: 'directory.filter-undefined',
      detail: expect.stringContaining('The schema has no object class icsCalendarUzer.'),
    });
    expect(directory.asked).toEqual([]);
  });
});

/** The estate with this filter for groups. */
function withGroups(filter: string): DesiredState {
  return { ...chapter, directory: { ...chapter.directory, groups: { base: chapter.directory.base, filter } } };
}

describe('a class of accounts whose object class the schema lacks', () => {
  it('is reported as just that, with the line that states that there are none', async () => {
    expect(await findingOf(chapter, directoryThat())).toBeUndefined();
    expect(classFindings(chapter.directory, schema)).toMatchObject([
      {
        code: 'directory.class-missing',
        severity: 'warning',
        detail: [
          'directory.accounts.groups: (objectClass=icsCalendarGroup)',
          'The schema of the directory has no object class icsCalendarGroup, so no entry has it.',
          'No groups are found. If they have another class here, correct the filter. If there are none, say so:',
          '    directory.accounts.groups: none',
        ].join('\n'),
      },
    ]);
  });

  it('is not said to be empty where the filter finds others too', () => {
    const either = withGroups('(|(objectclass=ICSCALENDARGROUP)(objectClass=inetOrgPerson))');
    const [found] = classFindings(either.directory, schema);
    expect(found?.detail).toContain('Remove it from the filter');
    expect(found?.detail).not.toContain('none');
  });

  it('is refused where the filter takes the opposite of it, which servers see differently', async () => {
    const opposite = withGroups('(&(objectClass=inetOrgPerson)(!(objectClass=icsCalendarGroup)))');
    expect(await findingOf(opposite, directoryThat())).toMatchObject({
      code: 'directory.filter-undefined',
      detail: expect.stringMatching(
        /^directory\.accounts\.groups: .*\nThe schema has no object class icsCalendarGroup\./,
      ),
    });
  });

  it.each(['(objectClass=INETORGPERSON)', '(objectClass=1.3.6.1.4.1.42.2.27.9.2.113)', '(objectClass=*)'])(
    'is none that is known, or written as an OID, or any: %s',
    filter => {
      expect(classFindings(withGroups(filter).directory, schema)).toEqual([]);
    },
  );
});

describe('what is written on accounts', () => {
  const named = buildDirectorySchema(
    ["( 1.3.6.1.4.1.99999.1.1 NAME ( 'davStore' 'cs7Store' ) SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )"],
    ["( 1.3.6.1.4.1.99999.2.5 NAME 'davEntity' AUXILIARY )"],
  );
  const codeOf = (problem: unknown) => (problem instanceof TargetProblem ? problem.finding.code : problem);

  it.each(['(1.3.6.1.4.1.99999.1.1=*)', '(!(CS7STORE=d))', '(1.3.6.1.4.1.99999.1.1;x-a=d)'])(
    'is found by whatever name the schema has for it: %s',
    async filter => {
      const state = withCohorts(filter);
      const problem = await proveFilters(state, named, directoryThat()).catch(codeOf);
      expect(problem).toBe('estate.filter-on-written');
    },
  );

  it('must not describe the group of a cohort', () => {
    const one = cohort('wave', { group: 'cn=wave,o=isp' }, 'store1', {});
    const prove = (filter: string) => proveDescribed(one, [{ base: 'o=isp', filter }], chapter.directory, named);
    expect(() => prove('(&(objectClass=person)(davStore=*))')).toThrow(
      /memberURL of its group: \(&\(objectClass=person/,
    );
    expect(() => prove('(objectClass=DAVENTITY)')).toThrow('estate.filter-on-written');
    expect(() => prove('(departmentNumber=1)')).not.toThrow();
  });
});
