import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openJournalFile } from '../../src/adapters/local/journal-file.ts';
import { type Estate, startEstate } from '../servers/estate.ts';
import { type Ran, reconcile } from './cli.ts';

/** Who may read what the program writes, and what becomes of records that cannot be written: on real sshd and slapd. */
let estate: Estate;
let umask: number;

beforeAll(async () => {
  umask = process.umask(0o022);
  estate = await startEstate({ cs6: 1, cs7: 1, users: 5 });
});
afterAll(async () => {
  process.umask(umask);
  await estate?.stop();
});

const run = (...words: readonly string[]): Promise<Ran> =>
  reconcile([...words, '-f', estate.file], estate.environment, {
    openJournal: (folder, name) => openJournalFile(folder, name, () => new Date().toISOString()),
  });
const path = (name: string) => join(estate.folder, name);
const modeOf = (file: string) => (statSync(file).mode & 0o777).toString(8);

describe('records that cannot be written', () => {
  it.each(['/proc/runs/of/example', 'a file'])('%s: ends with an error, and nothing is applied', async place => {
    writeFileSync(path('in-the-way'), '');
    const runs = place === 'a file' ? path('in-the-way') : place;
    const ran = await run('apply', '--yes', '--runs', runs);
    expect([ran.code, ran.stdout + ran.stderr]).toEqual([
      1,
      expect.stringMatching(/journal-unwritable|file\.unreadable/),
    ]);
    expect((await run('--check')).code).toBe(2);
  });

  it('a file in the place of the folder is no folder without records', async () => {
    const ran = await run('runs', '--runs', path('in-the-way'));
    expect([ran.code, ran.stdout]).toEqual([1, '']);
    expect(ran.stderr).toContain('is not a folder');
    expect(ran.stderr).not.toContain('mistake of reconcile');
  });
});

describe('who may read what is written', () => {
  it('plans, snapshots and records are for their owner only, also where the file was open before; reports follow the umask', async () => {
    writeFileSync(path('plan.json'), '', { mode: 0o644 });
    expect((await run('plan', '-o', path('plan.json'))).code).toBe(2);
    expect((await run('snapshot', '-o', path('live.jsonl.gz'))).code).toBe(0);
    expect((await run('--check', '-o', path('report.html'))).code).toBe(2);
    expect([path('plan.json'), path('live.jsonl.gz')].map(modeOf)).toEqual(['600', '600']);
    expect(modeOf(path('report.html'))).toBe('644');
    expect((await run('apply', '--yes', '--runs', path('runs'))).code).toBe(0);
    expect(modeOf(path('runs'))).toBe('700');
    const records = readdirSync(path('runs'));
    expect(records.length).toBeGreaterThan(1);
    expect(new Set(records.map(name => modeOf(path(`runs/${name}`))))).toEqual(new Set(['600']));
  });
});
