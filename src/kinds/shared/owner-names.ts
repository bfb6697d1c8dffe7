import type { DirectoryEntry } from '../../ports/directory.ts';
import { valuesOf } from './ldap-account.ts';

/** What has to be known of an account to tell which owner it is. */
export const namingAttributes: readonly string[] = ['uid', 'mail', 'icsCalendar'];

/**
 * The names by which an account can own calendars, in lower case: its uid with the domain of a mail address (6.3 with
 * domains), its bare uid (without), and its default calendar, which is named after its owner (6.3 Administration Guide,
 * chapter 15; case does not count in `cscal -o`, appendix D).
 */
export function namesOf(entry: DirectoryEntry): ReadonlySet<string> {
  const uids = valuesOf(entry, 'uid');
  const domains = valuesOf(entry, 'mail').flatMap(mail =>
    mail.includes('@') ? [mail.slice(mail.lastIndexOf('@'))] : [],
  );
  const names = [
    ...uids,
    ...uids.flatMap(uid => domains.map(domain => uid + domain)),
    ...valuesOf(entry, 'icsCalendar'),
  ];
  return new Set(names.map(name => name.toLowerCase()).filter(name => name.trim() !== ''));
}

/** Whether an owner, as `cscal` prints it, is this account. */
export function isNamed(owner: string, entry: DirectoryEntry): boolean {
  return namesOf(entry).has(owner.toLowerCase());
}

/** The uid values that an account with this owner's name can have. */
export function possibleUids(owner: string): readonly string[] {
  const at = owner.lastIndexOf('@');
  return at > 0 ? [owner, owner.slice(0, at)] : [owner];
}
