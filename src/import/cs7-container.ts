import { dirname } from 'node:path/posix';
import saxes from 'saxes';
import type { DesiredCs7Host } from '../core/desired.ts';
import { printableLine } from '../core/printable.ts';
import { type FoundFolder, foldersWith } from '../kinds/shared/places.ts';
import { excerpt } from '../kinds/shared/service.ts';
import type { CommandResult, FileReading, HostReader } from '../ports/host.ts';
import { asadmin, containerPlaces, domainNames, usualDomain } from '../products/container.ts';
import { processQueries } from '../products/product.ts';
import { type Choice, type FactPart, orFinding } from './fact.ts';
import { baseAt } from './host-routes.ts';

function keyOf({ name }: DesiredCs7Host, ...rest: readonly string[]): readonly string[] {
  return ['cs7', 'hosts', name, ...rest];
}

/** The application server of a host, and where it listens for HTTP. */
export interface FoundContainer extends FactPart {
  readonly listens: readonly string[];
  readonly listensBy: string;
}

/** What CS7 runs in. A process of WebLogic has no asadmin to restart it with. */
export async function findContainer(
  host: DesiredCs7Host,
  address: string,
  reader: HostReader,
): Promise<FoundContainer> {
  const usual = asadmin(host, 'list-domains');
  const [list, there] = await Promise.all([reader.query(processQueries.list), foldersWith(usual, reader)]);
  const running = list.state === 'ran' ? list.output : '';
  const nowhere = { listens: [], listensBy: '' };
  if (
    there.length === 0 &&
    (host.container.type === 'weblogic' || /\sweblogic\.Server\b|-Dweblogic\.Name=/.test(running))
  )
    return { ...nowhere, ...weblogic(host) };
  const roots = installRoots(running);
  const found = there.length > 0 ? there : await foldersWith({ ...usual, directories: roots }, reader);
  const chosen = found.length > 1 ? found.filter(({ real }) => roots.includes(real)) : found;
  const [bin] = chosen;
  if (!bin || chosen.length > 1) return { ...nowhere, choices: [binChoice(host, chosen.length > 1 ? chosen : found)] };
  const domain = await findDomain(host, bin, reader);
  const { file } = domain;
  const path = keyOf(host, 'container', 'bin');
  const isUsual = there[0] === bin;
  return {
    found: [...(isUsual ? [] : [{ path, value: bin.folder }]), ...(domain.found ?? [])],
    choices: domain.choices ?? [],
    listens: file ? listeners(file.content.toString('utf8'), address) : [],
    listensBy: file ? printableLine(file.path) : 'domain.xml, which is not there or may not be read',
  };
}

function weblogic(host: DesiredCs7Host): FactPart {
  const question = `How is the WebLogic domain of ${host.name} restarted?`;
  const detail = `${host.name} runs WebLogic, which has no asadmin. Give your own commands, such as\n    { stop: [/path/of/stopWebLogic.sh], start: [/path/of/startWebLogic.sh], status: [/path/of/status] }\nor restart it yourself: never.`;
  return {
    found: [{ path: keyOf(host, 'container', 'type'), value: 'weblogic' }],
    choices:
      host.restart === 'after-change'
        ? [{ path: keyOf(host, 'restart'), question, detail, candidates: ['never'] }]
        : [],
  };
}

function binChoice(host: DesiredCs7Host, found: readonly FoundFolder[]): Choice {
  const candidates = found.map(({ folder }) => folder);
  const looked = host.container.bin.join(', ');
  const detail = `${host.name} has asadmin in ${candidates.length === 0 ? `none of ${looked}` : candidates.join(' and ')}.\nIf asadmin does not restart its application server, set cs7.hosts.${host.name}.restart instead.`;
  const question = `In which folder is asadmin of the application server that ${host.name} runs in?`;
  return { path: keyOf(host, 'container', 'bin'), question, detail, candidates };
}

/** Folders of asadmin of what runs: GlassFish starts Java with `-Dcom.sun.aas.installRoot`, which `ps` shows where it shows all. */
function installRoots(list: string): readonly string[] {
  const roots = [...list.matchAll(/-Dcom\.sun\.aas\.installRoot=(\/\S+)/g)].map(([, root = '']) => root);
  return [...new Set(roots.flatMap(root => [`${dirname(root)}/bin`, `${root}/bin`]))];
}

/** The domain that the calendar server is deployed in, and its configuration. */
async function findDomain(
  host: DesiredCs7Host,
  bin: FoundFolder,
  reader: HostReader,
): Promise<FactPart & { readonly file?: FileReading }> {
  const listing = await reader.query(asadmin({ container: { ...host.container, bin: [bin.folder] } }, 'list-domains'));
  const named = listing.state === 'ran' ? domainNames(listing.output) : [];
  const names = named.length > 0 ? named : [host.container.domain];
  const read = names.map(async name => ({ name, file: await domainFile(name, bin, reader) }));
  const domains = await Promise.all(read);
  const deployed = domains.filter(({ file }) => file && /\bdavserver\b/.test(file.content.toString('utf8')));
  const chosen = deployed.length > 0 ? deployed : domains;
  const [one] = chosen;
  if (!one || chosen.length > 1)
    return {
      choices: [
        domainChoice(
          host,
          chosen.map(({ name }) => name),
          listing,
        ),
      ],
    };
  const pidFile = one.file && (await ownPidFile(host, one.name, one.file, reader));
  const container = keyOf(host, 'container');
  const found = [
    ...(one.name === usualDomain ? [] : [{ path: [...container, 'domain'], value: one.name }]),
    ...(pidFile === undefined ? [] : [{ path: [...container, 'pidFile'], value: pidFile }]),
  ];
  return { found, ...(one.file && { file: one.file }) };
}

function domainChoice(host: DesiredCs7Host, candidates: readonly string[], listing: CommandResult): Choice {
  const said = listing.state === 'ran' ? `\n${excerpt(listing.output)}` : '';
  return {
    path: keyOf(host, 'container', 'domain'),
    question: `Which domain of the application server of ${host.name} has Calendar Server 7?`,
    detail: `${host.name}: asadmin list-domains prints${said}\nand davserver is deployed in ${candidates.length === 0 ? 'none' : 'more than one'} of them, as far as their domain.xml shows.`,
    candidates,
  };
}

/** Folders that may hold the configuration of a domain: the documented ones, and those beside asadmin. */
function configFolders(domain: string, { folder, real }: FoundFolder): readonly string[] {
  const beside = [folder, real].flatMap(one => [`${dirname(one)}/glassfish/domains`, `${dirname(one)}/domains`]);
  const own = beside.map(domains => `${domains}/${domain}/config`);
  return [
    ...new Set([
      ...own,
      ...containerPlaces(undefined)
        .pidFiles(domain)
        .map(path => dirname(path)),
    ]),
  ];
}

/** One that may not be read says nothing of where the server listens, and costs nothing else. */
async function domainFile(domain: string, bin: FoundFolder, reader: HostReader): Promise<FileReading | undefined> {
  const paths = configFolders(domain, bin).map(folder => `${folder}/domain.xml`);
  return (await orFinding(reader.files(paths))).value?.[0];
}

/** The file with the process number beside domain.xml, where the documented places do not lead to it. */
async function ownPidFile(
  { container }: DesiredCs7Host,
  domain: string,
  { asked }: FileReading,
  reader: HostReader,
): Promise<string | undefined> {
  const usual = [...container.pidFile, ...containerPlaces(undefined).pidFiles(domain)];
  const names = ['pid', '.__com_sun_appserv_pid'].map(name => `${dirname(asked)}/${name}`);
  const [there] = await reader.files(names.filter(path => !usual.includes(path)));
  return there?.asked;
}

/** One element of domain.xml that may be a listener. */
interface Element {
  readonly name: string;
  readonly config: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * Where the server of a domain listens for HTTP without TLS, else with it. GlassFish 2 has `http-listener` with all of it, GlassFish 3
 * `network-listener` that names a `protocol`. Those of the administration are left out, and so is what is turned off.
 */
function listeners(xml: string, address: string): readonly string[] {
  const elements = elementsOf(xml);
  const server = elements.find(({ name, attributes }) => name === 'server' && attributes['name'] === 'server');
  const config = server?.attributes['config-ref'] ?? 'server-config';
  const own = elements.filter(one => one.config === config || one.config === '');
  const properties = new Map(
    elements.flatMap(({ name, attributes }) =>
      name === 'system-property' ? [[attributes['name'] ?? '', attributes['value'] ?? ''] as const] : [],
    ),
  );
  const isSecure = (attributes: Element['attributes']) =>
    attributes['security-enabled'] === 'true' ||
    own.some(
      ({ name, attributes: protocol }) =>
        name === 'protocol' && protocol['name'] === attributes['protocol'] && protocol['security-enabled'] === 'true',
    );
  const open = own.flatMap(({ name, attributes }) => {
    if (!/^(?:http|network)-listener$/.test(name) || attributes['enabled'] === 'false' || isAdmin(attributes))
      return [];
    const port = (attributes['port'] ?? '').replace(/^\$\{(.*)\}$/, (_, key: string) => properties.get(key) ?? '');
    const bound = attributes['address'] ?? '';
    const hosts = /^(?:|0\.0\.0\.0|::)$/.test(bound) ? [address] : [bound, address];
    return [{ port, hosts, secure: isSecure(attributes) }];
  });
  const plain = open.filter(({ secure }) => !secure);
  const urls = (plain.length > 0 ? plain : open).flatMap(({ port, hosts, secure }) =>
    hosts.flatMap(host => baseAt(host, port, secure ? 'https' : 'http')),
  );
  return [...new Set(urls)];
}

function isAdmin(attributes: Element['attributes']): boolean {
  const name = attributes['name'] ?? attributes['id'] ?? '';
  return name === 'admin-listener' || attributes['default-virtual-server'] === '__asadmin' || /^jk-/.test(name);
}

/** The part of saxes that is used here, with types of our own: those it brings do not compile under `exactOptionalPropertyTypes`. */
interface XmlLibrary {
  readonly SaxesParser: new () => {
    on(event: 'opentag', handler: (tag: Pick<Element, 'name' | 'attributes'>) => void): void;
    on(event: 'closetag', handler: (tag: Pick<Element, 'name'>) => void): void;
    write(text: string): { close(): void };
  };
}

/** The elements of domain.xml; none where it is no XML. GlassFish 2 writes a DOCTYPE, of which saxes fetches nothing. */
function elementsOf(xml: string): readonly Element[] {
  const elements: Element[] = [];
  const parser = new (saxes as XmlLibrary).SaxesParser();
  let config = '';
  parser.on('opentag', ({ name, attributes }) => {
    if (name === 'config') config = attributes['name'] ?? '';
    elements.push({ name, config, attributes });
  });
  parser.on('closetag', ({ name }) => {
    if (name === 'config') config = '';
  });
  try {
    parser.write(xml).close();
    return elements;
  } catch {
    return [];
  }
}
