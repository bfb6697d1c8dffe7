import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Where a text was seen among the processes of this machine, those of all namespaces that it can see. */
export interface Sighting {
  readonly where: 'arguments' | 'environment';
  /** The arguments of the process. */
  readonly process: string;
}

/**
 * Looks at the arguments and the environment of every process until it is told to stop, every few milliseconds. `texts` are what
 * must not be there.
 */
export function watchProcesses(texts: readonly string[]): {
  stop(): { readonly looks: number; readonly seen: readonly Sighting[] };
} {
  const seen = new Map<string, Sighting>();
  let looks = 0;
  const timer = setInterval(() => {
    looks += 1;
    for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
      const words = read(`/proc/${pid}/cmdline`);
      for (const where of ['arguments', 'environment'] as const) {
        const text = where === 'arguments' ? words : read(`/proc/${pid}/environ`);
        if (texts.some(one => text.includes(one)))
          seen.set(`${where} ${words}`, { where, process: words.replaceAll('\0', ' ') });
      }
    }
  }, 15);
  return {
    stop: () => {
      clearInterval(timer);
      return { looks, seen: [...seen.values()] };
    },
  };
}

/** The files below folders that hold a text, a line each. A folder that is missing is passed over. */
export function filesWith(text: string, ...places: readonly string[]): string {
  return spawnSync('grep', ['-rslaF', '-e', text, ...places], { encoding: 'utf8' }).stdout;
}

/** Nothing where the process has ended. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
