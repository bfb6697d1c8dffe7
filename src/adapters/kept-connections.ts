import { stat } from 'node:fs/promises';
import type { DesiredState } from '../core/desired.ts';
import type { KeptConnections, MailConnection, MailPorts, ReadPorts, Variables } from '../ports/ports.ts';
import { connect, type EstateConnection, onlyReading, readingWithMail } from './open-ports.ts';
import { localPath } from './ssh/host-endpoint.ts';
import { partsOf } from './ssh/route-facts.ts';

/** Milliseconds after which connections are opened anew: then a changed host key, login or agent is seen at the latest. */
const longestUse = 900_000;

/** A connection, and what it was opened for. */
interface Kept {
  readonly estate: EstateConnection;
  /** What the files say of hosts and directory. */
  readonly stated: string;
  /** The files and folders of this machine that it depends on, and how they were before it was opened. */
  readonly paths: readonly string[];
  readonly found: string;
  readonly openedAt: number;
}

/**
 * Keeps the connections of a program that looks every `every` milliseconds. Between two looks nothing but the connections is kept:
 * each has to answer before it is used, the directory takes the login again, and all that was read is read again. They are
 * closed when the files say something else of hosts or directory, when a file that they depend on is another one (keys, known_hosts,
 * passwords, certificates, the configuration of OpenSSH), and after a quarter of an hour.
 */
export function keepConnections(every: number): KeptConnections {
  let resting: Kept | undefined;
  let timer: NodeJS.Timeout | undefined;
  const inUse = new Set<EstateConnection>();
  let closed = false;

  const take = async (desired: DesiredState, variables: Variables): Promise<Kept> => {
    const before = resting;
    resting = undefined;
    clearTimeout(timer);
    const stated = JSON.stringify([desired.hosts, desired.directory]);
    const isCurrent =
      before?.stated === stated && age(before) < longestUse && (await stateOf(before.paths)) === before.found;
    if (before && isCurrent) return { ...before, estate: await before.estate.again() };
    await before?.estate.close();
    const paths = await pathsOf(desired, variables);
    const found = await stateOf(paths);
    const estate = connect(desired, variables, { use: 'read' });
    return { estate, stated, paths, found, openedAt: performance.now() };
  };

  const rest = async (kept: Kept): Promise<void> => {
    inUse.delete(kept.estate);
    const left = longestUse - age(kept);
    if (closed || resting || every >= left) return kept.estate.close();
    resting = kept;
    timer = setTimeout(() => void closeResting(), left);
    timer.unref();
  };

  const closeResting = async () => {
    clearTimeout(timer);
    const kept = resting;
    resting = undefined;
    await kept?.estate.close();
  };

  const open = async <P extends ReadPorts>(
    desired: DesiredState,
    variables: Variables,
    portsFrom: (ports: MailPorts, desired: DesiredState) => P,
  ) => {
    const kept = await take(desired, variables);
    if (closed) {
      await kept.estate.close();
      throw new Error('the connections were closed');
    }
    inUse.add(kept.estate);
    return { ports: portsFrom(kept.estate.ports, desired), close: () => rest(kept) };
  };

  return {
    toRead: (desired, variables) => open(desired, variables, onlyReading),
    toMail: (desired, variables): Promise<MailConnection> => open(desired, variables, readingWithMail),
    close: async () => {
      closed = true;
      await Promise.all([closeResting(), ...[...inUse].map(estate => estate.close())]);
    },
  };
}

function age({ openedAt }: Kept): number {
  return performance.now() - openedAt;
}

/** Every path of this machine that the way to a host, or to the directory, names or may read. */
async function pathsOf({ hosts, directory }: DesiredState, variables: Variables): Promise<readonly string[]> {
  const accesses = hosts.map(({ access }) => access);
  const parts = await Promise.all(accesses.map(access => partsOf(access, variables)));
  const named = pathsIn([accesses, directory.password, directory.tls]);
  return [...new Set([...parts.flatMap(({ files, folders }) => [...files, ...folders]), ...named])];
}

/** All texts in a value that look like a path. */
function pathsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return /^(?:~?\/)/.test(value) ? [localPath(value)] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(pathsIn) : [];
}

/** Changes whenever one of them is written, replaced, made or removed. */
async function stateOf(paths: readonly string[]): Promise<string> {
  const states = await Promise.all(
    paths.map(path =>
      stat(path, { bigint: true }).then(
        ({ dev, ino, size, mtimeNs, ctimeNs }) => [dev, ino, size, mtimeNs, ctimeNs].join(':'),
        () => 'none',
      ),
    ),
  );
  return states.join(' ');
}
