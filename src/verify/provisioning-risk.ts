import { foldValue } from '../accounts/account.ts';
import {
  type Answering,
  answeringHosts,
  type DesiredCs6Host,
  type DesiredCs7Host,
  type DesiredState,
  hostsOf,
} from '../core/desired.ts';
import { TargetProblem } from '../core/finding.ts';
import type { LikelyCause } from '../core/verification.ts';
import { calendarsOf, listAll } from '../kinds/shared/calendar-listing.ts';
import type { ReadPorts } from '../ports/ports.ts';
import { cs6Keys, routesOf } from '../products/cs6.ts';
import { cs7Options } from '../products/cs7.ts';
import type { HostSettings } from './host-settings.ts';
import { domainOf, type Probe } from './probe.ts';

/** Who is known to have a calendar on a CS6 host. */
interface Cs6Calendars {
  /** Whether an account by one of these names has one where this host looks; what is not known is no calendar. */
  has(host: string, names: readonly string[]): boolean;
}

/**
 * Lists the calendars of hosts by `cscal`, which makes none. A front end without a database of its own lists nothing; what it
 * answers from is on the others. A host that cannot be listed says nothing about anybody.
 */
export async function readCalendars(hosts: readonly DesiredCs6Host[], ports: ReadPorts): Promise<Cs6Calendars> {
  const owners = new Map(await Promise.all(hosts.map(async host => [host.name, await ownersOn(host, ports)] as const)));
  const owns = (host: string, names: readonly string[]) => names.some(name => owners.get(host)?.has(name));
  return {
    has: (host, names) =>
      owners.get(host)?.size === 0 ? [...owners.keys()].some(one => owns(one, names)) : owns(host, names),
  };
}

async function ownersOn(host: DesiredCs6Host, ports: ReadPorts): Promise<ReadonlySet<string> | undefined> {
  try {
    const listing = await listAll(host, ports.host(host.name));
    const owners = new Set<string>();
    for (const { owner } of calendarsOf(listing)) owners.add(foldValue(owner));
    return owners.size === 0 && listing.doubt !== undefined ? undefined : owners;
  } catch (problem) {
    if (problem instanceof TargetProblem) return undefined;
    throw problem;
  }
}

/** What is known of the hosts. */
export interface Known {
  readonly settings: HostSettings;
  readonly calendars: Cs6Calendars;
}

/**
 * With autoprovisioning on, CS6 makes a calendar for an account without one that it is only asked about, and takes the account
 * for its own from then on. So such a question is asked only where autoprovisioning is proved to be off, in the file and in the
 * running server. It may reach CS6 by way of CS7 too: CS7 asks CS6 about every account that it does not take for its own.
 */
export function harmOf(
  probe: Probe,
  asked: DesiredCs6Host | DesiredCs7Host,
  state: DesiredState,
  known: Known,
): LikelyCause | undefined {
  const { settings } = known;
  const cs6 = asked.product === 'cs6';
  if (cs6 && answersByItself(asked, probe, known)) return undefined;
  const own = cs6 ? harmOfAsking(asked, probe, known) : undefined;
  if (own) return own;
  const next = cs6 ? redirectHost(asked, state) : asked;
  if (!next || (settings.service(next.name) === 'runs' && !mayPassOn(next, probe, settings))) return undefined;
  for (const host of passedTo(next, probe, state, settings)) {
    const there = harmOfAsking(host, probe, known);
    if (there) return there;
  }
  return undefined;
}

/** The same of a CS6 host that is told to refer to nobody. */
export function harmOfAsking(host: DesiredCs6Host, probe: Probe, known: Known): LikelyCause | undefined {
  return answersByItself(host, probe, known) ? undefined : provisions(host, known.settings);
}

/** An account that stays on CS6 and has a calendar there. */
function answersByItself(
  { name }: DesiredCs6Host,
  { side, local, moves, names }: Probe,
  { calendars }: Known,
): boolean {
  return side === 'cs6' && !local && !moves && calendars.has(name, names);
}

/** The CS7 host that a CS6 host refers to, by what the file says. */
export function redirectHost(host: DesiredCs6Host, state: DesiredState): Answering<DesiredCs7Host> | undefined {
  const url = redirectUrl(host) ?? '';
  return answeringHosts(state, 'cs7').find(({ http }) => url.startsWith(`${http.replace(/\/+$/, '')}/`));
}

/** Where a CS6 host must send those who ask about accounts that it has no calendar of. */
export function redirectUrl(host: DesiredCs6Host): string | undefined {
  return host.settings.find(({ key }) => key === cs6Keys.redirect)?.value ?? undefined;
}

/** Why a CS6 host may make a calendar for whomever it is asked about. */
export function provisions(host: DesiredCs6Host, settings: HostSettings): LikelyCause | undefined {
  const { name } = host;
  const source = host.settings.find(({ key }) => key === cs6Keys.autoprovision)?.source ?? host.source;
  const cause = (why: string): LikelyCause => ({ target: name, key: cs6Keys.autoprovision, why, source });
  if (!settings.known(host)) return cause('it is not known whether it is off: the settings of the host were not read.');
  const change = settings.difference(name, cs6Keys.autoprovision);
  if (change) {
    const now = typeof change.before === 'string' ? `"${change.before}"` : 'not set';
    return cause(`it is ${now} but must be "no": CS6 would create a calendar for the account and answer from it.`);
  }
  const service = settings.service(name);
  return service === 'runs' ? undefined : cause(`it is off in the file, but ${notProved[service]}.`);
}

/** Why it is not known what a server that answers has read. */
const notProved = {
  owed: 'CS6 was not restarted after that was written, so it may run with the old settings',
  stopped: 'no process of CS6 was found that has read it, so a server that answers may run with any settings',
  unproved: 'it is not proved that the running server has read it',
} as const;

/**
 * Whether CS7 may take the account for one of CS6. Without the local-user option it takes everybody for its own; with it
 * those whose entry, as far as it fetches it, has the attribute (chapter 10, "About the Calendar Server 7 Configuration").
 */
export function mayPassOn(host: DesiredCs7Host, { local }: Probe, settings: HostSettings): boolean {
  const { name } = host;
  if (!settings.known(host) || settings.service(name) === 'owed') return true;
  const option = settings.difference(name, cs7Options.localUser);
  if (option) return option.action !== 'create';
  const list = settings.difference(name, cs7Options.subject);
  if (!list) return !local;
  const wanted = host.options.find(one => one.name === cs7Options.localUser)?.value;
  const fetched = typeof list.before === 'string' ? [list.before] : (list.before ?? []);
  const attribute = typeof wanted === 'string' ? wanted.toLowerCase() : '';
  return !local || !fetched.some(word => word.toLowerCase() === attribute);
}

/** The CS6 hosts that CS7 may ask: by the domain map, or any where the map is not what it must be. */
function passedTo(
  host: DesiredCs7Host,
  { mail }: Probe,
  state: DesiredState,
  settings: HostSettings,
): readonly DesiredCs6Host[] {
  const domain = domainOf(mail);
  const asWanted = settings.known(host) && !settings.difference(host.name, domain);
  return asWanted && settings.service(host.name) === 'runs' ? routesOf(state, domain) : hostsOf(state, 'cs6');
}
