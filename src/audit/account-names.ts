import { valuesOf } from '../kinds/shared/ldap-account.ts';
import { componentValues, nameAbove } from '../ldap/distinguished-name.ts';
import type { DirectoryEntry } from '../ports/directory.ts';
import { fold } from './fold.ts';

/** Attributes that CS6 makes the names of calendars and owners from. */
export const nameAttributes: readonly string[] = ['uid', 'groupid', 'mail', 'icsCalendar'];

/**
 * Every form in which `cscal list` may name an account, as the owner of a calendar or as the calendar's id before its name:
 * uid, groupid and icsCalendar, each bare (one default domain) and with a domain (hosted domains). What the domain is
 * called stands in the entry's address, in its icsCalendar and in the name of its organisation. A host that prints in
 * another character set than UTF-8 leaves a mark in place of each foreign letter.
 */
export function calendarNames(entry: DirectoryEntry): readonly string[] {
  const names = ['uid', 'groupid'].flatMap(attribute => valuesOf(entry, attribute)).map(fold);
  const calids = valuesOf(entry, 'icsCalendar').map(calid => fold(calid.split(':')[0] ?? ''));
  const domains = [...valuesOf(entry, 'mail').map(fold), ...calids].flatMap(domainOf);
  const known = new Set([...domains, ...organisationDomains(entry.dn)]);
  const whole = [...names, ...calids]
    .filter(name => name !== '')
    .flatMap(name => (name.includes('@') ? [name] : [name, ...[...known].map(domain => `${name}@${domain}`)]));
  return [...new Set(whole.flatMap(name => (ascii.test(name) ? [name] : [name, name.replace(notAscii, '\ufffd')])))];
}

const ascii = /^[\0-\x7f]*$/;
const notAscii = /[^\0-\x7f]/gu;

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
  const parts = componentValues(above).map(({ type, value }) => ({ type: type.toLowerCase(), value: fold(value) }));
  const components = parts.filter(({ type }) => type === 'dc').map(({ value }) => value);
  const domains = [
    ...parts.filter(({ type, value }) => type === 'o' && value.includes('.')).map(({ value }) => value),
    ...(components.length > 1 ? [components.join('.')] : []),
  ];
  if (organisations.size >= mostOrganisations) organisations.clear();
  organisations.set(above, domains);
  return domains;
}
