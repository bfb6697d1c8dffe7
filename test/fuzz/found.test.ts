import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { oneLine } from '../../src/adapters/local/ci-job.ts';
import { readCommitHeader } from '../../src/adapters/local/git.ts';
import { judgeKey, parseKnownHosts } from '../../src/adapters/ssh/known-hosts.ts';
import { hostCertificateFault, type SshCertificate } from '../../src/adapters/ssh/ssh-certificate.ts';
import { asksForProgram, readSshConfig } from '../../src/adapters/ssh/ssh-config.ts';
import { editEstate } from '../../src/estate/edit-estate.ts';
import { editProperties, effectiveProperties, parseProperties } from '../../src/kinds/shared/properties-text.ts';
import { parseProcesses } from '../../src/kinds/shared/service.ts';
import { buildDirectorySchema } from '../../src/ldap/schema.ts';
import { domainNames } from '../../src/products/container.ts';
import { redactFile } from '../../src/snapshot/redact.ts';
import { estateSchema } from '../kinds/cases.ts';
import { ran } from './hosts.ts';
import { costOf } from './run-parser.ts';

/** Texts that once were read wrong, or for ever. */

describe('what was read wrong', () => {
  it('a line separator hides no command of the OpenSSH configuration', () => {
    const folder = mkdtempSync(join(tmpdir(), 'found-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'config'), 'Match exec "id \u2028 x"\n  User a\n');
    expect(asksForProgram(readSshConfig(join(folder, 'config'), folder))).toBe(true);
  });

  it.each([
    ['restarts', 'moves'],
    ['moves', 'restarts'],
  ])('a comma in a comment behind %s parts no entries', (there, added) => {
    const text = `version: 1\nlimits: {\n  ${there}: 1 # one, or two\n}\n`;
    const edited = editEstate(text, [{ path: ['limits', added], value: 7 }], estateSchema);
    expect('text' in edited && parse(edited.text)).toEqual({ version: 1, limits: { [there]: 1, [added]: 7 } });
  });

  it.each(['a\nb', 'a\rb', '\ta', '\fa'])('%j stays one key and one value of a properties file', text => {
    const edited = editProperties('x=1\n', [{ key: text, value: text }]);
    expect(effectiveProperties(parseProperties(edited)).get(text)?.value).toBe(text);
    expect(edited.split('\n')).toHaveLength(3);
  });

  it('a key that is no base64 is passed over, as by OpenSSH', () => {
    const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIJ7pT2yZ0X6L0qvM4d8f8uQ1rX0zN5bGm0l8lX4b2n3k';
    const verdict = (text: string) =>
      judgeKey(parseKnownHosts(`h ssh-ed25519 ${text}`, 'f'), { address: 'h', port: 22 }, Buffer.from(key, 'base64'));
    expect([verdict(key).state, verdict(`A*${key.slice(1)}`).state]).toEqual(['known', 'unknown']);
  });

  it('a commit of the year 3 million has no day', () => {
    const header = (time: string) => `tree a\nparent ab\ncommitter A <a@b> ${time} +0000`;
    expect(readCommitHeader(header('1763804990'))).toEqual({ day: '2025-11-22', parent: 'ab' });
    expect(readCommitHeader(header('99999999999999'))).toEqual({ parent: 'ab' });
    expect(readCommitHeader('tree a')).toEqual({});
  });

  it('a program with odd arguments is a process', () => {
    const output = '  PID     ELAPSED COMMAND\n    7 00:01 /bin/x a\u2028b\n    8 00:02 /bin/y a\rb\n';
    expect(parseProcesses('cs6', ran(output)).map(({ pid }) => pid)).toEqual([7, 8]);
  });

  it('a listing with carriage returns names its domains', () => {
    expect(domainNames('domain1 running\r\ndomain2 not running\r\n')).toEqual(['domain1', 'domain2']);
  });

  it('a secret is masked though a carriage return is in it', () => {
    expect(redactFile('a.password =\n"can\rary"\n').text).not.toMatch(/can|ary/);
  });

  it.each([
    ['A B <a@b> ', 'A B'],
    ['A <x> <a@b>', 'A <x>'],
    ['A <b <c>', 'A'],
    ['A', 'A'],
  ])('%s is shown as %s', (name, shown) => {
    expect(oneLine(name)).toBe(shown);
  });
});

/** Each took a minute or more; the whole of one takes a few milliseconds now. */
describe('what was read for ever', () => {
  const chain = Array.from({ length: 20_000 }, (_, i) => `( 1.${i} NAME 'a${i}' SUP a${i + 1} )`);
  const certificate = (pattern: string) =>
    ({ kind: 'host', principals: [pattern], validAfter: 0n, validBefore: 1n << 63n, critical: [] }) as unknown;
  const cases: readonly (readonly [string, () => unknown])[] = [
    [
      'a comment of many signs in an estate file',
      () =>
        editEstate(
          `limits: {\n  restarts: 1 ${'#'.repeat(80)}\n}\n`,
          [{ path: ['limits', 'moves'], value: 7 }],
          estateSchema,
        ),
    ],
    [
      'a pattern with many asterisks in the certificate of a host',
      () => hostCertificateFault(certificate(`${'*e'.repeat(40)}*x`) as SshCertificate, 'e'.repeat(200), 1e12),
    ],
    ['a long word below a secret name', () => redactFile(`a.password =\n${'a'.repeat(300_000)}\n`)],
    ['many blanks below a secret name', () => redactFile(`a.password =\n${' '.repeat(300_000)}x\n`)],
    ['many backslashes in a properties file', () => parseProperties(`${'\\'.repeat(600_000)}x=1`)],
    ['a key of a properties file without an end', () => parseProperties('a'.repeat(12_000_000))],
    [
      'many lists in a definition',
      () => buildDirectorySchema([`( 1.2 NAME 'a' ${"X-Y ( 'b' ) ".repeat(30_000)})`], []),
    ],
    ['a chain of definitions', () => buildDirectorySchema(chain, chain).superiors],
    ['blanks in a row of processes', () => parseProcesses('h', ran(`PID\n1 00:01${' '.repeat(200_000)}a\rb\n`))],
    ['many domains', () => domainNames(Array.from({ length: 20_000 }, (_, i) => `d${i} running\n`).join(''))],
  ];

  it.each(cases)('%s', async (_, read) => {
    const parser = { name: '', covers: [], samples: [], words: [], read, refuses: () => false };
    expect(await costOf(parser, '')).toBeLessThan(30_000);
  });
});
