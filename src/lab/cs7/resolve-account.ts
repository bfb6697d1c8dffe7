import { equals, or } from '../../ldap/filter.ts';
import { findAccount, firstValue, type LabAccount } from '../freebusy/directory.ts';
import { type Cs7Server, optionWords } from './server.ts';

/** Whose calendars an account has: this server's, under the unique id, or another's. */
export type Side = { readonly local: true; readonly uniqueId: string } | { readonly local: false };

const UNIQUE_ID = 'davcore.uriinfo.permanentuniqueid';
const SUBJECT = 'davcore.uriinfo.subjectattributes';
const LOCAL_USER = 'davcore.scheduling.localuserattr';

/**
 * Looks an address up. An entry is seen with the attributes of `subjectattributes` and no others: one that is missing there might
 * as well be missing in the directory. Nothing when nobody has the address. Throws when the account cannot be used.
 */
export async function resolveAccount(server: Cs7Server, mail: string): Promise<Side | undefined> {
  const { directory } = server.face;
  if (directory === undefined) throw new Error('no directory is configured');
  const filter = or(...optionWords(server, 'davcore.uriinfo.emailattributes').map(name => equals(name, mail)));
  const account = await findAccount(directory, filter, [...optionWords(server, SUBJECT), 'objectClass']);
  if (account === undefined) return undefined;
  if (firstValue(account, 'mail') === undefined) throw new Error(unseen(server, account, 'mail'));
  return isLocal(server, account) ? { local: true, uniqueId: uniqueIdOf(server, account) } : { local: false };
}

/** Without the option everybody in the directory is local; with it, who has the attribute (chapter 10, workflow description). */
function isLocal(server: Cs7Server, account: LabAccount): boolean {
  const attribute = server.options[LOCAL_USER]?.trim() ?? '';
  return attribute === '' || firstValue(account, attribute) !== undefined;
}

function uniqueIdOf(server: Cs7Server, account: LabAccount): string {
  const attribute = server.options[UNIQUE_ID]?.trim() ?? '';
  const value = firstValue(account, attribute);
  if (value === undefined) throw new Error(unseen(server, account, attribute));
  return value;
}

function unseen(server: Cs7Server, account: LabAccount, attribute: string): string {
  const fetched = optionWords(server, SUBJECT).some(name => name.toLowerCase() === attribute.toLowerCase());
  const why = fetched ? `the entry has no ${attribute}` : `${attribute} is not in ${SUBJECT} and is not fetched`;
  return `${account.dn} cannot be used: ${why}`;
}
