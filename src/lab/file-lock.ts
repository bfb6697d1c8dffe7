import { mkdirSync, rmdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** Runs `work` while no other process holds `folder`; a lock that outlives five seconds is taken for a dead one's. */
export async function withLock<T>(folder: string, work: () => T): Promise<T> {
  const patience = Date.now() + 5000;
  while (!take(folder) && Date.now() < patience) await pause(10);
  try {
    return work();
  } finally {
    release(folder);
  }
}

function take(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

function release(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Another process had run out of patience and took it away; there is nothing left to release.
  }
}
