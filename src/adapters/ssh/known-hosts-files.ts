import { readFile, stat } from 'node:fs/promises';
import { messageOf } from '../../core/printable.ts';
import { type Endpoint, localPath } from './host-endpoint.ts';
import { HostFault } from './host-fault.ts';
import { type KnownHostLine, knownHostName, matchesName, parseKnownHosts } from './known-hosts.ts';

/** What is known of a file of known hosts: lines that only name hosts, by name, and all that have to be compared one by one. */
interface IndexedFile {
  readonly byName: ReadonlyMap<string, readonly KnownHostLine[]>;
  /** Patterns, negations and hashed names. */
  readonly others: readonly KnownHostLine[];
}

/**
 * The known_hosts files of a run. Each is read and parsed once, and again when it has changed: a key that is added meanwhile
 * counts.
 */
export class KnownHostsFiles {
  readonly #read: (path: string) => Promise<string>;
  readonly #files = new Map<string, { readonly stamp: string; readonly indexed: Promise<IndexedFile> }>();

  constructor(read: (path: string) => Promise<string> = path => readFile(path, 'utf8')) {
    this.#read = read;
  }

  /**
   * The lines about a host, with its port and without, in the order of its files. A missing file is none, as for OpenSSH, unless
   * the estate file states it: throws HostFault `host.known-hosts-unreadable`.
   */
  async linesOf(endpoint: Endpoint): Promise<readonly KnownHostLine[]> {
    const { knownHosts, knownHostsStated = false } = endpoint;
    const names = [...new Set([knownHostName(endpoint), knownHostName({ ...endpoint, port: 22 })])];
    const lines = knownHosts.map(async path => linesAbout(await this.#open(path, knownHostsStated), names));
    return (await Promise.all(lines)).flat();
  }

  async #open(path: string, stated: boolean): Promise<IndexedFile> {
    const local = localPath(path);
    try {
      const stamp = await stampOf(local);
      const known = this.#files.get(path);
      if (known?.stamp === stamp) return await known.indexed;
      const indexed = this.#read(local).then(text => indexLines(parseKnownHosts(text, path)));
      this.#files.set(path, { stamp, indexed });
      return await indexed;
    } catch (error) {
      this.#files.delete(path);
      if (!stated && isMissing(error)) return indexLines([]);
      const why =
        'Without it, no host can be distinguished from an impostor. `doctor --trust HOST` creates it with the first key.';
      throw new HostFault('host.known-hosts-unreadable', `${messageOf(error)}\n${why}`);
    }
  }
}

/** What differs once somebody has written to a file. */
async function stampOf(path: string): Promise<string> {
  const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function indexLines(lines: readonly KnownHostLine[]): IndexedFile {
  const byName = new Map<string, KnownHostLine[]>();
  const others: KnownHostLine[] = [];
  for (const line of lines) {
    if (line.names.some(name => /[*?!|]/.test(name))) others.push(line);
    else for (const name of new Set(line.names.map(one => one.toLowerCase()))) addTo(byName, name, line);
  }
  return { byName, others };
}

function addTo(byName: Map<string, KnownHostLine[]>, name: string, line: KnownHostLine): void {
  const known = byName.get(name);
  if (known) known.push(line);
  else byName.set(name, [line]);
}

function linesAbout({ byName, others }: IndexedFile, names: readonly string[]): readonly KnownHostLine[] {
  const named = names.flatMap(name => byName.get(name) ?? []);
  const matching = others.filter(line => names.some(name => matchesName(line.names, name)));
  return [...new Set([...named, ...matching])].sort((a, b) => a.line - b.line);
}
