import { TargetProblem } from '../../core/finding.ts';

const summaries = {
  'notify.webhook-address': 'A webhook cannot be used',
  'notify.webhook-failed': 'A webhook did not take the message',
  'notify.mail-failed': 'A mail could not be handed over',
} as const;

/** Why somebody cannot be told, or was not. */
export function notifyProblem(code: keyof typeof summaries, detail: string): TargetProblem {
  return new TargetProblem({ severity: 'error', code, summary: summaries[code], detail });
}
