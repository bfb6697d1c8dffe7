import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../src/core/finding.ts';
import type { Plan } from '../../src/core/plan.ts';
import type { ResultState, Run } from '../../src/core/run.ts';
import { finding } from '../../src/findings/catalogue.ts';
import { type RunReport, runNotice } from '../../src/watch/run-notice.ts';

/** What is told at the end of an apply or an undo. */
const about = { command: 'apply', at: '2026-12-08T10:00:00.000Z', tool: '1.0.0' } as const;
const plan = { digest: 'a'.repeat(64), desired: { name: 'example.com' }, steps: [] } as unknown as Plan;
const change = { action: 'update', item: '/etc/ics.conf', key: 'a', before: '1', after: '2' } as const;
const closed = finding('verify.gate-closed', { detail: 'cs6 -> cs7: no answer\nFix it.', target: 'cs6-fe1' });

function ran(state: ResultState, more: Partial<Run> = {}, why?: Finding): Run {
  const step = { id: 'cs6-fe1/cs6-ics-conf', target: 'cs6-fe1', kind: 'cs6-ics-conf', results: [{ change, state }] };
  return {
    ...{ plan: plan.digest, journal: '20261208T095900000Z-aaaaaaaa', startedAt: about.at, endedAt: about.at },
    ...{ steps: [{ ...step, ...(why && { finding: why }) }], remaining: [], unread: [], ...more },
  };
}

function report(exitCode: number, run?: Run, refusals: readonly Finding[] = []): RunReport {
  return { command: 'apply', exitCode, plan, refusals, ...(run && { run }) };
}

const refused = finding('plan.too-many-moves', { detail: '24 accounts, the limit is 10.' });
const failed = (exitCode: number): RunReport => ({
  ...{ command: 'failed', of: 'apply', exitCode, estate: 'example.com', files: [], findings: [refused] },
});
const lost = finding('run.locked', { detail: 'taken over' });
const left = [{ target: 'cs6-fe1', kind: 'cs6-ics-conf', changes: [change] }];

const valid = new Ajv2020({ strict: true }).compile(JSON.parse(readFileSync('schemas/run-event.schema.json', 'utf8')));

describe('what there is to tell', () => {
  it.each<[string, RunReport, string | undefined]>([
    ['all is done', report(0, ran('done')), 'applied'],
    ['something was held back', report(2, ran('held')), 'applied'],
    ['a write failed', report(1, ran('failed')), 'failed'],
    ['something still differs', report(1, ran('done', { remaining: left })), 'failed'],
    ['a host could not be read again', report(4, ran('done', { unread: [lost] })), 'failed'],
    ['the lock was lost', report(1, ran('not-run', { lost })), 'failed'],
    ['it was interrupted', report(1, ran('not-run', { interrupted: true })), 'interrupted'],
    ['a gate closed', report(1, ran('not-run', {}, closed)), 'gate-closed'],
    [
      'a gate closed, and then it was interrupted',
      report(1, ran('done', { interrupted: true }, closed)),
      'gate-closed',
    ],
    ['a guard refused', report(3, undefined, [refused]), 'refused'],
    ['a host was away', report(4, undefined, [lost]), 'failed'],
    ['it was not begun', failed(3), 'refused'],
    ['the files are wrong', failed(1), 'failed'],
    ['there was nothing to do', report(0), undefined],
  ])('%s', (_, given, event) => {
    const notice = runNotice(given, about);
    expect(notice && 'event' in notice.body ? notice.body.event : undefined).toBe(event);
    if (notice) expect([valid(notice.body), valid.errors]).toEqual([true, null]);
    expect(notice?.isGood ?? false).toBe(event === 'applied');
  });
});

describe('how it is told', () => {
  it('names the run, what became of each target, and why', () => {
    const notice = runNotice(report(1, ran('not-run', {}, closed)), about);
    expect(notice?.subject).toBe('reconcile: apply stopped, because free/busy fails in example.com');
    expect(notice?.text.split('\n')).toEqual([
      'example.com: apply stopped, because free/busy fails, as of 2026-12-08T10:00:00.000Z',
      'run 20261208T095900000Z-aaaaaaaa; exit code 1',
      '',
      'cs6-fe1  cs6-ics-conf  1 not-run',
      `verify.gate-closed cs6-fe1: ${closed.summary}`,
      '    cs6 -> cs7: no answer',
      '    Fix it.',
      '',
    ]);
  });

  it('says who, from which commit, and leads to the job', () => {
    const job = 'https://ci.example.com/jobs/17';
    const by = { actor: 'mona', commit: { id: 'c'.repeat(40) }, clean: false, job };
    const notice = runNotice({ ...report(0, ran('done')), ...by }, about);
    expect(notice?.text).toContain('; by mona; commit cccccccccccc with changes that are not committed; exit code 0');
    expect(notice?.link).toBe(job);
    expect(notice?.body).toMatchObject({ actor: 'mona', commit: 'c'.repeat(40), clean: false, job });
    const odd = runNotice({ ...report(0, ran('done')), job: 'javascript:alert(1)' }, about);
    expect([odd?.link, valid(odd?.body)]).toEqual([undefined, true]);
  });

  it('nothing from outside moves a cursor or goes on for ever', () => {
    const long = { ...closed, detail: `\u001b[2J${'x'.repeat(5000)}` };
    const notice = runNotice(report(1, ran('failed', { unread: Array.from({ length: 50 }, () => long) })), about);
    expect(notice?.text).not.toContain('\u001b');
    expect(notice?.text.length).toBeLessThan(10_000);
    expect(valid(notice?.body)).toBe(true);
  });

  it('one event has one id, another time has another', () => {
    const id = (at: string) => runNotice(failed(1), { ...about, at })?.id;
    expect([id(about.at), id(about.at)]).toEqual([id(about.at), id(about.at)]);
    expect(id(about.at)).not.toBe(id('2026-12-08T11:00:00.000Z'));
  });
});
