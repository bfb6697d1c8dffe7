import { type ChangeWindow, isOpen, localTime, nextOpening, windowText } from '../core/change-window.ts';
import { groupBy } from '../core/collections.ts';
import type { PlannedState } from '../core/connection.ts';
import type { Finding } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import type { Plan, Step } from '../core/plan.ts';
import { finding } from '../findings/catalogue.ts';

/** A host that may be changed in its windows only. */
interface WindowedHost {
  readonly name: string;
  readonly windows: readonly ChangeWindow[];
}

/** What a plan tells of the hosts it would change outside their window, as of the time the live state was read. */
export function windowNotes(desired: PlannedState, steps: readonly Step[], readAt: string): readonly Finding[] {
  const closed = closedHosts(desired, steps, readAt);
  if (closed.length === 0) return [];
  const detail = `${told(closed, readAt, 'read on')}\nOutside the window, an apply is refused.`;
  return [finding('plan.outside-window', { severity: 'note', detail })];
}

/** Says that a plan was made for another time, and of each host it would change whether a window is open then, or opens next. */
export function dateNote(
  desired: PlannedState,
  steps: readonly Step[],
  { at, readAt }: { readonly at: string; readonly readAt: string },
): Finding {
  const hosts = windowedHosts(desired, steps);
  const lines = hosts.length === 0 ? [] : [told(hosts, at, 'on')];
  const detail = [
    `This is what would be planned on ${localTime(at, 'UTC')}, if the live state were still as it was read at ${readAt}. It cannot be applied.`,
    ...lines,
  ].join('\n');
  return finding('plan.at-date', { detail });
}

/** Why hosts may not be changed now; `irreversible` says whether deletions are made, without which some steps do nothing. */
export function windowRefusals(
  { desired, steps }: Pick<Plan, 'desired' | 'steps'>,
  at: string,
  { allowed = 0, irreversible }: { readonly allowed: number | undefined; readonly irreversible: boolean },
): readonly Finding[] {
  const closed = changedWhileClosed({ desired, steps }, at, irreversible);
  if (closed.length <= allowed) return [];
  const detail = `${told(closed, at, 'it is')}\nApply during the window, or allow it for this run:`;
  const next = [nextCommands.allow('outside-window', closed.length)];
  return [finding('plan.outside-window', { severity: 'error', detail, next })];
}

/** The names of the hosts that are changed although their window is closed then. */
export function outsideWindow(
  plan: Pick<Plan, 'desired' | 'steps'>,
  at: string,
  irreversible: boolean,
): readonly string[] {
  return changedWhileClosed(plan, at, irreversible).map(({ name }) => name);
}

function changedWhileClosed(
  { desired, steps }: Pick<Plan, 'desired' | 'steps'>,
  at: string,
  irreversible: boolean,
): readonly WindowedHost[] {
  const made = steps.filter(({ changes }) => irreversible || changes.some(change => change.irreversible === undefined));
  return closedHosts(desired, made, at);
}

function closedHosts(desired: PlannedState, steps: readonly Step[], at: string): readonly WindowedHost[] {
  const open = new Map<string, boolean>();
  return windowedHosts(desired, steps).filter(({ windows }) => {
    const key = JSON.stringify(windows);
    const known = open.get(key) ?? isOpen(windows, at);
    open.set(key, known);
    return !known;
  });
}

function windowedHosts({ hosts }: PlannedState, steps: readonly Step[]): readonly WindowedHost[] {
  const changed = new Set(steps.map(({ target }) => target));
  return hosts.flatMap(({ name, windows }) => (windows !== undefined && changed.has(name) ? [{ name, windows }] : []));
}

/** One line for all hosts that have the same windows. */
function told(all: readonly WindowedHost[], at: string, now: string): string {
  const alike = groupBy(all, ({ windows }) => JSON.stringify(windows));
  return [...alike.values()].map(hosts => lineOf(hosts, at, now)).join('\n');
}

const shown = 5;

function lineOf(hosts: readonly WindowedHost[], at: string, now: string): string {
  const [{ windows } = { windows: [] }] = hosts;
  const zones = [...new Set(windows.map(({ zone }) => zone))];
  const names = hosts.slice(0, shown).map(({ name }) => name);
  const more = hosts.length > shown ? ` and ${hosts.length - shown} more` : '';
  const there = zones.map(zone => localTime(at, zone)).join(', ');
  const next = nextOpening(windows, at);
  const closed = next === undefined ? 'does not open in the next two weeks' : `opens next on ${next}`;
  const opens = isOpen(windows, at) ? 'is open' : closed;
  return `${names.join(', ')}${more}: ${now} ${there}; the window (${windows.map(windowText).join('; ')}) ${opens}.`;
}
