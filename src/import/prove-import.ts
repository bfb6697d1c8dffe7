import type { Change } from '../core/change.ts';
import { type DesiredState, type Host, loginAttribute } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import type { Coverage, CoveredPart, ImportProof, Unmanaged } from '../core/import-report.ts';
import type { Plan, Step } from '../core/plan.ts';
import { printableLine } from '../core/printable.ts';
import { count } from '../core/units.ts';
import type { EstateEdit } from '../estate/edit-estate.ts';
import { isSecretName } from '../estate/literal-secrets.ts';
import { finding } from '../findings/catalogue.ts';
import { cs7Options } from '../products/cs7.ts';
import { isDerived } from '../products/products.ts';
import { type RefusedSettings, refusedSettings } from './adopted-settings.ts';
import { decided } from './compose-estate.ts';
import type { DirectoryFacts, HostFacts } from './fact.ts';

/** Why a plan of a new file has a change: coexistence needs it, a person asked for it, or the file does not say what is. */
type ChangeOf = 'needed' | 'asked' | 'unexpressed';

/** What a plan of a new file shows: how many changes of each sort there are, and a finding for each target that is not as it is. */
export function proveImport(
  plan: Plan,
  state: DesiredState,
  given: readonly EstateEdit[],
): Pick<ImportProof, ChangeOf> & { readonly findings: readonly Finding[] } {
  const sorted = plan.steps.flatMap(step =>
    step.changes.map(change => ({ step, change, of: sortChange(step, change, state, given) })),
  );
  const number = (of: ChangeOf) => sorted.filter(one => one.of === of).length;
  const wrong = sorted.filter(({ of }) => of === 'unexpressed');
  const findings = [...new Set(wrong.map(({ step }) => step))].map(step =>
    notExpressed(
      step,
      wrong.filter(one => one.step === step).map(({ change }) => change),
    ),
  );
  return { needed: number('needed'), asked: number('asked'), unexpressed: number('unexpressed'), findings };
}

function sortChange({ target }: Step, change: Change, state: DesiredState, given: readonly EstateEdit[]): ChangeOf {
  const host = state.hosts.find(({ name }) => name === target);
  if (!host) return change.key === state.directory.uniqueId.attribute ? 'needed' : 'unexpressed';
  const { product, name } = host;
  // Another local-user attribute than the one in use would put every account on the other side.
  if (change.key === cs7Options.localUser && typeof change.before === 'string' && change.before !== '')
    return decided(['directory', 'localUser', 'attribute'], given) ? 'asked' : 'unexpressed';
  // A file never takes a line of the domain map away, and a restart follows from the other changes.
  const follows = change.action === 'restart' || isDerived(product, change.key);
  const mapped = product === 'cs7' && host.domains.some(({ domain }) => domain === change.key);
  if (follows || mapped) return 'needed';
  const places = [
    [product, 'settings', change.key],
    [product, 'hosts', name, 'settings', change.key],
  ];
  const settings = given.filter(({ path }) => path.includes('settings'));
  return places.some(path => decided(path, settings)) ? 'asked' : 'unexpressed';
}

/** How many changes a finding names. */
const mostNamed = 5;

function notExpressed({ target }: Step, changes: readonly Change[]): Finding {
  const lines = changes
    .slice(0, mostNamed)
    .map(({ item, key, action }) => `    ${printableLine(`${item}: ${action} ${key}`)}`);
  const more = changes.length > mostNamed ? [`    and ${changes.length - mostNamed} more`] : [];
  return finding('import.not-expressed', {
    target,
    detail: [
      `${target}: planning what is there would make ${count(changes.length, 'change')} that coexistence does not need:`,
      ...lines,
      ...more,
      'No file was written, because applying it would change what it was to describe. Report this with --format json.',
    ].join('\n'),
  });
}

/**
 * What of each host and of the directory a wanted state manages, and what of the live state it leaves alone; by names only.
 * `schema` is that of the estate file, which may refuse a setting.
 */
export function coverageOf(
  state: DesiredState,
  hosts: readonly HostFacts[],
  directory: DirectoryFacts | undefined,
  schema: object,
): readonly Coverage[] {
  const ofHosts = hosts.flatMap(facts => {
    const host = state.hosts.find(({ name }) => name === facts.name);
    return host ? [hostCoverage(host, facts, refusedSettings(facts, schema))] : [];
  });
  return directory ? [...ofHosts, directoryCoverage(state, directory)] : ofHosts;
}

function hostCoverage(host: Host, { settings, domainMap }: HostFacts, refused: RefusedSettings): Coverage {
  if (host.product === 'cs6') {
    const wanted = host.settings.map(({ key }) => key);
    return { target: host.name, of: 'cs6', parts: [part('settings', wanted, [...settings.keys()], refused)] };
  }
  const options = host.options.map(({ name }) => name);
  const domains = host.domains.map(({ domain }) => domain);
  return {
    target: host.name,
    of: 'cs7',
    parts: [
      part('options', options, [...settings.keys()], refused),
      part('domain map lines', domains, [...domainMap.keys()]),
    ],
  };
}

/** Names are compared without case, as both servers do it; a name that is only wanted is managed too. */
function part(
  what: string,
  wanted: readonly string[],
  live: readonly string[],
  refused: RefusedSettings = new Map(),
): CoveredPart {
  const names = new Map([...wanted].map(name => [name.toLowerCase(), name]));
  const left = live.filter(name => !names.has(name.toLowerCase())).map(name => unmanaged(name, refused.get(name)));
  return { what, managed: names.size, unmanaged: left.length, names: [...names.values()].toSorted(), left };
}

function unmanaged(name: string, why: string | undefined): Unmanaged {
  if (isSecretName(name)) return { name, reason: 'secret' };
  if (name.toLowerCase() === cs7Options.uniqueId) return { name, reason: 'never changed' };
  return why === undefined ? { name, reason: 'not asked for' } : { name, reason: 'not possible', why };
}

function directoryCoverage({ directory, cohorts }: DesiredState, { accounts }: DirectoryFacts): Coverage {
  const denies = cohorts.some(({ migrated }) => migrated?.denyLogin !== undefined);
  const attributes = [directory.uniqueId.attribute, directory.localUser.attribute];
  return {
    target: 'directory',
    of: 'directory',
    parts: [
      { what: 'accounts', managed: accounts, unmanaged: 0, names: cohorts.map(({ name }) => name), left: [] },
      part('attributes of accounts', denies ? [...attributes, loginAttribute] : attributes, [loginAttribute]),
    ],
  };
}
