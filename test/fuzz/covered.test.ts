import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parsers } from './parsers/all.ts';

/** Exported readers of text or bytes that need no fuzz of their own, and why. */
const exceptions: Readonly<Record<string, string>> = {
  parsed: 'parses a filter that parseFilter has taken',
  readAddress: 'takes an address that its option has checked',
  readEntry: 'asks a directory: what comes goes through MessageReader',
  readFileBytes: 'hands bytes over as they are',
  readFileText: 'hands a text over as it is',
  readKeyFile: 'reads a file, and goes on as keyFromText does',
  readMemory: 'reads a file, and goes on as parseMemory does',
  readPacked: 'unpacks a file with zlib, within bounds',
  readPublicKey: 'reads a file, and goes on as keyFromText does',
  readSite: 'names a folder of pages of our own',
};

const folders = readdirSync('src', { withFileTypes: true }).filter(one => one.isDirectory() && one.name !== 'lab');

/** Functions that are called as what reads a text, and take one. Stand-ins of the lab read what tests send. */
const readers = folders.flatMap(({ name }) =>
  readdirSync(join('src', name), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .flatMap(file => {
      const text = readFileSync(join('src', name, file), 'utf8');
      return [...text.matchAll(/^export (?:async )?function\*? ((?:parse|read|decode)[A-Z]?\w*)\(([^)]*)/gm)]
        .filter(([, , parameters = '']) =>
          /:\s*(?:string|Buffer|Uint8Array|\w*Bytes|CommandResult|readonly Frame\[\])\b/.test(parameters),
        )
        .map(([, reader = '']) => ({ reader, file: `${name}/${file}` }));
    }),
);

const covered = new Set(parsers.flatMap(({ covers }) => covers));

describe('the list of parsers', () => {
  it('finds readers in src', () => {
    expect(readers.length).toBeGreaterThan(20);
  });

  it.each(readers)('has $reader of $file, or a reason', ({ reader }) => {
    expect(covered.has(reader) || reader in exceptions).toBe(true);
  });

  it('has no exception that is covered or gone', () => {
    const known = readers.map(({ reader }) => reader);
    expect(Object.keys(exceptions).filter(name => covered.has(name) || !known.includes(name))).toEqual([]);
  });

  it('has samples and words for each, and names each once', () => {
    for (const { samples, words } of parsers) expect([samples.length > 0, words.length > 0]).toEqual([true, true]);
    expect(new Set(parsers.map(({ name }) => name)).size).toBe(parsers.length);
  });
});
