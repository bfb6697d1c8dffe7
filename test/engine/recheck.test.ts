import { expect, it } from 'vitest';
import type { Change } from '../../src/core/change.ts';
import type { Step } from '../../src/core/plan.ts';
import { recheck } from '../../src/engine/recheck.ts';
import type { BoundTarget, Item } from '../../src/kinds/managed-kind.ts';
import type { ReadPorts } from '../../src/ports/ports.ts';

/** Reads a target again that shows these items. */
function recheckWith(changes: readonly Change[], items: readonly Item[]) {
  const step: Step = {
    id: 'directory/ldap-unique-id',
    kind: 'ldap-unique-id',
    target: 'directory',
    stage: 'identity',
    after: [],
    changes,
  };
  const target = {
    items: async function* () {
      yield* items;
    },
  } as unknown as BoundTarget;
  return recheck(step, target, {} as ReadPorts);
}

const idOf = (item: string, after: string): Change => ({ action: 'create', item, key: 'davUniqueId', after });

it('what is as it was when the plan was made is to be done', async () => {
  const change = idOf('uid=jdoe,o=isp', 'a');
  const item = { name: 'UID=jdoe, o=isp', changes: [change], findings: [] };
  expect(await recheckWith([change], [item])).toEqual({ todo: [{ item, changes: [change] }], settled: [] });
});

it('of two changes that cannot be told apart none is made, and both say why', async () => {
  const changes = [idOf('uid=a  b,o=isp', 'a'), idOf('uid=a b,o=isp', 'b')];
  const items = changes.map(change => ({ name: change.item, changes: [change], findings: [] }));
  const { todo, settled } = await recheckWith(changes, items);
  expect(todo).toEqual([]);
  expect(settled.map(({ change, state }) => [change.after, state])).toEqual([
    ['a', 'refused'],
    ['b', 'refused'],
  ]);
  expect(settled[0]).toMatchObject({ detail: expect.stringContaining('the same name') });
});
