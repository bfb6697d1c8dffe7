import type { Plan } from '../core/plan.ts';
import { againstRestart, sealPlan } from './build.ts';

/**
 * A server that is down cannot be asked for its settings, so that nothing could ever be planned for its host: it is started
 * first, with what is on its disk, as an administrator would. Returns the plan that does this and nothing else; nothing where
 * no host needs it.
 */
export function planToStart(plan: Plan): Plan | undefined {
  const refused = new Set(plan.findings.filter(againstRestart).map(({ target }) => target));
  const steps = plan.steps
    .filter(({ target, changes }) => plan.unread.includes(target) && changes.some(isStart) && !refused.has(target))
    .map(step => ({ ...step, after: [] }));
  if (steps.length === 0) return undefined;
  const { digest: _, expiresAt: __, ...rest } = plan;
  return sealPlan({ ...rest, only: steps.map(({ id }) => id), steps, findings: [], ignored: [], unread: [] });
}

/** Whether a plan does nothing but start servers that are down. */
export function startsOnly({ steps }: Pick<Plan, 'steps'>): boolean {
  return steps.every(({ changes }) => changes.every(isStart));
}

function isStart({ action, before }: Plan['steps'][number]['changes'][number]): boolean {
  return action === 'restart' && before === 'stopped';
}
