import type { DesiredPolicy } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import type { Plan } from '../core/plan.ts';
import { finding } from '../findings/catalogue.ts';

/** Until when a plan may be carried out. */
export function expiryOf(readAt: string, { planExpiry }: Pick<DesiredPolicy, 'planExpiry'>): string {
  return new Date(Date.parse(readAt) + planExpiry).toISOString();
}

/** By how much clocks of two machines may differ. */
const clockSkew = 5 * 60_000;

/** Why a saved plan may not be carried out at a time: it is too old, or of a time that has not come. */
export function timeRefusals(file: string, plan: Plan, at: string): readonly Finding[] {
  const early = Date.parse(plan.readAt) - clockSkew > Date.parse(at);
  return [...(early ? [fromFuture(file, plan, at)] : []), ...expiryRefusals(file, plan, at)];
}

function fromFuture(file: string, { readAt }: Plan, at: string): Finding {
  const detail = `${file} says that it was read at ${readAt}, and now it is ${at}. Up to 5 minutes are allowed for clocks that differ.\nSet the clock of this machine, or make a new plan:`;
  return finding('plan.from-the-future', { detail, where: { file, line: 1 }, next: [nextCommands.plan(file)] });
}

/** Why a saved plan is too old at a time; a time that cannot be read is over, and so is one that no reading leads to. */
function expiryRefusals(file: string, { readAt, expiresAt, desired }: Plan, at: string): readonly Finding[] {
  const known = Number.isFinite(Date.parse(readAt)) && expiresAt === expiryOf(readAt, desired.policy);
  if (known && Date.parse(at) <= Date.parse(expiresAt)) return [];
  const detail =
    `${file} was read at ${readAt} and expired at ${expiresAt}; now it is ${at}.\n` +
    'What was reviewed is long ago, and the estate may have moved on since.\n' +
    `Make a new one, or raise policy.planExpiry in a reviewed change:`;
  return [finding('plan.expired', { detail, where: { file, line: 1 }, next: [nextCommands.plan(file)] })];
}
