import type { Change } from '../../../src/core/change.ts';
import { type DesiredCs6Host, type DesiredCs7Host, type DesiredState, hostsOf } from '../../../src/core/desired.ts';
import type { Comparison, Plan } from '../../../src/core/plan.ts';
import { loadEstate } from '../../../src/estate/load.ts';
import { buildPlan } from '../../../src/plan/build.ts';
import { estateSchema } from '../../kinds/cases.ts';

/** How big a made-up estate is. */
export interface EstateSize {
  readonly cs6: number;
  readonly cs7: number;
  readonly domains: number;
  readonly movers: number;
}

function hostName(side: string, i: number): string {
  return `${side}-${i % 2 === 0 ? 'fe' : 'be'}${Math.floor(i / 2) + 1}`;
}

function hostLines(side: string, hosts: number): string {
  return Array.from({ length: hosts }, (_, i) => {
    const name = hostName(side, i);
    return `    ${name}: { address: ${name}.example.com, http: "http://${name}.example.com:8080" }`;
  }).join('\n');
}

/** The estate of a file that is written here, loaded as the program loads it. */
export function sampleEstate({ cs6, cs7, domains }: EstateSize): DesiredState {
  const domainLines = Array.from({ length: domains }, (_, i) => {
    const domain = i === 0 ? 'example.com' : `dept${i}.example.com`;
    return `  ${domain}: { cs6: ${hostName('cs6', (2 * i) % (cs6 + (cs6 % 2)))} }`;
  });
  const text = `version: 1
name: example.com
directory:
  url: ldaps://ds1.example.com:636
  bindDn: cn=reconcile,ou=Services,o=isp
  password: { env: LDAP_PASSWORD }
  base: o=isp
ssh: { knownHosts: known_hosts, identity: { env: SSH_KEY_FILE } }
cs6:
  platform: solaris-sparc
  minimumPatch: 44
  hosts:
${hostLines('cs6', cs6)}
cs7:
  hosts:
${hostLines('cs7', cs7)}
  backends: [defaultbackend]
  davadmin: { user: admin, passwordFile: /etc/davadmin.clifile }
domains:
${domainLines.join('\n')}
freeBusyRedirect: cs7-fe1
cohorts:
  pilot: { server: cs7, store: defaultbackend, members: { list: [jdoe, asmith] }, migrated: { denyCs6Login: true, deleteCs6Calendars: true } }
  finance: { server: cs7, store: defaultbackend, members: { filter: (departmentNumber=42) } }
  others: { server: cs6, members: rest }
`;
  const { state, findings } = loadEstate('sites/estate.yaml', text, estateSchema);
  if (!state) throw new Error(JSON.stringify(findings));
  return state;
}

const confFile = '/etc/opt/SUNWics5/config/ics.conf';

/** What differs on the hosts and in the directory where nothing of the estate has been carried out yet. */
export function sampleComparisons(desired: DesiredState, movers: number): readonly Comparison[] {
  return [
    { kind: 'ldap-unique-id', target: 'directory', stage: 'identity', changes: uniqueIds(movers), findings: [] },
    { kind: 'ldap-cohort', target: 'directory', stage: 'accounts', changes: moves(desired, movers), findings: [] },
    ...hostsOf(desired, 'cs6').flatMap(cs6Comparisons),
    ...hostsOf(desired, 'cs7').flatMap(cs7Comparisons),
    { kind: 'ldap-login', target: 'directory', stage: 'cs6-logins', changes: logins(desired), findings: [] },
    calendars(desired),
  ];
}

function personDn(i: number): string {
  const names = ['adams', 'ahmed', 'akers', 'allen', 'anna.lefevre', 'bauer', 'brown', 'cho', 'díaz', 'evans'];
  return `uid=${names[i % names.length]}${i < names.length ? '' : i},ou=People,o=example.com,o=isp`;
}

function uniqueIds(count: number): readonly Change[] {
  return Array.from({ length: count }, (_, i) => ({
    action: 'create',
    item: personDn(i),
    key: 'davUniqueId',
    after: `9c41af0${i}-48e111d5-80b6a9cf-${(i * 7919).toString(16)}`,
    source: { file: 'sites/estate.yaml', line: 3 },
  }));
}

function moves({ cohorts }: DesiredState, count: number): readonly Change[] {
  const finance = cohorts.find(({ name }) => name === 'finance');
  return Array.from(
    { length: count },
    (_, i): Change => ({
      action: 'create',
      item: personDn(i),
      key: 'davStore',
      moves: 'cs6->cs7',
      after: 'defaultbackend',
      group: 'finance',
      ...(finance && { source: finance.source }),
    }),
  );
}

function logins({ cohorts }: DesiredState): readonly Change[] {
  const [pilot] = cohorts;
  return [0, 1].map(i => ({
    action: 'update',
    item: personDn(i),
    key: 'icsAllowedServiceAccess',
    before: '+http:all',
    after: '-http:all',
    group: 'pilot',
    ...(pilot && { source: pilot.source }),
  }));
}

function calendars(desired: DesiredState): Comparison {
  const changes = [0, 1].map(
    (i): Change => ({
      action: 'delete',
      item: personDn(i),
      key: 'calendars',
      before: [`person${i}`, `person${i}:work`],
      group: 'pilot',
      irreversible: 'calendars that cscal deletes cannot be restored',
    }),
  );
  return {
    kind: 'cs6-calendar',
    target: hostsOf(desired, 'cs6')[0]?.name ?? '',
    stage: 'cs6-calendars',
    changes,
    findings: [],
  };
}

function cs6Comparisons({ name, settings }: DesiredCs6Host, i: number): readonly Comparison[] {
  // Every fifth host has been seen to already.
  if (i % 5 === 4) return [];
  const changes = settings.slice(0, 4).map(({ key, value, source }, k): Change => {
    const live = { file: confFile, line: 200 + k + (i % 2) };
    const redirect = key === 'service.wcap.freebusy.redirecturl';
    const before = redirect ? 'http://oldcal.example.com/davserver/wcap/get_freebusy.wcap' : 'yes';
    const after = value ?? '';
    if (k === 0) return { action: 'create', item: confFile, key, after, source };
    return { action: 'update', item: confFile, key, before, after, source, live };
  });
  return [
    { kind: 'cs6-ics-conf', target: name, stage: 'cs6-config', changes, findings: [] },
    {
      kind: 'cs6-service',
      target: name,
      stage: 'cs6-activate',
      changes: [],
      findings: [],
      activates: { stage: 'cs6-config', service: 'CS6' },
    },
  ];
}

function cs7Comparisons({ name, domains }: DesiredCs7Host, i: number): readonly Comparison[] {
  if (i % 3 === 2) return [];
  const subject: Change = {
    action: 'update',
    item: 'davadmin config',
    key: 'davcore.uriinfo.subjectattributes',
    before: ['cn', 'davstore', 'icsstatus', 'mail'],
    after: ['cn', 'davstore', 'icsstatus', 'mail', 'davUniqueId'],
    source: { file: 'sites/estate.yaml', line: 3 },
  };
  const [domain] = domains;
  const map: readonly Change[] = domain
    ? [
        {
          action: 'create',
          item: 'ischeduledomainmap.properties',
          key: domain.domain,
          after: domain.url,
          source: domain.source,
        },
      ]
    : [];
  return [
    { kind: 'cs7-davadmin', target: name, stage: 'cs7-config', changes: [subject], findings: [] },
    { kind: 'cs7-domain-map', target: name, stage: 'cs7-config', changes: map, findings: [] },
    {
      kind: 'cs7-service',
      target: name,
      stage: 'cs7-activate',
      changes: [],
      findings: [],
      activates: { stage: 'cs7-config', service: 'CS7' },
    },
  ];
}

/** The plan of a made-up estate; `comparisons` are those of an estate where nothing was done yet unless told. */
export function samplePlan(size: EstateSize, comparisons?: readonly Comparison[]): Plan {
  const desired = sampleEstate(size);
  return buildPlan(desired, comparisons ?? sampleComparisons(desired, size.movers), {
    tool: '0.1.0',
    readAt: '2026-11-22T14:02:11.000Z',
    accounts: { counted: 88_410, all: true },
  });
}
