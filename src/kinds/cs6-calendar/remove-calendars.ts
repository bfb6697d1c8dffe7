import type { Change } from '../../core/change.ts';
import type { DesiredCs6Host, DesiredState } from '../../core/desired.ts';
import { printable } from '../../core/printable.ts';
import type { HostWriter } from '../../ports/host.ts';
import type { WritePorts } from '../../ports/ports.ts';
import { cscal } from '../../products/cs6.ts';
import type { Outcome } from '../managed-kind.ts';
import { listAll, listOwned, problemOf } from '../shared/list-calendars.ts';
import type { MigratedAccount } from './accounts.ts';
import { exportCalendars } from './export-calendars.ts';
import { unproved } from './proof.ts';

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
