import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DesiredState } from '../../../src/core/desired.ts';
import { type Estate, startEstate } from '../../servers/estate.ts';
import { expectAccounted } from './expect-accounted.ts';
import { stateOf } from './final-state.ts';
import { recordsOf, runOnce, runUntilOneLives, stateWanted } from './killed-runs.ts';
import { writesOf } from './records.ts';

/** Three hosts that coexist already, and 200 accounts: one to be killed, and its twin. */
let killed: Estate;
let twin: Estate;

/** In sync with this, most of them have to move. */
const everybody = '  wave: { server: cs7, store: defaultbackend, members: { filter: (uid=*) } }\n';

beforeAll(async () => {
  const size = { cs6: 2, cs7: 1, users: 190, groups: 6, resources: 4 };
  killed = await startEstate(size);
  twin = await startEstate(size);
  const firsts = [killed, twin].map(estate => runOnce(estate, stateWanted(estate), 'coexistence'));
  for (const { outcome } of await Promise.all(firsts))
    expect(outcome).toMatchObject({ troubles: [], remaining: [], unread: [] });
});
afterAll(async () => {
  await Promise.all([killed?.stop(), twin?.stop()]);
});

it('moves that are killed with many of them under way are finished by the next runs, each made once', async () => {
  const runs = await runUntilOneLives(killed, waveOf(killed), { serial: false, every: false });
  const undisturbed = await runOnce(twin, waveOf(twin), 'undisturbed');

  const points = runs.flatMap(({ killedAt }) => killedAt ?? []);
  const moves = writesOf(recordsOf(twin), 'undisturbed').map(({ what }) => what);
  process.stdout.write(`${moves.length} moves, killed at ${points.length} points\n`);
  for (const run of [runs.at(-1), undisturbed])
    expect(run?.outcome).toMatchObject({ troubles: [], remaining: [], unread: [] });
  const places = ['first', 'middle', 'last'].flatMap(place => [`${place} begun`, `${place} made`]);
  const modifies = places.map(place => `directory/ldap-cohort modify ${place}`);
  const others = ['run before', 'run after', 'finished before', 'finished after'];
  expect([...points].sort()).toEqual([...modifies, ...others].sort());
  expect(stateOf(killed)).toEqual(stateOf(twin));

  expectAccounted(recordsOf(killed), runs, false);
  const told = runs.flatMap(({ name }) => writesOf(recordsOf(killed), name)).map(({ what }) => what);
  expect([...new Set(told)].sort(), 'the records tell of every account').toEqual([...moves].sort());
});

/** A cohort that takes everybody whom the two before it leave. */
function waveOf(estate: Estate): DesiredState {
  return stateWanted(estate, text => text.replace('  others: ', `${everybody}  others: `));
}
