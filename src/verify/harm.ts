import type { DesiredCs6Host, DesiredCs7Host, DesiredState } from '../core/desired.ts';
import type { LikelyCause } from '../core/verification.ts';
import { routesOf } from './front-ends.ts';
import { type HostSettings, settingKeys } from './host-settings.ts';
import { domainOf, type Probe } from './probe.ts';

/**
 * With autoprovisioning on, CS6 makes a calendar for an account of CS7 that it is only asked about, and takes the account
 * for its own from then on. So such a question is asked only where that is known to be off. It may reach CS6 by way of
 * CS7 too: CS7 asks CS6 about every account that it does not take for its own.
 */
export function harmOf(
  probe: Probe,
  asked: DesiredCs6Host | DesiredCs7Host,
  state: DesiredState,
  settings: HostSettings,
): LikelyCause | undefined {
  if (isOfCs6(probe)) return undefined;
  const cs6 = 'platform' in asked;
  const own = cs6 ? provisions(asked, settings) : undefined;
  if (own) return own;
  const next = cs6 ? redirectHost(asked, state) : asked;
  if (!next || !mayPassOn(next, probe, settings)) return undefined;
  for (const host of passedTo(next, probe, state, settings)) {
    const there = provisions(host, settings);
    if (there) return there;
  }
  return undefined;
}

/** The same of a CS6 host that is told to refer to nobody. */
export function harmOfAsking(host: DesiredCs6Host, probe: Probe, settings: HostSettings): LikelyCause | undefined {
  return isOfCs6(probe) ? undefined : provisions(host, settings);
}

/** Of an account that stays: a calendar that CS6 makes for one of its own accounts is what that account would get at its first login anyway. */
function isOfCs6({ side, local, moves }: Probe): boolean {
  return side === 'cs6' && !local && !moves;
}

/** The CS7 host that a CS6 host refers to, by what the file says. */
export function redirectHost(host: DesiredCs6Host, { cs7 }: DesiredState): DesiredCs7Host | undefined {
  const url = redirectUrl(host) ?? '';
  return cs7.find(({ http }) => url.startsWith(`${http.replace(/\/+$/, '')}/`));
}

/** Where a CS6 host must send those who ask about accounts that it has no calendar of. */
export function redirectUrl(host: DesiredCs6Host): string | undefined {
  return host.settings.find(({ key }) => key === settingKeys.redirect)?.value ?? undefined;
}

/** Why a CS6 host may make a calendar for whomever it is asked about. */
function provisions(host: DesiredCs6Host, settings: HostSettings): LikelyCause | undefined {
  const { name } = host;
  const source = host.settings.find(({ key }) => key === settingKeys.autoprovision)?.source ?? host.source;
  const cause = (why: string): LikelyCause => ({ target: name, key: settingKeys.autoprovision, why, source });
  if (!settings.known(host)) return cause('whether it is off is not known: the settings of the host were not read.');
  const change = settings.difference(name, settingKeys.autoprovision);
  if (change) {
    const now = typeof change.before === 'string' ? `"${change.before}"` : 'not set';
    return cause(`it is ${now} and must be "no": CS6 would make a calendar for the account, and answer from that.`);
  }
  if (settings.service(name) !== 'owed') return undefined;
  return cause(
    'it is off in the file, and CS6 was not restarted since that was written: it may run with what was there.',
  );
}

/**
 * Whether CS7 may take the account for one of CS6. Without the local-user option it takes everybody for its own; with it
 * those whose entry, as far as it fetches it, has the attribute (chapter 10, "About the Calendar Server 7 Configuration").
 */
export function mayPassOn(host: DesiredCs7Host, { local }: Probe, settings: HostSettings): boolean {
  const { name } = host;
  if (!settings.known(host) || settings.service(name) === 'owed') return true;
  const option = settings.difference(name, settingKeys.localUser);
  if (option) return option.action !== 'create';
  const list = settings.difference(name, settingKeys.subject);
  if (!list) return !local;
  const wanted = host.options.find(one => one.name === settingKeys.localUser)?.value;
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
  return asWanted && settings.service(host.name) !== 'owed' ? routesOf(state, domain) : state.cs6;
}
