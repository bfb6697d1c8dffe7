import type { AuditReport, AuditState } from '../../core/report.ts';
import { codeCell } from './escape.ts';
import type { Section } from './fit.ts';
import { table } from './sections.ts';

const headings: readonly (readonly [AuditState, string])[] = [
  ['good-cs6', 'good CS6'],
  ['good-cs7', 'good CS7'],
  ['split-brain', 'split brain'],
  ['limbo', 'limbo'],
  ['unknown', 'unknown'],
];

/** Where the accounts of each cohort are, and of all. */
export function cohortTable({ accounts }: AuditReport): readonly Section[] {
  if (!accounts) return [];
  const numbers = (n: number, states: Readonly<Record<AuditState, number>>) =>
    [n, ...headings.map(([state]) => states[state])].map(one => one.toLocaleString('en-US'));
  const rows = accounts.cohorts.map(({ name, states, accounts: n }) => [codeCell(name), ...numbers(n, states)]);
  return [
    table(
      ['cohort', 'accounts', ...headings.map(([, heading]) => heading)],
      [...rows, ['all', ...numbers(accounts.all, accounts.states)]],
    ),
  ];
}
