import { writeFileSync } from 'node:fs';
import { onHost, prefixOfWrapper, readCs6Facts } from '../host-tree.ts';
import { finish, type Outcome, text } from '../outcome.ts';
import { type LabCalendar, readCalendars } from './calendar-store.ts';
import { attempt, FAILED, failInLog, refusedFolder, refusedUser, type Tool } from './tool.ts';

// `csexport -c calid calendar file`: the copy before a delete (Administration Guide, appendix D).
function csexport(tool: Tool, words: readonly string[]): Outcome {
  const refused = refusedFolder(tool) ?? refusedUser(tool);
  if (refused !== undefined) return failInLog(tool, refused);
  const [option, calid, command, file, ...rest] = words;
  if (words.join() === 'version')
    return { code: 0, stdout: text('csexport: Sun Java System Calendar Server 6.3-11.01') };
  if (option !== '-c' || command !== 'calendar' || file === undefined || rest.length > 0)
    return { code: FAILED, stderr: text('Usage: csexport -c calid calendar file') };
  const calendar = readCalendars(tool.prefix, tool.facts.data).find(one => one.calid === calid);
  if (calendar === undefined) return failInLog(tool, `calendar ${calid} does not exist`);
  writeFileSync(onHost(tool.prefix, file), exported(calendar));
  return { code: 0, stdout: text(`Calendar ${calendar.calid} exported`) };
}

function exported(calendar: LabCalendar): string {
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Sun/Calendar Server//EN',
    `X-NSCP-CALPROPS-RELATIVE-CALID:${calendar.calid}`,
    `X-NSCP-CALPROPS-PRIMARY-OWNER:${calendar.owner}`,
    'END:VCALENDAR',
  ];
  return lines.map(line => `${line}\r\n`).join('');
}

const prefix = prefixOfWrapper();
const tool: Tool = { name: 'csexport', prefix, facts: readCs6Facts(prefix) };
void finish(attempt(tool, () => csexport(tool, process.argv.slice(2))));
