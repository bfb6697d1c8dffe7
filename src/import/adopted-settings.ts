import type { Finding } from '../core/finding.ts';
import { printableLine } from '../core/printable.ts';
import { isSecretName } from '../estate/literal-secrets.ts';
import { loadEstates } from '../estate/load.ts';
import { suggestion } from '../estate/own-settings.ts';
import { finding } from '../findings/catalogue.ts';
import type { Facts, Found, HostFacts } from './fact.ts';

/** Settings as they may be shown and kept: a secret has an empty value. */
export function withoutSecretValues(settings: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...settings].map(([key, value]) => [key, isSecretName(key) ? '' : value]));
}

/** Why settings of a host may not stand in the file, by their keys. */
export type RefusedSettings = ReadonlyMap<string, string>;

/**
 * Takes further settings into the file as they are: at the side where all its hosts agree, else at each host. `all` takes every
 * setting that the file may have, as `schema` and its rules say; one that is named and may not be taken, or that no host has, is
 * refused by a finding.
 */
export function adoptSettings(hosts: readonly HostFacts[], keys: readonly string[] | 'all', schema: object): Facts {
  const judged = new Map(keys.length === 0 ? [] : hosts.map(host => [host, refusedSettings(host, schema)]));
  const refused = (host: HostFacts): RefusedSettings => judged.get(host) ?? new Map();
  const held = heldSettings(hosts);
  const isNamed = (key: string) => keys === 'all' || keys.some(one => one.toLowerCase() === key.toLowerCase());
  const named = held.filter(({ key }) => isNamed(key));
  const found = named.flatMap(setting => placesOf(setting, hosts, refused));
  if (keys === 'all') return { found, choices: [], findings: [] };
  const left = named.flatMap(setting => notAdopted(setting, refused));
  const known = [...new Set(held.map(({ key }) => key))];
  const missing = keys
    .filter(key => !known.some(one => one.toLowerCase() === key.toLowerCase()))
    .map(key => finding('import.not-adopted', { detail: `No host has ${printableLine(key)}.${near(key, known)}` }));
  return { found, choices: [], findings: [...left, ...missing] };
}

/** Only a name that is meant: a list of all that hosts have would be long. */
function near(key: string, known: readonly string[]): string {
  const line = suggestion(key, known);
  return line.startsWith('\nDid') ? line : '';
}

/** A setting, and the hosts of a side that have it. */
interface Held {
  readonly side: HostFacts['product'];
  readonly key: string;
  readonly hosts: readonly HostFacts[];
}

function heldSettings(hosts: readonly HostFacts[]): readonly Held[] {
  const held = new Map<string, Held>();
  for (const host of hosts)
    for (const key of host.settings.keys()) {
      const id = `${host.product} ${key}`;
      held.set(id, { side: host.product, key, hosts: [...(held.get(id)?.hosts ?? []), host] });
    }
  return [...held.values()];
}

/** The hosts where it may not be taken are named together where the reason is the same. */
function notAdopted({ key, hosts }: Held, refused: (host: HostFacts) => RefusedSettings): readonly Finding[] {
  const reasons = hosts.flatMap(host => {
    const why = refused(host).get(key);
    return why === undefined ? [] : [{ name: host.name, why }];
  });
  return [...new Set(reasons.map(({ why }) => why))].map(why => {
    const names = reasons
      .filter(one => one.why === why)
      .map(({ name }) => name)
      .join(', ');
    const detail = `${names}: ${why.includes(key) ? why : `${printableLine(key)}: ${why}`}`;
    return finding('import.not-adopted', { detail });
  });
}

function placesOf(
  { side, key, hosts: having }: Held,
  hosts: readonly HostFacts[],
  refused: (host: HostFacts) => RefusedSettings,
): readonly Found[] {
  const all = hosts.filter(({ product }) => product === side);
  const able = having.filter(host => !refused(host).has(key));
  const values = able.map(({ name, settings }) => ({ name, value: settings.get(key) ?? '' }));
  const [first] = values;
  if (first && values.length === all.length && values.every(({ value }) => value === first.value))
    return [{ path: [side, 'settings', key], value: first.value }];
  return values.map(({ name, value }) => ({ path: [side, 'hosts', name, 'settings', key], value }));
}

/**
 * What of a host's settings the estate file would not take, and why: secrets, what follows from the rest of the file, values that
 * its rules refuse, and what is not proved. The schema and the rules of the file themselves decide.
 */
export function refusedSettings(host: HostFacts, schema: object): RefusedSettings {
  const refused = new Map(host.unclear);
  for (let round = 0; round < rounds; round++) {
    const keys = [...host.settings.keys()].filter(key => !refused.has(key));
    const wrong = refusedLines(host, keys, schema);
    for (const [key, why] of wrong) refused.set(key, why);
    if (wrong.length === 0) break;
  }
  return refused;
}

/** One fault may keep others out of sight, so it is looked again without what was refused. */
const rounds = 20;

function refusedLines(
  host: HostFacts,
  keys: readonly string[],
  schema: object,
): readonly (readonly [string, string])[] {
  const lines = keys.map(key => `        ${asciiJson(key)}: ${asciiJson(host.settings.get(key) ?? '')}`);
  const text = [...fileAround(host.product), ...lines, ''].join('\n');
  const first = fileAround(host.product).length + 1;
  const { findings } = loadEstates([{ file: 'adopted', content: text }], schema);
  return findings.flatMap(({ severity, where, detail }) => {
    const key = where && keys[where.line - first];
    return severity === 'error' && key !== undefined ? [[key, detail.split('\n')[0] ?? ''] as const] : [];
  });
}

/** A text that YAML reads as the same string, whatever is in it. */
function asciiJson(text: string): string {
  return JSON.stringify(text).replace(/[^ -~]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The smallest estate file that ends with the settings of a host of this side. */
function fileAround(side: HostFacts['product']): readonly string[] {
  const hosts = (own: string) => (own === side ? ['    own:', '      settings:'] : ['    other: {}']);
  const sides = {
    cs6: ['cs6:', '  platform: redhat', '  hosts:', ...hosts('cs6')],
    cs7: ['cs7:', '  backends: [none]', '  hosts:', ...hosts('cs7')],
  };
  const other = side === 'cs6' ? sides.cs7 : sides.cs6;
  return [
    ...['version: 1', 'name: adopted', 'directory: { url: "ldapi://none", base: o=adopted }'],
    ...[`domains: { adopted.invalid: { cs6: ${side === 'cs6' ? 'own' : 'other'} } }`],
    ...[`freeBusyRedirect: ${side === 'cs7' ? 'own' : 'other'}`, 'cohorts: { all: { server: cs6, members: rest } }'],
    ...other,
    ...sides[side],
  ];
}
