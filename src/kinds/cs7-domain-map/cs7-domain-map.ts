import { posix } from 'node:path';
import type { Change } from '../../core/change.ts';
import { chapter } from '../../core/declared.ts';
import { type DesiredCs7Host, hostsOf } from '../../core/desired.ts';
import { TargetProblem } from '../../core/finding.ts';
import { stated, yamlText } from '../../core/next-command.ts';
import { finding } from '../../findings/catalogue.ts';
import type { FileReading, HostReader } from '../../ports/host.ts';
import type { ReadPorts } from '../../ports/ports.ts';
import { cs7, cs7FilePlaces, cs7Files, davadmin } from '../../products/cs7.ts';
import type { ResourceKind } from '../managed-kind.ts';
import { folderOfPackage, onlyFile } from '../shared/places.ts';
import { editProperties, effectiveProperties, parseProperties } from '../shared/properties-text.ts';

/** The map as it is, or the place where it has to be made. `sibling` gives a new file its owner and mode. */
interface LiveMap {
  readonly path: string;
  readonly content: Buffer | undefined;
  readonly sibling: string;
}

const file = posix.basename(cs7Files.domainMap);

/** The lines of ischeduledomainmap.properties (chapter 10, "Configuring the Calendar Server 7 Environment", steps 1 and 2). */
export const cs7DomainMap: ResourceKind<DesiredCs7Host, LiveMap> = {
  name: 'cs7-domain-map',
  title: 'The domain map of Calendar Server 7 is to be changed',
  stage: 'cs7-config',
  wishes: state => hostsOf(state, 'cs7').map(host => ({ target: host.name, desired: host })),
  declares: host =>
    host.domains.map(({ domain, url, because, source }) => ({
      ...{ key: domain, file, label: `domain ${domain}`, value: `${domain}=${url}` },
      ...{ because, chapter: chapter.domainMap, source },
    })),
  writes: host => ({ paths: cs7FilePlaces(host, 'domainMap') }),
  async *read(host, ports) {
    yield await readMap(host, ports);
  },
  item: live => live.path,
  manages: (host, { key }) => host.domains.some(({ domain }) => domain === key),
  diff(host, live) {
    const lines = effectiveProperties(parseProperties(textOf(live)));
    return host.domains.flatMap(({ domain, url, source }): readonly Change[] => {
      const found = lines.get(domain);
      if (!found) return [{ action: 'create', item: live.path, key: domain, after: url, source }];
      if (found.value === url) return [];
      const place = { file: live.path, line: found.line };
      const reason = found.value.trim() === url ? { reason: 'blanks at the end are part of the URL' } : {};
      return [
        {
          action: 'update',
          item: live.path,
          key: domain,
          before: found.value,
          after: url,
          ...reason,
          source,
          live: place,
        },
      ];
    });
  },
  basis: live => live.content?.toString('latin1') ?? 'absent',
  async *apply(host, work, ports) {
    for (const { live, changes } of work) {
      const edits = changes.map(c => ({ key: c.key, value: typeof c.after === 'string' ? c.after : undefined }));
      const content = Buffer.from(editProperties(textOf(live), edits), 'latin1');
      const backup = await ports
        .host(host.name)
        .replace({ path: live.path, expected: live.content ?? 'absent', content, like: live.sibling });
      for (const change of changes)
        yield { change, state: 'done', ...(backup && { detail: `backup ${host.name}:${backup}` }) };
    }
  },
};

function textOf(live: LiveMap): string {
  return live.content?.toString('latin1') ?? '';
}

/** The main configuration always exists on an installed host: it proves that the folder is the right one. */
async function readMap(host: DesiredCs7Host, ports: ReadPorts): Promise<LiveMap> {
  const reader = ports.host(host.name);
  const way = {
    key: ['cs7', 'hosts', host.name, 'home'],
    value: ({ asked }: FileReading) => posix.dirname(posix.dirname(asked)),
  };
  const [maps, mains] = await Promise.all([
    reader.files(cs7FilePlaces(host, 'domainMap')),
    reader.files(cs7FilePlaces(host, 'options')),
  ]);
  const main: FileReading | undefined = onlyFile(host.name, mains, way);
  if (!main) throw await noConfiguration(host, reader);
  const map = onlyFile(host.name, maps, way);
  const path = map?.path ?? posix.join(posix.dirname(main.path), file);
  return { path, content: map?.content, sibling: main.path };
}

/** Where davadmin is, CalendarServer_home is the folder above; what the package system of the host says of it is offered. */
async function noConfiguration(host: DesiredCs7Host, reader: HostReader): Promise<TargetProblem> {
  const { said, folder } = await folderOfPackage(davadmin(host), cs7.packages(host), reader);
  const home = folder === undefined ? '/opt/sun/comms/davserver' : posix.dirname(folder);
  return new TargetProblem(
    finding('cs7.no-configuration', {
      detail: `${host.name} has no ${cs7Files.options} in ${host.home.join(', ')}.\n${said}\nSet CalendarServer_home in the file${folder === undefined ? ', such as' : ':'}\n${stated(['cs7', 'hosts', host.name, 'home'], yamlText(home))}`,
      target: host.name,
      where: host.source,
    }),
  );
}
