import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/core/change.ts';
import { TargetProblem } from '../../src/core/finding.ts';
import { countStates } from '../../src/core/result-list.ts';
import type { LikelyCause } from '../../src/core/verification.ts';
import { cell, moves, runBetweenGates, step } from './gated-run.ts';

const works = [cell('works')];
const fails = [cell('fails')];
const fiveMoves = [step('directory', 'accounts', moves('a', 'b', 'c', 'd', 'e'))];

const stored = (name: string) => `directory ${name} davStore`;
const setting: Change = { action: 'update', item: 'ics.conf', key: 'service.x', before: 'no', after: 'yes' };
const restart: Change = { action: 'restart', item: 'cs6', key: 'service' };
const host = (name: string, ...after: readonly string[]) => [
  step(name, 'cs6-config', [setting], after),
  step(name, 'cs6-activate', [restart], [`${name}/cs6-config`]),
];
const twoHosts = [...host('cs6-fe1'), ...host('cs6-be1', 'cs6-fe1/cs6-activate')];

function cause(target: string, key: string): LikelyCause {
  return { target, key, why: 'it is wrong' };
}

describe('accounts that move', () => {
  it('go in batches, and those that moved are asked about', async () => {
    const { run, questions, journal } = await runBetweenGates({ gate: {}, answers: [works], steps: fiveMoves });
    expect(countStates(run)).toMatchObject({ done: 5, 'not-run': 0 });
    expect(questions.map(({ moved }) => moved.map(({ dn, side }) => `${dn} ${side}`))).toEqual([
      [],
      ['a cs7', 'b cs7'],
      ['c cs7', 'd cs7'],
      ['e cs7'],
    ]);
    expect(journal.filter(({ line }) => line === 'gate')).toMatchObject([
      { when: 'before', open: true, asked: [{ account: 'jdoe@example.com', state: 'works' }] },
      { when: 'after', open: true, moved: ['a', 'b'] },
      { when: 'after', open: true, moved: ['c', 'd'] },
      { when: 'after', open: true, moved: ['e'] },
    ]);
  });

  it('stop where free/busy does', async () => {
    const later = step('cs7-fe1', 'cs7-config', [setting], ['directory/accounts']);
    const { run, live } = await runBetweenGates({
      gate: {},
      answers: [works, works, fails],
      steps: [...fiveMoves, later],
    });
    expect([...live.keys()]).toEqual(['a', 'b', 'c', 'd'].map(stored));
    expect(countStates(run)).toMatchObject({ done: 4, 'not-run': 2, 'taken-back': 0 });
    expect(run.steps[0]?.finding).toMatchObject({
      code: 'verify.gate-closed',
      detail: expect.stringContaining('cs6 -> cs7 through cs6-fe1, jdoe@example.com: it fails'),
    });
  });

  it('are taken back where the file says so, the failing batch only', async () => {
    const gate = { onFailure: 'undo' } as const;
    const { run, live } = await runBetweenGates({ gate, answers: [works, works, fails], steps: fiveMoves });
    expect([...live.keys()]).toEqual(['a', 'b'].map(stored));
    expect(countStates(run)).toMatchObject({ done: 2, 'taken-back': 2, 'not-run': 1 });
  });

  it('do not move at all where free/busy failed before', async () => {
    const { live, run } = await runBetweenGates({ gate: {}, answers: [fails], steps: fiveMoves });
    expect(live.size).toBe(0);
    expect(run.steps[0]?.finding?.detail).toContain('asked before it started');
  });
});

describe('what counts', () => {
  const pending = [...fiveMoves, step('cs7-fe1', 'cs7-config', [setting], ['directory/accounts'])];
  const built = cell('fails', { causes: [cause('cs7-fe1', 'service.x')] });
  it.each([
    ['a failure that the plan has still to mend does not', [[built]], false],
    ['nor does one by way of a host that it has still to configure', [[cell('fails', { host: 'cs7-fe1' })]], false],
    ['but what worked before does, whatever it comes from', [[cell('works')], [built]], true],
    ['a failure that comes from something else does', [[cell('fails', { causes: [cause('cs7-fe1', 'http')] })]], true],
    ['what is not known does not', [[cell('unknown')]], false],
    ['but does where it worked before', [works, [cell('unknown')]], true],
    ['that nobody can be asked does', [new TargetProblem({ ...problem(), code: 'directory.unreachable' })], true],
  ])('%s', async (_, answers, closed) => {
    const { run } = await runBetweenGates({ gate: {}, answers, steps: pending });
    expect(run.steps.some(({ finding }) => finding?.code === 'verify.gate-closed')).toBe(closed);
  });

  it('a probe account that is among the next batches is excused until the last of them', async () => {
    const later = [cell('fails', { causes: [cause('directory', 'davStore')] })];
    const { run } = await runBetweenGates({ gate: {}, answers: [later], steps: fiveMoves });
    expect(countStates(run).done).toBe(5);
    expect(run.steps[0]?.finding?.detail).toContain('asked after it');
  });

  it('calendars that the plan is going to delete excuse what comes of them', async () => {
    const split = [cell('fails', { causes: [cause('cs6-fe1', 'calendar of jdoe@example.com')] })];
    const gone: Change = { action: 'delete', item: 'jdoe', key: 'calendars', irreversible: 'gone' };
    const cleanup = step('cs6-fe1', 'cs6-calendars', [gone], ['directory/accounts']);
    const steps = [...fiveMoves, cleanup];
    expect(countStates((await runBetweenGates({ gate: {}, answers: [split], steps })).run).done).toBe(5);
    expect(countStates((await runBetweenGates({ gate: {}, answers: [split], steps: fiveMoves })).run).done).toBe(0);
  });
});

function problem() {
  return { severity: 'error', summary: 'It cannot be reached', detail: 'ldap://…', target: 'directory' } as const;
}

describe('patience', () => {
  it('asks again until it works', async () => {
    const answers = [works, fails, fails, works];
    const { run, waited } = await runBetweenGates({ gate: { wait: 90_000, moves: 5 }, answers, steps: fiveMoves });
    expect(countStates(run).done).toBe(5);
    expect(waited).toBe(10_000);
  });

  it('ends', async () => {
    const gate = { wait: 12_000, moves: 5 };
    const { run, waited } = await runBetweenGates({ gate, answers: [works, fails], steps: fiveMoves });
    expect(waited).toBe(12_000);
    expect(run.steps[0]?.finding?.code).toBe('verify.gate-closed');
  });

  it('ends at once when somebody interrupts, and nothing is taken back on half an answer', async () => {
    const gate = { wait: 90_000, onFailure: 'undo' } as const;
    const stopping = (waited: number) => waited > 0;
    const { run, waited, live } = await runBetweenGates({ gate, answers: [works, fails], steps: fiveMoves, stopping });
    expect(waited).toBe(5_000);
    expect(run.interrupted).toBe(true);
    expect([...live.keys()]).toEqual(['a', 'b'].map(stored));
  });
});

describe('a host that is restarted', () => {
  it('is asked before and after, each by its own way', async () => {
    const { run, questions, restarted } = await runBetweenGates({ gate: {}, answers: [works], steps: twoHosts });
    expect(questions.map(question => question.host)).toEqual(['cs6-fe1', 'cs6-fe1', 'cs6-be1', 'cs6-be1']);
    expect(restarted).toEqual(['cs6-fe1', 'cs6-be1']);
    expect(countStates(run).done).toBe(4);
  });

  it('holds up the next one where free/busy fails after it', async () => {
    const { run, restarted } = await runBetweenGates({ gate: {}, answers: [works, fails], steps: twoHosts });
    expect(restarted).toEqual(['cs6-fe1']);
    expect(countStates(run)).toMatchObject({ done: 2, 'not-run': 2 });
  });

  it('gets back its configuration where the file says so', async () => {
    const gate = { onFailure: 'undo' } as const;
    const { run, restarted, live } = await runBetweenGates({ gate, answers: [works, fails], steps: twoHosts });
    expect(restarted).toEqual(['cs6-fe1', 'cs6-fe1']);
    expect(live.get('cs6-fe1 ics.conf service.x')).toBe('no');
    expect(run.steps[0]?.results).toMatchObject([
      { state: 'taken-back', detail: expect.stringContaining('free/busy failed after the restart') },
    ]);
  });

  it('is not asked where the file does not want it', async () => {
    const { questions, run } = await runBetweenGates({ gate: { restarts: false }, answers: [fails], steps: twoHosts });
    expect(questions).toEqual([]);
    expect(countStates(run).done).toBe(4);
  });
});
