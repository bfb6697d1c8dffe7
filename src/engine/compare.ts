import { sha256 } from '../core/canonical.ts';
import type { Change } from '../core/change.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import type { Comparison } from '../core/plan.ts';
import type { BoundTarget, Item } from '../kinds/kind.ts';
import type { ReadPorts } from '../ports/ports.ts';

/** Told about progress; what it does with it is its own affair. */
export type Progress = (message: string) => void;

/** Reads every target at the same time and compares it. A target that cannot be read is a comparison too. */
export async function compareAll(
  targets: readonly BoundTarget[],
  ports: ReadPorts,
  progress: Progress = () => {},
): Promise<readonly Comparison[]> {
  let read = 0;
  return Promise.all(
    targets.map(async target => {
      const comparison = await compareTarget(target, ports);
      progress(`read ${++read} of ${targets.length}`);
      return comparison;
    }),
  );
}

async function compareTarget(target: BoundTarget, ports: ReadPorts): Promise<Comparison> {
  const { kind, stage, activates, target: name } = target;
  const about = { kind, stage, target: name, ...(activates && { activates }) };
  try {
    return { ...about, ...(await readItems(target, ports)) };
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return { ...about, changes: [], findings: [], total: 0, groups: {}, unread: problem.finding };
  }
}

type Reading = Pick<Comparison, 'changes' | 'findings' | 'total' | 'groups' | 'basis'>;

async function readItems(target: BoundTarget, ports: ReadPorts): Promise<Reading> {
  const changes: Change[] = [];
  const findings: Finding[] = [];
  const groups = new Map<string, number>();
  let total = 0;
  let basis: string | undefined;
  // Both begin in the same turn, so that what they ask of a host goes there in one trip.
  const inspected = target.inspect(ports);
  inspected.catch(() => {});
  for await (const item of target.items(ports)) {
    total++;
    if (item.group !== undefined) groups.set(item.group, (groups.get(item.group) ?? 0) + 1);
    changes.push(...item.changes);
    findings.push(...item.findings);
    basis = basisOf(item, basis);
  }
  findings.unshift(...(await inspected));
  // A server may answer in any order; a plan of the same differences is the same plan.
  const ordered = changes.length > 1 && total > 1 ? changes.sort(byGroupAndItem) : changes;
  return {
    changes: ordered,
    findings,
    total,
    groups: Object.fromEntries(groups),
    ...(basis !== undefined && { basis }),
  };
}

function basisOf(item: Item, known: string | undefined): string | undefined {
  if (item.basis === undefined) return known;
  if (known !== undefined) throw new Error('a kind with a basis yields one item');
  return sha256(item.basis);
}

function byGroupAndItem(a: Change, b: Change): number {
  const [left, right] = [`${a.group ?? ''}\0${a.item}\0${a.key}`, `${b.group ?? ''}\0${b.item}\0${b.key}`];
  return left < right ? -1 : left > right ? 1 : 0;
}
