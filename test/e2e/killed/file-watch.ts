import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { sha256 } from '../../../src/core/canonical.ts';
import { cs7Home, type Estate, icsConf } from '../../servers/estate.ts';

/** What was seen of some files while they were watched. */
export interface FileWatch {
  /** Ends it; the SHA-256 of every content that was seen, or `absent`, by path, and how often all files were looked at. */
  stop(): Promise<{ readonly seen: ReadonlyMap<string, ReadonlySet<string>>; readonly looks: number }>;
}

/**
 * The files of every host that the product replaces. davserver.properties is not one of them: davadmin writes it, and its
 * stand-in does that in place.
 */
export function replacedFiles(estate: Estate): readonly string[] {
  return [...estate.ssh.hosts.keys()].map(host =>
    estate.pathOf(host, host.startsWith('cs6') ? icsConf : `${cs7Home}/config/ischeduledomainmap.properties`),
  );
}

/** Looks at files again and again, as often as the rest of this process lets it. */
export function watchFiles(paths: readonly string[]): FileWatch {
  const seen = new Map(paths.map(path => [path, new Set<string>()]));
  let looks = 0;
  let stopped = false;
  const look = () => {
    for (const [path, versions] of seen) versions.add(versionOf(path));
    looks += 1;
  };
  const watching = (async () => {
    while (!stopped) {
      look();
      await pause(1);
    }
  })();
  return {
    stop: async () => {
      stopped = true;
      await watching;
      return { seen, looks };
    },
  };
}

/** The SHA-256 of a file as it is now. */
export function versionOf(path: string): string {
  try {
    return sha256(readFileSync(path));
  } catch {
    return 'absent';
  }
}
