import { chownSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import type { Period } from '../freebusy/icalendar.ts';
import { onHost, withLock } from '../host-tree.ts';
import { calendarStorePath } from './cs6-layout.ts';

/** A calendar of the stand-in database. */
export interface LabCalendar {
  /** `userid[@domain][:calendar-name]` (Administration Guide, chapter 15). */
  readonly calid: string;
  /** Primary owner; a calendar without one (empty) does occur. */
  readonly owner: string;
  readonly otherOwners?: readonly string[];
  /** `enabled` unless told. */
  readonly status?: string;
  /** When its owner is busy; a stand-in for the events of the calendar. */
  readonly busy?: readonly Period[];
}

/** All calendars of a host. */
export function readCalendars(prefix: string, data: string): readonly LabCalendar[] {
  return JSON.parse(readFileSync(onHost(prefix, calendarStorePath(data)), 'utf8')) as readonly LabCalendar[];
}

/** Puts other calendars in the place of all; commands at the same time wait for each other. */
export async function changeCalendars(
  prefix: string,
  data: string,
  change: (calendars: readonly LabCalendar[]) => readonly LabCalendar[],
): Promise<void> {
  const path = onHost(prefix, calendarStorePath(data));
  await withLock(`${path}.lock`, () => {
    const { uid, gid } = statSync(path);
    writeFileSync(`${path}.next`, renderCalendars(change(readCalendars(prefix, data))), { mode: 0o600 });
    if (process.getuid?.() === 0) chownSync(`${path}.next`, uid, gid);
    renameSync(`${path}.next`, path);
  });
}

/** Text of the database: a calendar a line, so that a person can compare two of them. */
export function renderCalendars(calendars: readonly LabCalendar[]): string {
  return `[\n${calendars.map(calendar => JSON.stringify(calendar)).join(',\n')}\n]\n`;
}
