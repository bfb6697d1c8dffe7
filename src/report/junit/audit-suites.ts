import { count } from '../../core/count.ts';
import type { AuditProblem, AuditReport, AuditState } from '../../core/report.ts';
import { findingCases, toldBeside } from './finding-cases.ts';
import type { Case, Suite } from './suite.ts';

/** All that an audit looks for, so that what nobody has counts as good; complete by its type. */
const looked: Readonly<Record<Exclude<AuditState, 'good-cs6' | 'good-cs7'> | AuditProblem, true>> = {
  'split-brain': true,
  limbo: true,
  unknown: true,
  'wrong-side': true,
  'wrong-store': true,
  'unknown-store': true,
  'several-stores': true,
  'no-unique-id': true,
  'nothing-to-copy': true,
  'duplicate-unique-id': true,
  'no-mail': true,
  'duplicate-mail': true,
  'domain-unmapped': true,
  'login-open': true,
  'login-denied-on-cs6': true,
  'status-overrides': true,
  'virtual-value': true,
  'shared-calendar': true,
  'orphan-calendar': true,
  'ownerless-calendar': true,
};

/** An audit: a case for each state and problem, one for each cohort, and one for each host whose calendars are listed. */
export function auditSuites(report: AuditReport): readonly Suite[] {
  return [
    {
      name: 'accounts',
      cases: [...classCases(report), ...findingCases(report.findings)],
      ...toldBeside(report.findings),
    },
    ...(report.accounts ? [{ name: 'cohorts', cases: cohortCases(report.accounts.cohorts) }] : []),
    ...report.hosts.map(({ name, calendars }) => ({ name, cases: [hostCase(calendars)] })),
  ];
}

function classCases({ classes, accounts }: AuditReport): readonly Case[] {
  if (!accounts)
    return [
      {
        name: 'every account',
        outcome: { form: 'error', type: 'audit/unread', message: 'The directory could not be read whole.' },
      },
    ];
  return Object.keys(looked).map(name => {
    const found = classes.find(one => one.name === name);
    if (!found) return { name };
    const { of, count: n, examples, means, remedy } = found;
    const form = name === 'unknown' ? 'error' : 'failure';
    const text = `${remedy}\n${examples.join('\n')}${n > examples.length ? '\n…' : ''}`;
    const message = `${count(n, of === 'accounts' ? 'account' : 'calendar')}: ${means}`;
    return { name, outcome: { form, type: `audit/${name}`, message, text } };
  });
}

function cohortCases(cohorts: NonNullable<AuditReport['accounts']>['cohorts']): readonly Case[] {
  return cohorts.map(({ name, accounts, states }) => {
    const bad = accounts - states['good-cs6'] - states['good-cs7'];
    if (bad === 0) return { name };
    const message = `${bad.toLocaleString('en-US')} of ${count(accounts, 'account')} on both sides, on none, or unknown`;
    return { name, outcome: { form: 'failure', type: 'audit/cohort', message } };
  });
}

function hostCase(calendars: number | undefined): Case {
  const name = 'calendars listed';
  if (calendars !== undefined) return { name };
  return { name, outcome: { form: 'error', type: 'audit/unread', message: 'Its calendars could not be listed.' } };
}
