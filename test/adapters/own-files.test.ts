import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  listFolder,
  makeFolder,
  mayReplace,
  pathInRepository,
  replaceKeepingMode,
  replacePrivateText,
  replaceText,
} from '../../src/adapters/local/file-system.ts';
import { openJournalFile } from '../../src/adapters/local/journal-file.ts';
import { TargetProblem } from '../../src/core/finding.ts';

const folder = mkdtempSync(join(tmpdir(), 'reconcile-own-files-'));
const path = (...names: readonly string[]) => join(folder, ...names);
const modeOf = (file: string) => statSync(file).mode & 0o777;

beforeAll(() => writeFileSync(path('file'), 'x'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Where no folder can be made: a file is in the way, or the file system lets nobody make one. */
const impossible = [
  path('file'),
  path('file', 'runs'),
  path('file', 'a', 'b'),
  '/proc/runs',
  '/proc/1/runs/of/example',
];

it('a file is called by its path in the repository, from whichever folder, and as it is written outside of one', () => {
  mkdirSync(path('repository', '.git'), { recursive: true });
  const file = path('repository', 'sites', 'north', 'estate.yaml');
  expect([file, relative('.', file)].map(pathInRepository)).toEqual(Array(2).fill('sites/north/estate.yaml'));
  // A submodule and a work tree have a file of that name.
  mkdirSync(path('tree'));
  writeFileSync(path('tree', '.git'), 'gitdir: ../repository/.git\n');
  expect(pathInRepository(path('tree', 'estate.yaml'))).toBe('estate.yaml');
  expect(['/nowhere/estate.yaml', '/estate.yaml'].map(pathInRepository)).toEqual([
    '/nowhere/estate.yaml',
    '/estate.yaml',
  ]);
});

describe('a folder', () => {
  it('is made with those above it, for its owner only', async () => {
    await makeFolder(path('a', 'b', 'c'));
    await makeFolder(path('a', 'b', 'c'));
    await Promise.all([makeFolder(path('at', 'once')), makeFolder(path('at', 'once'))]);
    expect([path('a'), path('a', 'b', 'c'), path('at', 'once')].map(modeOf)).toEqual([0o700, 0o700, 0o700]);
  });

  it.each(impossible)('%s: cannot be made, and that is said at once', async place => {
    await expect(makeFolder(place)).rejects.toThrow(/EEXIST|ENOTDIR|ENOENT|EACCES/);
    await expect(openJournalFile(place, 'run', () => '')).rejects.toSatisfy(
      (error: unknown) => error instanceof TargetProblem && error.finding.code === 'run.journal-unwritable',
    );
  });

  it('has no names where it is missing, and is not empty where it cannot be read', async () => {
    expect(await listFolder(path('missing'))).toEqual([]);
    await expect(listFolder(path('file'))).rejects.toThrow('ENOTDIR');
  });
});

it('a record takes no line after one that could not be written, also when the disk has room again', async () => {
  const disk = path('disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', disk]);
  try {
    const journal = await openJournalFile(disk, 'run', () => '');
    const line = (step: string) => journal.write({ line: 'tier', steps: [step] });
    await line('first');
    writeFileSync(join(disk, 'filler'), 'x'.repeat(56 * 1024));
    const unwritable = 'run.journal-unwritable';
    const codeOf = (error: unknown) => (error instanceof TargetProblem ? error.finding.code : error);
    expect(await line('x'.repeat(32 * 1024)).catch(codeOf)).toBe(unwritable);
    rmSync(join(disk, 'filler'));
    expect(await line('last').catch(codeOf)).toBe(unwritable);
    await journal.close();
    expect(readFileSync(join(disk, 'run.jsonl'), 'utf8')).not.toContain('last');
  } finally {
    execFileSync('umount', [disk]);
  }
});

describe('who may read a file', () => {
  function withUmask<T>(mask: number, write: () => Promise<T>): Promise<T> {
    const before = process.umask(mask);
    return write().finally(() => process.umask(before));
  }

  it('is the umask’s affair for pages and metrics, and nobody’s but its owner’s for plans', async () => {
    for (const mask of [0o002, 0o022, 0o077]) {
      await withUmask(mask, () => replaceText(path('page.html'), 'x'));
      await withUmask(mask, () => replacePrivateText(path('plan.json'), 'x'));
      expect([modeOf(path('page.html')), modeOf(path('plan.json'))]).toEqual([0o666 & ~mask, 0o600]);
    }
  });

  it('a plan that others could read is for its owner only once it is written again', async () => {
    writeFileSync(path('old.json'), 'before', { mode: 0o644 });
    symlinkSync('old.json', path('link.json'));
    await replacePrivateText(path('link.json'), 'after');
    expect([readFileSync(path('old.json'), 'utf8'), modeOf(path('old.json'))]).toEqual(['after', 0o600]);
    expect(readdirSync(folder).filter(name => name.endsWith('.new'))).toEqual([]);
  });

  it('what is no file is written to and left as it is', async () => {
    execFileSync('mkfifo', ['-m', '644', path('pipe')]);
    const [read] = await Promise.all([
      import('node:fs/promises').then(fs => fs.readFile(path('pipe'), 'utf8')),
      replacePrivateText(path('pipe'), 'through'),
    ]);
    expect([read, modeOf(path('pipe'))]).toEqual(['through', 0o644]);
    await expect(replacePrivateText(path('a'), 'x')).rejects.toThrow('EISDIR');
  });
});

describe('a file that is replaced', () => {
  it('keeps its permissions, behind a link too, and gets a folder where that is missing', async () => {
    const file = path('kept', 'below', 'estate.yaml');
    await replaceKeepingMode(file, 'one');
    expect([modeOf(file), modeOf(path('kept'))]).toEqual([0o666 & ~process.umask(), 0o777 & ~process.umask()]);
    chmodSync(file, 0o640);
    symlinkSync(file, path('kept', 'link.yaml'));
    await replaceKeepingMode(path('kept', 'link.yaml'), 'two');
    expect([readFileSync(file, 'utf8'), modeOf(file), readdirSync(path('kept'))]).toEqual([
      'two',
      0o640,
      ['below', 'link.yaml'],
    ]);
  });

  it('is asked for before: whether it is there, and what is in the way', async () => {
    expect([await mayReplace(path('file')), await mayReplace(path('none.yaml'))]).toEqual([true, false]);
    await expect(mayReplace(path('no', 'such', 'folder.yaml'))).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(mayReplace(folder)).rejects.toMatchObject({ code: 'EISDIR' });
    await expect(mayReplace('/proc/estate.yaml')).rejects.toThrow();
  });
});
