import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cs7Dialect } from '../../src/lab/dialect.ts';
import { reconcile } from './cli.ts';
import { startVariedEstate, type VariedEstate } from './varied-estate.ts';

/*
 * davadmin is a Java program that needs seconds to start: a check may start two of them on a host, `version` included, and an apply
 * six: the level, all options, two writes, all options again, and once more when the container runs with them.
 */
let estate: VariedEstate;

function start(name: string, dialect: Partial<Cs7Dialect>): Promise<VariedEstate> {
  const cs6 = { 'cs6-fe1': { platform: 'solaris-sparc', backEnd: false, dialect: {} } } as const;
  return startVariedEstate(name, { cs6, cs7: { 'cs7-fe1': { dialect } } });
}

beforeAll(async () => {
  estate = await start('davadmin calls', { davadminStart: 1500 });
});
afterAll(async () => {
  await estate.stop();
});

/** Runs a command; hands back how many davadmin processes the CS7 host saw, and the seconds that it took. */
async function counted(...words: readonly string[]) {
  const before = estate.davadminCalls('cs7-fe1');
  const began = Date.now();
  const { code, stdout } = await reconcile([...words], estate.environment);
  const calls = estate.davadminCalls('cs7-fe1') - before;
  process.stdout.write(`${words[0]}: ${calls} calls of davadmin, ${((Date.now() - began) / 1000).toFixed(1)} s\n`);
  return { code, stdout, calls };
}

it('two calls for a check, six for the apply of the chapter, and two when all is done', async () => {
  expect(await counted('--check', estate.file)).toMatchObject({ code: 2, calls: 2 });
  const applied = await counted('apply', estate.file, '--yes', '--allow-deletes', '1');
  expect(applied).toMatchObject({ code: 0, calls: 6 });
  expect(applied.stdout).toMatch(/cs7-fe1\/cs7-davadmin +2 done/);
  expect(await counted('--check', estate.file)).toMatchObject({ code: 0, calls: 2 });
});

it('verify reads all options with one more call at most, whatever it asks of them', async () => {
  const { calls } = await counted('verify', estate.file);
  expect(calls).toBeLessThanOrEqual(2);
});

const forms: readonly (readonly [string, Partial<Cs7Dialect>])[] = [
  ['the value on the next line, exit 1', { optionLine: 'two-lines', unset: 'name', configCode: 1 }],
  ['name=value, no listing, unset ends with 1', { optionLine: 'equals', unset: 'failure', bareConfig: 'refused' }],
  [
    'indented, nothing where unset',
    { optionLine: 'indented', unset: 'nothing', versionTakesUser: false, versionCode: 1 },
  ],
  ['the value on the next line, no listing', { optionLine: 'two-lines', bareConfig: 'refused' }],
];

describe('whatever davadmin prints, the chapter is applied and in sync', () => {
  it.each(forms)('%s', async (name, dialect) => {
    const other = await start(name, dialect);
    try {
      const applied = await reconcile(['apply', other.file, '--yes', '--allow-deletes', '1'], other.environment);
      expect([applied.code, applied.stdout]).toEqual([0, expect.stringMatching(/cs7-fe1\/cs7-davadmin +2 done/)]);
      const check = await reconcile(['--check', other.file], other.environment);
      expect([check.code, check.stdout]).toEqual([0, expect.stringContaining('In sync.')]);
    } finally {
      await other.stop();
    }
  });
});
