import { expect, it } from 'vitest';
import { modifyAccounts } from '../../src/accounts/modify-accounts.ts';
import type { Change } from '../../src/core/change.ts';
import { type Finding, TargetProblem } from '../../src/core/finding.ts';
import type { Outcome } from '../../src/core/run.ts';
import type { ModifyResult } from '../../src/ports/directory.ts';
import { memoryPorts } from '../fakes/memory-ports.ts';

const unknown: Finding = {
  ...{ severity: 'error', code: 'directory.outcome-unknown', summary: 'not known', detail: 'the line broke' },
  target: 'directory',
};

it('a change without an answer is unknown, the others are what they are, and the step has the finding', async () => {
  const { ports } = memoryPorts({});
  const directory = {
    ...ports.directory(),
    modify: async (dn: string): Promise<ModifyResult> => {
      if (dn === 'uid=b') throw new TargetProblem(unknown);
      return { state: 'done' };
    },
  };
  const source = { file: 'estate.yaml', line: 1 };
  const work = ['uid=a', 'uid=b', 'uid=c'].map(dn => {
    const change: Change = { item: dn, key: 'davStore', action: 'create', after: 's', source };
    return { live: { dn, attributes: new Map([['objectclass', ['davEntity']]]) }, changes: [change] };
  });
  const outcomes: Outcome[] = [];
  const all = async () => {
    for await (const outcome of modifyAccounts({ ...ports, directory: () => directory }, work, 'davEntity'))
      outcomes.push(outcome);
  };
  await expect(all()).rejects.toMatchObject({ finding: unknown });
  expect(outcomes.map(({ change, state }) => [change.item, state])).toEqual([
    ['uid=a', 'done'],
    ['uid=b', 'unknown'],
    ['uid=c', 'done'],
  ]);
});
