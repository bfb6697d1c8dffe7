import type { LabCalendar } from '../cs6/calendar-store.ts';
import { directoryEntries, type LabEntry } from '../directory-content.ts';
import { type Period, utcTime } from './icalendar.ts';

/** A day on which everybody of the rehearsal is busy for an hour: on CS6 from nine, on CS7 from two. */
export const rehearsalDay: Period = { start: '20300107T000000Z', end: '20300108T000000Z' };

/** That day, and one of next week: who verifies an estate asks about the time to come. */
const days = ['20300107', utcTime(new Date(Date.now() + 7 * 86_400_000)).slice(0, 8)];

const cs6Hours = days.map((day): Period => ({ start: `${day}T090000Z`, end: `${day}T100000Z` }));
const cs7Hours = days.map((day): Period => ({ start: `${day}T140000Z`, end: `${day}T150000Z` }));

/** The users of its cohort `pilot`; its other cohort of CS7 is the department Finance. */
const pilot = ['jdoe', "o'neil"];

/** The calendars of the users who stay on CS6, in a rehearsal directory of so many users. */
export function stayingCalendars(users: number): readonly LabCalendar[] {
  const [staying] = sides(users);
  return staying.map(entry => ({
    calid: `${attribute(entry, 'icsCalendar')}@example.com`,
    owner: `${attribute(entry, 'uid')}@example.com`,
    busy: cs6Hours,
  }));
}

/** When the users are busy who have moved to CS7, by mail address. */
export function migratedBusyTimes(users: number): Readonly<Record<string, readonly Period[]>> {
  const [, migrated] = sides(users);
  return Object.fromEntries(migrated.map(entry => [attribute(entry, 'mail'), cs7Hours]));
}

/** The users whom the estate file of the rehearsal leaves on CS6, and those whom it puts on CS7. */
function sides(users: number): readonly [readonly LabEntry[], readonly LabEntry[]] {
  const content = { suffix: 'o=isp', domain: 'example.com', users, groups: 0, resources: 0 };
  const people = [...directoryEntries(content)].filter(entry => attribute(entry, 'icsCalendar') !== '');
  const moves = (entry: LabEntry) =>
    pilot.includes(attribute(entry, 'uid')) || attribute(entry, 'departmentNumber') === 'Finance';
  return [people.filter(entry => !moves(entry)), people.filter(moves)];
}

function attribute(entry: LabEntry, name: string): string {
  return entry.attributes[name]?.[0] ?? '';
}
