import { sha256 } from '../core/canonical.ts';
import type { Change } from '../core/change.ts';
import { allChanges, ChangeSorter, type Changes } from '../core/change-list.ts';
import { countBy, firstOf } from '../core/collections.ts';
import type { PlannedState } from '../core/connection.ts';
import { type Finding, foldFindings, TargetProblem } from '../core/finding.ts';
import type { Comparison } from '../core/plan.ts';
import { rowOf, type Stage } from '../core/stages.ts';
import type { BoundTarget, Item } from '../kinds/managed-kind.ts';
import { hostsOfShard, isInShard, type Shard } from '../plan/shard.ts';
import type { ReadPorts } from '../ports/ports.ts';
import { noSpans, type Spans } from '../ports/progress.ts';

/** Told about progress; what it does with it is its own affair. */
export type Progress = (message: string) => void;

/** Reads every target at the same time and compares it. A target that cannot be read is a comparison too. */
export async function compareAll(
  targets: readonly BoundTarget[],
  ports: ReadPorts,
  progress: Progress = () => {},
  spans: Spans = noSpans,
): Promise<readonly Comparison[]> {
  const waiting = new Map(countBy(targets, ({ target }) => target));
  const entries = new Map<string, number>();
  let ended = 0;
  const tell = () => progress(`read ${ended} of ${targets.length}${waitingText(waiting, entries)}`);
  tell();
  return Promise.all(
    targets.map(async target => {
      const about = { target: target.target, kind: target.kind };
      const seen = (n: number) => {
        entries.set(target.target, (entries.get(target.target) ?? 0) + n);
        tell();
      };
      const comparison = await spans.within('reconcile.compare', about, () => compareTarget(target, ports, seen));
      ended += 1;
      const left = (waiting.get(target.target) ?? 0) - 1;
      if (left > 0) waiting.set(target.target, left);
      else waiting.delete(target.target);
      tell();
      return comparison;
    }),
  );
}

/** How many names of those that are waited for a line has. */
const mostWaiting = 4;

/** `read 4 of 11; waiting for cs6-be1, directory (20,000 entries)`. */
function waitingText(waiting: ReadonlyMap<string, number>, entries: ReadonlyMap<string, number>): string {
  if (waiting.size === 0) return '';
  const shown = firstOf(waiting.keys(), mostWaiting).map(name => {
    const n = entries.get(name);
    return n === undefined ? name : `${name} (${n.toLocaleString('en-US')} entries)`;
  });
  const more = waiting.size > mostWaiting ? ` and ${waiting.size - mostWaiting} more` : '';
  return `; waiting for ${shown.join(', ')}${more}`;
}

async function compareTarget(
  target: BoundTarget,
  ports: ReadPorts,
  seen: (entries: number) => void,
): Promise<Comparison> {
  const { kind, stage, activates, writes, target: name } = target;
  const takenUp = writes?.takenUp && { takenUp: writes.takenUp };
  const about = { kind, stage, target: name, ...(activates && { activates }), ...takenUp };
  try {
    return { ...about, ...(await readItems(target, ports, seen)) };
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return { ...about, changes: [], findings: [], unread: problem.finding };
  }
}

type Reading = Pick<Comparison, 'changes' | 'findings' | 'basis'>;

/** After how many entries a count is told. */
const told = 1000;

async function readItems(target: BoundTarget, ports: ReadPorts, seen: (entries: number) => void): Promise<Reading> {
  const gathered = gatherChanges(target.stage);
  const folded = foldAlike();
  let items = 0;
  let basis: string | undefined;
  // Both begin in the same turn, so that what they ask of a host goes there in one trip.
  const inspected = target.inspect(ports);
  inspected.catch(() => {});
  for await (const item of target.items(ports)) {
    if (++items % told === 0) seen(told);
    for (const change of item.changes) gathered.add(change);
    for (const finding of item.findings) folded.add(finding);
    basis = basisOf(item, basis);
  }
  const findings = [...(await inspected), ...folded.all()];
  const sorted = target.target === 'directory' || items > 1;
  return {
    changes: gathered.end(sorted),
    findings: sorted ? findings.toSorted(byPlaceAndText) : findings,
    ...(basis !== undefined && { basis }),
  };
}

/** Changes as they come, which are asked for in the order of their groups and names, or as they came. */
interface Gathered {
  add(change: Change): void;
  end(sorted: boolean): Changes;
}

/**
 * A server may answer in any order, and in parts; a plan of the same differences is the same plan. Of unique ids there may be
 * a million at the first run; no other stage has so many at once that are not moved in waves.
 */
function gatherChanges(stage: Stage | undefined): Gathered {
  if (stage !== undefined && rowOf(stage).settles === 'unique-id') {
    const sorter = new ChangeSorter(groupAndItem);
    return { add: change => sorter.add(change), end: () => sorter.end() };
  }
  const changes: Change[] = [];
  const add = (change: Change) => void changes.push(change);
  return { add, end: sorted => (sorted ? changes.sort((a, b) => order(groupAndItem(a), groupAndItem(b))) : changes) };
}

/** Folds findings with the same code about the same line of a file; which of them are kept depends on their text alone. */
function foldAlike(): ReturnType<typeof foldFindings> {
  return foldFindings(({ code, where }) => `${code} ${where?.file} ${where?.line}`, byPlaceAndText);
}

function byPlaceAndText(a: Finding, b: Finding): number {
  return (
    order(a.code, b.code) ||
    order(a.where?.file ?? '', b.where?.file ?? '') ||
    (a.where?.line ?? 0) - (b.where?.line ?? 0) ||
    order(a.detail, b.detail)
  );
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function basisOf(item: Item, known: string | undefined): string | undefined {
  if (item.basis === undefined) return known;
  if (known !== undefined) throw new Error('a kind with a basis yields one item');
  return sha256(item.basis);
}

function groupAndItem({ group = '', item, key }: Change): string {
  return `${group}\0${item}\0${key}`;
}

const directory = 'directory';

/**
 * What one part looks at: some of the hosts, each with all that concerns it, and of the directory some of the accounts. The
 * server still answers each search in every part, because no filter tells the parts apart; a part keeps its own.
 */
export function shardTargets(
  targets: readonly BoundTarget[],
  state: Pick<PlannedState, 'hosts'>,
  shard: Shard,
): readonly BoundTarget[] {
  const hosts = hostsOfShard(state, shard);
  return targets
    .filter(({ target }) => target === directory || hosts.has(target))
    .map(target => (target.target === directory ? someAccounts(target, shard) : target));
}

/** What concerns the directory as a whole is the first part's. */
function someAccounts(target: BoundTarget, shard: Shard): BoundTarget {
  return {
    ...target,
    inspect: async ports => (shard.number === 1 ? target.inspect(ports) : []),
    async *items(ports) {
      for await (const item of target.items(ports)) if (isInShard(item.name, shard)) yield item;
    },
  };
}

/** What several parts found of one target, as if one had looked at all of it. */
export function joinShards(comparisons: readonly Comparison[]): Pick<Comparison, 'changes' | 'findings'> {
  const folded = foldAlike();
  for (const finding of comparisons.flatMap(({ findings }) => findings)) folded.add(finding);
  const gathered = gatherChanges(comparisons[0]?.stage);
  for (const change of allChanges(comparisons)) gathered.add(change);
  return { changes: gathered.end(true), findings: folded.all().toSorted(byPlaceAndText) };
}
