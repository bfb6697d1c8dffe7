import { onlyReading } from '../../src/adapters/open-ports.ts';
import { type DriftOptions, driftCommand } from '../../src/cli/drift-command.ts';
import type { DesiredState, Host } from '../../src/core/desired.ts';
import { TargetProblem } from '../../src/core/finding.ts';
import { loadEstates } from '../../src/estate/load.ts';
import { offline, replacing } from '../estate/offline.ts';
import { type Memory, memoryPorts } from '../fakes/memory-ports.ts';
import { estateSchema } from '../kinds/cases.ts';

/** A small estate, written in several styles. */
export const estateText = `# the estate of the tests
version: 1
name: example.com

directory:
  url: ldaps://ds1.example.com:636
  bindDn: cn=reconcile,o=isp
  password: { env: LDAP_PASSWORD }
  base: o=isp

cs6:
  platform: solaris-sparc
  settings:                        # every front end and back end
    service.http.idletimeout: "120"   # seconds
    local.rfc822header.allow8bit: ~
  hosts:
    fe1: { address: fe1.example.com, http: "http://fe1.example.com:8080" }
    fe2:
      address: fe2.example.com
      http: "http://fe2.example.com:8080"
      settings: { service.http.maxsessions: '5000' }   # a large one

cs7:
  settings:
    base.ldapinfo.cachettl: "60"
    service.dav.ischedulewhitelist: { include: [192.0.2.10, 192.0.2.11] }
  hosts:
    cs7a: { address: cs7a.example.com, http: "http://cs7a.example.com:8080" }
    cs7b: { address: cs7b.example.com, http: "http://cs7b.example.com:8080" }
  backends: [defaultbackend, other]
  davadmin: { user: admin, passwordFile: /etc/davadmin.clifile }

domains:
  example.com: { cs6: fe1 }
  example.org: { cs6: fe1 }

freeBusyRedirect: cs7a

cohorts:
  pilot:
    server: cs7
    store: defaultbackend
    members:
      list:
        - anna       # asked on Monday
        # agreed by telephone
        - ben
  second: { server: cs7, store: other, members: { file: second.csv } }
  others: { server: cs6, members: rest }
`;

/** The members of the second cohort. */
export const secondCsv = 'uid,name\ncarl,"Carl, of course"\ndora,Dora\n';

/** What the world is besides what the file asks for. */
export interface World {
  readonly files: Record<string, string | Uint8Array>;
  /** By the name of the host. */
  readonly hosts: Map<string, Memory>;
  readonly directory: Memory;
  /** Targets that cannot be read. */
  readonly down: Set<string>;
  /** Answers at the terminal; without them there is none. */
  answers?: string[];
  /** Called when the estate was read once. */
  meanwhile?: () => void;
}

/** A world that is in sync with a file. */
export function worldOf(files: Record<string, string> = { 'estate.yaml': estateText, 'second.csv': secondCsv }): World {
  const readFile = (path: string) => Buffer.from(files[path] ?? '');
  const sources = Object.keys(files).filter(file => file.endsWith('.yaml'));
  const { state, findings } = loadEstates(
    sources.map(file => ({ file, content: files[file] ?? '' })),
    estateSchema,
    { readFile, day: '2026-12-08' },
  );
  if (!state) throw new Error(JSON.stringify(findings));
  return {
    files: { ...files },
    hosts: new Map(state.hosts.map(host => [host.name, memoryOf(host)])),
    directory: { entries: people(state).map(([uid, store]) => entry(uid, store)) },
    down: new Set(),
  };
}

function people(state: DesiredState): readonly (readonly [string, string | undefined])[] {
  const listed = state.cohorts.flatMap(({ members, store }) =>
    members === 'rest' ? [] : (members.list ?? []).map(uid => [uid, store] as const),
  );
  return [...listed, ['emil', undefined], ['fritz', undefined]];
}

/** An account, on a store of CS7 or on CS6. */
export function entry(uid: string, store?: string): NonNullable<Memory['entries']>[number] {
  const attributes = { uid: [uid], mail: [`${uid}@example.com`], davUniqueId: [uid], nsUniqueId: [uid] };
  const local = store === undefined ? {} : { davStore: [store] };
  return {
    dn: `uid=${uid},o=isp`,
    attributes: { objectClass: ['icsCalendarUser', 'davEntity'], ...attributes, ...local },
  };
}

function memoryOf(host: Host): Memory {
  const common = { running: 50, written: 1000 };
  if (host.product === 'cs6') {
    const lines = host.settings.flatMap(({ key, value }) => (value === null ? [] : [`${key} = "${value}"\n`]));
    const files = { [host.config[0] ?? '']: lines.join('') };
    return { ...common, files, output: { 'showrev -p': { code: 0, output: 'Patch: 121657-54 Obsoletes:\n' } } };
  }
  const options = host.options.map(({ name, value }) => {
    const words =
      value !== null && typeof value === 'object' ? ['cn', 'icsstatus', 'mail', ...value.include] : [value ?? ''];
    return [name, words.join(' ')] as const;
  });
  const folder = '/opt/sun/comms/davserver/config';
  return {
    ...common,
    files: {
      [`${folder}/davserver.properties`]: 'a=b\n',
      [`${folder}/ischeduledomainmap.properties`]: host.domains.map(({ domain, url }) => `${domain}=${url}\n`).join(''),
      '/opt/glassfish3/glassfish/domains/domain1/config/pid': '900\n',
    },
    options: { ...Object.fromEntries(options), 'davcore.uriinfo.permanentuniqueid': host.uniqueIdAttribute },
    output: { './davadmin version': { code: 0, output: 'Calendar Server 7.0.5.17.0\n' } },
  };
}

/** Changes a host's ics.conf; without a value the key is taken out. */
export function setKey(world: World, host: string, key: string, value?: string): void {
  const memory = world.hosts.get(host);
  for (const [path, text] of Object.entries(memory?.files ?? {})) {
    const rest = text.split('\n').filter(line => line !== '' && !line.startsWith(`${key} =`));
    const lines = value === undefined ? rest : [...rest, `${key} = "${value}"`];
    if (memory?.files) memory.files[path] = `${lines.join('\n')}\n`;
  }
}

/** Changes an option of a host of Calendar Server 7. */
export function setOption(world: World, host: string, name: string, value: string): void {
  const memory = world.hosts.get(host);
  if (memory?.options) memory.options[name] = value;
}

/** Changes the domain map of a host; without a URL the line is taken out. */
export function setDomain(world: World, host: string, domain: string, url?: string): void {
  const memory = world.hosts.get(host);
  const path = Object.keys(memory?.files ?? {}).find(one => one.endsWith('domainmap.properties')) ?? '';
  const rest = (memory?.files?.[path] ?? '').split('\n').filter(line => line !== '' && !line.startsWith(`${domain}=`));
  if (memory?.files) memory.files[path] = [...rest, ...(url === undefined ? [] : [`${domain}=${url}`]), ''].join('\n');
}

/** Puts an account on a store, or on CS6. */
export function setStore(world: World, uid: string, store?: string): void {
  world.directory.entries = (world.directory.entries ?? []).map(one =>
    one.dn.startsWith(`uid=${uid},`) ? entry(uid, store) : one,
  );
}

/** What a command left. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `drift --accept`. */
export async function accept(
  world: World,
  names: readonly string[],
  options: Partial<DriftOptions> = {},
): Promise<Ran> {
  const { files } = world;
  const base = offline({});
  let opened = 0;
  const environment = replacing(base, {
    terminal: { ...(world.answers && { ask: async () => world.answers?.shift() ?? '' }) },
    files: {
      list: async () => [],
      read: async path => bytesOf(files[path], path),
      readRegular: path =>
        files[path] === undefined ? { reason: 'there is no such file' } : bytesOf(files[path], path),
      replace: async (path, text) => {
        files[path] = text;
      },
    },
    clock: { now: () => '2026-12-08T10:00:00.000Z' },
    connections: {
      toRead: async () => {
        opened += 1;
        return { ports: portsOf(world), close: async () => world.meanwhile?.() };
      },
    },
  });
  const all: DriftOptions = {
    format: 'text',
    color: false,
    jitter: 10,
    log: 'text',
    sendmail: '',
    accept: names,
    ...options,
  };
  const estateFiles = Object.keys(files).filter(file => file.endsWith('.yaml'));
  const code = await driftCommand(estateFiles, all, environment);
  if (opened > 1) throw new Error('it was connected twice');
  return { code, ...base.said() };
}

function bytesOf(content: string | Uint8Array | undefined, path: string): Uint8Array {
  if (content === undefined) throw Object.assign(new Error(path), { code: 'ENOENT' });
  return typeof content === 'string' ? Buffer.from(content) : content;
}

function portsOf({ hosts, directory, down }: World) {
  const refuse = (name: string) =>
    new TargetProblem({
      severity: 'error',
      code: 'host.unreachable',
      summary: 'It is down',
      detail: 'No answer.',
      target: name,
    });
  const asked = new Map(
    [...hosts].map(([name, memory]) => [name, onlyReading(memoryPorts(memory).ports, { hosts: [] })]),
  );
  const people = onlyReading(memoryPorts(directory).ports, { hosts: [] });
  return {
    ...people,
    host: (name: string) => {
      const ports = asked.get(name);
      if (!ports || down.has(name)) {
        const refused = () => Promise.reject(refuse(name));
        return { files: refused, query: refused, clock: refused, guard: refused, startRecord: refused };
      }
      return ports.host(name);
    },
  };
}
