import type { MapPart } from './node.ts';

/** Keys of the estate file that say how targets are reached; `*` stands for any name. */
interface Keys {
  readonly [key: string]: true | Keys;
}

const host = { address: true, port: true, http: true } as const;

const keys: Keys = {
  version: true,
  directory: { url: true, startTls: true, tls: true, bindDn: true, password: true },
  ssh: true,
  cs6: { platform: true, hosts: { '*': { ...host, platform: true, config: true, sbin: true } } },
  cs7: {
    hosts: { '*': { ...host, home: true } },
    davadmin: true,
    container: { bin: true, domain: true, pidFile: true },
  },
};

/** An estate file without what it asks for: only how its targets are reached. */
export function onlyConnections(root: MapPart, known: Keys = keys): MapPart {
  const entries = [...root.entries].flatMap(([name, entry]) => {
    const below = known[name] ?? known['*'];
    if (below === undefined) return [];
    const { part } = entry;
    const kept = below === true || part.form !== 'map' ? part : onlyConnections(part, below);
    return [[name, { ...entry, part: kept }] as const];
  });
  return { ...root, entries: new Map(entries) };
}

/**
 * The text of what an estate file needs besides its connections, so that it can be read and checked as one. It asks for
 * nothing that anybody uses: what is wanted comes from a plan.
 */
export function neutralWishes(roots: readonly MapPart[]): string {
  const firstHost = (side: string): string => {
    const hosts = roots.flatMap(root => namesBelow(root, [side, 'hosts']));
    return JSON.stringify(hosts[0] ?? 'none');
  };
  return [
    'version: 1',
    'name: connections',
    'directory: { base: "o=connections" }',
    'cs7: { backends: [none] }',
    `domains: { connections.invalid: { cs6: ${firstHost('cs6')} } }`,
    `freeBusyRedirect: ${firstHost('cs7')}`,
    'cohorts: { all: { server: cs6, members: rest } }',
    '',
  ].join('\n');
}

function namesBelow(root: MapPart, path: readonly string[]): readonly string[] {
  const [key, ...rest] = path;
  if (key === undefined) return [...root.entries.keys()];
  const part = root.entries.get(key)?.part;
  return part?.form === 'map' ? namesBelow(part, rest) : [];
}
