import { expect, it } from 'vitest';
import { journaled, type Records } from '../../src/engine/journaled.ts';
import type { JournalLine } from '../../src/ports/journal.ts';
import type { WritePorts } from '../../src/ports/ports.ts';

/** A journal whose lines reach the disk when they are told to, and a directory that takes everything at once. */
function slowDisk() {
  const lines: { readonly line: JournalLine; readonly reach: () => void; readonly fail: (error: Error) => void }[] = [];
  const written: string[] = [];
  let number = 0;
  const records = {
    journal: {
      name: 'run',
      write: (line: JournalLine) => new Promise<void>((reach, fail) => lines.push({ line, reach, fail })),
      keep: async () => {},
      close: async () => {},
    },
    next: () => ++number,
    prove: async () => {},
  } as unknown as Records;
  const directory = {
    modify: async (dn: string) => {
      written.push(dn);
      return { state: 'done' };
    },
  };
  const ports = journaled({ directory: () => directory } as unknown as WritePorts, records, 'directory/ldap-unique-id');
  return { lines, written, modify: (dn: string) => ports.directory().modify(dn, []) };
}

const settled = () => new Promise(resolve => setImmediate(resolve));

it('nothing is written before its first line is on disk', async () => {
  const { lines, written, modify } = slowDisk();
  const change = modify('uid=a,o=isp');
  await settled();
  expect([lines.map(({ line }) => line.line), written]).toEqual([['begin'], []]);
  lines[0]?.reach();
  expect(await change).toEqual({ state: 'done' });
  expect(written).toEqual(['uid=a,o=isp']);
});

it('the next change waits for the disk once, not for the last line of the change before', async () => {
  const { lines, written, modify } = slowDisk();
  for (const name of ['a', 'b', 'c']) {
    const change = modify(name);
    await settled();
    lines.at(-1)?.reach();
    await change;
  }
  expect(written).toEqual(['a', 'b', 'c']);
  expect(lines.map(({ line }) => line.line)).toEqual(['begin', 'end', 'begin', 'end', 'begin', 'end']);
});

it('what keeps a last line from the disk is no failure of the change, which was made', async () => {
  const { lines, modify } = slowDisk();
  const change = modify('a');
  await settled();
  lines[0]?.reach();
  expect(await change).toEqual({ state: 'done' });
  lines[1]?.fail(new Error('no space left'));
  await settled();
});
