import { dirname } from 'node:path/posix';
import type { DesiredCs7Host } from '../core/desired.ts';
import { distinctFindings, type Finding } from '../core/finding.ts';
import { printable, printableLine } from '../core/printable.ts';
import { type OptionsReading, readOptions } from '../kinds/shared/davadmin-command.ts';
import { folderOfPackage, foldersWith, onlyFile } from '../kinds/shared/places.ts';
import { effectiveProperties, parseProperties } from '../kinds/shared/properties-text.ts';
import { readVersion } from '../kinds/shared/software-level.ts';
import type { FileReading, HostLook, HostReader } from '../ports/host.ts';
import type { ExaminePorts } from '../ports/ports.ts';
import { cs7, cs7FilePlaces, cs7Options, cs7Places, davadmin, davadminFiles } from '../products/cs7.ts';
import { withoutSecretValues } from './adopted-settings.ts';
import { findContainer } from './cs7-container.ts';
import { type FactPart, type LookedHost, orFinding, together } from './fact.ts';
import { directoryUrl } from './host-routes.ts';

/** A Calendar Server 7 host as it is: each fact by itself, so that one that is missing costs no other. */
export async function lookAtCs7(
  stated: DesiredCs7Host,
  look: HostLook,
  address: string,
  ports: ExaminePorts,
): Promise<LookedHost> {
  const reader = ports.host(stated.name);
  const [home, password, container] = await Promise.all([
    orFinding(findHome(stated, reader)),
    orFinding(findPasswordFile(stated, ports)),
    orFinding(findContainer(stated, address, reader)),
  ]);
  const { listens = [], listensBy = '' } = container.value ?? {};
  const folder = home.value?.home;
  const host = {
    ...stated,
    ...(folder !== undefined && { home: [folder] }),
    davadmin: { ...stated.davadmin, ...password.value?.file },
  };
  const isReady = folder !== undefined && host.davadmin.passwordFile !== '';
  const inside = await lookInside(host, isReady, address, ports);
  const parts = [home, password, container].flatMap(({ value, findings }): readonly FactPart[] => [
    value ?? {},
    { findings },
  ]);
  return {
    ...{ name: host.name, product: 'cs7', listens, listensBy },
    names: [...new Set([address, look.system.split(' ')[1] ?? address].map(name => name.toLowerCase()))],
    ...inside,
    ...together([...parts, inside]),
  };
}

/** What is in CalendarServer_home. davadmin is asked where it is `ready` to answer; without it, its file says what is set. */
async function lookInside(host: DesiredCs7Host, ready: boolean, address: string, ports: ExaminePorts) {
  const reader = ports.host(host.name);
  const names = [cs7Options.subject, cs7Options.localUser, cs7Options.uniqueId];
  const [options, release, map] = await Promise.all([
    ready ? orFinding(readOptions(host, reader, names)) : undefined,
    ready ? orFinding(findRelease(host, ports)) : undefined,
    orFinding(readProperties(host, 'domainMap', reader)),
  ]);
  const isListed = (options?.value?.listed.size ?? 0) > 0;
  const written = isListed ? { findings: [] } : await orFinding(readProperties(host, 'options', reader));
  // What davadmin said by name counts without the file: only the rest of the list is lost.
  const lost = written.findings.map((one): Finding => (options?.value ? { ...one, severity: 'warning' } : one));
  const findings = [options, release, map].flatMap(part => part?.findings ?? []);
  return {
    ...settingsOf(options?.value, written.value ?? new Map(), address),
    ...{ domainMap: map.value ?? new Map<string, string>(), choices: release?.value?.choices ?? [] },
    findings: distinctFindings([...findings, ...lost]),
  };
}

function keyOf({ name }: DesiredCs7Host, ...rest: readonly string[]): readonly string[] {
  return ['cs7', 'hosts', name, ...rest];
}

/** CalendarServer_home: the folder above that of davadmin. */
async function findHome(host: DesiredCs7Host, reader: HostReader): Promise<FactPart & { readonly home?: string }> {
  const command = davadmin(host);
  const there = await foldersWith(command, reader);
  const path = keyOf(host, 'home');
  const question = `Where is CalendarServer_home of ${host.name}?`;
  const [folder] = there;
  if (folder && there.length === 1) {
    const home = dirname(folder.folder);
    return { home, ...(!cs7Places.homes.some(usual => usual === home) && { found: [{ path, value: home }] }) };
  }
  const { said, folder: packaged } = await folderOfPackage(command, cs7.packages(host), reader);
  if (packaged !== undefined && there.length === 0) {
    const home = dirname(packaged);
    return { home, found: [{ path, value: home, comment: 'As the package system of the host says.' }] };
  }
  const detail = `${host.name}: davadmin is in ${there.length === 0 ? 'none' : 'more than one'} of ${(command.directories ?? []).join(', ')}.\n${said}`;
  return { choices: [{ path, question, detail, candidates: there.map(one => dirname(one.folder)) }] };
}

/** The file itself is not read: it holds a password. */
async function findPasswordFile(
  host: DesiredCs7Host,
  ports: ExaminePorts,
): Promise<FactPart & { readonly file?: { readonly passwordFile: string } }> {
  const stated = host.davadmin.passwordFile;
  const asked = stated === '' ? davadminFiles : [stated, ...davadminFiles];
  const { paths } = await ports.examine(host.name).look({ paths: [...new Set(asked)], folders: [] });
  const kind = (path: string) => paths.find(one => one.path === path)?.kind ?? 'missing';
  if (stated !== '' && kind(stated) !== 'missing') return {};
  const candidates = davadminFiles.filter(path => kind(path) === 'file');
  const [passwordFile, ...more] = candidates;
  const path = keyOf(host, 'davadmin', 'passwordFile');
  if (stated === '' && passwordFile !== undefined && more.length === 0)
    return { file: { passwordFile }, found: [{ path, value: passwordFile }] };
  const question = `Which file on ${host.name} holds the password of davadmin (DAVADMIN_CLIFILE)?`;
  const looked = stated === '' ? asked.join(', ') : printableLine(stated);
  const detail = `${host.name} has ${candidates.length > 1 ? candidates.join(' and ') : `no file ${looked}`}.`;
  return { choices: [{ path, question, detail, candidates }] };
}

/** The lines of a file of the server, key -> value; none where it does not exist. */
async function readProperties(
  host: DesiredCs7Host,
  what: 'domainMap' | 'options',
  reader: HostReader,
): Promise<ReadonlyMap<string, string>> {
  const value = ({ asked }: FileReading) => dirname(dirname(asked));
  const file = onlyFile(host.name, await reader.files(cs7FilePlaces(host, what)), { key: keyOf(host, 'home'), value });
  const lines = effectiveProperties(parseProperties(file?.content.toString('latin1') ?? ''));
  return new Map([...lines].map(([key, { value: text }]) => [key, text]));
}

/** What davadmin lists counts; where it lists nothing, what it writes to its file. */
function settingsOf(
  options: OptionsReading | undefined,
  written: ReadonlyMap<string, string>,
  address: string,
): Pick<LookedHost, 'settings' | 'unclear' | 'directory'> {
  const { values = new Map<string, string>(), listed = new Map<string, string>(), unclear } = options ?? {};
  const set = [...values].filter(([, value]) => value !== '');
  const file = [...written].map(([name, value]) => [name.toLowerCase(), value.trim()] as const);
  const own = file.filter(([, value]) => value !== '');
  const all = new Map([...(listed.size > 0 ? listed : own), ...set]);
  return {
    settings: withoutSecretValues(all),
    ...(unclear && { unclear }),
    directory: directoryOf(key => all.get(key), address),
  };
}

/** What davadmin calls its own directory is not documented, only its prefix: `base.ldapinfo.ugldap.ldaphost` is common knowledge. */
function directoryOf(value: (key: string) => string | undefined, address: string): LookedHost['directory'] {
  const secure = value('base.ldapinfo.ugldap.ldapusessl') === 'true';
  const bindDn = value('base.ldapinfo.ugldap.ldapbinddn');
  const base = value('base.ldapinfo.dcroot');
  const [localUser, uniqueId] = [value(cs7Options.localUser), value(cs7Options.uniqueId)];
  return {
    ...directoryUrl(value('base.ldapinfo.ugldap.ldaphost'), value('base.ldapinfo.ugldap.ldapport'), {
      address,
      secure,
    }),
    ...(bindDn !== undefined && { bindDn }),
    ...(base !== undefined && { base }),
    ...(localUser !== undefined && { localUser }),
    ...(uniqueId !== undefined && { uniqueId }),
  };
}

/** A release that the host does not tell has to be stated: without it no plan can be applied. */
async function findRelease(host: DesiredCs7Host, ports: ExaminePorts): Promise<FactPart> {
  const { release, evidence } = await readVersion(host, ports);
  if (release) return {};
  const question = `Which release of Calendar Server 7 does ${host.name} have?`;
  return { choices: [{ path: keyOf(host, 'release'), question, detail: printable(evidence), candidates: [] }] };
}
