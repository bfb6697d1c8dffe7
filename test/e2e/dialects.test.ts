import { describe, expect, it } from 'vitest';
import { stayingCalendars } from '../../src/lab/freebusy/rehearsal-times.ts';
import { reconcile } from './cli.ts';
import { drawVariation, makeRandom, seedsOf } from './draw-variation.ts';
import { inWords, startVariedEstate, users, type Variation, type VariedEstate } from './varied-estate.ts';

/*
 * The chapter's example on estates whose servers answer otherwise than the usual stand-ins, in combinations that a seed draws.
 * Each ends in sync, or in a refusal that prints the key that gets past it as `KEY: VALUE`; the test states what is true there
 * and must get past. DIALECT_SEEDS names other seeds: `17`, `1-40`, `3,8,21`.
 */
const seeds = seedsOf(process.env['DIALECT_SEEDS'] ?? '1-4,19,21');

/** How often the administrator answers a refusal before giving up. */
const rounds = 12;

/** The lines of a message that say which key of the file answers it. */
function keysToState(said: string): readonly (readonly string[])[] {
  const lines = said.matchAll(/^ {4,}((?:cs6|cs7|directory|domains|ssh)(?:\.[\w-]+|\."[^"]+")+): \S.*$/gm);
  const keys = new Set([...lines].map(([, key = '']) => key));
  return [...keys].map(key => [...key.matchAll(/[\w-]+|"[^"]+"/g)].map(([name]) => name.replaceAll('"', '')));
}

/** Applies, answers refusals with the truth and allows the deletions that are asked for, until it is applied; hands back what was stated. */
async function applyAndAnswer(estate: VariedEstate): Promise<readonly string[]> {
  const stated: string[] = [];
  const allowed: string[] = [];
  for (let round = 0; round < rounds; round++) {
    const ran = await reconcile(['apply', estate.file, '--yes', ...allowed], estate.environment);
    if (ran.code === 0) return stated;
    const said = `${ran.stdout}${ran.stderr}`;
    const fresh = keysToState(said).filter(path => !stated.includes(path.join('.')));
    const [allow] = allowed.length === 0 ? (/--allow-deletes \d+/.exec(said) ?? []) : [];
    if (allow !== undefined) allowed.push(...allow.split(' '));
    else if (fresh.length === 0) throw new Error(`no way on, having stated ${stated.join(', ')}:\n${said}`);
    for (const path of fresh) {
      const value = estate.truth(path);
      if (value === undefined) throw new Error(`the test knows no answer for ${path.join('.')}:\n${said}`);
      estate.state(path, value);
      stated.push(path.join('.'));
    }
  }
  throw new Error(`not in sync after ${rounds} rounds, having stated ${stated.join(', ')}`);
}

/** What the running servers must have read, by the stand-ins' own record; nobody else's calendar is gone and no stranger was touched. */
function expectCoexistence(estate: VariedEstate, { cs6 }: Variation): void {
  for (const host of Object.keys(cs6)) expect(estate.running(host), host).toMatchObject({ settings: coexisting });
  expect(estate.running('cs7-fe1')).toMatchObject({
    options: {
      'davcore.uriinfo.subjectattributes': 'cn davstore icsstatus mail davUniqueId',
      'davcore.scheduling.localuserattr': 'davStore',
    },
    domainMap: { 'example.com': expect.stringMatching(/\/ischedule\/$/) },
  });
  expect(estate.owners('cs6-fe1')).toEqual(stayingCalendars(users).map(({ owner }) => owner));
  expect(estate.strangersRun()).toBe(true);
}

const coexisting = {
  'service.http.caldavcompatible': 'yes',
  'local.autoprovision': 'no',
  'user.invite.autoprovision': 'no',
  'group.invite.autoprovision': 'no',
  'resource.invite.autoprovision': 'no',
};

describe.concurrent('the chapter on an estate that answers otherwise', () => {
  it.each(seeds)('seed %i', async seed => {
    const variation = drawVariation(makeRandom(seed));
    const estate = await startVariedEstate(`dialect ${seed}`, variation);
    try {
      const stated = await applyAndAnswer(estate);
      const check = await reconcile(['--check', estate.file], estate.environment);
      expect([check.code, check.stdout]).toEqual([0, expect.stringContaining('In sync.')]);
      expectCoexistence(estate, variation);
      process.stdout.write(`seed ${seed}: in sync; stated: ${stated.join(', ') || 'nothing'}\n`);
    } catch (error) {
      if (error instanceof Error) error.message = `seed ${seed}\n${inWords(variation)}\n${error.message}`;
      throw error;
    } finally {
      await estate.stop();
    }
  });
});
