import type { DoctorReport, ExaminedStep } from '../../core/examination.ts';
import { fullDetail } from '../../core/finding.ts';
import type { AuditProblem, AuditReport, AuditState, Report } from '../../core/report.ts';
import { count } from '../../core/units.ts';
import type { LikelyCause, VerifiedHop, VerifiedMail, VerifyReport } from '../../core/verification.ts';
import { commandOf, estateOf, readAtOf } from '../view/report-facts.ts';
import { otherFindings } from '../view/verify-view.ts';
import { planSuites, runSuites } from './plan-suites.ts';
import { type Case, findingCases, findingOutput, type Suite, suiteXml } from './suite.ts';

/**
 * A report as JUnit XML: a suite for each target, a case for each managed thing, and a failure for each that differs. In the
 * part of the form that the schemas of Jenkins and of Windy Road agree on, and `skipped`, which only the former knows.
 */
export function renderJunit(report: Report, now: string): string {
  const facts = { command: commandOf(report), estate: estateOf(report), at: readAtOf(report) ?? now };
  const suites = suitesOf(report).map((suite, i) => suiteXml(suite, i, facts));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('')}</testsuites>\n`;
}

/** A report as suites, one for each target. */
function suitesOf(report: Report): readonly Suite[] {
  switch (report.command) {
    case 'failed':
      return [{ name: report.of, cases: findingCases(report.findings, 'error'), ...findingOutput(report.findings) }];
    case 'validate':
      return report.files.map((file, i) => {
        // What is found in none of these files is in the suite of the first.
        const own = report.findings.filter(({ where }) =>
          where && report.files.includes(where.file) ? where.file === file : i === 0,
        );
        return { name: file, cases: [{ name: 'can be read' }, ...findingCases(own)], ...findingOutput(own) };
      });
    case 'audit':
      return auditSuites(report);
    case 'verify':
      return verifySuites(report);
    case 'doctor':
      return doctorSuites(report);
    default:
      return 'run' in report && report.run ? runSuites(report, report.run) : planSuites(report);
  }
}

/** All that an audit looks for, so that a problem without accounts counts as good; complete by its type. */
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
function auditSuites(report: AuditReport): readonly Suite[] {
  return [
    {
      name: 'accounts',
      cases: [...classCases(report), ...findingCases(report.findings)],
      ...findingOutput(report.findings),
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

/** A verification: a case for each look-up and each thing that mail depends on, by host. */
function verifySuites(report: VerifyReport): readonly Suite[] {
  const { cells, mail } = report;
  const hosts = [...new Set([...cells, ...mail].map(({ host }) => host))];
  const others = otherFindings(report);
  return [
    {
      name: 'estate',
      cases: [{ name: 'the file' }, ...findingCases(others)],
      ...findingOutput(others),
    },
    ...hosts.map(host => ({
      name: host,
      cases: [
        ...cells
          .filter(cell => cell.host === host)
          .map(({ from, to, way, account, problem, ...rest }) =>
            verifiedCase(
              `${from} asks ${to} about ${account} (${way})`,
              problem ?? `verify/${from}-${to}-${way}`,
              rest,
            ),
          ),
        ...mail.filter(one => one.host === host).map(({ what, ...rest }) => verifiedCase(what, 'verify/mail', rest)),
      ],
    })),
  ];
}

/** An examination: a case for each step, by target. */
function doctorSuites({ targets, findings }: DoctorReport): readonly Suite[] {
  return [
    { name: 'estate', cases: [{ name: 'the file' }, ...findingCases(findings)], ...findingOutput(findings) },
    ...targets.map(({ name, steps }) => ({
      name,
      cases: steps.map(stepCase),
      ...findingOutput(steps.flatMap(step => step.findings)),
    })),
  ];
}

function stepCase({ name, state, detail, findings }: ExaminedStep): Case {
  if (state === 'ok' || state === 'warning') return { name };
  const [first] = findings;
  if (state === 'not-checked')
    return { name, outcome: { form: 'skipped', type: 'doctor/not-checked', message: detail } };
  const text = findings.map(one => fullDetail(one)).join('\n');
  return { name, outcome: { form: 'failure', type: first?.code ?? 'doctor/fails', message: detail, text } };
}

interface Verified {
  readonly state: VerifiedMail['state'];
  readonly detail: string;
  readonly causes: readonly LikelyCause[];
  readonly hops?: readonly VerifiedHop[];
}

function verifiedCase(name: string, type: string, { state, detail, causes, hops = [] }: Verified): Case {
  if (state === 'works') return { name };
  const text = [
    ...hops.map(({ method, url, came }) => `${method} ${url}: ${came}`),
    ...causes.map(({ target, key, why }) => `Most likely: ${target} ${key}. ${why}`),
  ].join('\n');
  return { name, outcome: { form: state === 'fails' ? 'failure' : 'skipped', type, message: detail, text } };
}
