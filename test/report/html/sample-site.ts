import type { PlanReport } from '../../../src/core/report.ts';
import type { SiteFacts, SiteRun, SiteRunDetails, SiteSample } from '../../../src/core/site.ts';
import {
  auditReport,
  driftReport,
  failedReport,
  inSyncReport,
  planReport,
  sizes,
  verifyReport,
} from './sample-reports.ts';

/** A run that moved accounts, by a pull request. */
export function sampleRun(number: number, more: Partial<SiteRun> = {}): SiteRun {
  const day = String(number).padStart(2, '0');
  return {
    name: `202611${day}T140509123Z-0123456${number % 10}`,
    began: `2026-11-${day}T14:05:09.123Z`,
    ended: `2026-11-${day}T14:17:42.001Z`,
    head: {
      plan: 'd41f9a00'.repeat(8),
      tool: '1.0.0',
      direction: 'forward',
      undoes: [],
      actor: 'mona',
      commit: {
        id: 'a1b2c3d4e5f60718293a4b5c6d7e8f9001122334',
        author: 'Mona Example',
        link: 'https://git.example.com/estate/commit/a1b2c3d',
        pullRequest: { name: 'pull request 17', link: 'https://git.example.com/estate/pull/17' },
      },
      job: 'https://git.example.com/estate/actions/runs/4711',
      signers: ['jane', 'ops'],
      allowed: { moves: 4812 },
      accounts: { counted: 88_410, all: true },
      changes: 142,
    },
    finished: {
      counts: { done: 140, held: 2 },
      converged: true,
      targets: [
        { target: 'cs6-fe1', kind: 'cs6-ics-conf', counts: { done: 4 } },
        { target: 'directory', kind: 'ldap-cohort', counts: { done: 59 } },
        { target: 'cs6-be1', kind: 'cs6-calendar', counts: { held: 2 } },
      ],
    },
    places: ['cs6-fe1', 'cs7-fe1', 'this machine'],
    moves: { there: 59, back: 0, unsure: 0 },
    ...more,
  };
}

/** A run that died in the middle. */
export function deadRun(): SiteRun {
  const { finished: _, moves: __, ...rest } = sampleRun(9);
  return { ...rest, ended: '2026-11-09T14:06:00.000Z', moves: { there: 3, back: 0, unsure: 2 } };
}

function samples(): readonly SiteSample[] {
  return Array.from({ length: 12 }, (_, i) => ({
    at: `2026-11-${String(11 + i).padStart(2, '0')}T06:00:00.000Z`,
    differences: [0, 0, 3, 3, 1, 0, 0, 12, 5, 0, 0, 7][i] ?? 0,
    accounts: { cs6: 83_501 - 400 * i, cs7: 505 + 400 * i, unknown: 4_404 },
  }));
}

/** An estate in the middle of its move, with a bit of everything. */
export function siteFacts(drift: PlanReport = driftReport()): SiteFacts {
  return {
    estate: 'example.com',
    at: '2026-11-22T15:02:11.000Z',
    drift: { ...drift, commit: { id: 'a1b2c3d4e5f60718293a4b5c6d7e8f9001122334' } },
    audit: auditReport(),
    verify: verifyReport(),
    runs: [sampleRun(22), sampleRun(15, { head: undefined as never }), sampleRun(10), deadRun(), sampleRun(3)],
    places: [
      { place: 'cs6-fe1' },
      {
        place: 'cs7-fe1',
        problem: {
          severity: 'warning',
          code: 'host.unreachable',
          summary: 'A host cannot be reached',
          detail: 'cs7-fe1: connection refused.',
          target: 'cs7-fe1',
        },
      },
      { place: 'this machine' },
    ],
    waves: [
      { cohort: 'finance', day: '2026-12-05', percent: 50 },
      { cohort: 'finance', day: '2026-12-12', percent: 100 },
      { cohort: 'new', day: '2026-12-20', percent: 10 },
    ],
    samples: samples(),
  };
}

/** Nothing was ever run, nothing was counted, and nothing can be read now. */
export function emptySiteFacts(): SiteFacts {
  const failed = failedReport();
  if (failed.command !== 'failed') throw new Error('it is no failure');
  const of = (command: 'drift' | 'audit' | 'verify') => ({ ...failed, of: command });
  return {
    estate: 'example.com',
    at: '2026-11-22T15:02:11.000Z',
    ...{ drift: of('drift'), audit: of('audit'), verify: of('verify') },
    ...{ runs: [], places: [{ place: 'this machine' }], waves: [], samples: [{ at: '2026-11-22T15:02:11.000Z' }] },
  };
}

/** All is well. */
export function goodSiteFacts(): SiteFacts {
  const audit = auditReport();
  const verify = verifyReport();
  const states = { 'good-cs6': 83_000, 'good-cs7': 5_410, 'split-brain': 0, limbo: 0, unknown: 0 };
  return {
    ...siteFacts({ ...inSyncReport(), exitCode: 0 }),
    audit: {
      ...{ ...audit, exitCode: 0, classes: [], unread: [], findings: [] },
      accounts: { all: 88_410, good: 88_410, states, cohorts: audit.accounts?.cohorts ?? [] },
    },
    verify: { ...verify, exitCode: 0, cells: verify.cells.filter(({ state }) => state === 'works'), mail: [] },
    runs: [sampleRun(22)],
    places: [{ place: 'cs6-fe1' }],
    samples: [{ at: '2026-11-22T15:02:11.000Z', differences: 0, accounts: { cs6: 83_000, cs7: 5_410, unknown: 0 } }],
  };
}

/** What the page of a run is drawn from. */
export function runDetails(run: SiteRun = sampleRun(22)): SiteRunDetails {
  return {
    run,
    plan: planReport(sizes.middle).plan,
    open: run.finished ? [] : [{ step: 'directory/ldap-cohort', writes: 2 }],
  };
}
