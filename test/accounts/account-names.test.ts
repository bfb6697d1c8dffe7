import { describe, expect, it } from 'vitest';
import { accountNames, isNamed, isPrintedWhole, ownerFilter } from '../../src/accounts/account-names.ts';
import { createLabSchema } from '../../src/lab/embedded/lab-schema.ts';
import { parseFilter } from '../../src/ldap/filter.ts';
import { compileFilter } from '../../src/ldap/filter-match.ts';
import type { DirectoryEntry } from '../../src/ports/directory.ts';

const schema = createLabSchema();

function entryOf(dn: string, attributes: Readonly<Record<string, string[]>>): DirectoryEntry {
  const named = Object.entries(attributes).map(([name, values]) => [name.toLowerCase(), values] as const);
  return { dn, attributes: new Map(named) };
}

/** Whether the directory finds an entry by a filter. */
function finds(text: string, entry: DirectoryEntry): boolean | undefined {
  const parsed = parseFilter(text);
  if ('problem' in parsed) throw new Error(parsed.problem.reason);
  const fits = compileFilter<DirectoryEntry>(parsed.filter, schema, {
    dn: ({ dn }) => dn,
    names: ({ attributes }) => [...attributes.keys()],
    values: ({ attributes }, name) => attributes.get(name.toLowerCase()),
  });
  return fits(entry);
}

const jdoe = entryOf('uid=jdoe,ou=People,o=sesta.com,o=isp', {
  objectClass: ['icsCalendarUser'],
  uid: ['jdoe'],
  mail: ['John.Doe@mail.sesta.com'],
});
const staff = entryOf('cn=Staff,ou=Groups,o=sesta.com,o=isp', {
  objectClass: ['groupOfUniqueNames', 'icsCalendarGroup'],
  groupid: ['Staff'],
});
const room = entryOf('uid=room7,ou=Rooms,dc=sesta,dc=com', {
  objectClass: ['icsCalendarResource'],
  uid: ['room7'],
  icsCalendar: ['boardroom@rooms.sesta.com:Board Room'],
});
const zoe = entryOf('uid=zo\u00eb,ou=People,o=isp', { objectClass: ['icsCalendarUser'], uid: ['zo\u00eb'] });

/** `userid[@domain][:calendar-name]`, with the domain of the address, of the organisation or of the default calendar. */
describe('an account is the owner that cscal prints', () => {
  it.each([
    ['jdoe', jdoe],
    ['JDoe@mail.sesta.com', jdoe],
    ['jdoe@sesta.com', jdoe],
    ['staff', staff],
    ['staff@sesta.com', staff],
    ['room7', room],
    ['room7@sesta.com', room],
    ['room7@rooms.sesta.com', room],
    ['boardroom@rooms.sesta.com', room],
    ['zo\u00eb', zoe],
    ['zo\ufffd', zoe],
  ])('%s', (owner, entry) => {
    expect(isNamed(owner, entry)).toBe(true);
  });

  it.each([
    ['jdoe@example.com', jdoe],
    ['john.doe@mail.sesta.com', jdoe],
    ['', jdoe],
    ['boardroom@rooms.sesta.com:Board Room', room],
    ['zoe', zoe],
  ])('but not %s', (owner, entry) => {
    expect(isNamed(owner, entry)).toBe(false);
  });
});

describe('the filter for an owner', () => {
  it.each([jdoe, staff, zoe])('finds every account of that name: $dn', entry => {
    for (const name of accountNames(entry).filter(isPrintedWhole)) expect(finds(ownerFilter(name), entry)).toBe(true);
  });

  it('looks for groups by an index', () => {
    expect(ownerFilter('staff')).toContain('(&(objectClass=icsCalendarGroup)(groupid=staff))');
  });
});
