import { componentValues, nameAbove } from '../ldap/distinguished-name.ts';
import { and, equals, or } from '../ldap/filter.ts';
import type { DirectoryEntry } from '../ports/directory.ts';
import { foldValue, valuesOf } from './account.ts';

/** Attributes that CS6 makes the names of calendars and owners from. */
export const namingAttributes: readonly string[] = ['uid', 'groupid', 'mail', 'icsCalendar'];

/** What stands in the list of a host for a letter that its character set does not have. */
const unprintable = '\ufffd';

/**
 * Every form in which `cscal list` may name an account, as the owner of a calendar or as the calendar's id before its name:
 * uid, groupid (of groups) and icsCalendar (the id of the default calendar), each bare (one default domain) and with a
 * domain (hosted domains, as 6.3 has them; 6.3 Administration Guide, chapter 15; Schema Reference, icsCalendar). What the
 * domain is called stands in the entry's address, in its icsCalendar and in the name of its organisation. Case does not
 * count in `cscal -o` (appendix D). A host that prints in another character set than UTF-8 leaves a mark in place of each
 * foreign letter.
 */
export function accountNames(entry: DirectoryEntry): readonly string[] {
  const names = ['uid', 'groupid'].flatMap(attribute => valuesOf(entry, attribute)).map(foldValue);
  const calids = valuesOf(entry, 'icsCalendar').map(calid => foldValue(calid.split(':')[0] ?? ''));
  const domains = [...valuesOf(entry, 'mail').map(foldValue), ...calids].flatMap(domainOf);
  const known = new Set([...domains, ...organisationDomains(entry.dn)]);
  const whole = [...names, ...calids]
    .filter(name => name !== '')
    .flatMap(name => (name.includes('@') ? [name] : [name, ...[...known].map(domain => `${name}@${domain}`)]));
  return [...new Set(whole.flatMap(name => (ascii.test(name) ? [name] : [name, name.replace(notAscii, unprintable)])))];
}

const ascii = /^[\0-\x7f]*$/;
const notAscii = /[^\0-\x7f]/gu;

/** Whether an owner, as `cscal` prints it, may be this account. */
export function isNamed(owner: string, entry: DirectoryEntry): boolean {
  return accountNames(entry).includes(foldValue(owner));
}

/** Whether an owner is printed whole; of another no account can be told for certain, and `cscal` does not take it back. */
export function isPrintedWhole(owner: string): boolean {
  return !owner.includes(unprintable);
}

/**
 * A filter that fits every account that may be this owner, and others. uid and icsCalendar are indexed (2005Q4 Administration
 * Guide, "Attribute Indexes"; uid by the directory itself); groupid need not be, and is looked for among groups only.
 */
export function ownerFilter(owner: string): string {
  const at = owner.lastIndexOf('@');
  const ids = at > 0 ? [owner, owner.slice(0, at)] : [owner];
  const isEither = (attribute: string) => ids.map(id => equals(attribute, id));
  return or(
    ...isEither('uid'),
    ...isEither('icsCalendar'),
    and(equals('objectClass', 'icsCalendarGroup'), or(...isEither('groupid'))),
  );
}

/** The domain of an address, in lower case; none where there is no `@`. */
export function domainOf(address: string): readonly string[] {
  const at = address.lastIndexOf('@');
  return at < 0 ? [] : [address.slice(at + 1).toLowerCase()];
}

/** Few organisations have many accounts: what their names say is worked out once. */
const organisations = new Map<string, readonly string[]>();
const mostOrganisations = 1000;

/** `o=example.com` names a domain, and so does `dc=example,dc=com`. */
function organisationDomains(dn: string): readonly string[] {
  const above = nameAbove(dn) ?? '';
  const known = organisations.get(above);
  if (known) return known;
  const parts = componentValues(above).map(({ type, value }) => ({
    type: type.toLowerCase(),
    value: foldValue(value),
  }));
  const components = parts.filter(({ type }) => type === 'dc').map(({ value }) => value);
  const domains = [
    ...parts.filter(({ type, value }) => type === 'o' && value.includes('.')).map(({ value }) => value),
    ...(components.length > 1 ? [components.join('.')] : []),
  ];
  if (organisations.size >= mostOrganisations) organisations.clear();
  organisations.set(above, domains);
  return domains;
}
