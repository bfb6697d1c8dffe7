import { describeClasses } from '../../../src/audit/classes.ts';
import { Counter } from '../../../src/audit/tally.ts';
import { withoutConnections } from '../../../src/core/connection.ts';
import type { Finding } from '../../../src/core/finding.ts';
import type { ChangeOrigin, Plan } from '../../../src/core/plan.ts';
import type { AuditReport, PlanReport, Report } from '../../../src/core/report.ts';
import type { ResultState, Run } from '../../../src/core/run.ts';
import type { VerifiedCell, VerifyReport } from '../../../src/core/verification.ts';
import { loadEstate } from '../../../src/estate/load.ts';
import { targetsOf } from '../../../src/kinds/registry.ts';
import { refusals } from '../../../src/plan/guards.ts';
import { estateSchema } from '../../kinds/cases.ts';
import { type EstateSize, samplePlan } from './sample-estate.ts';

/** A report as it is drawn: with all that the kinds look after. */
export function withManaged<R extends PlanReport>(report: R): R {
  return { ...report, managed: targetsOf(withoutConnections(report.plan.desired)) };
}

/** Two hosts, seven, forty. */
export const sizes: Readonly<Record<'small' | 'middle' | 'large', EstateSize>> = {
  small: { cs6: 1, cs7: 1, domains: 1, movers: 4 },
  middle: { cs6: 5, cs7: 2, domains: 3, movers: 59 },
  large: { cs6: 28, cs7: 12, domains: 14, movers: 4812 },
};

/** A plan of an estate of this size. */
export function planReport(size: EstateSize): PlanReport {
  const plan = samplePlan(size);
  return withManaged({ command: 'plan', exitCode: 2, plan, refusals: refusals(plan) });
}

/** With origins and traces, as drift tells them. */
export function driftReport(): PlanReport {
  const plan = samplePlan({ ...sizes.middle, movers: 3 });
  const kinds: readonly ChangeOrigin[] = ['drift', 'planned', 'not-applied'];
  const traces = plan.steps.flatMap(step =>
    step.changes.map(({ item, key }) =>
      step.target === 'directory'
        ? {
            step: step.id,
            item,
            key,
            by: 'cn=helpdesk,ou=Services,o=isp',
            at: '2026-11-21T22:14:03Z',
            from: 'modifiersName and modifyTimestamp',
          }
        : { step: step.id, item, key, by: 'root', at: '2026-11-22T02:14:00Z', from: 'owner and time of ics.conf' },
    ),
  );
  return withManaged({
    command: 'drift',
    exitCode: 2,
    plan,
    refusals: [],
    origins: plan.steps.map(step => step.changes.map((_, i) => kinds[i % kinds.length] ?? 'drift')),
    traces,
    snapshot: { file: 'live.json.gz', takenAt: '2026-11-22T06:00:00.000Z' },
  });
}

/** Nothing differs, but for what is left alone. */
export function inSyncReport(): PlanReport {
  const plan = samplePlan(sizes.middle, []);
  const ignored = { target: 'cs6-be1', until: '2027-01-31', reason: 'load test', owner: 'ops' };
  const change = {
    action: 'update',
    item: 'ics.conf',
    key: 'service.http.idletimeout',
    before: '300',
    after: '120',
  } as const;
  return withManaged({
    command: 'check',
    exitCode: 0,
    plan: { ...plan, ignored: [{ ...ignored, change }] },
    refusals: [],
  });
}

const unreachable: Finding = {
  severity: 'error',
  code: 'host.unreachable',
  summary: 'A host does not answer',
  detail:
    'cs6-be1: no answer from cs6-be1.example.com port 22 within 10 seconds.\nNothing is written while a part of the estate could not be read.\nTry it by hand:\n    ssh root@cs6-be1.example.com true',
  target: 'cs6-be1',
};

/** One host could not be read, and something is over a limit. */
export function refusedReport(): PlanReport {
  const plan = samplePlan({ ...sizes.middle, movers: 12_000 });
  const warning: Finding = {
    severity: 'warning',
    code: 'estate.password-file-readable',
    summary: 'A secret that others can read',
    detail: 'secrets/ldap-password is readable by its group.',
    where: { file: 'sites/estate.yaml', line: 6, column: 15, endColumn: 30 },
    excerpt: { line: '  password: { env: LDAP_PASSWORD }', column: 13, length: 22 },
  };
  const unread = { ...plan, unread: ['cs6-be1'], findings: [...plan.findings, unreachable, warning] };
  return withManaged({ command: 'check', exitCode: 3, plan: unread, refusals: refusals(unread) });
}

function runOf(plan: Plan, stateOf: (i: number) => ResultState): Run {
  return {
    plan: plan.digest,
    journal: '20261122T140509Z-01234567',
    startedAt: '2026-11-22T14:05:09.000Z',
    endedAt: '2026-11-22T14:17:42.000Z',
    steps: plan.steps.map((step, i) => {
      const state = stateOf(i);
      const detail =
        state === 'failed'
          ? 'start-cal exited with 255:\n    Error: could not open the database\nThe files that were there before are back.'
          : state === 'done' && step.stage === 'cs6-config'
            ? `backup ${step.target}:/etc/opt/SUNWics5/config/ics.conf.reconcile-20261122T140509Z`
            : state === 'not-run'
              ? 'a step before it did not end well'
              : undefined;
      return {
        id: step.id,
        target: step.target,
        kind: step.kind,
        results: step.changes.map(change => ({ change, state, ...(detail !== undefined && { detail }) })),
      };
    }),
    remaining: [],
    unread: [],
  };
}

/** An apply that ended well, but for deletions that nobody allowed. */
export function appliedReport(): Report {
  const plan = samplePlan(sizes.middle);
  const run = runOf(plan, i => (plan.steps[i]?.stage === 'cs6-calendars' ? 'held' : 'done'));
  return withManaged({ command: 'apply', exitCode: 2, plan, refusals: [], run });
}

/** An apply whose second restart failed. */
export function failedApplyReport(): Report {
  const plan = samplePlan(sizes.middle);
  const bad = plan.steps.findIndex(({ target, stage }) => target === 'cs6-be1' && stage === 'cs6-activate');
  const run = runOf(plan, i => (i < bad ? 'done' : i === bad ? 'failed' : 'not-run'));
  const remaining = plan.steps.slice(bad).map(({ target, kind, changes }) => ({ target, kind, changes }));
  return withManaged({ command: 'apply', exitCode: 1, plan, refusals: [], run: { ...run, remaining } });
}

/** A run that is taken back. */
export function undoReport(): Report {
  const plan: Plan = { ...samplePlan(sizes.small), direction: 'undo', undoes: '20261122T140509Z-01234567' };
  return withManaged({ command: 'undo', exitCode: 2, plan, refusals: [] });
}

/** What is wrong with a file, as the program finds it. */
export function validateReport(): Report {
  const text = 'version: 1\nname: example.com\ndirectory:\n  url: ldap//ds1\n  bindDN: cn=x\n  password: hunter2\n';
  const { findings } = loadEstate('estate.yaml', text, estateSchema);
  return { command: 'validate', exitCode: 1, estate: 'example.com', files: ['estate.yaml'], findings };
}

/** A file in which nothing is wrong. */
export function validReport(): Report {
  return { command: 'validate', exitCode: 0, estate: 'example.com', files: ['base.yaml', 'prod.yaml'], findings: [] };
}

/** A command that ended early. */
export function failedReport(): Report {
  return {
    command: 'failed',
    of: 'apply',
    exitCode: 1,
    estate: 'example.com',
    files: ['plan.json'],
    findings: [unreachable],
  };
}

/** Some accounts are on both sides, some on none. */
export function auditReport(): AuditReport {
  const counter = new Counter();
  const add = (name: Parameters<Counter['add']>[0], n: number) => {
    for (let i = 0; i < n; i++) counter.add(name, `uid=${name}${i},ou=People,o=example.com,o=isp`);
  };
  add('split-brain', 37);
  add('limbo', 4);
  add('duplicate-unique-id', 2);
  add('no-mail', 120);
  add('orphan-calendar', 9);
  const states = (cs6: number, cs7: number, split = 0, limbo = 0, unknown = 0) => ({
    'good-cs6': cs6,
    'good-cs7': cs7,
    'split-brain': split,
    limbo,
    unknown,
  });
  return {
    command: 'audit',
    exitCode: 2,
    estate: 'example.com',
    files: ['estate.yaml'],
    readAt: '2026-11-22T13:36:25.000Z',
    hosts: [{ name: 'cs6-fe1', calendars: 41_200 }, { name: 'cs6-be1', calendars: 43_101 }, { name: 'cs6-be2' }],
    unread: ['cs6-be2'],
    accounts: {
      all: 88_410,
      good: 88_247,
      states: states(79_301, 4_868, 37, 4, 4_200),
      cohorts: [
        { name: 'pilot', store: 'defaultbackend', accounts: 59, states: states(0, 56, 3), overlaps: [] },
        {
          name: 'finance',
          store: 'defaultbackend',
          share: 25,
          accounts: 19_248,
          states: states(14_402, 4_812, 34),
          overlaps: [{ cohort: 'pilot', accounts: 12 }],
        },
        { name: 'others', accounts: 69_103, states: states(64_899, 0, 0, 4, 4_200), overlaps: [] },
      ],
    },
    classes: describeClasses([counter]),
    stores: ['defaultbackend'],
    findings: [{ ...unreachable, target: 'cs6-be2' }],
  };
}

function cell(part: Pick<VerifiedCell, 'from' | 'to' | 'host' | 'way'> & Partial<VerifiedCell>): VerifiedCell {
  const url = `http://${part.host}.example.com:8080/get_freebusy.wcap`;
  return {
    account: part.to === 'cs6' ? 'jdoe@example.com' : 'asmith@example.com',
    state: 'works',
    detail: '2 busy times',
    hops: [{ method: part.way === 'wcap' ? 'GET' : 'POST', url, came: 'HTTP 200 with a calendar', milliseconds: 31 }],
    causes: [],
    ...part,
  };
}

/** One front end refers to the wrong place. */
export function verifyReport(): VerifyReport {
  const redirected: Partial<VerifiedCell> = {
    state: 'fails',
    problem: 'verify.no-answer',
    detail: 'CS6 refers to another place than the one that is configured; it was not followed.',
    hops: [
      {
        method: 'GET',
        url: 'http://cs6-fe2.example.com:8080/get_freebusy.wcap',
        came: 'HTTP 302 to http://oldcal.example.com/davserver/wcap/get_freebusy.wcap',
        milliseconds: 12,
      },
    ],
    causes: [
      {
        target: 'cs6-fe2',
        key: 'service.wcap.freebusy.redirecturl',
        why: 'It is what CS6 refers to.',
        source: { file: 'sites/estate.yaml', line: 24 },
      },
    ],
  };
  const cells = [
    ...['cs6-fe1', 'cs6-fe2'].flatMap(host => [
      cell({ from: 'cs6', to: 'cs6', host, way: 'wcap' }),
      cell({ from: 'cs6', to: 'cs7', host, way: 'wcap', ...(host === 'cs6-fe2' && redirected) }),
      cell({ from: 'cs7', to: 'cs6', host, way: 'ischedule' }),
    ]),
    cell({ from: 'cs7', to: 'cs6', host: 'cs7-fe1', way: 'wcap' }),
    cell({
      from: 'cs7',
      to: 'cs7',
      host: 'cs7-fe1',
      way: 'wcap',
      state: 'unknown',
      detail: 'It was not asked: CS7 is down.',
      hops: [],
    }),
  ];
  return {
    command: 'verify',
    exitCode: 2,
    estate: 'example.com',
    files: ['estate.yaml'],
    askedAt: '2026-11-22T15:00:00.000Z',
    probes: [
      {
        side: 'cs6',
        mail: 'jdoe@example.com',
        dn: 'uid=jdoe,ou=People,o=example.com,o=isp',
        chosen: 'the first of cohort others',
      },
      {
        side: 'cs7',
        mail: 'asmith@example.com',
        dn: 'uid=asmith,ou=People,o=example.com,o=isp',
        chosen: 'named in the file',
      },
    ],
    cells,
    mail: [
      {
        host: 'cs7-fe1',
        what: 'EHLO to smtp.example.com:25',
        state: 'works',
        detail: '250 smtp.example.com',
        causes: [],
      },
      {
        host: 'directory',
        what: 'mail of jdoe@example.com',
        state: 'fails',
        detail: 'It has no mail attribute.',
        causes: [{ target: 'directory', key: 'mail', why: 'Invitations go by address.' }],
      },
    ],
    unread: [],
    findings: [],
  };
}

/** Every kind of report there is, by a name for its file. */
export const sampleReports: Readonly<Record<string, () => Report>> = {
  'plan-small': () => planReport(sizes.small),
  'plan-middle': () => planReport(sizes.middle),
  'plan-large': () => planReport(sizes.large),
  'in-sync': inSyncReport,
  refused: refusedReport,
  drift: driftReport,
  applied: appliedReport,
  'apply-failed': failedApplyReport,
  undo: undoReport,
  validate: validateReport,
  valid: validReport,
  failed: failedReport,
  audit: auditReport,
  verify: verifyReport,
};
