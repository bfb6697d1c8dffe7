/** Modules that are mutated together, and the tests that have to notice. */
const sets = {
  codecs: {
    mutate: ['src/kinds/shared/ics-conf-text.ts', 'src/kinds/shared/properties-text.ts'],
    tests: ['test/kinds/codecs.test.ts', 'test/kinds/unset-option.test.ts'],
  },
  filters: {
    mutate: ['src/ldap/filter.ts', 'src/ldap/filter-match.ts', 'src/ldap/filter-implication.ts'],
    tests: ['test/ldap/*.test.ts', 'test/snapshot/filters.test.ts'],
  },
  guards: {
    mutate: ['src/plan/guards.ts', 'src/plan/limits.ts', 'src/plan/windows.ts'],
    tests: ['test/plan/*.test.ts'],
  },
  order: {
    mutate: ['src/core/stages.ts', 'src/plan/prerequisites.ts'],
    tests: ['test/plan/*.test.ts'],
  },
  undo: {
    mutate: ['src/plan/undo.ts'],
    tests: ['test/plan/*.test.ts', 'test/engine/undo-records.test.ts'],
  },
};

const name = process.env.MUTATION ?? 'codecs';
if (!(name in sets)) throw new Error(`MUTATION is one of ${Object.keys(sets).join(', ')}`);

export const { mutate, tests } = sets[name];

export const set = name;
