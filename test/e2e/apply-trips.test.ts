import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DelayRelay, startDelayRelay } from '../bench/delay-relay.ts';
import { type Estate, runningCs6, startEstate } from '../servers/estate.ts';
import { reconcile } from './cli.ts';

/*
 * An apply is made of round trips where hosts are far: a relay before each host counts how often a question followed an answer,
 * the login and the end of the connection included. It is 20 ms away, so that what is not waited for counts nothing.
 */
let estate: Estate;
let relays: ReadonlyMap<string, DelayRelay>;
const relayPort = 2224;

beforeAll(async () => {
  estate = await startEstate({ users: 4, groups: 0, resources: 0 });
  const started = [...estate.ssh.hosts.values()].map(async ({ name, address, port }) => {
    return [name, await startDelayRelay({ address, port }, 20, { address, port: relayPort })] as const;
  });
  relays = new Map(await Promise.all(started));
  const known = readFileSync(estate.ssh.knownHosts, 'utf8');
  writeFileSync(estate.ssh.knownHosts, known + known.replaceAll(/\]:\d+ /g, `]:${relayPort} `));
  const text = readFileSync(estate.file, 'utf8').replaceAll(/port: \d+/g, `port: ${relayPort}`);
  writeFileSync(estate.file, text);
});
afterAll(async () => {
  for (const relay of relays.values()) relay.stop();
  await estate.stop();
});

/** Applies, and hands back how many round trips each host cost. */
async function tripsOf(file: string) {
  for (const relay of relays.values()) relay.counts();
  const ran = await reconcile(['apply', '--yes', file], estate.environment);
  const counts = [...relays].map(([name, relay]) => [name, relay.counts()] as const);
  process.stdout.write(`${counts.map(([name, { trips }]) => `${name}: ${trips} round trips`).join(', ')}\n`);
  return { ran, trips: Object.fromEntries(counts.map(([name, { trips }]) => [name, trips])) };
}

it('the chapter on both hosts, each with a restart', async () => {
  const { ran, trips } = await tripsOf(estate.file);
  expect(ran.code, ran.stdout + ran.stderr).toBe(0);
  expect(trips['cs6-fe1']).toBeLessThanOrEqual(33);
  expect(trips['cs7-fe1']).toBeLessThanOrEqual(38);
});

it('one setting of a CS6 host, with a restart', async () => {
  const text = readFileSync(estate.file, 'utf8');
  const file = join(estate.folder, 'one-setting.yaml');
  writeFileSync(file, text.replace('cs6:\n', 'cs6:\n  settings: { service.http.idletimeout: "222" }\n'));
  const { ran, trips } = await tripsOf(file);
  expect(ran.code, ran.stdout + ran.stderr).toBe(0);
  expect(runningCs6(estate, 'cs6-fe1')['service.http.idletimeout']).toBe('222');
  expect(trips['cs6-fe1']).toBeLessThanOrEqual(26);
  // It is read, and keeps the record of the run.
  expect(trips['cs7-fe1']).toBeLessThanOrEqual(17);
});
