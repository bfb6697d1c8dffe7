import { describe, expect, it } from 'vitest';
import { directoryEntries, type LabEntry } from '../../../src/lab/directory-content.ts';
import type { TestDirectory } from '../../servers/directory-server.ts';
import { collect, connectionForTest, directoryForTest, findingOf, makes, sharedDirectory } from './support.ts';

// What the servers make of a negation. Accounts that deviate are looked for by one, and a cohort's filter may hold one, so
// that the product must know when "nobody is found" means that nobody is there, and when that the question was senseless.

const PEOPLE = 'ou=People,o=example.com,o=isp';
const JDOE = `uid=jdoe,${PEOPLE}`;
const TYPES = [
  "( 1.3.6.1.4.1.99999.1.101 NAME 'labCount' EQUALITY integerMatch ORDERING integerOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )",
  "( 1.3.6.1.4.1.99999.1.102 NAME 'labFlag' EQUALITY booleanMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.7 SINGLE-VALUE )",
];
const furtherTypes = {
  slapd: { global: TYPES.map(type => `attributetype ${type}`) },
  ds389: { schema: TYPES.map(type => `attributeTypes: ${type}`) },
};

/** Six users: r+d is in the store `x`, zoë in `y`, the others have no davStore. */
function users(): readonly LabEntry[] {
  const content = { suffix: 'o=isp', domain: 'example.com', users: 6, groups: 0, resources: 0 };
  const stores: Readonly<Record<string, string>> = { 'r+d': 'x', zoë: 'y' };
  return [...directoryEntries(content)].map(entry => {
    const store = stores[entry.attributes['uid']?.[0] ?? ''];
    return store === undefined ? entry : withStore(entry, store);
  });
}

function withStore({ dn, attributes }: LabEntry, store: string): LabEntry {
  const objectClass = [...(attributes['objectClass'] ?? []), 'davEntity'];
  return { dn, attributes: { ...attributes, objectClass, davStore: [store] } };
}

async function found(directory: TestDirectory, filter: string, base = PEOPLE): Promise<readonly string[]> {
  const entries = await collect(connectionForTest(directory).search({ base, filter, attributes: ['uid'] }));
  return entries.flatMap(entry => entry.attributes.get('uid') ?? []).sort();
}

/** What is found of jdoe by a condition, by its negation, and by either: `(|(F)(!(F)))`. */
async function probe(directory: TestDirectory, filter: string): Promise<readonly boolean[]> {
  const filters = [filter, `(!${filter})`, `(|${filter}(!${filter}))`];
  const answers = await Promise.all(filters.map(one => found(directory, one, JDOE)));
  return answers.map(uids => uids.length === 1);
}

const EVALUATED = [false, true, true];
const HOLDS = [true, false, true];
/** RFC 4511, 4.5.1.7: neither true nor false, and so is its negation. Nobody is found, without an error. */
const UNDEFINED = [false, false, false];

describe.each(makes)('a negation on %s', make => {
  const directory = sharedDirectory(make, () => ({ entries: users(), ...furtherTypes }));

  it.each([
    ['(!(davStore=x))', ['Smith, Jr.', 'francoise.okafor', 'jdoe', "o'neil", 'zoë']],
    ['(!(davStore=*))', ['Smith, Jr.', 'francoise.okafor', 'jdoe', "o'neil"]],
    ['(!(!(davStore=x)))', ['r+d']],
    ['(!(|(davStore=x)(davStore=y)))', ['Smith, Jr.', 'francoise.okafor', 'jdoe', "o'neil"]],
  ])('%s finds those without the attribute too', async (filter, uids) => {
    // So that one question finds everybody who is not in the store: in another one, or in none.
    expect(await found(directory(), `(&(objectClass=icsCalendarUser)${filter})`)).toEqual([...uids].sort());
  });

  it.each<[string, string, readonly boolean[]]>([
    ['an ordinary value', '(davStore=x)', EVALUATED],
    ['a condition that holds', '(objectClass=icsCalendarUser)', HOLDS],
    ['a name of the attribute that is an OID', '(2.5.4.4=Doe)', HOLDS],
    ['an option of the attribute', '(davStore;lang-de=x)', EVALUATED],
    ['a number', '(labCount=7)', EVALUATED],
    ['the order of numbers', '(labCount>=7)', EVALUATED],
    ['a truth value', '(labFlag=TRUE)', EVALUATED],
  ])('is the contrary of what it negates: %s', async (_, filter, answers) => {
    expect(await probe(directory(), filter)).toEqual(answers);
  });

  // OpenLDAP calls these undefined: whoever is looked for by the contrary is not found, and a cohort `(!(F))` is empty.
  // 389 calls them false: `(!(F))` is everybody. `(|(F)(!(F)))` on one known entry tells OpenLDAP's kind; on 389 it is
  // always found, so that there the schema has to be asked.
  it.each([
    ['an attribute that the schema does not know', '(noSuchAttribute=x)'],
    ['any value of such an attribute', '(noSuchAttribute=*)'],
    ['an unknown OID', '(1.2.3.4.5=x)'],
    ['a class that the schema does not know', '(objectClass=noSuchClass)'],
    ['a number that is none', '(labCount=abc)'],
    ['an order of what is no number', '(labCount>=abc)'],
    ['a truth value that is none', '(labFlag=maybe)'],
    ['a truth value in lower case', '(labFlag=true)'],
    ['an order of truth values', '(labFlag>=TRUE)'],
    ['a part of a number', '(labCount=7*)'],
    ['a name that is none', '(seeAlso=no name)'],
    ['an IA5 text with other letters', '(mail=zoë@example.com)'],
    ['a point in time that is none', '(createTimestamp=yesterday)'],
    ['an order without an ordering rule', '(davStore>=a)'],
    ['a part without a substrings rule', '(davUniqueId=a*)'],
    ['an empty value', '(departmentNumber=)'],
  ])('differs by server for %s', async (_, filter) => {
    expect(await probe(directory(), filter)).toEqual(make === 'slapd' ? UNDEFINED : EVALUATED);
  });

  it('of a value that an order can be made up for differs by server', async () => {
    // 389 orders what has no ordering rule too: by bytes.
    expect(await probe(directory(), '(departmentNumber>=A)')).toEqual(make === 'slapd' ? UNDEFINED : HOLDS);
  });

  it('of a matching rule that is not known is refused, or finds nobody', async () => {
    const filter = '(uid:noSuchRule:=jdoe)';
    if (make === 'slapd') {
      expect(await probe(directory(), filter)).toEqual(UNDEFINED);
    } else {
      const query = { base: JDOE, filter: `(!${filter})`, attributes: ['uid'] };
      const finding = await findingOf(collect(connectionForTest(directory()).search(query)));
      expect(finding.detail).toContain('12 unavailableCriticalExtension: Bad search filter');
    }
  });
});

describe.each(makes)('an attribute that the service may not look at on %s', make => {
  const deny = '(targetattr="davStore")(version 3.0; acl "hidden"; deny (all) userdn="ldap:///anyone";)';
  const directory = sharedDirectory(make, () => ({
    entries: users(),
    slapd: { database: ['access to attrs=davStore by * none'] },
    ds389: { aci: [deny] },
  }));

  it('is in no entry that is read, although the search succeeds', async () => {
    const query = { base: PEOPLE, filter: '(uid=*)', attributes: ['uid', 'davStore'] };
    const entries = await collect(connectionForTest(directory()).search(query));
    expect(entries.map(entry => [...entry.attributes.keys()])).toEqual(Array(6).fill(['uid']));
  });

  it('is undefined in a filter, on 389 too: the probe tells it from one that nobody has', async () => {
    // Else everybody would seem to be without, or, by the negation, nobody would.
    expect(await probe(directory(), '(davStore=x)')).toEqual(UNDEFINED);
    expect(await probe(directory(), '(davStore=*)')).toEqual(UNDEFINED);
    expect(await found(directory(), '(&(objectClass=icsCalendarUser)(!(davStore=*)))')).toEqual([]);
  });
});

describe('a 389 that checks filters by the schema', () => {
  const checking = (mode: string) =>
    directoryForTest('389', { ds389: { configuration: { 'cn=config': { 'nsslapd-verify-filter-schema': mode } } } });

  it('refuses an unknown attribute instead of finding everybody', async () => {
    const query = { base: PEOPLE, filter: '(!(noSuchAttribute=x))', attributes: ['uid'] };
    const finding = await findingOf(collect(connectionForTest(await checking('reject-invalid')).search(query)));
    expect(finding).toMatchObject({ code: 'directory.search-incomplete' });
    expect(finding.detail).toContain('53 unwillingToPerform: The filter provided contains invalid attributes');
  });

  it('finds everybody in its ordinary mode all the same', async () => {
    const all = await found(await checking('process-safe'), '(&(uid=*)(!(noSuchAttribute=x)))');
    expect(all).toHaveLength(20);
  });
});
