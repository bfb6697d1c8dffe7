import { describe, expect, it } from 'vitest';
import { runCommandLine } from '../../src/cli/program.ts';
import { hostsOf } from '../../src/core/desired.ts';
import { loadEstate } from '../../src/estate/load.ts';
import { findingPages } from '../../src/findings/areas.ts';
import { estateSchema } from '../kinds/cases.ts';
import { readerOf, rightFiles, type WrongFile, wrongFiles } from './corpus.ts';
import { offline } from './offline.ts';

/** Values of secrets in the corpus; none of them may ever be shown. */
const canaries = ['hunter2', '8765432109'];

function load({ content, files }: WrongFile) {
  return loadEstate('estate.yaml', content, estateSchema, {}, { readFile: readerOf(files) });
}

describe('wrong files', () => {
  it('are many, and each has its own name', () => {
    expect(wrongFiles.length).toBeGreaterThan(200);
    expect(new Set(wrongFiles.map(file => file.name)).size).toBe(wrongFiles.length);
  });

  it.each(wrongFiles.map(file => [file.name, file] as const))('%s', (_, file) => {
    const { state, findings } = load(file);
    const said = JSON.stringify(findings, null, 1);
    const found = findings.find(f => f.code === file.code && f.where?.file === file.file && f.where.line === file.line);
    expect(found, `${file.code} at line ${file.line}: ${said}`).toBeDefined();
    expect(found?.severity).toBe(file.severity);
    expect(found?.detail).toContain(file.says);
    expect(state === undefined).toBe(file.severity === 'error');
    for (const canary of canaries) expect(said).not.toContain(canary);
  });

  it('the mark stands under what the place says', () => {
    for (const file of wrongFiles) {
      for (const { where, excerpt } of load(file).findings) {
        if (!excerpt) continue;
        expect(excerpt.column + excerpt.length - 1, file.name).toBeLessThanOrEqual(
          Math.max(1, excerpt.line.length + 1),
        );
        expect(where?.endColumn, file.name).toBeGreaterThan(where?.column ?? 0);
      }
    }
  });

  it('every code of the file is among them', () => {
    const codes = findingPages.map(({ code }) => code).filter(code => code.startsWith('estate.'));
    // These need several files, or a file that is made by a program: see several-files.test.ts and hostile.test.ts.
    const elsewhere = [
      ...['estate.conflict', 'estate.too-large', 'estate.too-deep', 'estate.more-problems'],
      ...['estate.members-too-large', 'estate.env-untrusted'],
    ];
    const covered = new Set([...wrongFiles.map(file => file.code), ...elsewhere]);
    expect(codes.filter(code => !covered.has(code))).toEqual([]);
  });
});

describe('right files', () => {
  it.each(rightFiles)('$name', ({ text, files, day, cohort, limits, policy, windows }) => {
    const options = { readFile: readerOf(files), ...(day !== undefined && { day }) };
    const { state, findings } = loadEstate('estate.yaml', text, estateSchema, {}, options);
    expect(findings).toEqual([]);
    const { name: _, source: __, ...first } = { ...state?.cohorts[0] };
    if (cohort) expect(first).toEqual(cohort);
    const { source: ___, ...bounds } = { ...state?.limits };
    if (limits) expect(bounds).toEqual(limits);
    const { source: ____, ...said } = { ...state?.policy };
    if (policy) expect(said).toEqual(policy);
    if (windows)
      expect({
        cs6: hostsOf(state ?? { hosts: [] }, 'cs6')[0]?.windows ?? null,
        cs7: hostsOf(state ?? { hosts: [] }, 'cs7')[0]?.windows ?? null,
      }).toEqual(windows);
  });
});

describe('reconcile validate', () => {
  it('tells each of them with the line, opens no connection, and never shows a secret', async () => {
    for (const file of wrongFiles) {
      const environment = offline({ 'estate.yaml': file.content, ...file.files });
      const code = await runCommandLine(['validate'], environment);
      const said = environment.said();
      expect(code, file.name).toBe(file.severity === 'error' ? 1 : 0);
      expect(said.stdout, file.name).toContain(`${file.file}:${file.line}:`);
      expect(said.stderr, file.name).toBe('');
      for (const canary of canaries) expect(said.stdout, file.name).not.toContain(canary);
    }
  });

  it('says in JSON where each problem begins and ends', async () => {
    const file = wrongFiles.find(f => f.name === 'bindDn in capitals');
    const environment = offline({ 'estate.yaml': file?.content ?? '' });
    await runCommandLine(['validate', '--format', 'json'], environment);
    const { findings } = JSON.parse(environment.said().stdout);
    expect(findings[0]).toMatchObject({
      severity: 'error',
      code: 'estate.unknown-key',
      summary: 'Unknown key',
      where: { file: 'estate.yaml', line: file?.line, column: 3, endColumn: 9 },
      excerpt: { line: '  bindDN: cn=reconcile,ou=Services,o=isp', column: 3, length: 6 },
    });
  });
});
