import { expect, it } from 'vitest';
import type { Change } from '../../src/core/change.ts';
import type { FileRestore, Plan } from '../../src/core/plan.ts';
import { joinRuns } from '../../src/engine/joint-run.ts';
import { buildPlan } from '../../src/plan/build.ts';
import type { UndoneRun } from '../../src/plan/undo.ts';
import { desiredOf } from '../kinds/cases.ts';

/** Several runs as one: what each setting goes back to, and which files come back byte for byte. */
const facts = { tool: '0', readAt: '2026-11-22T10:00:00.000Z', accounts: { counted: 1, all: true } };
const plan: Plan = buildPlan(desiredOf({ name: '', live: {}, changes: [] }), [], facts);
const id = 'cs6/cs6-ics-conf';

function change(before: string | undefined, after: string | undefined, more: Partial<Change> = {}): Change {
  const action = before === undefined ? 'create' : after === undefined ? 'delete' : 'update';
  return {
    ...{ action, item: 'ics.conf', key: 'k' },
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
    ...more,
  };
}

function run(name: string, changes: readonly Change[], more: Partial<UndoneRun> = {}): UndoneRun {
  const step = { id, kind: 'cs6-ics-conf', target: 'cs6', stage: 'cs6-config', after: [], changes } as const;
  return { name, plan, steps: [step], replaced: new Map(), ...more };
}
const undo = { plan: { ...plan, direction: 'undo' } } as const;

const joined = (...[first, ...later]: readonly UndoneRun[]) => {
  if (!first) throw new Error('no run');
  const all = joinRuns(first, later);
  return all.steps.flatMap(({ changes }) => changes.map(one => ({ ...one, by: all.writer(id, one) })));
};

it.each<readonly [string, readonly UndoneRun[], readonly object[]]>([
  [
    'a value goes back to what was before the first',
    [run('a', [change('1', '2')]), run('b', [change('2', '3')])],
    [{ action: 'update', before: '1', after: '3', by: 'b' }],
  ],
  [
    'what was created and changed was not there',
    [run('a', [change(undefined, '2')]), run('b', [change('2', '3')])],
    [{ action: 'create', after: '3', by: 'b' }],
  ],
  [
    'what was changed and removed is there again',
    [run('a', [change('1', '2')]), run('b', [change('2', undefined)])],
    [{ action: 'delete', before: '1', by: 'b' }],
  ],
  ['what is as it was is no change', [run('a', [change('1', '2')]), run('b', [change('2', '1')], undo)], []],
  [
    'an undo leaves what an earlier run wanted',
    [run('a', [change('1', '2')]), run('b', [change('2', '3')]), run('c', [change('3', '2')], undo)],
    [{ action: 'update', before: '1', after: '2', by: 'a' }],
  ],
  [
    'an account that moved, and moved on, moves back',
    [run('a', [change(undefined, 'one', { moves: 'cs6->cs7', withClass: true })]), run('b', [change('one', 'two')])],
    [{ action: 'create', after: 'two', moves: 'cs6->cs7', withClass: true, by: 'b' }],
  ],
  [
    'another store after a way back and forth is no move',
    [
      run('a', [change('one', undefined, { moves: 'cs7->cs6' })]),
      run('b', [change(undefined, 'two', { moves: 'cs6->cs7' })]),
    ],
    [{ action: 'update', before: 'one', after: 'two', by: 'b' }],
  ],
  [
    'names of entries are the same however they are spelled',
    [run('a', [change('1', '2', { item: 'uid=A, o=isp' })]), run('b', [change('2', '3', { item: 'uid=a,o=isp' })])],
    [{ action: 'update', before: '1', after: '3', by: 'b' }],
  ],
])('%s', (_, runs, expected) => {
  const made = joined(...runs);
  expect(made).toHaveLength(expected.length);
  for (const [i, one] of expected.entries()) expect(made[i]).toMatchObject(one);
  for (const one of made) expect('moves' in one).toBe('moves' in (expected[0] ?? {}));
});

it('what an undo among them put back byte for byte is not put back again', () => {
  const restored = { ...run('b', [change('2', '3')], undo) };
  const steps = restored.steps.map(step => ({ ...step, restore: [{ path: '/ics.conf', written: 'x' }] }));
  const { steps: made } = joinRuns(run('a', [change('1', '2')]), [{ ...restored, steps }]);
  expect(made.map(step => 'restore' in step)).toEqual([false]);
});

it('what cannot be undone stays, to be said', () => {
  const deletion = change('c', undefined, { irreversible: 'gone' });
  expect(joined(run('a', [deletion]), run('b', [deletion]))).toHaveLength(2);
});

it('a file comes back only where nobody else wrote to it in between', () => {
  const file = (original: string | undefined, written: string): FileRestore => ({
    ...{ path: '/ics.conf', written },
    ...(original !== undefined && { original, backup: '/ics.conf.reconcile-1' }),
  });
  const filesOf = (...files: readonly FileRestore[]) => {
    const runs = files.map((one, i) =>
      run(`r${i}`, [change(`${i}`, `${i + 1}`)], { replaced: new Map([[id, [one]]]) }),
    );
    const [first, ...later] = runs;
    return first && joinRuns(first, later).replaced.get(id);
  };
  expect(filesOf(file('A', 'B'), file('B', 'C'))).toEqual([file('A', 'C')]);
  expect(filesOf(file(undefined, 'B'), file('B', 'C'))).toEqual([file(undefined, 'C')]);
  expect(filesOf(file('A', 'B'), file('edited', 'C'))).toBeUndefined();
  expect(filesOf(file('A', 'B'), file(undefined, 'C'))).toBeUndefined();
});
