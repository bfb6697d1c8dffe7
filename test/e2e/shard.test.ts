import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectToRead } from '../../src/adapters/open-ports.ts';
import type { Plan } from '../../src/core/plan.ts';
import type { Connections } from '../../src/ports/ports.ts';
import { type Replaced, unconnected } from '../estate/offline.ts';
import { type Estate, startEstate } from '../servers/estate.ts';
import { type Ran, reconcile } from './cli.ts';

/** Jobs that look at a part of the estate each, and one that joins what they found: real sshd and slapd. */
let estate: Estate;

const at = (now: string): Replaced => ({ clock: { now: () => now } });
const now = at('2026-11-22T12:00:00.000Z');

/** Nothing is connected to where parts are joined, and no variable is set. */
const merge = (words: readonly string[], more: Replaced = now): Promise<Ran> =>
  reconcile(['merge', ...words], {}, { ...more, ...unconnected });

const path = (name: string) => join(estate.folder, name);
const planOf = (name: string): Plan => JSON.parse(readFileSync(path(name), 'utf8'));

/** Makes a part and tells which hosts were asked. */
async function part(
  shard: string,
  output: string,
  ...words: readonly string[]
): Promise<Ran & { readonly asked: readonly string[] }> {
  const asked = new Set<string>();
  const toRead: Connections['toRead'] = async (desired, environment) => {
    const connection = connectToRead(desired, environment);
    const host = (name: string) => {
      asked.add(name);
      return connection.ports.host(name);
    };
    return { ...connection, ports: { ...connection.ports, host } };
  };
  const line = ['plan', ...(words.length > 0 ? words : [estate.file]), '--shard', shard, '-o', path(output)];
  return {
    ...(await reconcile(line, estate.environment, { ...now, connections: { toRead } })),
    asked: [...asked].toSorted(),
  };
}

beforeAll(async () => {
  estate = await startEstate({ cs6: 3, cs7: 2, users: 60 });
});
afterAll(async () => estate?.stop());

describe('three jobs and one that joins them', () => {
  it('make the plan that one job makes', async () => {
    const whole = await reconcile(['plan', estate.file, '-o', path('whole.json')], estate.environment, now);
    expect(whole.code).toBe(2);
    const jobs = await Promise.all([1, 2, 3].map(n => part(`${n}/3`, `part${n}.json`)));
    expect(jobs.map(({ asked }) => asked)).toEqual([['cs6-be1', 'cs7-fe1'], ['cs6-be2', 'cs7-fe2'], ['cs6-fe1']]);
    expect(jobs.map(({ code, stderr }) => [code, stderr])).toEqual(jobs.map(() => [2, '']));
    expect(jobs[0]?.stdout).toMatch(
      /^Part 1 of 3: cs6-be1, cs7-fe1, and its share of the accounts\. \d+ differences\.\n/,
    );
    const parts = [3, 1, 2].map(n => path(`part${n}.json`));
    const joined = await merge([...parts, '-o', path('joined.json')]);
    expect([joined.code, joined.stderr]).toEqual([2, '']);
    expect(planOf('joined.json')).toEqual(planOf('whole.json'));
    expect(joined.stdout.replaceAll('joined.json', 'whole.json')).toBe(whole.stdout);
    const json = await merge([...parts, '--format', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      command: 'plan',
      exitCode: 2,
      plan: { digest: planOf('whole.json').digest },
    });
  });

  it('are each told by its exit code alone where nothing is to be joined', async () => {
    const ran = await reconcile(
      ['--check', '-f', estate.file, '--shard', '2/3', '--format', 'json'],
      estate.environment,
      now,
    );
    expect([ran.code, JSON.parse(ran.stdout)]).toEqual([
      2,
      expect.objectContaining({ shard: { number: 2, of: 3 }, hosts: ['cs6-be2', 'cs7-fe2'], unread: [], exitCode: 2 }),
    ]);
  });

  it('keep a limit that no part alone is over', async () => {
    const strict = path('strict.yaml');
    const text = readFileSync(estate.file, 'utf8').replace(/^limits:.*$/m, 'limits: { moves: 25%, restarts: 4 }');
    expect(text).toContain('restarts: 4');
    writeFileSync(strict, text);
    const jobs = await Promise.all([1, 2, 3].map(n => part(`${n}/3`, `strict${n}.json`, strict)));
    expect(jobs.map(({ code }) => code)).toEqual([2, 2, 2]);
    const joined = await merge([1, 2, 3].map(n => path(`strict${n}.json`)));
    expect([joined.code, joined.stdout]).toEqual([3, expect.stringContaining('5 of 5 hosts would be restarted')]);
  });

  it('say so where a host could not be read', async () => {
    const host = estate.ssh.hosts.get('cs6-be2');
    await host?.kill();
    const down = await part('2/3', 'down2.json');
    await host?.restart();
    expect(down.stderr.match(/host\.unreachable/g)).toHaveLength(1);
    expect(down.stdout).toContain('Could not be read: cs6-be2.');
    const joined = await merge(['part1.json', 'down2.json', 'part3.json'].map(path));
    expect([joined.code, joined.stdout]).toEqual([4, expect.stringContaining('host.unreachable')]);
  });

  it('lead to a plan that is carried out, and parts to none', async () => {
    const refused = await reconcile(['apply', path('part1.json'), '--yes'], estate.environment, now);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('plan.is-part')]);
    const applied = await reconcile(
      ['apply', path('joined.json'), '-f', estate.file, '--yes'],
      estate.environment,
      now,
    );
    expect(applied.code, applied.stdout + applied.stderr).toBe(0);
    const checks = await Promise.all([1, 2, 3].map(n => part(`${n}/3`, `after${n}.json`)));
    expect(checks.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect((await merge([1, 2, 3].map(n => path(`after${n}.json`)))).code).toBe(0);
  });
});

describe('parts that make no plan', () => {
  it('are refused with all that is wrong, and nothing is saved', async () => {
    writeFileSync(path('cut.json'), readFileSync(path('part3.json')).subarray(0, 500));
    const ran = await merge([
      ...['part1.json', 'part1.json', 'cut.json', 'none.json'].map(path),
      '-o',
      path('no.json'),
      '--format',
      'json',
    ]);
    const { findings } = JSON.parse(ran.stdout);
    expect([ran.code, existsSync(path('no.json'))]).toEqual([1, false]);
    expect(findings.map(({ code }: { code: string }) => code)).toEqual([
      ...['file.unreadable', 'part.unusable', 'part.twice', 'part.missing'],
    ]);
    const late = await merge(
      [1, 2, 3].map(n => path(`part${n}.json`)),
      at('2026-12-01T00:00:00.000Z'),
    );
    expect([late.code, late.stderr.match(/part\.expired/g)]).toEqual([1, expect.objectContaining({ length: 3 })]);
  });

  it.each([
    ['--only', 'directory'],
    ['--base', 'HEAD'],
    ['--live', 'live.jsonl.gz'],
    ['--format', 'markdown'],
  ])('%s is for a whole plan', async (...words) => {
    const ran = await reconcile(['plan', estate.file, '--shard', '1/2', '-o', path('alone.json'), ...words], {}, now);
    expect([ran.code, `${ran.stdout}${ran.stderr}`]).toEqual([1, expect.stringContaining('part.alone')]);
    expect(existsSync(path('alone.json'))).toBe(false);
  });

  it('a part of nothing is a mistake of the command line', async () => {
    const ran = await reconcile(['plan', estate.file, '--shard', '3/2'], {}, now);
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining("'3/2' is invalid")]);
  });
});
