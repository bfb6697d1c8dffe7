import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Period } from '../freebusy/icalendar.ts';
import { onHost, withLock } from '../host-tree.ts';
import { busyStorePath, CS7_DATA } from './lab-container.ts';

/** When accounts are busy, by unique id; by mail address what was laid down before anybody knew the id. */
export type BusyStore = Readonly<Record<string, readonly Period[]>>;

/** Text of the store, a line an account. */
export function renderBusyStore(store: BusyStore): string {
  const rows = Object.entries(store).map(([key, periods]) => `${JSON.stringify(key)}: ${JSON.stringify(periods)}`);
  return `{\n${rows.join(',\n')}\n}\n`;
}

/**
 * When an account is busy. What was laid down under its mail address is filed under its unique id at the first question, and is
 * found by nothing else from then on: to give an account another unique id is to lose its data, as on a real server.
 */
export async function readBusyTimes(prefix: string, uniqueId: string, mail: string): Promise<readonly Period[]> {
  const path = onHost(prefix, busyStorePath(CS7_DATA));
  const key = mail.toLowerCase();
  if (readStore(path).get(key) !== undefined) await file(path, key, uniqueId);
  return readStore(path).get(uniqueId) ?? [];
}

async function file(path: string, mail: string, uniqueId: string): Promise<void> {
  await withLock(`${path}.lock`, () => {
    const store = new Map(readStore(path));
    const laid = store.get(mail);
    store.delete(mail);
    if (laid !== undefined && !store.has(uniqueId)) store.set(uniqueId, laid);
    writeFileSync(`${path}.next`, renderBusyStore(Object.fromEntries(store)), { mode: 0o600 });
    renameSync(`${path}.next`, path);
  });
}

function readStore(path: string): ReadonlyMap<string, readonly Period[]> {
  return new Map(Object.entries(JSON.parse(readFileSync(path, 'utf8')) as BusyStore));
}
