import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Memory } from '../fakes/memory-ports.ts';
import { wordsOf } from '../report/html/page-elements.ts';
import { estateFile, inSyncMemory, runDrift } from './world.ts';

/** `drift --page`: the pages follow each look, in a world where time passes only in pauses. */
const hour = 3_600_000;
const options = { every: hour, page: 'site', log: 'json' } as const;

const byHand = (memory: Memory) => {
  const files = memory.files ?? {};
  for (const path of Object.keys(files))
    files[path] = (files[path] ?? '').replace('local.autoprovision = "no"', 'local.autoprovision = "yes"');
};
const healed = (memory: Memory) => {
  memory.files = inSyncMemory().files ?? {};
};

const pagesIn = (files: Readonly<Record<string, string>>) =>
  Object.keys(files).filter(path => path.startsWith('site/') && path.endsWith('.html'));
const words = (files: Readonly<Record<string, string>>, page: string) => wordsOf(files[`site/${page}`] ?? '');

it('shows what was changed by hand, with what is expected and what was found', async () => {
  const { files, code } = await runDrift(options, [byHand]);
  expect(code).toBe(2);
  expect(pagesIn(files)).toHaveLength(6);
  expect(words(files, 'drift.html')).toContain('local.autoprovision on cs6 expected no found yes');
  expect(words(files, 'index.html')).toContain('expected no found yes');
});

it('shows that it is healed, and keeps the numbers of each look', async () => {
  const { files, code } = await runDrift(options, [byHand, healed]);
  expect(code).toBe(0);
  expect(words(files, 'index.html')).toContain('Is live as the file says? Answer In sync');
  const { samples } = JSON.parse(files['site/reconcile-pages.json'] ?? '');
  expect(samples.map(({ differences }: { differences: number }) => differences)).toEqual([0, 1, 0]);
  expect(words(files, 'trends.html')).toContain('3 checks recorded');
});

it('is one look, and pages once, without --every', async () => {
  const { files, code, printed } = await runDrift({ page: 'site' });
  expect([code, pagesIn(files).length, printed.length]).toEqual([0, 6, 1]);
});

describe('a look that fails', () => {
  const worldFiles = () => ({ [estateFile]: readFileSync('test/estate/chapter-in-braces.yaml', 'utf8') });

  it('makes pages that say so', async () => {
    const files: Record<string, string> = worldFiles();
    await runDrift(
      options,
      [
        () => {
          files[estateFile] = 'name: example.com\nversion: 1\n';
        },
      ],
      { files },
    );
    expect(words(files, 'index.html')).toContain('Is live as the file says? Answer Not known');
    expect(words(files, 'drift.html')).toContain('Not done');
  });

  it('at an interrupt makes none: what was being read is not whole', async () => {
    const files: Record<string, string> = worldFiles();
    // Each look opens connections for drift, the audit and the records.
    const during = async (look: number, interrupt: () => void) => {
      if (look === 5) interrupt();
    };
    await runDrift(options, [() => {}], { files, during });
    const { samples } = JSON.parse(files['site/reconcile-pages.json'] ?? '');
    expect(samples).toHaveLength(1);
  });
});

it('goes on where the folder is of something else, and says so in its log', async () => {
  const files: Record<string, string> = {
    [estateFile]: readFileSync('test/estate/chapter-in-braces.yaml', 'utf8'),
    'site/index.html': 'my own',
  };
  const { code, stderr } = await runDrift(options, [() => {}], { files });
  expect(code).toBe(0);
  expect(files['site/index.html']).toBe('my own');
  expect(stderr.match(/"event":"pages","message":"the pages were not written: page\.not-ours/g)).toHaveLength(2);
});

it('is nothing for --accept', async () => {
  const { code, stderr } = await runDrift({ page: 'site', accept: ['all'], yes: true });
  expect([code, stderr]).toEqual([1, expect.stringContaining('--page')]);
});
