import { canonicalJson } from '../core/canonical.ts';
import type { Change, Value } from '../core/change.ts';
import { groupBy } from '../core/collections.ts';
import type { FileRestore, Step } from '../core/plan.ts';
import type { UndoneRun } from '../plan/undo.ts';
import { identity } from './recheck.ts';

/** A run and all later ones as one. */
export interface JointRun extends UndoneRun {
  readonly andLater: readonly string[];
  /** Which of the runs left a change of a step as it is now; its wanted state tells whether that is still live. */
  readonly writer: (step: string, change: Pick<Change, 'item' | 'key'>) => string | undefined;
}

/** What a run wrote to one setting of a step. */
interface Written {
  readonly run: UndoneRun;
  readonly change: Change;
}

/**
 * Several runs as one, the oldest first: each setting from what it was before the first of them to what the last one left. What is
 * again as it was before is no change. Files come back byte for byte only where nobody else wrote to them in between.
 */
export function joinRuns(first: UndoneRun, later: readonly UndoneRun[]): JointRun {
  const runs = [first, ...later];
  const newest = later.at(-1) ?? first;
  const writers = new Map<string, string>();
  const byStep = groupBy(
    runs.flatMap(run => run.steps.map(step => ({ run, step }))),
    ({ step }) => step.id,
  );
  const steps = [...byStep.values()].flatMap(all => joinSteps(all, (key, run) => writers.set(key, run)));
  const unknown = [...new Set(runs.flatMap(run => run.unknown ?? []))];
  return {
    name: first.name,
    plan: newest.plan,
    steps,
    replaced: joinFiles(runs),
    ...(unknown.length > 0 && { unknown }),
    andLater: later.map(({ name }) => name),
    writer: (step, change) => writers.get(placeOf(step, change)),
  };
}

function placeOf(step: string, change: Pick<Change, 'item' | 'key'>): string {
  return `${step}\0${identity(change)}`;
}

function joinSteps(
  all: readonly { readonly run: UndoneRun; readonly step: Step }[],
  tellWriter: (key: string, run: string) => void,
): readonly Step[] {
  const newest = all.at(-1)?.step;
  if (!newest) return [];
  // What an undo among them put back byte for byte is not what they have in common.
  const { restore: _, ...last } = newest;
  const written = all.flatMap(({ run, step }) => step.changes.map((change): Written => ({ run, change })));
  const lost = written.flatMap(({ change }) => (change.irreversible === undefined ? [] : [change]));
  const chains = groupBy(
    written.filter(({ change }) => change.irreversible === undefined),
    ({ change }) => identity(change),
  );
  const changes = [...chains.values()].flatMap(chain => {
    const change = joinChanges(chain.map(one => one.change));
    if (change) tellWriter(placeOf(last.id, change), writerOf(chain, change.after));
    return change ?? [];
  });
  return changes.length + lost.length === 0 ? [] : [{ ...last, changes: [...changes, ...lost] }];
}

/** Changes of the same setting, one after the other, as one; nothing where it is as it was. */
function joinChanges(chain: readonly Change[]): Change | undefined {
  const { before } = chain[0] ?? {};
  const last = chain.at(-1);
  if (!last || same(before, last.after)) return undefined;
  const { before: _, moves: __, withClass: ___, ...about } = last;
  const action = before === undefined ? 'create' : last.after === undefined ? 'delete' : 'update';
  const moves = action === 'update' ? undefined : chain.findLast(one => one.moves !== undefined)?.moves;
  return {
    ...about,
    action,
    ...(before !== undefined && { before }),
    ...(moves !== undefined && { moves }),
    ...(chain.some(({ withClass }) => withClass) && { withClass: true }),
  };
}

/** The last run whose own wish it was: an undo leaves what an earlier one wanted. */
function writerOf(chain: readonly Written[], after: Value | undefined): string {
  const wished = chain.findLast(({ run, change }) => run.plan.direction === 'forward' && same(change.after, after));
  return (wished ?? chain.at(-1))?.run.name ?? '';
}

function joinFiles(runs: readonly UndoneRun[]): ReadonlyMap<string, readonly FileRestore[]> {
  const all = groupBy(
    runs.flatMap(({ replaced }) => [...replaced].flatMap(([step, files]) => files.map(file => ({ step, file })))),
    ({ step }) => step,
  );
  return new Map(
    [...all].flatMap(([step, own]) => {
      const byPath = groupBy(own, ({ file }) => file.path);
      const chains = [...byPath.values()].map(chain => chain.map(({ file }) => file));
      return chains.every(isUnbroken) ? [[step, chains.flatMap(bothEnds)] as const] : [];
    }),
  );
}

/** What a file was at first, and what was written last. */
function bothEnds(files: readonly FileRestore[]): readonly FileRestore[] {
  const [first] = files;
  const last = files.at(-1);
  return first && last ? [{ ...first, written: last.written }] : [];
}

/** Whether each time a file was replaced it was as it had been written the time before. */
function isUnbroken(files: readonly FileRestore[]): boolean {
  return files.slice(1).every(({ original }, i) => original !== undefined && original === files[i]?.written);
}

function same(a: Value | undefined, b: Value | undefined): boolean {
  return canonicalJson(a ?? null) === canonicalJson(b ?? null);
}
