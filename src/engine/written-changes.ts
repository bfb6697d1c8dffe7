import { canonicalJson } from '../core/canonical.ts';
import type { Change, Value } from '../core/change.ts';
import { ChangeList, type Changes, packChanges } from '../core/change-list.ts';
import type { Plan, Step } from '../core/plan.ts';
import { plainKey } from '../ldap/distinguished-name.ts';
import type { MadeWrite, RunRecord } from './run-record.ts';

/**
 * The steps of a run with what the run itself wrote, or may have written: of which a write is recorded that was not refused,
 * and that the run did not take back. What it found in effect already, or never came to, is the work of others. Of a step that
 * the record does not know everything may have been written.
 */
export function writtenSteps({ steps }: Pick<Plan, 'steps'>, { made, knownSteps }: RunRecord): readonly Step[] {
  const byStep = new Map<string, MadeWrite[]>();
  for (const write of made) byStep.set(write.step, [...(byStep.get(write.step) ?? []), write]);
  const takenBack = made.filter(({ step }) => step.endsWith(takenBackSuffix));
  return steps.flatMap(step => {
    if (knownSteps && !knownSteps.has(step.id)) return [step];
    const own = byStep.get(step.id) ?? [];
    const entries = step.target === 'directory' ? lastModifies(own) : new Map<string, Modify>();
    const changes = flatChanges(step.changes, change => {
      if (step.target === 'directory') return writtenEntry(change, entries);
      const written = own.some(write => isAbout(write, change));
      const back = takenBack.some(write => write.target === step.target && isAbout(write, change));
      return written && !back ? [change] : [];
    });
    return changes.length === 0 ? [] : [{ ...step, changes }];
  });
}

/** Several changes in place of each: a list stays one. */
function flatChanges(changes: Changes, make: (change: Change) => readonly Change[]): Changes {
  return changes instanceof ChangeList ? packChanges(flat(changes, make)) : changes.flatMap(make);
}

function* flat(changes: Iterable<Change>, make: (change: Change) => readonly Change[]): Iterable<Change> {
  for (const change of changes) yield* make(change);
}

/** What stands behind the id of the step that failed, where a host gets back what it had. */
export const takenBackSuffix = ' taken back';

/** A file is written as a whole, a command names what it sets. Older records do not say which settings of a file were meant. */
function isAbout(write: MadeWrite, { item, key, before, irreversible }: Change): boolean {
  if (write.operation === 'replace') return write.path === item && (write.keys?.includes(key) ?? true);
  if (write.operation !== 'run') return false;
  return (
    write.words.includes(key) ||
    (irreversible !== undefined && [before ?? []].flat().some(calendar => write.words.includes(calendar)))
  );
}

type Modify = Extract<MadeWrite, { readonly operation: 'modify' }>;

/** By entry and attribute: what was written last counts, for a run may have put an account back by itself. */
function lastModifies(writes: readonly MadeWrite[]): Map<string, Modify> {
  const last = new Map<string, Modify>();
  for (const write of writes) {
    if (write.operation !== 'modify') continue;
    for (const { attribute } of partsOf(write)) last.set(entryKey(write.dn, attribute), write);
  }
  return last;
}

function entryKey(dn: string, attribute: string): string {
  return `${plainKey(dn) ?? dn}\0${attribute.toLowerCase()}`;
}

/** The change, where it was written last; with the object class that came with it. */
function writtenEntry(change: Change, entries: ReadonlyMap<string, Modify>): readonly Change[] {
  const write = entries.get(entryKey(change.item, change.key));
  if (!write) return [];
  const parts = partsOf(write);
  const values = (operation: string, attribute: string) =>
    parts.flatMap(part =>
      part.operation === operation && part.attribute.toLowerCase() === attribute.toLowerCase() ? part.values : [],
    );
  const same = (value: Value | undefined, written: readonly string[]) =>
    canonicalJson([value ?? []].flat()) === canonicalJson(written);
  if (!same(change.after, values('add', change.key)) || !same(change.before, values('delete', change.key))) return [];
  return [{ ...change, ...(values('add', 'objectClass').length > 0 && { withClass: true as const }) }];
}

interface Part {
  readonly operation: string;
  readonly attribute: string;
  readonly values: readonly string[];
}

function partsOf({ modifications }: Modify): readonly Part[] {
  return modifications.filter(
    (part): part is Part =>
      'operation' in part &&
      'attribute' in part &&
      typeof part.attribute === 'string' &&
      'values' in part &&
      Array.isArray(part.values),
  );
}
