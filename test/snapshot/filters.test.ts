import { describe, expect, it } from 'vitest';
import { parseFilter } from '../../src/ldap/filter.ts';
import { isWithin } from '../../src/ldap/filter-implication.ts';
import { compileFilter } from '../../src/ldap/filter-match.ts';
import { matchingRulesOf } from '../../src/ldap/matching-rule.ts';
import type { DirectorySchema } from '../../src/ldap/schema.ts';
import { notEvaluable } from '../../src/snapshot/entry-filters.ts';

const described = {
  uid: { name: 'uid', equality: '2.5.13.2', substrings: '2.5.13.4' },
  userid: { name: 'uid', equality: '2.5.13.2', substrings: '2.5.13.4' },
  exact: { name: 'exact', equality: 'caseExactMatch' },
  manager: { name: 'manager', equality: 'distinguishedNameMatch' },
  sunmail: { name: 'sunmail', syntax: '1.3.6.1.4.1.1466.115.121.1.15' },
  number: { name: 'number', equality: 'integerMatch', ordering: 'integerOrderingMatch' },
  other: { name: 'other', equality: 'caseIgnoreMatch' },
  decomposed: { name: 'decomposed', equality: 'caseIgnoreMatch' },
};

const schema: DirectorySchema = {
  attributes: new Map(Object.keys(described).map(name => [name, { singleValue: false }])),
  matching: new Map(Object.entries(described)),
  objectClasses: new Map(),
};

const held = {
  schema,
  rules: matchingRulesOf(schema),
  attributes: new Set(['uid', 'exact', 'manager', 'sunmail', 'number', 'decomposed']),
  irregular: new Set(['decomposed']),
};

function filterOf(text: string) {
  const parsed = parseFilter(text);
  if ('problem' in parsed) throw new Error(parsed.problem.reason);
  return parsed.filter;
}

describe('what can be told without the directory', () => {
  it.each([
    ['(uid=A  B)', true],
    ['(userid=a b)', true],
    ['(uid=a*B)', true],
    ['(uid=b*)', false],
    ['(!(uid=b))', true],
    ['(exact=Yes)', true],
    ['(exact=yes)', false],
    ['(manager=UID=M, o=Isp)', true],
    ['(sunmail=*@EXAMPLE.com)', true],
    ['(number=*)', true],
    ['(decomposed=*)', false],
    ['(uid=zo\u00eb)', false],
    ['(unknown=x)', undefined],
    ['(!(unknown=x))', undefined],
    ['(|(uid=a b)(unknown=x))', true],
  ])('%s is %s', (text, verdict) => {
    const entry = { uid: ['a b'], exact: ['Yes'], manager: ['uid=m,o=isp'], sunmail: ['x@example.com'], number: ['7'] };
    const filter = filterOf(text);
    expect(notEvaluable(filter, held)).toBeUndefined();
    const fits = compileFilter<Record<string, string[]>>(filter, matchingRulesOf(schema), {
      dn: () => 'uid=a,o=isp',
      names: Object.keys,
      values: (one, name) => one[name],
    });
    expect(fits(entry)).toBe(verdict);
  });

  it.each([
    ['(other=x)', 'the attribute other'],
    ['(&(uid=x)(!(|(uid=y)(other=*))))', 'the attribute other'],
    ['(number=7)', 'a comparison of number'],
    ['(uid>=a)', 'a comparison of uid'],
    ['(uid<=a)', 'a comparison of uid'],
    ['(uid~=a)', 'a comparison of uid'],
    ['(exact=a*)', 'a comparison of exact'],
    ['(uid=a *)', 'a comparison of uid'],
    ['(manager=nobody)', 'a comparison of manager'],
    ['(uid=zoe\u0308)', 'a comparison of uid'],
    ['(decomposed=x)', 'a comparison of decomposed'],
    ['(uid:caseExactMatch:=x)', 'by a rule of its own'],
    ['(uid;lang-de=x)', 'not written as a plain name'],
    ['(0.9.2342.19200300.100.1.1=x)', 'not written as a plain name'],
  ])('%s is not', (text, reason) => {
    expect(notEvaluable(filterOf(text), held)).toContain(reason);
  });
});

describe('a search that finds nobody but accounts', () => {
  const accounts = { base: 'o=isp', filter: '(|(objectClass=user)(objectClass=group))' };

  it.each([
    ['o=isp', '(|(objectClass=user)(objectClass=group))'],
    ['O=ISP', '(|(OBJECTCLASS=user)(objectClass=group))'],
    ['ou=a, o=isp', '(&(|(objectClass=user)(objectClass=group))(uid=x))'],
    ['o=isp', '(&(uid=x)(&(uid=y)(|(objectClass=user)(objectClass=group))))'],
    ['o=isp', '(objectClass=group)'],
    ['o=isp', '(|(objectClass=group)(&(uid=x)(objectClass=user)))'],
    ['o=isp', '(!(!(&(|(objectClass=user)(objectClass=group))(uid=x))))'],
  ])('below %s: %s', (base, filter) => {
    expect(isWithin({ base, filter }, accounts)).toBe(true);
  });

  it.each([
    ['o=other', '(objectClass=user)'],
    ['', '(objectClass=user)'],
    ['o=isp', '(objectClass=*)'],
    ['o=isp', '(objectClass=USER)'],
    ['o=isp', '(|(objectClass=user)(uid=x))'],
    ['o=isp', '(!(objectClass=user))'],
    ['o=isp', '(!(&(objectClass=user)(uid=x)))'],
    ['o=isp', 'no filter'],
  ])('nobody knows, below %s: %s', (base, filter) => {
    expect(isWithin({ base, filter }, accounts)).toBe(false);
  });
});
