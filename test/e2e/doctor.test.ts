import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDemoEstate } from '../../src/lab/demo-estate.ts';
import type { Rehearsal } from '../../src/ports/rehearsal.ts';
import { reconcile } from './cli.ts';

let demo: Rehearsal;
beforeAll(async () => {
  demo = await startDemoEstate({ hosts: 3, users: 40 });
}, 60_000);
afterAll(() => demo.stop());

const narrow = () => ({ ...demo.environment, COLUMNS: '80' });

describe('doctor on the rehearsal estate', () => {
  it('finds nothing that fails', async () => {
    const ran = await reconcile(['doctor', demo.file], narrow());
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    expect(ran.stdout).toContain('Nothing fails');
    expect(ran.stdout).not.toMatch(/fails |warning/);
    expect(ran.stdout.split('\n').filter(line => line.length > 80)).toEqual([]);
  }, 60_000);

  it('looks at the targets that are named, each step on a line of its own for one', async () => {
    const ran = await reconcile(['doctor', 'cs6-fe1', '-f', demo.file], narrow());
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/\n {2}ok {11}login {2}as /);
    expect(ran.stdout).not.toContain('cs7-fe1');
  });

  it('says which target was probably meant', async () => {
    const ran = await reconcile(['doctor', 'cs6-fe', demo.file], narrow());
    expect([ran.code, ran.stdout]).toEqual([1, '']);
    expect(ran.stderr).toContain('Did you mean "cs6-fe1"?');
  });
});
