import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cs6Sbin, type Estate, startEstate } from '../servers/estate.ts';
import { reconcile } from './cli.ts';

/** In sync; then a cohort's wave is made smaller, and after that its line is deleted: its accounts go back to CS6. */
let estate: Estate;
let full = '';

beforeAll(async () => {
  estate = await startEstate({ cs6: 1, cs7: 1, users: 60 });
  full = readFileSync(estate.file, 'utf8');
  const applied = await run('apply', estate.file, '--yes', '--allow-moves', '60');
  expect(applied.code, applied.stdout).toBe(0);
});
afterAll(async () => estate?.stop());

const run = (...words: readonly string[]) => reconcile(words, estate.environment);

function rewrite(pattern: RegExp, replacement: string): void {
  const changed = full.replace(pattern, replacement);
  expect(changed).not.toBe(full);
  writeFileSync(estate.file, changed);
}

function onCs7(): readonly string[] {
  const { url, adminDn, adminPassword } = estate.directory;
  const bind = ['-x', '-LLL', '-o', 'ldif-wrap=no', '-H', url, '-D', adminDn, '-w', adminPassword];
  const filter = '(&(departmentNumber=Finance)(davStore=*))';
  const ldif = execFileSync('ldapsearch', [...bind, '-b', 'o=isp', filter, 'uid'], { encoding: 'utf8' });
  return [...ldif.matchAll(/^uid: (.*)$/gm)].map(match => match[1] ?? '').sort();
}

interface Json {
  readonly counts: { readonly movesToCs7: number; readonly movesBackToCs6: number };
  readonly plan: { readonly steps: readonly { readonly changes: readonly { item: string; reason?: string }[] }[] };
}

async function planned(): Promise<Json & { readonly items: readonly { item: string; reason?: string }[] }> {
  const json: Json = JSON.parse((await run('plan', estate.file, '--format', 'json')).stdout);
  return { ...json, items: json.plan.steps.flatMap(({ changes }) => changes) };
}

it('a smaller wave is shown as moves back, and refused however few they are', async () => {
  const before = onCs7();
  rewrite(/( {2}finance: .*) \}$/m, '$1, wave: 50% }');
  const { counts, items } = await planned();
  expect(counts).toMatchObject({ movesToCs7: 0 });
  expect(counts.movesBackToCs6).toBeGreaterThan(0);
  expect(counts.movesBackToCs6).toBe(items.length);
  const [kept = ''] = items.map(({ item }) => /^uid=([^,]+)/.exec(item)?.[1] ?? '');
  estate.on('cs6-fe1', `cd ${cs6Sbin} && ./cscal -o ${kept} create ${kept}`);
  const plan = await run('plan', estate.file);
  const back = counts.movesBackToCs6;
  expect(plan.code, plan.stdout).toBe(3);
  expect(plan.stdout).toMatch(new RegExp(`cohort finance  ${back} of \\d+ accounts moves? back cs7 -> cs6\\n`));
  expect(plan.stdout).not.toContain('cs6 -> cs7');
  expect(plan.stdout).toContain(`0 moves to CS7, ${back} back to CS6`);
  expect(plan.stdout).toContain('plan.moves-back');
  expect(plan.stdout).toContain(`${back - 1} accounts of cohort finance, in limbo afterwards`);
  const applied = await run('apply', estate.file, '--yes');
  expect([applied.code, applied.stdout]).toEqual([3, expect.stringContaining(`--allow-moves-back ${back}`)]);
  expect((await run('apply', estate.file, '--yes', '--allow-moves', '1000')).code).toBe(3);
  expect((await run('apply', estate.file, '--yes', '--allow-moves-back', `${back - 1}`)).code).toBe(3);
  expect(onCs7()).toEqual(before);
});

it('with the number it goes, and the audit finds what the plan said', async () => {
  const { counts } = await planned();
  const before = onCs7().length;
  const saved = `${estate.file}.plan.json`;
  expect((await run('plan', estate.file, '-o', saved)).code).toBe(3);
  const refused = await run('apply', saved, '-f', estate.file, '--yes');
  expect([refused.code, refused.stdout]).toEqual([3, expect.stringContaining('plan.moves-back')]);
  const limbo = async () => {
    const { accounts } = JSON.parse((await run('audit', estate.file, '--format', 'json')).stdout);
    return accounts.states.limbo;
  };
  const limboBefore = await limbo();
  const done = await run('apply', saved, '-f', estate.file, '--yes', '--allow-moves-back', `${counts.movesBackToCs6}`);
  expect(done.code, done.stdout).toBe(0);
  expect(onCs7()).toHaveLength(before - counts.movesBackToCs6);
  expect((await limbo()) - limboBefore).toBe(counts.movesBackToCs6 - 1);
  const check = await run('--check', estate.file);
  expect([check.code, check.stdout]).toEqual([0, expect.stringContaining('In sync.')]);
});

it('a cohort whose line is deleted goes back, and is named', async () => {
  rewrite(/^ {2}finance: .*\n/m, '');
  const { counts } = await planned();
  expect(counts.movesBackToCs6).toBeGreaterThan(0);
  const plan = await run('plan', estate.file);
  expect(plan.code, plan.stdout).toBe(3);
  expect(plan.stdout).toMatch(
    new RegExp(`cohort others  ${counts.movesBackToCs6} of \\d+ accounts moves? back cs7 -> cs6`),
  );
  expect((await run('apply', estate.file, '--yes')).code).toBe(3);
});
