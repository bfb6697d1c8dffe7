import { type Outcome, text } from '../outcome.ts';
import { changeCalendars, type LabCalendar, readCalendars } from './calendar-store.ts';
import { type Selection, selectCalendars, wholeCalid } from './cscal-select.ts';
import { failInLog } from './tool.ts';

/** `cscal create`: needs a free calid; `-o` and `-y` name the owners, the other options are taken and forgotten. */
export async function createCalendar(selection: Selection): Promise<Outcome> {
  const { tool, words } = selection;
  const calid = wholeCalid(words.calid ?? '', selection.defaultDomain);
  const { prefix, facts } = tool;
  const exists = readCalendars(prefix, facts.data).some(calendar => calendar.calid === calid);
  if (exists) return failInLog(tool, `calendar ${calid} exists`);
  const otherOwners = (words.values.get('y') ?? '').split(' ').filter(one => one !== '');
  const owner = words.values.get('o') ?? calid.split(':')[0] ?? '';
  await changeCalendars(prefix, facts.data, calendars => [...calendars, { calid, owner, otherOwners }]);
  return { code: 0, stdout: words.quiet ? '' : text(`Calendar ${calid} created`) };
}

/** `cscal enable` and `cscal disable`. */
export async function setStatus(selection: Selection): Promise<Outcome> {
  const { tool, words } = selection;
  const found = new Set(selectCalendars(selection, readCalendars(tool.prefix, tool.facts.data)).map(one => one.calid));
  if (found.size === 0) return failInLog(tool, `no calendar to ${words.command}`);
  const status = `${words.command}d`;
  const set = (one: LabCalendar): LabCalendar => (found.has(one.calid) ? { ...one, status } : one);
  await changeCalendars(tool.prefix, tool.facts.data, calendars => calendars.map(set));
  return { code: 0, stdout: words.quiet ? '' : text(`${found.size} calendar(s) ${status}`) };
}
