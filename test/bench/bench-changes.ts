import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchDn, benchStore, storeOf } from './bench-accounts.ts';

/** The same changes for both sides, as files; every run undoes the one before, so that each finds what it expects. */
export interface BenchChanges {
  /** For `ldapmodify -f`, and for `client.mjs`; asking turns the direction. */
  next(): { readonly ldif: string; readonly lines: string };
  drop(): void;
}

const attribute = 'davStore';
const other = 'anotherbackend';

/** Writes the files for so many accounts. */
export function writeBenchChanges(count: number): BenchChanges {
  const folder = mkdtempSync(join(tmpdir(), 'reconcile-bench-changes-'));
  const names: string[] = [];
  for (let number = 0; names.length < count; number += 1) {
    if (storeOf(number) === benchStore) names.push(benchDn(number));
  }
  const directions = [
    [benchStore, other],
    [other, benchStore],
  ].map(([before = '', after = ''], index) => {
    const files = { ldif: join(folder, `${index}.ldif`), lines: join(folder, `${index}.lines`) };
    writeFileSync(files.ldif, names.map(dn => ldifChange(dn, before, after)).join('\n'));
    writeFileSync(files.lines, names.map(dn => `${dn}\t${before}\t${after}\n`).join(''));
    return files;
  });
  let turn = 0;
  return {
    next() {
      const files = directions[turn % 2];
      turn += 1;
      if (files === undefined) throw new Error('no direction');
      return files;
    },
    drop: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function ldifChange(dn: string, before: string, after: string): string {
  const parts = [
    `delete: ${attribute}`,
    `${attribute}: ${before}`,
    '-',
    `add: ${attribute}`,
    `${attribute}: ${after}`,
    '-',
  ];
  return [`dn: ${dn}`, 'changetype: modify', ...parts, ''].join('\n');
}
