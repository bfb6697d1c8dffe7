import type { Cs6Dialect } from '../dialect.ts';
import { hasFault } from '../fault.ts';
import { ask, type Outcome, text } from '../outcome.ts';
import { changeCalendars, type LabCalendar, readCalendars } from './calendar-store.ts';
import { FAILED, failInLog, type Tool } from './tool.ts';

const OPTIONS = {
  create: 'qvacdgklmnoy',
  modify: 'qvacdgklmnoy',
  delete: 'qvoO',
  reset: 'qvoO',
  disable: 'qvoO',
  list: 'qvoO',
  enable: 'qvkoO',
  version: '',
} as const;

const FLAGS = 'qvO';

/** The commands of cscal (Administration Guide, appendix D). */
type CscalCommand = keyof typeof OPTIONS;

/** A cscal line that has the documented form. */
export interface CscalWords {
  readonly command: CscalCommand;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** `-O`: other owners count too; what it does exactly is not documented. */
  readonly others: boolean;
  /** Values of the options that have one, by letter. */
  readonly values: ReadonlyMap<string, string>;
  readonly calid?: string;
}

/** What cscal prints when it is misused; the wording is made up, the forms are documented. */
export const CSCAL_USAGE = text(
  'Usage: cscal [-q|-v] [-a aces] [-c charset] [-d description] [-g categories] [-k yes|no] [-l langcode]',
  '             [-m email] [-n name] [-o owner] [-y otherowners]  create|modify calid',
  '       cscal [-q|-v] [-o owner] [-O]  delete|reset calid',
  '       cscal [-q|-v] [-o owner] [-O]  disable|list [calid]',
  '       cscal [-q|-v] [-k yes|no] [-o owner] [-O]  enable [calid]',
  '       cscal version',
);

/**
 * Reads a line by the documented form: options, then the command, then at most one calid. The order that the chapter prints,
 * `delete -o uid`, is misuse. Nothing when the form is not kept.
 */
export function parseCscalWords(words: readonly string[]): CscalWords | undefined {
  const letters = new Set<string>();
  const values = new Map<string, string>();
  let at = 0;
  for (let word = words[at]; word?.startsWith('-'); word = words[at]) {
    const letter = word.slice(1);
    const value = words[at + 1];
    letters.add(letter);
    if (!FLAGS.includes(letter) && value !== undefined) values.set(letter, value);
    at += FLAGS.includes(letter) ? 1 : 2;
  }
  const [command, ...targets] = words.slice(at);
  if (!isCommand(command) || ![...letters].every(letter => allows(command, letter))) return undefined;
  const [calid] = targets;
  if (!fits(command, targets, values)) return undefined;
  const flags = { quiet: letters.has('q'), verbose: letters.has('v'), others: letters.has('O') };
  if (flags.quiet && flags.verbose) return undefined;
  return { command, values, ...flags, ...(calid === undefined ? {} : { calid }) };
}

function isCommand(word: string | undefined): word is CscalCommand {
  return word !== undefined && Object.hasOwn(OPTIONS, word);
}

function allows(command: CscalCommand, letter: string): boolean {
  return letter.length === 1 && OPTIONS[command].includes(letter);
}

function fits(command: CscalCommand, targets: readonly string[], values: ReadonlyMap<string, string>): boolean {
  const needed = command === 'create' || command === 'modify' || (isDangerous(command) && !values.has('o'));
  const most = command === 'version' ? 0 : 1;
  return targets.length <= most && targets.length >= (needed ? 1 : 0) && !targets.some(word => word.startsWith('-'));
}

function isDangerous(command: CscalCommand): boolean {
  return command === 'delete' || command === 'reset';
}

/**
 * `cscal list`. The lines of calendars have the form that a site's export script is known to read; banner and summary stand
 * for the other lines that this script had to skip. An owner without calendars is no failure by default; a calid without a
 * calendar is: neither is documented. `-q` prints nothing on success, also here (Administration Guide, appendix D).
 */
export function listCalendars(selection: Selection): Outcome {
  const { tool, words } = selection;
  const found = selectCalendars(selection, readCalendars(tool.prefix, tool.facts.data));
  if (words.calid !== undefined && found.length === 0) return failInLog(tool, `calendar ${words.calid} does not exist`);
  if (words.quiet) return { code: 0 };
  const { dialect } = tool.facts;
  const none = found.length === 0 && words.values.has('o') ? dialect.noCalendars : 'listing';
  if (none === 'nothing') return { code: 0 };
  if (none === 'failure') return failInLog(tool, `no calendar of ${words.values.get('o')}`);
  const lines = found.flatMap(calendar => describe(calendar, words.verbose, dialect));
  if (hasFault(tool.prefix, 'cscal.cut')) return cut(selection, lines);
  const noise = hasFault(tool.prefix, 'cscal.noise')
    ? ['*** caldb: log.0000000042 recovered ***', 'jdoe owner status']
    : [];
  const count = dialect.listCount ? ['', `${found.length} calendar(s)`] : [];
  return { code: 0, stdout: text(...banner(dialect), ...noise, ...lines, ...noise, ...count) };
}

function banner({ listBanner }: Cs6Dialect): readonly string[] {
  return listBanner ? ['Calendar list:', ''] : [];
}

function describe(calendar: LabCalendar, verbose: boolean, { afterStatus }: Cs6Dialect): readonly string[] {
  const line = `${calendar.calid}: owner=${calendar.owner} status=${calendar.status ?? 'enabled'}${afterStatus}`;
  const others = (calendar.otherOwners ?? []).join(' ');
  return verbose
    ? [line, `    otherowners="${others}"`, '    acl="@@o^a^r^g;@@o^c^wdeic^g;@^a^fs^g;@^c^^g;@^p^r^g"']
    : [line];
}

function cut(selection: Selection, lines: readonly string[]): Outcome {
  failInLog(selection.tool, 'caldb: cursor lost');
  return {
    code: FAILED,
    stdout: text(...banner(selection.tool.facts.dialect), ...lines.slice(0, Math.ceil(lines.length / 2))),
  };
}

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

/** A cscal command and what it needs to find its calendars. */
export interface Selection {
  readonly tool: Tool;
  readonly words: CscalWords;
  /** `service.defaultdomain`, for a calid without a domain; empty when there is none. */
  readonly defaultDomain: string;
}

/** The calendars that the command is about. An owner is looked for whatever its case (Administration Guide, appendix D). */
function selectCalendars(selection: Selection, calendars: readonly LabCalendar[]): readonly LabCalendar[] {
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
