import type { DesiredDirectory, DesiredGates, DesiredState, DesiredVerify } from '../core/desired.ts';
import { known, parseDuration } from '../core/units.ts';
import { modernName } from '../ldap/distinguished-name.ts';
import { cs7Attributes } from '../products/cs7.ts';
import { type CohortContext, deriveCohorts, deriveLimits, derivePolicy, hostCount } from './derive-cohorts.ts';
import { deriveHosts, secret } from './derive-hosts.ts';
import { type EstateDocument, resolvePath } from './document.ts';
import type { EstateFile, Gates, VerifySection } from './estate-file.ts';

/** What the file says about how coexistence is verified; each probe with its line. */
function deriveVerify({ probes, mail, gates }: VerifySection, document: EstateDocument): DesiredVerify {
  return {
    probes: (['cs6', 'cs7'] as const).flatMap(side =>
      (probes?.[side] ?? []).map((address, i) => ({
        side,
        mail: address,
        source: document.at(['verify', 'probes', side, i]),
      })),
    ),
    ...(mail && { mailTo: mail.to }),
    ...(gates && { gates: deriveGates(gates) }),
  };
}

function deriveGates({ moves = 500, restarts = true, onFailure = 'stop', wait = '90s' }: Gates): DesiredGates {
  return { moves, restarts, onFailure, wait: known(parseDuration, wait) };
}

/** Turns a checked file into what each kind needs. Paths become relative to where the file is. */
export function derive(estate: EstateFile, document: EstateDocument, context: CohortContext): DesiredState {
  const hosts = deriveHosts(estate, document);
  return {
    name: estate.name,
    directory: deriveDirectory(estate, document),
    hosts,
    roll: { cs6: (estate.cs6.roll ?? []).map(hostCount), cs7: (estate.cs7.roll ?? []).map(hostCount) },
    cohorts: deriveCohorts(estate, document, context),
    limits: deriveLimits(estate, document),
    policy: derivePolicy(estate, document),
    ...(estate.verify && { verify: deriveVerify(estate.verify, document) }),
    records: {
      hosts: estate.records?.hosts ?? hosts.slice(0, 2).map(({ name }) => name),
      keep: estate.records?.keep ?? 50,
    },
    ignore: (estate.ignore ?? []).map((entry, i) => ({ ...entry, source: document.at(['ignore', i]) })),
  };
}

function deriveDirectory(estate: EstateFile, document: EstateDocument): DesiredDirectory {
  const d = estate.directory;
  const accounts = (name: 'users' | 'groups' | 'resources', filter: string) => {
    const entry = d.accounts?.[name] ?? {};
    if (entry === 'none') return {};
    return { [name]: { base: modernName(entry.base ?? d.base), filter: entry.filter ?? filter } };
  };
  const [url = '', ...otherUrls] = [d.url].flat();
  const { key, ...tls } = d.tls ?? {};
  const beside = (name: string, path: string) => resolvePath(document, ['directory', 'tls', name], path);
  return {
    url,
    otherUrls,
    startTls: d.startTls ?? false,
    tls: {
      ...tls,
      ...(tls.ca !== undefined && { ca: beside('ca', tls.ca) }),
      ...(tls.certificate !== undefined && { certificate: beside('certificate', tls.certificate) }),
      ...(key !== undefined && { key: typeof key === 'string' ? { path: beside('key', key) } : key }),
    },
    ...(d.bindDn !== undefined && { bindDn: modernName(d.bindDn) }),
    ...(d.password && { password: secret(document, ['directory', 'password'], d.password) }),
    base: modernName(d.base),
    ...accounts('users', '(objectClass=icsCalendarUser)'),
    ...accounts('groups', '(objectClass=icsCalendarGroup)'),
    ...accounts('resources', '(objectClass=icsCalendarResource)'),
    uniqueId: {
      attribute: d.uniqueId?.attribute ?? cs7Attributes.uniqueId,
      copyFrom: d.uniqueId?.copyFrom ?? cs7Attributes.copyFrom,
      objectClass: d.uniqueId?.objectClass ?? cs7Attributes.objectClass,
    },
    localUser: {
      attribute: d.localUser?.attribute ?? cs7Attributes.localUser,
      objectClass: d.localUser?.objectClass ?? cs7Attributes.objectClass,
    },
    source: document.atKey(['directory']),
  };
}
