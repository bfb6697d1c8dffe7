import { dirname } from 'node:path/posix';
import type { DesiredCs6Host } from '../core/desired.ts';
import { printable, printableLine } from '../core/printable.ts';
import { type EffectiveValue, effectiveValues, parseIcsConf } from '../kinds/shared/ics-conf-text.ts';
import { type FoundFolder, fileOfPackage, folderOfPackage, foldersWith } from '../kinds/shared/places.ts';
import { readPatch } from '../kinds/shared/software-level.ts';
import type { FileReading, HostLook, HostReader } from '../ports/host.ts';
import type { ReadPorts } from '../ports/ports.ts';
import { cs6, cs6Keys, cs6Patch, cs6Places, platformOf } from '../products/cs6.ts';
import { processQueries } from '../products/product.ts';
import { withoutSecretValues } from './adopted-settings.ts';
import { type FactPart, type LookedHost, orFinding, together } from './fact.ts';
import { baseAt, directoryUrl } from './host-routes.ts';

/** A Calendar Server 6 host as it is: each fact by itself, so that one that is missing costs no other. */
export async function lookAtCs6(
  stated: DesiredCs6Host,
  look: HostLook,
  address: string,
  ports: ReadPorts,
): Promise<LookedHost> {
  const reader = ports.host(stated.name);
  const host = { ...stated, platform: platformOf(look.system) ?? stated.platform };
  const [sbin, patch] = await Promise.all([
    orFinding(findSbin(host, stated, reader)),
    orFinding(findPatch(host, ports)),
  ]);
  const config = await orFinding(findConfig(host, stated, sbin.value?.folder, reader));
  const readings = config.value?.readings ?? [];
  const parts = [sbin, config, patch].flatMap(({ value, findings }): readonly FactPart[] => [
    value ?? {},
    { findings },
  ]);
  return {
    ...{ name: host.name, product: 'cs6', domainMap: new Map(), names: namesOf(readings, look, address) },
    ...together([platformPart(host, look), ...parts, clusterPart(host, readings)]),
    ...settingsOf(readings.length === 1 ? readings : [], address),
    ...listeningOf(readings, address),
  };
}

function keyOf({ name }: DesiredCs6Host, ...rest: readonly string[]): readonly string[] {
  return ['cs6', 'hosts', name, ...rest];
}

function platformPart(host: DesiredCs6Host, { system }: HostLook): FactPart {
  const path = keyOf(host, 'platform');
  if (platformOf(system) !== undefined) return { found: [{ path, value: host.platform }] };
  const detail = `${host.name}: uname -a prints\n    ${printableLine(system)}\nwhich is neither Solaris on SPARC or x86 nor Linux.`;
  return {
    choices: [{ path, question: `Which platform is ${host.name}?`, detail, candidates: Object.keys(cs6Places) }],
  };
}

/** Where a place is looked for: where it was stated, else at every documented place of any platform. */
function placesOf(stated: DesiredCs6Host, what: 'config' | 'sbin'): readonly string[] {
  const usual: readonly string[] = cs6Places[stated.platform][what];
  const own = stated[what];
  if (own.length !== usual.length || own.some((path, at) => path !== usual[at])) return own;
  return [...new Set(Object.values(cs6Places).flatMap(places => places[what]))];
}

async function findSbin(
  host: DesiredCs6Host,
  stated: DesiredCs6Host,
  reader: HostReader,
): Promise<FactPart & { readonly folder?: FoundFolder }> {
  const command = { ...cs6.start(host), directories: placesOf(stated, 'sbin') };
  const [there, processes] = await Promise.all([foldersWith(command, reader), reader.query(processQueries.list)]);
  const [folder] = there;
  const path = keyOf(host, 'sbin');
  const question = `In which folder are start-cal and cscal of ${host.name}?`;
  if (folder && there.length === 1) {
    const usual = cs6Places[host.platform].sbin.includes(folder.folder);
    return { folder, ...(!usual && { found: [{ path, value: folder.folder }] }) };
  }
  if (there.length > 1) {
    const candidates = there.map(one => one.folder);
    const detail = `${host.name} has start-cal in ${candidates.map(printableLine).join(' and ')}.`;
    return { choices: [{ path, question, detail, candidates }] };
  }
  const { said, folder: packaged } = await folderOfPackage(command, cs6.packages(host), reader);
  const running = processes.state === 'ran' ? besideProcesses(processes.output) : [];
  const [other] = await foldersWith({ ...command, directories: packaged === undefined ? running : [packaged] }, reader);
  if (other) return { folder: other, found: [{ path, value: other.folder, comment: sbinSource(packaged) }] };
  const detail = `${host.name}: start-cal is in none of ${command.directories.join(', ')}.\n${said}`;
  return { choices: [{ path, question, detail, candidates: [] }] };
}

function sbinSource(packaged: string | undefined): string {
  return packaged === undefined
    ? 'Beside the programs of the processes that run.'
    : 'As the package system of the host says.';
}

/** The folder of the commands beside the folder of programs that run, where `ps` shows their paths. */
function besideProcesses(list: string): readonly string[] {
  const program = new RegExp(`\\s(/\\S+)/lib/(?:${cs6.processes.join('|')})(?:\\s|$)`);
  return [...new Set(list.split('\n').flatMap(row => program.exec(row)?.[1] ?? []))].map(base => `${base}/sbin`);
}

/** The file of the settings: one, or all where it is not clear which one counts. */
async function findConfig(
  host: DesiredCs6Host,
  stated: DesiredCs6Host,
  sbin: FoundFolder | undefined,
  reader: HostReader,
): Promise<FactPart & { readonly readings: readonly FileReading[] }> {
  const path = keyOf(host, 'config');
  const question = `Which ics.conf does the Calendar Server of ${host.name} read?`;
  const looked = placesOf(stated, 'config');
  const there = await reader.files(looked);
  const readings = distinct(there);
  if (readings.length === 1) return oneConfig(host, readings, there);
  if (readings.length > 1) {
    const candidates = readings.map(one => one.path);
    const detail = `${host.name} has ${candidates.map(printableLine).join(' and ')}, and they are different files.`;
    return { readings, choices: [{ path, question, detail, candidates }] };
  }
  const { said, path: packaged } = await fileOfPackage(cs6.packages(host), reader);
  const beside = sbin ? [`${dirname(sbin.folder)}/config/ics.conf`, `${dirname(sbin.real)}/config/ics.conf`] : [];
  const others = distinct(await reader.files(packaged === undefined ? beside : [packaged]));
  if (others.length === 1) return oneConfig(host, others, others);
  const detail = `${host.name} has none of ${looked.join(', ')}.\n${said}`;
  return { readings: [], choices: [{ path, question, detail, candidates: [] }] };
}

/** It is stated unless the documented places of the platform lead to it and to no other. */
function oneConfig(host: DesiredCs6Host, readings: readonly FileReading[], there: readonly FileReading[]) {
  const [{ path: real, link } = { path: '', link: false }] = readings;
  const path = keyOf(host, 'config');
  if (link) {
    const detail = `${host.name}: ${printableLine(real)} is a link, and a replacement would cut it. Name the file that it leads to.`;
    const question = `Where is the real ics.conf of ${host.name}?`;
    return { readings, choices: [{ path, question, detail, candidates: [] }] };
  }
  const usual = there.filter(({ asked }) => cs6Places[host.platform].config.includes(asked));
  const isPlain = usual.length > 0 && usual.every(one => one.path === real);
  return { readings, ...(!isPlain && { found: [{ path, value: real }] }) };
}

/** Each file once. A link that shows the very file which is there under its own name is left out. */
function distinct(readings: readonly FileReading[]): readonly FileReading[] {
  const once = [...new Map(readings.map(reading => [reading.path, reading])).values()];
  const isSame = (a: FileReading, b: FileReading) =>
    a.modified === b.modified && a.changed === b.changed && a.owner === b.owner && a.content.equals(b.content);
  return once.filter(one => !one.link || !once.some(other => !other.link && isSame(one, other)));
}

function valuesIn({ content }: FileReading): ReadonlyMap<string, EffectiveValue> {
  return effectiveValues(parseIcsConf(content.toString('latin1')));
}

function settingsOf(readings: readonly FileReading[], address: string) {
  const values = new Map(readings.flatMap(reading => [...valuesIn(reading)]));
  const unclear = [...values].flatMap(([key, { line, problem }]) =>
    problem === undefined
      ? []
      : [[key, `line ${line} of ics.conf breaks the documented grammar (${problem})`] as const],
  );
  return {
    settings: withoutSecretValues(new Map([...values].map(([key, { value }]) => [key, value]))),
    unclear: new Map(unclear),
    directory: directoryOf(key => values.get(key)?.value.trim() || undefined, address),
  };
}

/** The directory that looks up users, else the one that checks logins; `localhost` is the host itself. */
function directoryOf(value: (key: string) => string | undefined, address: string): LookedHost['directory'] {
  const user = ['local.ugldaphost', 'local.ugldapport', 'local.ugldapbinddn', 'local.ugldapbasedn'] as const;
  const login = ['local.authldaphost', 'local.authldapport', 'local.authldapbinddn', 'local.authldapbasedn'] as const;
  const [host, port, dn, own] = value(user[0]) === undefined ? login : user;
  const root = value('local.schemaversion') === '2' ? value('service.schema2root') : value('service.dcroot');
  const [bindDn, base] = [value(dn), value(own) ?? root];
  return {
    ...directoryUrl(value(host), value(port), { address }),
    ...(bindDn !== undefined && { bindDn }),
    ...(base !== undefined && { base }),
  };
}

/** Where the files say that the server listens; that it answers no requests only where all of them say so. */
function listeningOf(
  readings: readonly FileReading[],
  address: string,
): Pick<LookedHost, 'listens' | 'listensBy' | 'assumed' | 'silent'> {
  const files = readings.map(reading => ({ path: reading.path, values: valuesIn(reading) }));
  const listensBy = files.map(({ path }) => `${cs6Keys.port} in ${printableLine(path)}`).join(', ');
  const isSilent = ({ values }: (typeof files)[number]) => /^\s*n/i.test(values.get(cs6Keys.http)?.value ?? '');
  if (files.length > 0 && files.every(isSilent)) return { listens: [], listensBy, silent: true };
  const listens = files.flatMap(({ values }) => {
    const port = values.get(cs6Keys.port)?.value.trim() ?? '80';
    const own = values.get(cs6Keys.address)?.value.trim() ?? '';
    const everywhere = own === '' || /^(?:inaddr_any|0\.0\.0\.0|\*|::)$/i.test(own);
    return [everywhere ? address : own, address].flatMap(name => baseAt(name, port));
  });
  const assumed = files.some(({ values }) => !values.has(cs6Keys.port));
  return { listens: [...new Set(listens)], listensBy, ...(assumed && { assumed }) };
}

/** `uname -a` prints the name of the host second. The other names are common knowledge of ics.conf. */
function namesOf(readings: readonly FileReading[], { system }: HostLook, address: string): readonly string[] {
  const own = readings.flatMap(reading => {
    const values = valuesIn(reading);
    const value = (key: string) => values.get(key)?.value.trim() ?? '';
    const [name, domain] = [value('local.hostname'), value('local.domainname')];
    return [name, `${name}.${domain}`, value('service.http.calendarhostname'), value(cs6Keys.address)];
  });
  const names = [address, system.split(' ')[1] ?? '', ...own].map(name => name.toLowerCase());
  return [...new Set(names)].filter(name => /^[a-z0-9][a-z0-9.:-]*[a-z0-9]$/.test(name));
}

/** Under Sun Cluster start-cal and stop-cal would work against the cluster. */
function clusterPart(host: DesiredCs6Host, readings: readonly FileReading[]): FactPart {
  const cluster = readings.some(reading => /^\s*y/i.test(valuesIn(reading).get(cs6Keys.cluster)?.value ?? ''));
  if (!cluster || host.restart !== 'after-change') return {};
  const detail = `${host.name}: ${cs6Keys.cluster} is "yes", so the server is under Sun Cluster, which takes a stop-cal for a failure.\nGive the commands of the cluster, such as\n    { stop: [scswitch, -n, -j, RESOURCE], start: [scswitch, -e, -j, RESOURCE], as: root }\nor restart it yourself: never.`;
  const question = `How is the Calendar Server of ${host.name} restarted under Sun Cluster?`;
  return { choices: [{ path: keyOf(host, 'restart'), question, detail, candidates: ['never'] }] };
}

/** Only a level without which no plan can be applied has to be stated. On Red Hat none can be read, and a plan says so. */
async function findPatch(host: DesiredCs6Host, ports: ReadPorts): Promise<FactPart> {
  const { patch, evidence, mute } = await readPatch(host, ports);
  if (patch !== undefined || host.platform === 'redhat' || mute) return {};
  const question = `Which revision of patch ${cs6Patch.number[host.platform]} does ${host.name} have?`;
  return { choices: [{ path: keyOf(host, 'patch'), question, detail: printable(evidence), candidates: [] }] };
}
