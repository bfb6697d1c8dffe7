import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect } from '../../../src/adapters/open-ports.ts';
import { type Estate, icsConf, startEstate } from '../../servers/estate.ts';
import { reconcile } from '../cli.ts';
import { recordsOf, runOnce, stateWanted } from './killed-runs.ts';

/** What a run leaves that dies when a restart is made and nobody has told the watchdog yet. */
let estate: Estate;

const host = 'cs6-fe1';

beforeAll(async () => {
  estate = await startEstate({ cs6: 1, cs7: 1, users: 20 });
});
afterAll(async () => estate?.stop());

it('an apply that says all is in sync leaves no watchdog of a dead run, which would take that back later', async () => {
  const first = await reconcile(['apply', estate.file, '--yes'], estate.environment);
  expect(first.code, first.stdout).toBe(0);
  const path = estate.pathOf(host, icsConf);
  writeFileSync(
    path,
    readFileSync(path, 'latin1').replace('local.autoprovision ="no"', 'local.autoprovision ="yes"'),
    'latin1',
  );
  await lockFor('killed');
  const at = `${host}/cs6-service run ./start-cal made`;
  const die = { serial: false, every: false, tried: [], at };
  expect(await runOnce(estate, stateWanted(estate), 'killed', die)).toMatchObject({ killedAt: at });
  expect(watchdogs(), 'the test is about something').not.toBe('');

  const again = await reconcile(['apply', estate.file, '--yes', '--runs', recordsOf(estate)], estate.environment);
  const told = again.stdout + again.stderr;
  if (again.code === 0) expect(watchdogs(), told).toBe('');
  else expect(told).toContain(`reconcile lock break ${host} -f ${estate.file}\n`);
});

/** As every apply begins; who is killed does not give it back. */
async function lockFor(run: string): Promise<void> {
  const { ports, close } = connect(stateWanted(estate), estate.environment);
  const result = await ports.host(host).lock({ run, by: 'test', expiry: 900_000, isDead: () => false });
  expect(result.state).toBe('held');
  await close();
}

/** Those that will still act, one a line. */
function watchdogs(): string {
  return estate.on(host, 'find .reconcile -path "*/watch-*/flag" 2>/dev/null || :');
}
