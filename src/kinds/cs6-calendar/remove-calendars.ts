import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { hasClass, loginAttribute, sameValue, valuesOf } from '../../accounts/account.ts';
import { isNamed } from '../../accounts/account-names.ts';
import { entriesOf, entryQuery } from '../../accounts/account-searches.ts';
import type { Change } from '../../core/change.ts';
import { answeringHosts, type DesiredCs6Host, type DesiredState } from '../../core/desired.ts';
import { TargetProblem } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import type { Outcome } from '../../core/run.ts';
import { count } from '../../core/units.ts';
import type { DirectoryEntry } from '../../ports/directory.ts';
import type { FreeBusyReader } from '../../ports/free-busy.ts';
import type { FileReading, HostWriter } from '../../ports/host.ts';
import type { WritePorts } from '../../ports/ports.ts';
import { cs6Keys, cscal, csexport } from '../../products/cs6.ts';
import { listAll, listOwned, problemOf, uncovered } from '../shared/calendar-listing.ts';
import { accountAttributes, type MigratedAccount } from './owners.ts';

/** Where to ask about an account on either side. */
interface Sides {
  readonly cs6: string;
  readonly cs7: string;
}

/**
 * What keeps it from being certain that an account is on CS7 with all its times, and gone from CS6 but for its calendars;
 * nothing where that is proved. All of it is asked for now: the plan may be days old.
 */
async function unproved(
  owner: string,
  account: MigratedAccount,
  { host, state }: { readonly host: DesiredCs6Host; readonly state: DesiredState },
  ports: WritePorts,
): Promise<string | undefined> {
  const entry = await readAgain(account, state, ports);
  if (!entry) return `${account.dn} is no longer in the directory: find out what became of it.`;
  if (!isNamed(owner, entry)) return `${account.dn} no longer goes by the name ${owner}: plan anew.`;
  const cs7 = frontEnd(host, state);
  if (cs7 === undefined) return 'there is no CS7 host to ask.';
  const cs6 = host.http ?? answeringHosts(state, 'cs6')[0]?.http;
  if (cs6 === undefined) return 'no CS6 host has http in the file, so that none can be asked which times it has.';
  const sides = { cs6, cs7 };
  return (
    wrongSide(state, account, entry) ??
    loginOpen(account, entry) ??
    (await timesMissing(valuesOf(entry, 'mail'), sides, ports.freeBusy()))
  );
}

async function readAgain({ dn }: MigratedAccount, state: DesiredState, ports: WritePorts) {
  const [entry] = await entriesOf(entryQuery(dn, accountAttributes(state)), ports.directory());
  return entry;
}

function wrongSide({ directory }: DesiredState, { store }: MigratedAccount, entry: DirectoryEntry): string | undefined {
  const { attribute } = directory.localUser;
  const values = valuesOf(entry, attribute);
  if (values.length === 1 && values.every(value => sameValue(value, store))) return undefined;
  const said = values.length === 0 ? `has no ${attribute}` : `has ${attribute} ${values.join(', ')}`;
  return `the account ${said} and not ${store}: apply again once it is on CS7.`;
}

/** Only users log in; groups and resources cannot have the attribute (Schema Reference, icsCalendarGroup and icsCalendarResource). */
function loginOpen({ cohort }: MigratedAccount, entry: DirectoryEntry): string | undefined {
  const deny = cohort.migrated?.denyLogin;
  if (deny === undefined || !hasClass(entry, 'icsCalendarUser')) return undefined;
  if (valuesOf(entry, loginAttribute).some(value => sameValue(value, deny))) return undefined;
  return `the account can still log in to CS6 (${loginAttribute} is not ${deny}) and could make new calendars: deny it first.`;
}

/** CS7 must answer for every address, and with at least the busy times that CS6 still has. */
async function timesMissing(
  mails: readonly string[],
  sides: Sides,
  reader: FreeBusyReader,
): Promise<string | undefined> {
  if (mails.length === 0) return 'the account has no mail address to ask CS7 about: give it one.';
  for (const mail of mails) {
    const problem = await timesMissingOf(mail, sides, reader);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

async function timesMissingOf(mail: string, sides: Sides, reader: FreeBusyReader): Promise<string | undefined> {
  const there = await reader.ask({ http: sides.cs7, side: 'cs7', mail });
  if (there.state !== 'answered')
    return `CS7 (${sides.cs7}) does not answer for ${mail}: ${there.detail}\nCheck that the account works on CS7, and apply again.`;
  const here = await reader.ask({ http: sides.cs6, side: 'cs6', mail });
  if (here.state === 'failed')
    return `CS6 (${sides.cs6}) does not say which times it has for ${mail}: ${here.detail}\nWithout them nothing shows that CS7 has them all. Apply again when it answers.`;
  const missing = here.state === 'answered' ? uncovered(here.busy, there.busy) : [];
  const [first] = missing;
  if (!first) return undefined;
  const when = `${new Date(first.start).toISOString()} to ${new Date(first.end).toISOString()}`;
  return `CS7 lacks times that CS6 has for ${mail}: was the account's data migrated?\n${missing.length} of ${count(here.state === 'answered' ? here.busy.length : 0, 'busy time')}, such as ${when}. Migrate the data (davadmin migration), and apply again.`;
}

/** The CS7 front end that this host refers to, by its redirect URL; the first one where that leads elsewhere. */
function frontEnd(host: DesiredCs6Host, state: DesiredState): string | undefined {
  const url = host.settings.find(({ key }) => key === cs6Keys.redirect)?.value ?? '';
  const fronts = answeringHosts(state, 'cs7');
  return (fronts.find(({ http }) => url.startsWith(`${http.replace(/\/+$/, '')}/`)) ?? fronts[0])?.http;
}

/** What is to be done for one owner. */
export interface Removal {
  readonly owner: string;
  readonly account: MigratedAccount;
  readonly change: Change;
}

type Result = Omit<Outcome, 'change'>;

/**
 * Takes the calendars of one owner away, and only when everything that makes this right is seen to be so now:
 *
 *   name is one ─> account is on CS7 ─> login denied ─> CS7 has its times ─> calendars as planned ─> copies ─> delete ─> gone?
 */
export async function removeCalendars(
  { owner, account, change }: Removal,
  wanted: { readonly host: DesiredCs6Host; readonly state: DesiredState },
  ports: WritePorts,
): Promise<Outcome> {
  const { host } = wanted;
  const writer = ports.host(host.name);
  const problem = noName(owner) ?? (await unproved(owner, account, wanted, ports));
  if (problem !== undefined) return { change, ...failed(problem) };
  const planned = typeof change.before === 'string' ? [change.before] : (change.before ?? []);
  const moved = await unlike(planned, host, owner, writer);
  if (moved) return { change, ...moved };
  const exportTo = account.cohort.migrated?.exportTo;
  if (exportTo !== undefined) {
    const reason = await exportCalendars(host, planned, exportTo, writer);
    // A calendar that came while the others were copied would go without a copy.
    const late = reason === undefined ? await unlike(planned, host, owner, writer) : failed(reason);
    if (late) return { change, ...late };
  }
  return { change, ...(await remove(host, owner, writer)) };
}

/** `cscal delete` without an owner has another meaning, and an owner that looks like an option too. */
function noName(owner: string): string | undefined {
  const usable = owner !== '' && !owner.startsWith('-') && !/\s/.test(owner) && printable(owner) === owner;
  return usable ? undefined : `"${owner}" cannot be given to cscal as an owner: delete these calendars by hand.`;
}

async function unlike(
  planned: readonly string[],
  host: DesiredCs6Host,
  owner: string,
  writer: HostWriter,
): Promise<Result | undefined> {
  const found = await listOwned(host, owner, writer);
  if ('problem' in found) return failed(`cscal does not tell the calendars of ${owner}: ${found.problem}`);
  const calids = found.map(({ calid }) => calid).toSorted();
  const same = calids.length === planned.length && planned.toSorted().every((calid, i) => calid === calids[i]);
  if (same && found.every(one => one.owner === owner)) return undefined;
  const detail = `${owner} owns other calendars than planned: ${calids.join(', ') || 'none'}. Plan anew.`;
  return { state: 'conflict', detail: printable(detail) };
}

/** With `-q` it neither asks nor tells; whether it worked shows in what is left (6.3 Administration Guide, appendix D). */
async function remove(host: DesiredCs6Host, owner: string, writer: HostWriter): Promise<Result> {
  const said = problemOf(await writer.run(cscal(host, '-q', '-o', owner, 'delete')));
  const left = await leftOver(host, owner, writer);
  if (left.length === 0) return { state: 'done' };
  return failed(
    `after cscal delete ${owner} still has ${left.join(', ')}${said === undefined ? '' : `: ${said}`}\nLook into admin.log on ${host.name}, and apply again.`,
  );
}

/** What `cscal` answers about an owner without calendars is documented nowhere: where it is no listing, the list of all decides. */
async function leftOver(host: DesiredCs6Host, owner: string, writer: HostWriter): Promise<readonly string[]> {
  const owned = await listOwned(host, owner, writer);
  const left = 'problem' in owned ? (await listAll(host, writer)).filter(one => sameOwner(one.owner, owner)) : owned;
  return left.map(({ calid }) => calid);
}

function sameOwner(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Names and answers from outside are part of it. */
function failed(detail: string): Result {
  return { state: 'failed', detail: printable(detail) };
}

/** Longest name that is kept whole: file systems take 255 bytes. */
const longestName = 180;

/**
 * Writes a copy of each calendar into a folder of the host (`csexport`, 6.3 Administration Guide, appendix D) and reads it
 * back. Nothing that is there is overwritten: an earlier copy may be the only good one. Returns why it did not work.
 */
async function exportCalendars(
  host: DesiredCs6Host,
  calids: readonly string[],
  folder: string,
  writer: HostWriter,
): Promise<string | undefined> {
  for (const calid of calids) {
    const problem = await exportOne(host, calid, folder, writer);
    if (problem !== undefined)
      return `${calid} could not be exported to ${folder}: ${problem}\nMend that, and apply again.`;
  }
  return undefined;
}

async function exportOne(
  host: DesiredCs6Host,
  calid: string,
  folder: string,
  writer: HostWriter,
): Promise<string | undefined> {
  if (calid.startsWith('-')) return 'csexport would take its name for an option.';
  const path = await freePath(calid, folder, writer);
  if (typeof path !== 'string') return path.problem;
  const result = await writer.run({ ...csexport(host, '-c', calid, 'calendar', path), makes: path });
  const problem = problemOf(result);
  if (problem !== undefined) return `csexport: ${problem}`;
  const copies = await readFiles([path], writer);
  if ('problem' in copies) return copies.problem;
  const [copy] = copies;
  if (!copy) return `csexport said nothing of a failure, and there is no ${path}.`;
  return isCalendar(copy.content) ? undefined : `${path} is not one whole VCALENDAR.`;
}

/** A name that nothing has yet: the calendar's, else with the time of the host. */
async function freePath(calid: string, folder: string, writer: HostWriter): Promise<string | Unreadable> {
  const stamp = new Date(await writer.clock()).toISOString().replace(/[-:]|\.\d+/g, '');
  const paths = [fileName(calid), `${fileName(calid)}.${stamp}`].map(name => posix.join(folder, `${name}.ics`));
  const there = await readFiles(paths, writer);
  if ('problem' in there) return there;
  const taken = new Set(there.map(({ asked }) => asked));
  return paths.find(path => !taken.has(path)) ?? { problem: 'the names for its copy are taken.' };
}

interface Unreadable {
  readonly problem: string;
}

/** What cannot be read may be there all the same, and proves nothing: it stops this owner, and no other. */
async function readFiles(paths: readonly string[], writer: HostWriter): Promise<readonly FileReading[] | Unreadable> {
  try {
    return await writer.files(paths);
  } catch (problem) {
    if (problem instanceof TargetProblem) return { problem: problem.finding.detail };
    throw problem;
  }
}

/** A file name that a person can read and that stands for one calendar only: percent-encoded, without separators. */
export function fileName(calid: string): string {
  const encoded = encodeURIComponent(calid)
    .replace(/[!'()*~]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%40', '@')
    .replace(/^\./, '%2E');
  if (encoded.length <= longestName) return encoded;
  return `${encoded.slice(0, longestName - 17)}~${createHash('sha256').update(calid).digest('hex').slice(0, 16)}`;
}

function isCalendar(content: Buffer): boolean {
  const head = content.subarray(0, 64).toString('latin1').trimStart();
  const tail = content.subarray(-64).toString('latin1').trimEnd();
  return /^BEGIN:VCALENDAR\r?\n/.test(head) && /\nEND:VCALENDAR$/.test(tail);
}
