import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Estate, startEstate } from '../../servers/estate.ts';
import { expectAccounted } from './expect-accounted.ts';
import { recordsOf, runOnce, runUntilOneLives, stateWanted } from './killed-runs.ts';

let estate: Estate;

beforeAll(async () => {
  estate = await startEstate({ cs6: 1, cs7: 1, users: 40, groups: 0, resources: 0 });
});
afterAll(async () => estate?.stop());

/** Seven accounts of finance move, three at a time, between gates. */
function wave(share: string) {
  const probes = '{ cs6: [grace.okafor@example.com], cs7: [jdoe@example.com] }';
  return stateWanted(estate, text =>
    `${text}\nverify: { probes: ${probes}, gates: { moves: 3, wait: 0s } }\n`.replace(
      'finance: { ',
      `$&wave: ${share}, `,
    ),
  );
}

it('a wave between gates that is killed in a batch, or at a gate, is finished by the next runs', async () => {
  const first = await runOnce(estate, wave('0%'), 'coexistence');
  expect(first.outcome).toMatchObject({ troubles: [], remaining: [], unread: [] });
  const runs = await runUntilOneLives(estate, wave('100%'), { serial: true, every: false });
  const points = runs.flatMap(({ killedAt }) => killedAt ?? []);
  expect(points).toEqual(
    expect.arrayContaining(['gate before', 'gate after', 'directory/ldap-cohort modify middle made']),
  );
  expect(runs.at(-1)?.outcome).toMatchObject({ troubles: [], remaining: [], unread: [] });
  expectAccounted(recordsOf(estate), runs, true);
});
