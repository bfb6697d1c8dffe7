import type { DesiredCs6Host, DesiredCs7Host, DesiredDirectory, DesiredIgnore, DesiredState } from '../core/desired.ts';
import type { SourcePosition } from '../core/finding.ts';
import { findFurtherSetting, findLiveSetting, settingNames } from './live-settings.ts';
import { nearestNames } from './nearest.ts';

/** One thing that must be so, and who says it. */
export interface Wanted {
  /** In words: `"no"`, `absent`, `at least davStore, davUniqueId in the list`. */
  readonly value: string;
  readonly because: string;
  readonly chapter?: string;
  readonly source: SourcePosition;
}

/** Why a key on a host, or an attribute in the directory, must be what it must be. */
export type WhyAnswer =
  | { readonly state: 'wanted'; readonly answers: readonly Wanted[]; readonly ignored: readonly DesiredIgnore[] }
  | { readonly state: 'left-alone'; readonly reason: string }
  | { readonly state: 'unknown-host'; readonly near: readonly string[]; readonly known: readonly string[] }
  | { readonly state: 'unknown-key'; readonly near: readonly string[] };

/** Looks the answer up in the wanted state; nothing is asked of a host. */
export function askWhy(state: DesiredState, target: string, key: string): WhyAnswer {
  const answers = wantedOf(state, target, key);
  if (answers === undefined) return unknownHost(state, target);
  if (answers.length > 0) {
    const ignored = state.ignore.filter(entry => entry.target === target && sameName(entry.key, key));
    return { state: 'wanted', answers, ignored };
  }
  return notManaged(state, target, key);
}

/** Nothing where there is no such target. */
function wantedOf(state: DesiredState, target: string, key: string): readonly Wanted[] | undefined {
  if (target === 'directory') return directoryWants(state, key);
  const cs6 = state.cs6.find(host => host.name === target);
  if (cs6) return cs6Wants(cs6, key);
  const cs7 = state.cs7.find(host => host.name === target);
  return cs7 && cs7Wants(cs7, state.directory, key);
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function quoted(value: string | null): string {
  return value === null ? 'absent' : `"${value}"`;
}

function withChapter(wanted: Wanted, page: string): Wanted {
  const chapter = findLiveSetting(page)?.chapter;
  return { ...wanted, ...(chapter !== undefined && { chapter }) };
}

function cs6Wants(host: DesiredCs6Host, key: string): readonly Wanted[] {
  return host.settings
    .filter(setting => sameName(setting.key, key))
    .map(({ value, because, source }) => withChapter({ value: quoted(value), because, source }, key));
}

function cs7Wants(host: DesiredCs7Host, directory: DesiredDirectory, key: string): readonly Wanted[] {
  const options = host.options
    .filter(option => sameName(option.name, key))
    .map(({ value, because, source }) => withChapter({ value: optionValue(value), because, source }, key));
  const map = sameName(key, 'ischeduledomainmap.properties');
  const domains = host.domains
    .filter(({ domain }) => map || sameName(domain, key))
    .map(({ domain, url, because, source }) =>
      withChapter({ value: `${domain}=${url}`, because, source }, 'ischeduledomainmap.properties'),
    );
  return [...options, ...domains, ...uniqueIdWants(host, directory, key)];
}

function optionValue(value: DesiredCs7Host['options'][number]['value']): string {
  if (value === null || typeof value === 'string') return quoted(value);
  return `a list with at least ${value.include.join(', ')}; what else is in it stays`;
}

function uniqueIdWants(host: DesiredCs7Host, { source }: DesiredDirectory, key: string): readonly Wanted[] {
  const option = 'davcore.uriinfo.permanentuniqueid';
  if (!sameName(key, option)) return [];
  const value = `"${host.uniqueIdAttribute}" already; reconcile compares it and never writes it`;
  const because =
    'CS7 files the data of an account under it, and a change on a server that holds data loses that data.';
  return [withChapter({ value, because, source }, option)];
}

function directoryWants(state: DesiredState, key: string): readonly Wanted[] {
  const { uniqueId, localUser, source } = state.directory;
  if (sameName(key, localUser.attribute)) return cohortWants(state);
  if (sameName(key, 'icsAllowedServiceAccess')) return denialWants(state);
  if (sameName(key, uniqueId.attribute)) {
    const value = `present on every user, group and resource; copied from ${uniqueId.copyFrom} where it is missing, never changed`;
    const because = 'CS7 knows an account by it, and refers to accounts of both sides by it.';
    return [withChapter({ value, because, source }, 'davUniqueId')];
  }
  if (!sameName(key, 'objectClass')) return [];
  const classes = [...new Set([uniqueId.objectClass, localUser.objectClass])].join(' and ');
  const because = `It allows ${uniqueId.attribute} and ${localUser.attribute}; without it the directory refuses them.`;
  return [
    withChapter({ value: `${classes} is added with the first attribute that needs it`, because, source }, 'davEntity'),
  ];
}

function cohortWants({ cohorts, directory }: DesiredState): readonly Wanted[] {
  const { attribute } = directory.localUser;
  return cohorts.map(({ name, store, share, source }) => {
    const of = share === undefined ? '' : `${share} % of the `;
    const value = `${quoted(store ?? null)} on ${of}accounts of cohort ${name}${share === undefined ? '' : ', and absent on the others'}`;
    const because =
      store === undefined
        ? `They are on CS6, and an account that has ${attribute} counts as one of CS7.`
        : `They are on CS7, which takes an account for its own when it has ${attribute}; the value names the back end.`;
    return withChapter({ value, because, source }, 'davStore');
  });
}

function denialWants({ cohorts }: DesiredState): readonly Wanted[] {
  return cohorts.flatMap(({ name, migrated, source }) => {
    if (migrated?.denyLogin === undefined) return [];
    const value = `"${migrated.denyLogin}" on accounts of cohort ${name} that are on CS7`;
    const because = 'They log in to CS6 no longer by mistake, which could cause calendars to be created there.';
    return [withChapter({ value, because, source }, 'icsAllowedServiceAccess')];
  });
}

function unknownHost(state: DesiredState, target: string): WhyAnswer {
  const known = [...[...state.cs6, ...state.cs7].map(host => host.name), 'directory'];
  return { state: 'unknown-host', near: nearestNames(target, known), known };
}

function notManaged(state: DesiredState, target: string, key: string): WhyAnswer {
  const live = findLiveSetting(key);
  if (live)
    return { state: 'left-alone', reason: `${live.name} is ${live.place}. On ${target} nothing is set by that name.` };
  const further = findFurtherSetting(key);
  if (further)
    return { state: 'left-alone', reason: `${further.known.meaning} The file does not name it for ${target}.` };
  const near = nearestNames(key, knownOn(state, target), 2);
  const plausible = target === 'directory' ? /^[A-Za-z][A-Za-z0-9;-]*$/ : /^[\w[\]-]+(\.[\w[\]-]+)+$/;
  if (near.length > 0 || !plausible.test(key)) return { state: 'unknown-key', near };
  return {
    state: 'left-alone',
    reason: `Nothing is known of ${key} here, and the file does not name it for ${target}.`,
  };
}

/** Names that a key of this target can be a slip of. */
function knownOn(state: DesiredState, target: string): readonly string[] {
  const { uniqueId, localUser } = state.directory;
  if (target === 'directory')
    return [...settingNames.filter(name => !name.includes('.')), uniqueId.attribute, localUser.attribute];
  const cs6 = state.cs6.filter(host => host.name === target).flatMap(host => host.settings.map(setting => setting.key));
  const cs7 = state.cs7
    .filter(host => host.name === target)
    .flatMap(host => [...host.options.map(option => option.name), ...host.domains.map(({ domain }) => domain)]);
  return [...settingNames, ...cs6, ...cs7];
}
