import { hasFault } from '../fault.ts';
import { type Outcome, text } from '../outcome.ts';
import { type LabCalendar, readCalendars } from './calendar-store.ts';
import { type Selection, selectCalendars } from './cscal-select.ts';
import { FAILED, failInLog } from './tool.ts';

/**
 * `cscal list`. The lines of calendars have the form that a site's export script is known to read; banner and summary stand
 * for the other lines that this script had to skip. An owner without calendars is no failure; a calid without a calendar is:
 * neither is documented. `-q` prints nothing on success, also here (Administration Guide, appendix D).
 */
export function listCalendars(selection: Selection): Outcome {
  const { tool, words } = selection;
  const found = selectCalendars(selection, readCalendars(tool.prefix, tool.facts.data));
  if (words.calid !== undefined && found.length === 0) return failInLog(tool, `calendar ${words.calid} does not exist`);
  if (words.quiet) return { code: 0 };
  const lines = found.flatMap(calendar => describe(calendar, words.verbose));
  if (hasFault(tool.prefix, 'cscal.cut')) return cut(selection, lines);
  const noise = hasFault(tool.prefix, 'cscal.noise')
    ? ['*** caldb: log.0000000042 recovered ***', 'jdoe owner status']
    : [];
  return {
    code: 0,
    stdout: text('Calendar list:', '', ...noise, ...lines, ...noise, '', `${found.length} calendar(s)`),
  };
}

function describe(calendar: LabCalendar, verbose: boolean): readonly string[] {
  const line = `${calendar.calid}: owner=${calendar.owner} status=${calendar.status ?? 'enabled'}`;
  const others = (calendar.otherOwners ?? []).join(' ');
  return verbose
    ? [line, `    otherowners="${others}"`, '    acl="@@o^a^r^g;@@o^c^wdeic^g;@^a^fs^g;@^c^^g;@^p^r^g"']
    : [line];
}

function cut(selection: Selection, lines: readonly string[]): Outcome {
  failInLog(selection.tool, 'caldb: cursor lost');
  return { code: FAILED, stdout: text('Calendar list:', '', ...lines.slice(0, Math.ceil(lines.length / 2))) };
}
