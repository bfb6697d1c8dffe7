import { sha256 } from '../core/canonical.ts';
import type { Change } from '../core/change.ts';
import { TargetProblem } from '../core/finding.ts';
import { foldFindings } from '../core/fold-findings.ts';
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
    return { ...about, changes: [], findings: [], unread: problem.finding };
  }
}

type Reading = Pick<Comparison, 'changes' | 'findings' | 'basis'>;

async function readItems(target: BoundTarget, ports: ReadPorts): Promise<Reading> {
  const changes: Change[] = [];
  const folded = foldFindings(({ code, where }) => `${code} ${where?.file} ${where?.line}`);
  let items = 0;
  let basis: string | undefined;
  // Both begin in the same turn, so that what they ask of a host goes there in one trip.
  const inspected = target.inspect(ports);
  inspected.catch(() => {});
  for await (const item of target.items(ports)) {
    items++;
    changes.push(...item.changes);
    for (const finding of item.findings) folded.add(finding);
    basis = basisOf(item, basis);
  }
  // A server may answer in any order; a plan of the same differences is the same plan.
  const ordered = changes.length > 1 && items > 1 ? changes.sort(byGroupAndItem) : changes;
  const findings = [...(await inspected), ...folded.all()];
  return { changes: ordered, findings, ...(basis !== undefined && { basis }) };
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
