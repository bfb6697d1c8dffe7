import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ciFolder } from './templates.ts';

/** The units, by systemd itself; nothing is started. */
const units = ['drift', 'verify'].flatMap(name => [`reconcile-${name}.service`, `reconcile-${name}.timer`]);
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reconcile-units-'));
  for (const unit of units) {
    const text = readFileSync(join(ciFolder, 'systemd', unit), 'utf8');
    // It looks whether the program is there, which is not installed where the tests run.
    writeFileSync(join(folder, unit), text.replace('=/usr/bin/reconcile ', '=/bin/true '));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

function analyze(...words: readonly string[]) {
  const ran = spawnSync('systemd-analyze', words, { encoding: 'utf8', env: { ...process.env, SYSTEMD_COLORS: '0' } });
  return { status: ran.status, said: ran.stdout + ran.stderr };
}

it.each(units)('%s is accepted without a word', unit => {
  expect(analyze('verify', '--man=no', join(folder, unit))).toEqual({ status: 0, said: '' });
});

it.each(units.filter(unit => unit.endsWith('.service')))('%s is hardened: its exposure is 1.5 of 10 at most', unit => {
  const service = join(folder, unit);
  expect(analyze('security', '--offline=true', '--threshold=15', service)).toMatchObject({ status: 0 });
});

it('the linter finds mistakes', () => {
  writeFileSync(join(folder, 'wrong.service'), '[Service]\nExecStart=/bin/true\nProtectSystems=yes\n');
  expect(analyze('verify', '--man=no', join(folder, 'wrong.service')).said).toContain('ProtectSystems');
});
