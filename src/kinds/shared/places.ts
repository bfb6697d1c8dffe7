import type { DesiredCs6Host } from '../../core/desired.ts';
import { TargetProblem } from '../../core/finding.ts';
import { stated, yamlText } from '../../core/next-command.ts';
import { printable } from '../../core/printable.ts';
import { finding } from '../../findings/catalogue.ts';
import type { FileReading, HostReader } from '../../ports/host.ts';
import { lookFor, type PackageQuestion, type ProductCommand } from '../../products/product.ts';

/** How the file states where something is: the key from its top, and its value for a reading. */
interface WayOn {
  readonly key: readonly string[];
  value(reading: FileReading): string;
}

/**
 * The one file among several documented places. Readings of one file through different links count as one;
 * two different files, or a link that a replacement would cut, are refused: which one the server reads would be a guess.
 */
export function onlyFile(host: string, readings: readonly FileReading[], way: WayOn): FileReading | undefined {
  const places = new Map(readings.map(reading => [reading.path, reading]));
  if (places.size > 1) {
    throw new TargetProblem(
      finding('host.ambiguous-file', {
        detail: `${host} has ${[...places.keys()].join(' and ')}.\nEditing the wrong one would have no effect. Set the right one, such as\n${[...places.values()].map(one => stated(way.key, yamlText(way.value(one)))).join('\n')}`,
        target: host,
      }),
    );
  }
  const [reading] = places.values();
  if (reading?.link) {
    throw new TargetProblem(
      finding('host.file-is-link', {
        detail: `${host}: ${reading.path} is a link. Replacing it would break the link and leave the real file unchanged.\nSet the real path, such as\n${stated(way.key, yamlText(way.value(reading)))}`,
        target: host,
      }),
    );
  }
  return reading;
}

/** What is looked for on a host, and what of the file states where it is. */
export interface PlaceQuestion {
  readonly host: string;
  /** The key of the file, from its top. */
  readonly key: readonly string[];
  /** An example of its value. */
  readonly example: string;
  /** The key that states the commands of a restart, with which nobody needs the place. */
  readonly instead: readonly string[];
  readonly packages: readonly PackageQuestion[];
}

/** A folder as it was asked for, and its real path. */
export interface FoundFolder {
  readonly folder: string;
  readonly real: string;
}

/**
 * The folder that a command is in. Throws TargetProblem where none of its folders has it: then the package system of the host
 * is asked, and what it says is offered to be stated. It is not used by itself: what is run comes from the file or a document.
 */
export async function folderOf(
  command: ProductCommand,
  question: PlaceQuestion,
  reader: HostReader,
): Promise<FoundFolder> {
  const found = await reader.query(lookFor(command));
  if (found.state === 'ran' && found.code === 0 && found.directory !== undefined)
    return { folder: found.directory, real: found.output.trim() };
  const { said, folder } = await folderOfPackage(command, question.packages, reader);
  const looked = (command.directories ?? []).join(', ') || 'no folder';
  throw placeUnknown(question, `${command.words[0]} is in none of ${looked}.`, said, folder);
}

/** Every one of these folders that has a command, each once however many links lead to it. */
export async function foldersWith(
  { words: [program = ''], directories = [] }: ProductCommand,
  reader: HostReader,
): Promise<readonly FoundFolder[]> {
  const asked = directories.map(async folder => {
    const found = await reader.query(lookFor({ words: [program], directories: [folder] }));
    return found.state === 'ran' && found.code === 0 ? [{ folder, real: found.output.trim() }] : [];
  });
  const there = (await Promise.all(asked)).flat();
  return there.filter(({ real }, at) => there.findIndex(one => one.real === real) === at);
}

/** Which folder with a command the package system leads to, and what it said. */
export async function folderOfPackage(
  command: ProductCommand,
  packages: readonly PackageQuestion[],
  reader: HostReader,
): Promise<{ readonly said: string; readonly folder?: string }> {
  const { roots, said } = await packageRoots(packages, reader);
  const directories = roots.flatMap(({ root, packages: known }) => known.commands.map(below => `${root}/${below}`));
  const found = directories.length > 0 ? await reader.query(lookFor({ ...command, directories })) : undefined;
  const folder = found?.state === 'ran' && found.code === 0 ? found.directory : undefined;
  return { said, ...(folder !== undefined && { folder }) };
}

/** The same of a file: which of the files that the package system leads to is there, and what it said. */
export async function fileOfPackage(
  packages: readonly PackageQuestion[],
  reader: HostReader,
): Promise<{ readonly said: string; readonly path?: string }> {
  const { roots, said } = await packageRoots(packages, reader);
  const paths = roots.flatMap(({ root, packages: known }) => known.files.map(below => `${root}/${below}`));
  const [file] = paths.length > 0 ? await reader.files(paths) : [];
  return { said, ...(file && { path: file.path }) };
}

async function packageRoots(packages: readonly PackageQuestion[], reader: HostReader) {
  const answers = await Promise.all(
    packages.map(async known => ({ packages: known, result: await reader.query({ words: known.words }) })),
  );
  const roots = answers.flatMap(({ packages: known, result }) => {
    const root = result.state === 'ran' && result.code === 0 ? withoutSlashes(result.output.trim()) : undefined;
    return root !== undefined && /^\/[^\s]*$|^$/.test(root) ? [{ root, packages: known }] : [];
  });
  const lines = answers.map(({ packages: { words }, result }) => {
    const answer = result.state === 'ran' ? printable(result.output.trim().split('\n')[0] ?? '') : 'no such command';
    return `${words.join(' ')}: ${answer || '(nothing)'}`;
  });
  return { roots, said: lines.join('\n') };
}

function withoutSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === '/') end--;
  return path.slice(0, end);
}

/** The two lines that get past what the product's own restart needs: commands of the site, or none. `key` leads to `restart`. */
export function restartWays(key: readonly string[]): string {
  const commands = '{ stop: [/path/of/stop], start: [/path/of/start], status: [/path/of/status] }';
  return `${stated(key, commands)}\n${stated(key, 'never')}`;
}

/** The key of `restart` of a host that a message leads to with `restartWays`; nothing where it does not. */
export function restartWayIn(
  message: string,
): readonly [side: string, hosts: string, name: string, key: string] | undefined {
  const [, side, quoted] = /^ {4}(cs6|cs7)\.hosts\.([\w-]+|"[^"]+")\.restart: never$/m.exec(message) ?? [];
  return side === undefined || quoted === undefined
    ? undefined
    : [side, 'hosts', quoted.replaceAll('"', ''), 'restart'];
}

/** A place that nobody knows; `place` is what the package system leads to. */
function placeUnknown(
  { host, key, example, instead }: PlaceQuestion,
  looked: string,
  said: string,
  place: string | undefined,
) {
  return new TargetProblem(
    finding('host.place-unknown', {
      detail: `${host}: ${looked}\n${said}\n${place === undefined ? 'Set it in the file, such as' : 'This shows its folder. Set it in the file:'}\n${stated(key, yamlText(place ?? example))}\nOr set your own restart commands, or restart it yourself:\n${restartWays(instead)}`,
      target: host,
    }),
  );
}

/** The ics.conf of a host; nothing where none of its places has one. */
export async function readIcsConf(
  { name, config }: Pick<DesiredCs6Host, 'name' | 'config'>,
  reader: HostReader,
): Promise<FileReading | undefined> {
  const way = { key: ['cs6', 'hosts', name, 'config'], value: ({ path }: FileReading) => path };
  return onlyFile(name, await reader.files(config), way);
}
