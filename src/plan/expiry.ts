import type { DesiredPolicy } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import type { Plan } from '../core/plan.ts';

/** Until when a plan may be carried out. */
export function expiryOf(readAt: string, { planExpiry }: DesiredPolicy): string {
  return new Date(Date.parse(readAt) + planExpiry).toISOString();
}

/** Why a saved plan is too old at a time; a time that cannot be read is over. */
export function expiryRefusals(file: string, { readAt, expiresAt }: Plan, at: string): readonly Finding[] {
  if (Date.parse(at) <= Date.parse(expiresAt)) return [];
  const detail =
    `${file} was read at ${readAt} and expired at ${expiresAt}; now it is ${at}.\n` +
    'What was reviewed is long ago, and the estate may have moved on since.\n' +
    `Make a new one, or raise policy.planExpiry in a reviewed change:\n    reconcile plan -o ${file}`;
  return [
    {
      severity: 'error',
      code: 'plan.expired',
      summary: 'The plan is too old',
      detail,
      where: { file, line: 1 },
    },
  ];
}
