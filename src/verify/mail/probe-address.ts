import type { DesiredState } from '../../core/desired.ts';
import { nameKey } from '../../core/distinguished-name.ts';
import { TargetProblem } from '../../core/finding.ts';
import { equals } from '../../core/ldap-filter.ts';
import type { LikelyCause, VerifiedMail, VerifiedProbe } from '../../core/verification.ts';
import { accountSearches, entriesOf, entryQuery, restrict } from '../../kinds/shared/account-searches.ts';
import type { DirectoryReader } from '../../ports/directory.ts';
import type { ReadPorts } from '../../ports/ports.ts';

/**
 * Whether invitations find an account: it has one mail address, nobody else has the same, and CS7 knows a CS6 front end for
 * its domain, without which it takes nobody there for somebody of CS6.
 */
export async function verifyAddress(
  state: DesiredState,
  probe: Pick<VerifiedProbe, 'mail' | 'dn'>,
  ports: ReadPorts,
): Promise<VerifiedMail> {
  const about = { host: 'directory', what: `mail of ${probe.mail}` };
  try {
    const directory = ports.directory();
    const [entry] = await entriesOf(entryQuery(probe.dn, ['mail']), directory);
    const addresses = entry?.attributes.get('mail') ?? [];
    const owners = addresses.length === 1 ? await ownersOf(state, addresses[0] ?? '', directory) : [];
    const wrong = wrongWith(state, probe, addresses, owners);
    if (wrong) return { ...about, state: 'fails', detail: wrong.why, causes: [wrong] };
    return { ...about, state: 'works', detail: addresses[0] ?? '', causes: [] };
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return { ...about, state: 'unknown', detail: `it could not be read: ${problem.finding.summary}`, causes: [] };
  }
}

/** The accounts that have an address; what is compared is what the server compares. */
async function ownersOf(state: DesiredState, mail: string, directory: DirectoryReader): Promise<readonly string[]> {
  const searches = accountSearches(state.directory).map(search => restrict(search, equals('mail', mail)));
  const found = await Promise.all(
    searches.map(({ base, filter }) => entriesOf({ base, filter, attributes: ['mail'] }, directory)),
  );
  return [...new Map(found.flat().map(({ dn }) => [nameKey(dn), dn])).values()];
}

function wrongWith(
  { cs7, directory }: DesiredState,
  { dn }: Pick<VerifiedProbe, 'dn'>,
  addresses: readonly string[],
  owners: readonly string[],
): LikelyCause | undefined {
  const cause = (why: string) => ({ target: 'directory', key: 'mail', why, source: directory.source });
  const [mail, ...others] = addresses;
  if (mail === undefined) return cause(`${dn} has no mail address`);
  if (others.length > 0) return cause(`${dn} has ${addresses.length} mail addresses: ${addresses.join(', ')}`);
  if (owners.length > 1) return cause(`${owners.length} accounts have ${mail}: ${owners.slice(0, 3).join('; ')}`);
  const domain = mail.slice(mail.lastIndexOf('@') + 1).toLowerCase();
  const lacking = cs7.find(host => !host.domains.some(mapped => mapped.domain.toLowerCase() === domain));
  if (!lacking) return undefined;
  const why = `the domain map of ${lacking.name} is to have no ${domain}`;
  return { target: lacking.name, key: domain, why, source: lacking.source };
}
