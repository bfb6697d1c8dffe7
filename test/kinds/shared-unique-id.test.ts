import { expect, it } from 'vitest';
import type { Finding } from '../../src/core/finding.ts';
import { targetsOf } from '../../src/kinds/registry.ts';
import { cohort } from '../directories/made-up-cohorts.ts';
import { memoryPorts } from '../fakes/memory-ports.ts';
import { desiredOf } from './cases.ts';

const chapter = desiredOf({ name: '', live: {}, changes: [] });
const objectClass = ['icsCalendarUser', 'davEntity'];
const entries = [
  { dn: 'uid=a,o=isp', attributes: { objectClass, mail: ['a@example.com'], davUniqueId: ['ab-1'] } },
  { dn: 'uid=b,o=isp', attributes: { objectClass, mail: ['b@example.com'], nsUniqueId: ['AB-1'] } },
  { dn: 'uid=c,o=isp', attributes: { objectClass, mail: ['c@example.com'], nsUniqueId: ['cd-1'] } },
];

async function findingsWith(store: string | undefined): Promise<readonly Finding[]> {
  const state = { ...chapter, cohorts: [cohort('all', 'rest', store, {})] };
  const { ports } = memoryPorts({ entries });
  const found = await Promise.all(
    targetsOf(state)
      .filter(({ target }) => target === 'directory')
      .map(async target => {
        const findings: Finding[] = [];
        for await (const item of target.items(ports)) findings.push(...item.findings);
        return findings;
      }),
  );
  return found.flat().filter(({ code }) => code === 'identity.duplicate');
}

it('two accounts with one unique id are an error where one is to move to CS7, and it names both', async () => {
  expect(await findingsWith('defaultbackend')).toMatchObject([
    { severity: 'error', about: { count: 1, names: ['uid=a,o=isp and uid=b,o=isp'] } },
  ]);
});

it('accounts that no kind wants to see are not looked at', async () => {
  expect(await findingsWith(undefined)).toEqual([]);
});
