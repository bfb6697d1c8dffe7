import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Change, invert, targetId } from '../../src/core/change.ts';
import { declarationOf } from '../../src/core/declared.ts';
import { findLiveSetting } from '../../src/explain/live-settings.ts';
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
    const { ports, writes, queries } = memoryPorts(memory);

    const planned = (await readAll(target, ports)).flatMap(item => item.changes);
    if (test.asked) expect(queries).toEqual(test.asked);
    const findings = (await readAll(target, ports)).flatMap(item => item.findings.map(f => f.code));
    expect(planned.map(facts)).toEqual(test.changes.map(change => expect.objectContaining(change)));
    expect(findings).toEqual(test.findings ?? []);
    expect(writes, 'nothing is written while planning').toEqual([]);
    for (const change of planned) {
      const declared = declarationOf(change, target.declared);
      expect(declared, `${change.key} is declared`).toBeDefined();
      expect(change.because, 'and explained by that').toBe(declared?.because);
    }
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

describe('what a kind declares', () => {
  const everything = desiredOf({
    name: '',
    live: {},
    changes: [],
  });
  const migrated = { denyLogin: '-http:all', deleteCalendars: true };
  const targets = targetsOf({
    ...everything,
    cohorts: everything.cohorts.map(cohort => ({ ...cohort, migrated })),
  });

  it.each(targets.map(target => [targetId(target), target] as const))('%s says all in words', (_, target) => {
    expect(target.title).not.toBe('');
    for (const { label, value, because, source } of target.declared) {
      expect(
        [label, value, because].every(text => text.trim() !== ''),
        label,
      ).toBe(true);
      expect(because, label).toMatch(/[.]$/);
      expect(source.line, label).toBeGreaterThan(0);
    }
    const names = target.declared.map(({ key, group }) => JSON.stringify([key, group]));
    expect(new Set(names).size, 'each thing is declared once').toBe(names.length);
  });

  it('names the section of the chapter that the page of the setting names', () => {
    const differing = targets.flatMap(({ declared }) =>
      declared.filter(({ key, file, chapter }) => {
        const page = findLiveSetting(file ?? key ?? '');
        return page !== undefined && page.chapter !== chapter;
      }),
    );
    expect(differing).toEqual([]);
  });

  it('every file that a kind writes is read by a service when it starts, or taken up at once', () => {
    const writing = targets.filter(({ writes }) => writes !== undefined);
    expect(writing.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['cs6-ics-conf', 'cs7-davadmin']));
    for (const { kind, target, stage, writes } of writing) {
      if (writes?.takenUp) continue;
      const service = targets.find(one => one.target === target && one.activates?.stage === stage);
      for (const path of writes?.paths ?? []) expect(service?.readsAtStart, `${kind} ${path}`).toContain(path);
    }
  });
});
