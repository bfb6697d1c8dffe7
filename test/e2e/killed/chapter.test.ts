import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Estate, startEstate } from '../../servers/estate.ts';
import { expectAccounted } from './expect-accounted.ts';
import { replacedFiles, versionOf, watchFiles } from './file-watch.ts';
import { stateOf } from './final-state.ts';
import { recordsOf, runOnce, runUntilOneLives, stateWanted } from './killed-runs.ts';
import { recordedVersions, writesOf } from './records.ts';

/** KILL_EVERYWHERE=1 tries each entry of the directory too; it takes minutes. */
const every = process.env['KILL_EVERYWHERE'] === '1';

/** The chapter's own example, to be killed, and its twin, which nothing disturbs. */
let killed: Estate;
let twin: Estate;

beforeAll(async () => {
  const size = { cs6: 2, cs7: 1, users: every ? 16 : 40, ...(every && { groups: 4, resources: 2 }) };
  killed = await startEstate(size);
  twin = await startEstate(size);
});
afterAll(async () => {
  await Promise.all([killed?.stop(), twin?.stop()]);
});

it('a run that is killed at every journalled step is finished by the next ones, and nothing is ever half', async () => {
  const began = Date.now();
  const files = replacedFiles(killed);
  const first = files.map(versionOf);
  const watch = watchFiles(files);
  const [runs, undisturbed] = await Promise.all([
    runUntilOneLives(killed, stateWanted(killed), { serial: true, every }),
    runOnce(twin, stateWanted(twin), 'undisturbed'),
  ]);
  const { seen, looks } = await watch.stop();

  const points = runs.flatMap(({ killedAt }) => killedAt ?? []);
  const seconds = Math.round((Date.now() - began) / 1000);
  process.stdout.write(`killed at ${points.length} points in ${seconds} s; files looked at ${looks} times\n`);
  expect(runs.at(-1)?.outcome).toMatchObject({ troubles: [], remaining: [], unread: [] });
  expect(undisturbed.outcome).toMatchObject({ troubles: [], remaining: [], unread: [] });
  expect([...points].sort()).toEqual(pointsOf(twin).sort());
  expect(stateOf(killed)).toEqual(stateOf(twin));
  expectAccounted(recordsOf(killed), runs, true);
  const versions = new Set([...first, ...recordedVersions(recordsOf(killed))]);
  for (const [path, contents] of seen) {
    expect(contents.size, `${path} was seen before and after`).toBeGreaterThan(1);
    for (const content of contents) expect(versions, `${path} was seen half`).toContain(content);
  }
}, 1_800_000);

/** Where a chain of runs must have been killed: what the undisturbed run wrote, before and after each. */
function pointsOf(estate: Estate): string[] {
  const writes = writesOf(recordsOf(estate), 'undisturbed');
  const places = writes.map(({ begin, what }) =>
    begin.operation === 'modify' && !every ? ['first', 'middle', 'last'].map(p => `${begin.step} modify ${p}`) : [what],
  );
  const begun = [...new Set(places.flat())].map(place => `${place} begun`);
  const made = [...new Set(places.filter((_, i) => !writes[i]?.sentWithFormer).flat())].map(place => `${place} made`);
  return [...begun, ...made, 'run before', 'run after', 'finished before', 'finished after'];
}
