import { hasFault } from '../fault.ts';
import { ask, type Outcome, text } from '../outcome.ts';
import { changeCalendars, type LabCalendar, readCalendars } from './calendar-store.ts';
import { type Selection, selectCalendars } from './cscal-select.ts';
import { failInLog } from './tool.ts';

/**
 * `cscal delete`: one calendar, or with `-o` all whose primary owner is this one; it cannot be undone. Asks unless `-q`
 * (Administration Guide, appendix D). Nothing to delete is a failure here; the books do not say.
 */
export async function deleteCalendars(selection: Selection): Promise<Outcome> {
  const { tool, words } = selection;
  if (words.others) return failInLog(tool, 'delete with -O is not part of the rehearsal');
  const found = selectCalendars(selection, readCalendars(tool.prefix, tool.facts.data));
  if (found.length === 0) return failInLog(tool, `no calendar to delete: ${subject(selection)}`);
  const agreed = words.quiet ? 'yes' : await ask(`Do you really want to delete ${subject(selection)} (y/n)? `);
  if (agreed === undefined) return { ...failInLog(tool, 'delete: no answer'), stdout: text('') };
  if (!/^y(es)?$/i.test(agreed.trim())) return { code: 0, stdout: text('', 'Nothing deleted') };
  if (!hasFault(tool.prefix, 'cscal.ignore-delete')) await remove(selection, found);
  const lines = found.map(calendar => `Calendar ${calendar.calid} deleted`);
  return { code: 0, stdout: words.quiet ? '' : text('', ...lines) };
}

function subject(selection: Selection): string {
  const { calid, values } = selection.words;
  return calid === undefined ? `all calendars of ${values.get('o')}` : `calendar ${calid}`;
}

async function remove(selection: Selection, found: readonly LabCalendar[]): Promise<void> {
  const gone = new Set(found.map(calendar => calendar.calid));
  const { prefix, facts } = selection.tool;
  await changeCalendars(prefix, facts.data, calendars => calendars.filter(calendar => !gone.has(calendar.calid)));
}
