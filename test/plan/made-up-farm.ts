import { type Change, targetId } from '../../src/core/change.ts';
import type { DesiredState } from '../../src/core/desired.ts';
import type { Comparison } from '../../src/core/plan.ts';
import { type LoadedEstate, loadEstate } from '../../src/estate/load.ts';
import type { BoundTarget } from '../../src/kinds/managed-kind.ts';
import { targetsOf } from '../../src/kinds/registry.ts';
import { estateSchema } from '../kinds/cases.ts';

/** What else the file of a farm says. */
export interface FarmShape {
  /** The sizes of a roll, as the file has them; left out: host by host. */
  readonly roll?: string;
  /** No host has a setting of its own: a file may not have more than 60,000 words and signs. */
  readonly isPlain?: boolean;
  /** Hosts may be changed on Saturdays only. */
  readonly windows?: boolean;
  /** Each host of CS6 has an `ignore` entry. */
  readonly ignores?: boolean;
}

/** The names of the hosts of a side. */
export function farmHosts(side: 'cs6' | 'cs7', hosts: number): readonly string[] {
  return Array.from({ length: Math.ceil(hosts / 2) }, (_, i) => `${side}-${i + 1}`);
}

/** The text of an estate with so many hosts, half of each side, each with a setting of its own. */
export function farmText(
  hosts: number,
  { roll, isPlain = false, windows = false, ignores = false }: FarmShape = {},
): string {
  const line = (name: string, rest: string) =>
    `    ${name}: { http: "http://${name}.example.com:8080"${isPlain ? '' : `, ${rest}`} }`;
  const rolled = [
    ...(roll === undefined ? [] : [`  roll: ${roll}`]),
    ...(windows ? ['  window: { days: [sat], from: "20:00", to: "23:00", zone: UTC }'] : []),
  ];
  const ignored = farmHosts('cs6', hosts).map(
    name =>
      `  - { target: ${name}, key: service.http.idletimeout, until: 2027-06-30, reason: a load test, owner: ops }`,
  );
  return [
    'version: 1',
    'name: farm',
    'directory: { url: "ldaps://ds1.example.com:636", bindDn: "cn=reconcile,o=isp", password: { env: LDAP_PASSWORD }, base: o=isp }',
    'ssh: { knownHosts: known_hosts, identity: { env: SSH_KEY_FILE } }',
    'cs6:',
    '  platform: redhat',
    ...rolled,
    '  hosts:',
    ...farmHosts('cs6', hosts).map((name, i) => line(name, `settings: { service.http.idletimeout: "${i + 1}" }`)),
    'cs7:',
    ...rolled,
    '  hosts:',
    ...farmHosts('cs7', hosts).map((name, i) => line(name, `settings: { davcore.uriinfo.ldapcachettl: "${60 + i}" }`)),
    '  backends: [defaultbackend]',
    '  davadmin: { user: admin, passwordFile: /etc/davadmin.clifile }',
    'domains:',
    '  example.com: { cs6: cs6-1 }',
    '  example.org: { cs6: cs6-1 }',
    'freeBusyRedirect: cs7-1',
    'cohorts:',
    '  pilot: { server: cs7, store: defaultbackend, members: { list: [jdoe, asmith] }, migrated: { denyCs6Login: true, deleteCs6Calendars: true } }',
    '  others: { server: cs6, members: rest }',
    ...(ignores ? ['ignore:', ...ignored] : []),
    '',
  ].join('\n');
}

/** The farm, loaded as the program loads it. */
export function loadFarm(text: string): LoadedEstate {
  return loadEstate('farm.yaml', text, estateSchema);
}

/** The wanted state of such a farm. */
export function farmState(hosts: number, shape?: FarmShape): DesiredState {
  const { state, findings } = loadFarm(farmText(hosts, shape));
  if (!state) throw new Error(JSON.stringify(findings.slice(0, 3)));
  return state;
}

/** What differs where all that is looked after differs: a change of each declaration, and a warning from each target. */
export function farmComparisons(state: DesiredState): readonly Comparison[] {
  return targetsOf(state).map(comparisonOf);
}

function comparisonOf({ target, kind, stage, activates, declared }: BoundTarget): Comparison {
  const changes = declared.flatMap((one, i): readonly Change[] => {
    if (one.unchanged || activates) return [];
    const { key = `key-${i}`, group, source } = one;
    const item = target === 'directory' ? `uid=jdoe,ou=People,o=isp` : `/etc/${kind}`;
    const lost = stage === 'cs6-calendars' ? { irreversible: 'the calendars are gone' } : {};
    return [{ action: 'update', item, key, before: 'old', after: 'new', source, ...(group && { group }), ...lost }];
  });
  const findings = [
    {
      severity: 'warning',
      code: 'cs6.option-unknown',
      summary: 'It is not a known option',
      detail: `${targetId({ target, kind })}: look at it`,
      target,
    } as const,
  ];
  return { target, kind, stage, changes, findings, ...(activates && { activates }) };
}
