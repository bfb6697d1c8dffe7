import { expect, it } from 'vitest';
import type { Change } from '../../src/core/change.ts';
import { type DesiredState, hostsOf } from '../../src/core/desired.ts';
import { jointTarget } from '../../src/engine/joint-target.ts';
import { recheckUndo } from '../../src/engine/recheck.ts';
import type { BoundTarget } from '../../src/kinds/managed-kind.ts';
import { targetsOf } from '../../src/kinds/registry.ts';
import { memoryPorts } from '../fakes/memory-ports.ts';
import { desiredOf } from '../kinds/cases.ts';

/** One target for what several runs left: each value is held against what the run wanted that left it. */
const path = '/etc/opt/SUNWics5/config/ics.conf';
const example = desiredOf({ name: '', live: {}, changes: [] });

function targetWanting(settings: Readonly<Record<string, string>>): BoundTarget {
  const source = { file: 'estate.yaml', line: 1 };
  const wanted = Object.entries(settings).map(([key, value]) => ({ key, value, because: '', source }));
  const state: DesiredState = {
    ...example,
    hosts: hostsOf(example, 'cs6').map(host => ({ ...host, settings: wanted })),
  };
  const target = targetsOf(state).find(({ kind }) => kind === 'cs6-ics-conf');
  if (!target) throw new Error('the example has a host of CS6');
  return target;
}

const back = (key: string, before: string, after: string): Change => ({
  ...{ action: 'update', item: path, key, before, after },
});
/** The first run wanted `old`, which later files do not mention; the last one wanted `new`. */
const [first, last] = [targetWanting({ old: '2', new: '2' }), targetWanting({ new: '3' })];
const joint = jointTarget({ target: last, owns: ({ key }) => key === 'new' }, [
  { target: first, owns: ({ key }) => key === 'old' },
]);
const changes = [back('old', '2', '1'), back('new', '3', '1')];
const conf = (old: string, now: string) => ({ files: { [path]: `old = "${old}"\nnew = "${now}"\n` } });

it('what is as its run left it is taken back, in one write', async () => {
  const memory = conf('2', '3');
  const { ports, writes } = memoryPorts(memory);
  const { todo, settled } = await recheckUndo({ changes }, joint, ports);
  expect([todo.map(({ changes: due }) => due), settled]).toEqual([[changes], []]);
  const states: string[] = [];
  for await (const { state } of joint.apply(todo, ports)) states.push(state);
  expect([states, writes.length]).toEqual([['done', 'done'], 1]);
  expect(memory.files[path]).toBe('old = "1"\nnew = "1"\n');
});

it.each([
  ['old', conf('changed', '3'), 'new'],
  ['new', conf('2', 'changed'), 'old'],
] as const)('%s was changed since, and stays', async (key, memory, other) => {
  const { todo, settled } = await recheckUndo({ changes }, joint, memoryPorts(memory).ports);
  expect(todo.flatMap(one => one.changes.map(change => change.key))).toEqual([other]);
  expect(settled.map(({ state, change }) => [state, change.key])).toEqual([['refused', key]]);
});

it('the newest run alone would take back blindly what it does not look after', async () => {
  const { todo } = await recheckUndo({ changes }, last, memoryPorts(conf('changed', '3')).ports);
  expect(todo.flatMap(one => one.changes.map(change => change.key))).toEqual(['old', 'new']);
});

it('what its run does not find is not known, and stays', async () => {
  const empty: BoundTarget = { ...first, async *find() {} };
  const blind = jointTarget({ target: last, owns: ({ key }) => key === 'new' }, [
    { target: empty, owns: ({ key }) => key === 'old' },
  ]);
  const { todo, settled } = await recheckUndo({ changes }, blind, memoryPorts(conf('2', '3')).ports);
  expect(todo.flatMap(one => one.changes.map(change => change.key))).toEqual(['new']);
  expect(settled.map(({ state, detail }) => [state, detail])).toEqual([['refused', 'the live value is not known now']]);
});
