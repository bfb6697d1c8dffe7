import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import type { AuditReport } from '../../src/core/report.ts';
import type { VerifiedCell, VerifyReport } from '../../src/core/verification.ts';
import { auditWatch } from '../../src/watch/audit-watch.ts';
import { verifyWatch } from '../../src/watch/verify-watch.ts';
import { eventsBetween, nothingWrong, type WatchState } from '../../src/watch/watch-state.ts';
import type { Look, Seen, Watched } from '../../src/watch/watched.ts';
import { runAudit } from '../drift/world.ts';

/** What `verify` and `audit` know after each look, and what they tell of it. */
const cell: VerifiedCell = {
  ...{ from: 'cs6', to: 'cs7', host: 'cs6-fe1', way: 'wcap', account: 'anna@example.com', state: 'works', detail: '' },
  ...{ hops: [{ method: 'GET', url: 'http://cs6-fe1/', came: '200', milliseconds: 250 }], causes: [] },
};
const failing: VerifiedCell = {
  ...{ ...cell, state: 'fails', problem: 'verify.no-answer', detail: 'it answered 500' },
  causes: [{ target: 'cs6-fe1', key: 'service.wcap.freebusy.redirecturl', why: 'it is not set' }],
};
const unclear: VerifiedCell = { ...cell, state: 'unknown', problem: 'verify.unproved' };

function verified(cells: readonly VerifiedCell[], more: Partial<VerifyReport> = {}): VerifyReport {
  const about = { command: 'verify', exitCode: 0, estate: 'example.com', askedAt: '2026-12-08T10:00:00Z' } as const;
  return { ...about, probes: [], cells, mail: [], unread: [], findings: [], ...more };
}

const states = { 'good-cs6': 90, 'good-cs7': 8, 'split-brain': 2, limbo: 0, unknown: 0 };

function audited(split: number, more: Partial<AuditReport> = {}): AuditReport {
  const about = {
    command: 'audit',
    exitCode: 0,
    estate: 'example.com',
    files: [],
    readAt: '2026-12-08T10:00:00Z',
  } as const;
  const words = { examples: ['uid=anna,o=isp'], means: '', remedy: '' };
  const classes = split === 0 ? [] : [{ name: 'split-brain', of: 'accounts', count: split, ...words } as const];
  const accounts = { all: 100, good: 98, states, cohorts: [{ name: 'pilot', accounts: 8, states, overlaps: [] }] };
  const hosts = [{ name: 'cs6-be1', calendars: 95 }, { name: 'cs6-be2' }];
  return { ...about, hosts, unread: [], accounts, classes, stores: [], findings: [], ...more };
}

/** The events of a course of reports, as they are told. */
function course<R extends Seen['report']>(watched: Watched<{ readonly report: R }>, reports: readonly R[]) {
  let before: WatchState = nothingWrong;
  return reports.map(report => {
    const after = watched.stateAfter(before, { report });
    const named = eventsBetween(before, after).map(name => {
      const at = { beganAt: '2026-12-08T10:00:00Z', endedAt: '2026-12-08T10:00:05Z', seconds: 5, exitCode: 2 };
      const look: Look<{ readonly report: R }> = { ...at, result: { state: 'ended', seen: { report } } };
      return watched.notice({ name, before, after, look, estate: 'example.com', tool: '1.0.0' });
    });
    before = after;
    return named;
  });
}

const namesOf = (told: ReturnType<typeof course>) =>
  told.map(notices => notices.map(({ body }) => ('event' in body ? body.event : '')));

function validator(name: string) {
  const valid = new Ajv2020({ strict: true }).compile(JSON.parse(readFileSync(`schemas/${name}.schema.json`, 'utf8')));
  return (body: object) => (valid(body) ? [] : valid.errors);
}

describe('verify', () => {
  const told = course(verifyWatch, [verified([cell]), verified([failing, cell]), verified([cell, cell])]);

  it('tells that free/busy fails, why, and that it works again', () => {
    expect(namesOf(told)).toEqual([[], ['appeared'], ['resolved']]);
    const [notice] = told[1] ?? [];
    expect(notice?.subject).toBe('reconcile: free/busy fails in example.com (1 failure)');
    expect(notice?.text).toContain('cs6 -> cs7 wcap through cs6-fe1, anna@example.com: it answered 500\n');
    expect(notice?.text).toContain('likely cause: cs6-fe1 service.wcap.freebusy.redirecturl: it is not set');
    expect(told.flat().map(({ isGood }) => isGood)).toEqual([false, true]);
  });

  it('sends what the schema describes', () => {
    for (const { body } of told.flat()) expect(validator('verify-event')(body)).toEqual([]);
  });

  it('does not tell of the same failure again because another account was asked about', () => {
    const other = { ...failing, account: 'ben@example.com' };
    expect(namesOf(course(verifyWatch, [verified([failing]), verified([other])]))).toEqual([['appeared'], []]);
    const changed = { ...failing, problem: 'verify.wrongly-free' } as const;
    expect(namesOf(course(verifyWatch, [verified([failing]), verified([changed])]))).toEqual([
      ['appeared'],
      ['changed'],
    ]);
  });

  it.each([
    ['no answer says anything', verified([unclear])],
    ['the directory cannot be read', verified([], { unread: ['directory'] })],
    ['the host was not asked', verified([], { unread: ['cs6-fe1'] })],
  ])('does not tell that a failure is over while %s', (_, report) => {
    expect(namesOf(course(verifyWatch, [verified([failing]), report, verified([failing]), verified([cell])]))).toEqual([
      ['appeared'],
      ['unreadable'],
      ['readable'],
      ['resolved'],
    ]);
  });

  it('a host that the file no longer names is forgotten', () => {
    const other = { ...cell, host: 'cs6-fe2' };
    expect(namesOf(course(verifyWatch, [verified([failing]), verified([other])]))).toEqual([
      ['appeared'],
      ['resolved'],
    ]);
  });

  it('what mail depends on counts too, and no address is kept', () => {
    const mail = {
      host: 'directory',
      what: 'mail of anna@example.com',
      state: 'fails',
      detail: 'two',
      causes: [],
    } as const;
    const report = verified([cell], { mail: [mail] });
    expect(namesOf(course(verifyWatch, [report]))).toEqual([['appeared']]);
    expect(JSON.stringify(verifyWatch.stateAfter(nothingWrong, { report }))).not.toContain('anna');
  });

  it('measures how many look-ups work, and the slowest', () => {
    const slow = { ...failing, hops: [...cell.hops, ...cell.hops] };
    const samples = verifyWatch.samples({ report: verified([cell, slow, unclear]) }, nothingWrong, 0);
    const labels = { from: 'cs6', to: 'cs7', host: 'cs6-fe1', way: 'wcap' };
    expect(samples).toEqual([
      ...['works', 'fails', 'unknown'].map(state => ({ family: 'look_ups', labels: { ...labels, state }, value: 1 })),
      { family: 'slowest_look_up_seconds', labels, value: 0.5 },
    ]);
    expect(JSON.stringify(samples)).not.toContain('anna');
  });
});

describe('audit', () => {
  const told = course(auditWatch, [audited(0), audited(2), audited(3), audited(0)]);

  it('tells how many accounts have a problem, and names none', () => {
    expect(namesOf(told)).toEqual([[], ['appeared'], ['changed'], ['resolved']]);
    expect(told[2]?.[0]?.subject).toBe('reconcile: problems of accounts changed in example.com (3 problems)');
    expect(told[2]?.[0]?.text).toContain('split-brain: 3 accounts\n');
    expect(JSON.stringify(told)).not.toContain('anna');
  });

  it('sends what the schema describes', () => {
    for (const { body } of told.flat()) expect(validator('audit-event')(body)).toEqual([]);
  });

  it('does not tell that there are fewer while something cannot be read', () => {
    const away = audited(1, { unread: ['cs6-be2'] });
    const { accounts: _, ...blind } = audited(0, { unread: ['directory'] });
    expect(namesOf(course(auditWatch, [audited(2), away, blind, audited(2)]))).toEqual([
      ['appeared'],
      ['unreadable'],
      ['unreadable'],
      ['readable'],
    ]);
  });

  it('measures accounts, problems and calendars', () => {
    const samples = auditWatch.samples({ report: audited(2) }, nothingWrong, 0);
    expect(samples).toEqual(
      expect.arrayContaining([
        { family: 'accounts', labels: { state: 'good-cs6' }, value: 90 },
        { family: 'good_accounts', labels: {}, value: 98 },
        { family: 'cohort_accounts', labels: { cohort: 'pilot', state: 'good-cs7' }, value: 8 },
        { family: 'problems', labels: { problem: 'split-brain', of: 'accounts' }, value: 2 },
        { family: 'calendars', labels: { host: 'cs6-be1' }, value: 95 },
      ]),
    );
    expect(JSON.stringify(samples)).not.toContain('anna');
  });
});

describe.each([
  ['verify', verifyWatch],
  ['audit', auditWatch],
])('the numbers of %s', (_, { families }) => {
  it('have names of their own', () => {
    expect(new Set(families.map(({ name }) => name)).size).toBe(families.length);
  });
});

describe('audit --every', () => {
  const hook = { every: 3_600_000, webhook: { literal: 'https://hooks.example.com' } };
  type Meanwhile = NonNullable<Parameters<typeof runAudit>[1]>[number];
  const mailOf =
    (...mail: string[]): Meanwhile =>
    ({ entries }) => {
      const anna = entries?.find(({ dn }) => dn.startsWith('uid=anna,'));
      if (anna) anna.attributes['mail'] = mail;
    };

  it('prints, tells and measures what changed', async () => {
    const { printed, told, numbers } = await runAudit(
      { ...hook, metricsFile: 'x.prom' },
      [mailOf(), () => {}, mailOf('anna@example.com')],
      {
        directoryDown: [3],
      },
    );
    expect(told.map(({ body }) => 'event' in body && body.event)).toEqual([
      'appeared',
      'changed',
      'unreadable',
      'changed',
      'readable',
    ]);
    expect([printed.length, numbers.length]).toEqual([4, 4]);
    expect(numbers.map(({ success }) => success)).toEqual([true, true, true, true]);
    expect(JSON.stringify([told, numbers])).not.toMatch(/anna|ben/);
  });

  it('has no lists', async () => {
    for (const lists of [{ list: ['not-good'] }, { format: 'csv' as const }]) {
      const { code, stderr } = await runAudit({ ...hook, ...lists });
      expect([code, stderr]).toEqual([1, expect.stringContaining('cannot be combined with --every, --webhook')]);
    }
  });
});
