import type { LabCalendar } from './calendar-store.ts';
import type { CscalWords } from './cscal-words.ts';
import type { Tool } from './tool.ts';

/** A cscal command and what it needs to find its calendars. */
export interface Selection {
  readonly tool: Tool;
  readonly words: CscalWords;
  /** `service.defaultdomain`, for a calid without a domain; empty when there is none. */
  readonly defaultDomain: string;
}

/** The calendars that the command is about. An owner is looked for whatever its case (Administration Guide, appendix D). */
export function selectCalendars(selection: Selection, calendars: readonly LabCalendar[]): readonly LabCalendar[] {
  const { calid, values, others } = selection.words;
  const owner = values.get('o')?.toLowerCase();
  const wanted = calid === undefined ? undefined : wholeCalid(calid, selection.defaultDomain);
  return calendars.filter(
    calendar =>
      (wanted === undefined || calendar.calid === calid || calendar.calid === wanted) &&
      (owner === undefined || isOwner(calendar, owner, others)),
  );
}

/** The calid with its domain: without one `service.defaultdomain` counts (Administration Guide, chapter 15). */
export function wholeCalid(calid: string, defaultDomain: string): string {
  const [user = '', ...name] = calid.split(':');
  return user.includes('@') || defaultDomain === '' ? calid : [`${user}@${defaultDomain}`, ...name].join(':');
}

function isOwner(calendar: LabCalendar, owner: string, others: boolean): boolean {
  const owners = [calendar.owner, ...(others ? (calendar.otherOwners ?? []) : [])];
  return owners.some(one => one.toLowerCase() === owner);
}
