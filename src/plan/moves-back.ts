import { movesOf } from '../core/change.ts';
import { count } from '../core/count.ts';
import type { Finding } from '../core/finding.ts';
import { groupBy } from '../core/group-by.ts';
import { nextCommands } from '../core/next-command.ts';
import type { Step } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import { finding } from '../findings/catalogue.ts';

/** How many accounts of a group are named. */
const named = 5;

/**
 * Accounts that would go back to CS6. No limit covers them, however few they are: a smaller wave, a line that was deleted or a
 * filter that was changed moves them back as a side effect, and CS6 has no more of them than it had when they left.
 */
export function moveBackFindings(steps: readonly Pick<Step, 'changes'>[]): readonly Finding[] {
  const back = movesOf(steps, 'cs7->cs6');
  if (back.length === 0) return [];
  const groups = groupBy(back, ({ group, reason }) => `${group ?? ''}\0${reason ?? ''}`);
  const lines = [...groups.values()].map(same => {
    const [first] = same;
    const cohort = first?.group === undefined ? '' : ` of cohort ${first.group}`;
    const reason = first?.reason === undefined ? '' : `, ${first.reason}`;
    const names = same.slice(0, named).map(({ item }) => `\n    ${item}`);
    const more = same.length > named ? `\n    and ${count(same.length - named, 'more', 'more')}` : '';
    return printable(`${count(same.length, 'account')}${cohort}${reason}:${names.join('')}${more}`);
  });
  const detail = [
    ...lines,
    'CS6 shows them what it had before they left, or nothing. What they entered on CS7 stays there, and is not copied back.',
    'A smaller wave, a cohort that is not in the file any more, or a changed filter does this.',
    'Change the file so that they stay, or allow it for this run:',
  ];
  return [
    finding('plan.moves-back', {
      detail: detail.join('\n'),
      where: back[0]?.source,
      target: 'directory',
      next: [nextCommands.allow('moves-back', back.length)],
    }),
  ];
}
