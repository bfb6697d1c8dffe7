import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Change, invert } from '../../src/core/change.ts';
import type { BoundTarget, Item } from '../../src/kinds/managed-kind.ts';
import { targetsOf } from '../../src/kinds/registry.ts';
import type { WritePorts } from '../../src/ports/ports.ts';
import { memoryPorts } from '../fakes/memory-ports.ts';
import { casesOf, desiredOf, type KindCase } from './cases.ts';

const kinds = readdirSync('src/kinds', { withFileTypes: true })
  .filter(entry => entry.isDirectory() && entry.name !== 'shared')
  .map(entry => entry.name);

function targetOf(kind: string, test: KindCase): BoundTarget {
  const target = targetsOf(desiredOf(test)).find(t => t.kind === kind);
  if (!target) throw new Error(`no target of ${kind}`);
  return target;
}

async function readAll(target: BoundTarget, ports: WritePorts): Promise<readonly Item[]> {
  const items: Item[] = [];
  for await (const item of target.items(ports)) items.push(item);
  return items;
}

async function applyAll(target: BoundTarget, ports: WritePorts) {
  const items = await readAll(target, ports);
  return applyTo(
    target,
    items.map(item => ({ item, changes: item.changes })),
    ports,
  );
}

/** Carries out changes, whichever way they go, on the items they name. */
async function applyChanges(target: BoundTarget, ports: WritePorts, changes: readonly Change[]) {
  const work = [];
  for await (const item of target.find(changes, ports))
    work.push({ item, changes: changes.filter(change => change.item === item.name) });
  return applyTo(target, work, ports);
}

async function applyTo(
  target: BoundTarget,
  all: readonly { readonly item: Item; readonly changes: readonly Change[] }[],
  ports: WritePorts,
) {
  const outcomes = [];
  const work = all.filter(({ changes }) => changes.length > 0);
  for await (const outcome of target.apply(work, ports)) outcomes.push(outcome);
  return outcomes;
}

const facts = (change: Change) => {
  const { source: _, live: __, ...rest } = change;
  return rest;
};

it('every kind has a folder, a line in the registry and test cases', () => {
  const cases = kinds.flatMap(casesOf);
  const named = cases.flatMap(test => targetsOf(desiredOf(test))).map(t => t.kind);
  expect([...new Set(named)].sort()).toEqual([...kinds].sort());
  for (const kind of kinds) expect(existsSync(`test/kinds/${kind}.yaml`), kind).toBe(true);
});

describe.each(kinds)('%s', kind => {
  it.each(casesOf(kind).map(c => [c.name, c] as const))('%s', async (_, test) => {
    const target = targetOf(kind, test);
    const memory = structuredClone(test.live);
    const { ports, writes } = memoryPorts(memory);

    const planned = (await readAll(target, ports)).flatMap(item => item.changes);
    const findings = (await readAll(target, ports)).flatMap(item => item.findings.map(f => f.code));
    expect(planned.map(facts)).toEqual(test.changes.map(change => expect.objectContaining(change)));
    expect(findings).toEqual(test.findings ?? []);
    expect(writes, 'nothing is written while planning').toEqual([]);
    expect(
      (await readAll(target, ports)).flatMap(item => item.changes),
      'determinism',
    ).toEqual(planned);
    if (planned.length === 0) return;

    const outcomes = await applyAll(target, ports);
    expect(outcomes.map(o => o.state)).toEqual(planned.map(() => 'done'));
    expect(
      (await readAll(target, ports)).flatMap(item => item.changes),
      'sync',
    ).toEqual([]);
    if (test.written) expect(memory).toMatchObject(test.written);

    const once = structuredClone(memory);
    expect(await applyAll(target, ports), 'idempotence').toEqual([]);
    expect(memory).toEqual(once);

    if (planned.some(change => invert(change) === undefined)) return;
    const inverse = planned.flatMap(change => invert(change) ?? []);
    await applyChanges(target, ports, inverse);
    const back = (await readAll(target, ports)).flatMap(item => item.changes.map(facts));
    expect(back, 'inverse').toEqual(
      planned.filter(c => c.before !== c.after).map(c => expect.objectContaining(meaning(c))),
    );
  });
});

/** A broken line that was mended stays mended: the inverse brings back what it meant, not its form. */
function meaning(change: Change) {
  const { reason: _, ...rest } = facts(change);
  return rest;
}
