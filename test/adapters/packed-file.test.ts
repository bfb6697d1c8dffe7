import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readPacked, writePacked } from '../../src/adapters/local/file-system.ts';

const folder = mkdtempSync(join(tmpdir(), 'reconcile-packed-'));
const path = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function* lines(count: number, problem?: Error): AsyncIterable<string> {
  for (let line = 0; line < count; line++) yield `line ${line}\n`;
  if (problem) throw problem;
}

async function unpacked(file: string): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of readPacked(file)) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

describe('a packed file', () => {
  it('is read back as it was written, and for its owner only', async () => {
    await writePacked(path('whole.gz'), lines(100_000));
    expect((await unpacked(path('whole.gz'))).split('\n')).toHaveLength(100_001);
    expect(statSync(path('whole.gz')).mode & 0o777).toBe(0o600);
  });

  it('leaves what was there where writing fails, and nothing beside it', async () => {
    writeFileSync(path('kept.gz'), 'before');
    await expect(writePacked(path('kept.gz'), lines(10, new Error('gone')))).rejects.toThrow('gone');
    expect(readFileSync(path('kept.gz'), 'utf8')).toBe('before');
    expect(readdirSync(folder).toSorted()).toEqual(['kept.gz', 'whole.gz']);
    await expect(writePacked(path('no/such/folder.gz'), lines(1))).rejects.toMatchObject({ code: 'ENOENT' });
    expect(existsSync(path('no'))).toBe(false);
  });

  it.each([
    ['not there', () => {}, 'ENOENT'],
    ['not packed', (file: string) => writeFileSync(file, 'plain'), 'Z_DATA_ERROR'],
    ['cut off', (file: string) => writeFileSync(file, readFileSync(path('whole.gz')).subarray(0, 500)), 'Z_BUF_ERROR'],
  ])('that is %s is an error', async (name, make, code) => {
    const file = path(`${name}.gz`);
    make(file);
    await expect(unpacked(file)).rejects.toMatchObject({ code });
  });
});
