import { hasClass, sameValue, valuesOf } from '../../accounts/account.ts';
import { domainOf, isNamed } from '../../accounts/account-names.ts';
import { entriesOf, entryQuery } from '../../accounts/account-searches.ts';
import { answeringHosts, type DesiredCs6Host, type DesiredState, hostsOf, loginAttribute } from '../../core/desired.ts';
import { TargetProblem } from '../../core/finding.ts';
import { stated } from '../../core/next-command.ts';
import { count } from '../../core/units.ts';
import type { DirectoryEntry } from '../../ports/directory.ts';
import type { FreeBusyReader } from '../../ports/free-busy.ts';
import type { WritePorts } from '../../ports/ports.ts';
import { cs6Keys, routesOf } from '../../products/cs6.ts';
import { uncovered } from '../shared/calendar-listing.ts';
import { accountAttributes, type MigratedAccount, type WantedOfHost } from './owners.ts';

/** Why something could not be read. */
export interface Unreadable {
  readonly problem: string;
}

/** What is read, or why it cannot be: that stops those who need it, and no others. */
export async function orProblem<T>(read: () => Promise<T>): Promise<T | Unreadable> {
  try {
    return await read();
  } catch (problem) {
    if (problem instanceof TargetProblem) return { problem: problem.finding.detail };
    throw problem;
  }
}

/** Where to ask about an account on either side. */
interface Sides {
  readonly cs6: string;
  readonly cs7: string;
}

/**
 * What keeps it from being certain that an account is on CS7 with all its times, and gone from CS6 but for its calendars;
 * nothing where that is proved. All of it is asked for now: the plan may be days old.
 */
export async function unproved(
  owner: string,
  account: MigratedAccount,
  { host, state }: Pick<WantedOfHost, 'host' | 'state'>,
  ports: WritePorts,
): Promise<string | undefined> {
  const entry = await orProblem(() => readAgain(account, state, ports));
  if (entry && 'problem' in entry) return `${account.dn} cannot be read again: ${entry.problem}`;
  if (!entry) return `${account.dn} is no longer in the directory: find out what happened to it.`;
  if (!isNamed(owner, entry)) return `${account.dn} no longer has the name ${owner}: plan again.`;
  return (
    wrongSide(state, account, entry) ??
    loginOpen(account, entry) ??
    (await timesMissing(valuesOf(entry, 'mail'), mail => sidesOf(mail, host, state), ports.freeBusy()))
  );
}

async function readAgain({ dn }: MigratedAccount, state: DesiredState, ports: WritePorts) {
  const [entry] = await entriesOf(entryQuery(dn, accountAttributes(state)), ports.directory());
  return entry;
}

function wrongSide({ directory }: DesiredState, { store }: MigratedAccount, entry: DirectoryEntry): string | undefined {
  const { attribute } = directory.localUser;
  const values = valuesOf(entry, attribute);
  if (values.length === 1 && values.every(value => sameValue(value, store))) return undefined;
  const said = values.length === 0 ? `has no ${attribute}` : `has ${attribute} ${values.join(', ')}`;
  return `the account ${said} and not ${store}: apply again once it is on CS7.`;
}

/** Only users log in; groups and resources cannot have the attribute (Schema Reference, icsCalendarGroup and icsCalendarResource). */
function loginOpen({ cohort }: MigratedAccount, entry: DirectoryEntry): string | undefined {
  const deny = cohort.migrated?.denyLogin;
  if (deny === undefined || !hasClass(entry, 'icsCalendarUser')) return undefined;
  if (valuesOf(entry, loginAttribute).some(value => sameValue(value, deny))) return undefined;
  return `the account can still log in to CS6 (${loginAttribute} is not ${deny}) and could create new calendars: deny the login first.`;
}

/** CS7 must answer for every address, and with at least the busy times that CS6 still has. */
async function timesMissing(
  mails: readonly string[],
  sidesOf: (mail: string) => Sides | Unreadable,
  reader: FreeBusyReader,
): Promise<string | undefined> {
  if (mails.length === 0) return 'the account has no mail address, so CS7 cannot be asked about it: add one.';
  for (const mail of mails) {
    const sides = sidesOf(mail);
    const problem = 'problem' in sides ? sides.problem : await timesMissingOf(mail, sides, reader);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

async function timesMissingOf(mail: string, sides: Sides, reader: FreeBusyReader): Promise<string | undefined> {
  const there = await reader.ask({ http: sides.cs7, side: 'cs7', mail });
  if (there.state !== 'answered')
    return `CS7 (${sides.cs7}) does not answer for ${mail}: ${there.detail}\nCheck that the account works on CS7, and apply again.`;
  const here = await reader.ask({ http: sides.cs6, side: 'cs6', mail });
  if (here.state === 'failed')
    return `CS6 (${sides.cs6}) does not return its busy times for ${mail}: ${here.detail}\nWithout them, it is not proved that CS7 has all of them. Apply again when CS6 answers.`;
  const missing = here.state === 'answered' ? uncovered(here.busy, there.busy) : [];
  const [first] = missing;
  if (!first) return undefined;
  const when = `${new Date(first.start).toISOString()} to ${new Date(first.end).toISOString()}`;
  return `CS7 lacks busy times that CS6 has for ${mail}: was the account's data migrated?\n${missing.length} of ${count(here.state === 'answered' ? here.busy.length : 0, 'busy time')}, such as ${when}. Migrate the data (davadmin migration), and apply again.`;
}

/** Who is asked about an address; a host that nobody asks over HTTP is a back end, and its front ends answer from it. */
function sidesOf(mail: string, host: DesiredCs6Host, state: DesiredState): Sides | Unreadable {
  const cs7 = cs7FrontEnd(host, state);
  if (cs7 === undefined) return notAsked('CS7', state);
  const [routed] = domainOf(mail).flatMap(domain => routesOf(state, domain));
  const cs6 = host.http ?? (routed ?? answeringHosts(state, 'cs6')[0])?.http;
  return cs6 === undefined ? notAsked('CS6', state) : { cs6, cs7 };
}

/** The CS7 front end that this host refers to, by its redirect URL; the first one where that leads elsewhere. */
function cs7FrontEnd(host: DesiredCs6Host, state: DesiredState): string | undefined {
  const url = host.settings.find(({ key }) => key === cs6Keys.redirect)?.value ?? '';
  const fronts = answeringHosts(state, 'cs7');
  return (fronts.find(({ http }) => url.startsWith(`${http.replace(/\/+$/, '')}/`)) ?? fronts[0])?.http;
}

function notAsked(side: 'CS6' | 'CS7', state: DesiredState): Unreadable {
  const product = side === 'CS6' ? 'cs6' : 'cs7';
  const [{ name, access } = { name: 'NAME', access: { address: 'HOST' } }] = hostsOf(state, product);
  const example = stated([product, 'hosts', name, 'http'], JSON.stringify(`http://${access.address}:8080`));
  return {
    problem: `no ${side} host has http in the file, so none can be asked for busy times. Without them, it is not proved that CS7 has all of them. Set http of a host:\n${example}`,
  };
}
