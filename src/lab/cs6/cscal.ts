import { readFileSync } from 'node:fs';
import { hasFault } from '../fault.ts';
import { onHost, prefixOfWrapper, readCs6Facts } from '../host-tree.ts';
import { finish, type Outcome, text } from '../outcome.ts';
import {
  CSCAL_USAGE,
  type CscalWords,
  createCalendar,
  deleteCalendars,
  listCalendars,
  parseCscalWords,
  setStatus,
} from './cscal-commands.ts';
import { readIcsSettings } from './ics-settings.ts';
import { attempt, FAILED, failInLog, refusedFolder, refusedUser, type Tool } from './tool.ts';

async function cscal(tool: Tool, words: readonly string[]): Promise<Outcome> {
  const refused = refusedFolder(tool) ?? refusedUser(tool);
  if (refused !== undefined) return failInLog(tool, refused);
  const parsed = parseCscalWords(words);
  if (parsed === undefined) return { code: FAILED, stderr: CSCAL_USAGE };
  if (hasFault(tool.prefix, 'cscal.fail')) return failInLog(tool, 'DB_RUNRECOVERY: Fatal error, run database recovery');
  if (parsed.values.get('o')?.trim() === '') return failInLog(tool, 'owner is empty');
  return await carryOut(tool, parsed);
}

async function carryOut(tool: Tool, words: CscalWords): Promise<Outcome> {
  const selection = { tool, words, defaultDomain: defaultDomain(tool) };
  switch (words.command) {
    case 'version':
      return { code: 0, stdout: text('cscal: Sun Java System Calendar Server 6.3-11.01 (built Jan 5 2007)') };
    case 'list':
      return listCalendars(selection);
    case 'delete':
      return await deleteCalendars(selection);
    case 'create':
      return await createCalendar(selection);
    case 'enable':
    case 'disable':
      return await setStatus(selection);
    default:
      return failInLog(tool, `${words.command} is not part of the rehearsal`);
  }
}

function defaultDomain(tool: Tool): string {
  const content = readFileSync(onHost(tool.prefix, tool.facts.icsConf), 'latin1');
  return readIcsSettings(content).settings['service.defaultdomain']?.trim() ?? '';
}

const prefix = prefixOfWrapper();
const tool: Tool = { name: 'cscal', prefix, facts: readCs6Facts(prefix) };
void finish(attempt(tool, () => cscal(tool, process.argv.slice(2))));
