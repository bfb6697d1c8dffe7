import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { validateBuilt } from './validate-built.ts';

/** Files that are made to take time or memory, or that are none; each ends within bounds with an error of its own. */
const size = 31_000_000;
const fill = (piece: string, bytes = size) => Buffer.alloc(bytes, piece);
const written = (content: string | Buffer) => (path: string) => writeFileSync(path, content);
const sparse = (bytes: number) => (path: string) => {
  writeFileSync(path, '');
  truncateSync(path, bytes);
};
const names = (count: number) => {
  return Buffer.from(Array.from({ length: count }, (_, n) => `user${n}\n`).join(''));
};

const hostile: readonly (readonly [string, string, (path: string) => void, string])[] = [
  ['1 GB of NULs', 'a.txt', sparse(1_000_000_000), 'estate.members-too-large'],
  ['1 GB of NULs in a CSV file', 'a.csv', sparse(1_000_000_000), 'estate.members-too-large'],
  ['a device without an end', 'a.txt', path => symlinkSync('/dev/zero', path), 'estate.members-outside'],
  ['a device of chance', 'a.csv', path => symlinkSync('/dev/urandom', path), 'estate.members-outside'],
  ['a device without anything', 'a.txt', path => symlinkSync('/dev/null', path), 'estate.members-outside'],
  ['a pipe nobody writes to', 'a.csv', path => execFileSync('mkfifo', [path]), 'estate.members-unreadable'],
  ['a folder', 'a.csv', path => mkdirSync(path), 'estate.members-unreadable'],
  ['a link to nothing', 'a.txt', path => symlinkSync('/nowhere/at/all', path), 'estate.members-unreadable'],
  ['a link to itself', 'a.txt', path => symlinkSync(path, path), 'estate.members-unreadable'],
  ['a program', 'a.txt', path => symlinkSync(process.execPath, path), 'estate.'],
  [
    'a program that is called CSV',
    'a.csv',
    written(Buffer.from('\x7fELF\x02\x01\x01\0', 'latin1')),
    'estate.control-character',
  ],
  ['NULs', 'a.txt', written(fill('\0')), 'estate.control-character'],
  ['bytes of 255', 'a.csv', written(Buffer.alloc(size, 0xff)), 'estate.encoding'],
  ['one line of 5 MB', 'a.txt', written(fill('a', 5_000_000)), 'estate.members-too-large'],
  [
    'one line of 5 MB in a CSV file',
    'a.csv',
    written(Buffer.concat([Buffer.from('uid\n'), fill('a,', 5_000_000)])),
    'estate.members-too-large',
  ],
  ['line ends', 'a.txt', written(fill('\n')), 'estate.members-too-large'],
  ['commas', 'a.csv', written(fill(`${','.repeat(15_000)}\n`, 8_000_000)), 'estate.members-header'],
  [
    'rows of commas',
    'a.csv',
    written(Buffer.concat([Buffer.from('uid\n'), fill(`${','.repeat(15_000)}\n`, 8_000_000)])),
    'estate.members-syntax',
  ],
  [
    'quotes',
    'a.csv',
    written(Buffer.concat([Buffer.from('uid\n'), fill(`${'"'.repeat(15_001)}\n`)])),
    'estate.members-name',
  ],
  [
    'a quote that stays open',
    'a.csv',
    written(Buffer.concat([Buffer.from('uid\n"'), fill(`${'a'.repeat(15_001)}\n`)])),
    'estate.members-syntax',
  ],
  [
    'a record of quoted lines',
    'a.csv',
    written(Buffer.concat([Buffer.from('uid\n'), fill('"a\n",')])),
    'estate.members-',
  ],
  ['the same name', 'a.txt', written(fill('a\n', 3_900_000)), 'estate.members-twice'],
  [
    'no names',
    'a.csv',
    written(Buffer.concat([Buffer.from('uid,cn\n'), fill(',x\n', 600_000)])),
    'estate.members-name',
  ],
  ['a name too many', 'a.txt', written(names(1_000_001)), 'estate.members-too-large'],
];

const folder = mkdtempSync(join(tmpdir(), 'reconcile-members-'));
afterAll(() => rmSync(folder, { recursive: true }));

const chapter = readFileSync('test/estate/chapter-in-braces.yaml', 'utf8');

/** An estate whose first cohort has its members in a file of its own, in a folder of its own. */
function estateWith(place: string, file: string, make: (path: string) => void): string {
  const own = join(folder, place);
  mkdirSync(own);
  make(join(own, file));
  const estate = join(own, 'estate.yaml');
  writeFileSync(estate, chapter.replace('{ filter: (departmentNumber=Finance) }', `{ file: ${file} }`));
  return estate;
}

/** 32 MB as bytes, as a text and taken apart; a quiet machine needs less than three seconds. */
const bounds = { heapMegabytes: 400, megabytes: 600, cpuSeconds: 60 };

describe('hostile files with members', () => {
  it.each(hostile.map(([name, ...rest], i) => [name, `${i}`, ...rest] as const))(
    '%s',
    async (_, place, file, make, code) => {
      const ended = await validateBuilt(estateWith(place, file, make), bounds.heapMegabytes);
      expect(ended.said.slice(0, 2_000)).toMatch(/^\S+(estate\.yaml|a\.txt|a\.csv):\d+:\d+: error estate\./m);
      expect(ended.said).toContain(code);
      expect(ended.said).not.toMatch(/^\s+at /m);
      expect(ended.said.length).toBeLessThan(200_000);
      expect(ended.code).toBe(1);
      expect(ended.cpuSeconds).toBeLessThan(bounds.cpuSeconds);
      expect(ended.megabytes).toBeLessThan(bounds.megabytes);
    },
  );

  it('as many as may be are read', async () => {
    for (const [file, head] of [
      ['a.txt', ''],
      ['a.csv', 'uid\n'],
    ] as const) {
      const make = written(Buffer.concat([Buffer.from(head), names(1_000_000)]));
      const ended = await validateBuilt(estateWith(`most-${file}`, file, make), bounds.heapMegabytes);
      expect(ended).toMatchObject({ code: 0, said: expect.stringContaining(': valid\n') });
      expect(ended.megabytes).toBeLessThan(bounds.megabytes);
    }
  });
});
