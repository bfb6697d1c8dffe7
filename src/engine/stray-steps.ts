import { type Change, targetId } from '../core/change.ts';
import type { Changes } from '../core/change-list.ts';
import type { Finding } from '../core/finding.ts';
import type { FileRestore, Plan, Step } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import { finding } from '../findings/catalogue.ts';
import type { BoundTarget } from '../kinds/managed-kind.ts';

/** How many changes a finding names. */
const named = 5;

/**
 * What a plan from a file would write that the wanted state here does not look after, by target: steps of unknown kinds,
 * entries elsewhere in the directory, attributes and settings of others, and files to put back that no change is about.
 */
export function strayFindings(
  { steps, direction }: Pick<Plan, 'steps' | 'direction'>,
  targets: readonly BoundTarget[],
): readonly Finding[] {
  const known = new Map(targets.map(one => [targetId(one), one]));
  return steps.flatMap(step => {
    const target = known.get(targetId(step));
    if (!target || target.stage !== step.stage) return [stray(step, [`${step.stage}: there is no such step here`])];
    const strays = step.changes.filter(change => !target.manages(change)).map(aboutOf);
    const files = step.restore ?? [];
    const restored = files.filter(file => direction === 'forward' || !isOwnBackup(file, step.changes));
    const all = [...strays, ...restored.map(({ path, backup }) => `${path} from ${backup ?? 'nothing'}`)];
    return all.length === 0 ? [] : [stray(step, all)];
  });
}

/** A file comes back from the backup beside it, and only where the step is about that file. */
function isOwnBackup({ path, backup }: FileRestore, changes: Changes) {
  const isBeside =
    backup === undefined || (backup.startsWith(`${path}.reconcile-`) && !backup.slice(path.length).includes('/'));
  return isBeside && changes.some(({ item }) => item === path);
}

function aboutOf({ item, key }: Change): string {
  return `${key} of ${item}`;
}

function stray(step: Step, what: readonly string[]): Finding {
  const shown = what.slice(0, named).map(line => `    ${printable(line)}`);
  const more = what.length > named ? [`    and ${what.length - named} more`] : [];
  return finding('plan.stray-step', {
    detail: [
      `${printable(step.id)} would change something that these files do not manage:`,
      ...shown,
      ...more,
      'Nothing was written. Find out who wrote this plan, and make a new one.',
    ].join('\n'),
    target: step.target,
  });
}
