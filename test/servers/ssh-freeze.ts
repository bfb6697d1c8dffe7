import { readFileSync } from 'node:fs';
import { readdir, readlink } from 'node:fs/promises';

/** Stops every process of the process namespace below `parent` (the `unshare` that made it). */
export async function freezeNamespace(parent: number | undefined): Promise<void> {
  await signalNamespace(parent, 'SIGSTOP');
}

/** Lets them go on. */
export async function thawNamespace(parent: number | undefined): Promise<void> {
  await signalNamespace(parent, 'SIGCONT');
}

/** The first process of the namespace below `parent`, as it is numbered here. */
export function firstOf(parent: number | undefined): number {
  return Number(readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').split(' ')[0]);
}

async function signalNamespace(parent: number | undefined, signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
  const first = firstOf(parent);
  const namespace = await readlink(`/proc/${first}/ns/pid`);
  for (const name of await readdir('/proc')) {
    if (/^\d+$/.test(name) && (await namespaceOf(name)) === namespace) {
      process.kill(Number(name), signal);
    }
  }
}

async function namespaceOf(name: string): Promise<string | undefined> {
  try {
    return await readlink(`/proc/${name}/ns/pid`);
  } catch {
    // Gone meanwhile.
    return undefined;
  }
}
