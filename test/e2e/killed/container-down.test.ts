import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Estate, runningCs7, startEstate } from '../../servers/estate.ts';
import { reconcile } from '../cli.ts';

/** What a run leaves that dies between the stop and the start of CS7. */
let estate: Estate;

beforeAll(async () => {
  estate = await startEstate({ cs6: 1, cs7: 1, users: 20 });
});
afterAll(async () => estate?.stop());

it('CS7 that does not run owes a start like any other restart: an apply makes it', async () => {
  const first = await reconcile(['apply', estate.file, '--yes'], estate.environment);
  expect(first.code, first.stdout).toBe(0);
  estate.on('cs7-fe1', '/opt/glassfish3/bin/asadmin stop-domain domain1');
  const again = await reconcile(['apply', estate.file, '--yes'], estate.environment);
  expect(again.code, again.stdout).toBe(0);
  expect(runningCs7(estate, 'cs7-fe1').options).toMatchObject({ 'davcore.scheduling.localuserattr': 'davStore' });
});
