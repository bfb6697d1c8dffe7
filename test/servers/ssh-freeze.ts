import { readdir, readFile, readlink } from 'node:fs/promises';

/** Stops every process of the process namespace below `parent` (the `unshare` that made it). */
export async function freezeNamespace(parent: number | undefined): Promise<void> {
  await signalNamespace(parent, 'SIGSTOP');
}

/** Lets them go on. */
export async function thawNamespace(parent: number | undefined): Promise<void> {
  await signalNamespace(parent, 'SIGCONT');
}

async function signalNamespace(parent: number | undefined, signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
  const first = Number((await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8')).split(' ')[0]);
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
