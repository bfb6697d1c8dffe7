import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeReadRegularFile } from '../../src/adapters/local/file-system.ts';
import { reasonOf } from '../../src/app/files.ts';
import { loadEstates } from '../../src/estate/load.ts';
import { estateSchema } from '../kinds/cases.ts';

/** An estate file may be a stranger's: whatever file it names as one with members, nothing of it is shown. */
const folder = mkdtempSync(join(tmpdir(), 'reconcile-members-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const checkout = join(folder, 'checkout');
const key = join(folder, 'key');
const content = ['b3BlbnNzaC1rZXktdjEAAAAABG5vbmU', 'c2VjcmV0,c2VjcmV0', 'hunter2 and more'];
mkdirSync(join(checkout, 'cohorts'), { recursive: true });
mkdirSync(join(checkout, '.git'));
for (const path of [key, join(checkout, '.git/config'), join(checkout, 'cohorts/inside.txt')])
  writeFileSync(path, `${content.join('\n')}\n`);
symlinkSync(key, join(checkout, 'cohorts/link.txt'));
symlinkSync(folder, join(checkout, 'cohorts/up'));
symlinkSync('.git', join(checkout, 'records'));
writeFileSync(join(checkout, 'cohorts/right.txt'), 'jdoe\n');
symlinkSync('right.txt', join(checkout, 'cohorts/linked.txt'));

const chapter = readFileSync('test/estate/chapter-in-braces.yaml', 'utf8');

function load(path: string, estate = join(checkout, 'estate.yaml')) {
  const text = chapter.replace('{ filter: (departmentNumber=Finance) }', () => `{ file: ${JSON.stringify(path)} }`);
  const readFile = makeReadRegularFile(reasonOf);
  const loaded = loadEstates([{ file: estate, content: text }], estateSchema, { readFile });
  return { state: loaded.state, findings: loaded.findings, codes: loaded.findings.map(({ code }) => code) };
}

describe('a file with members', () => {
  it.each([
    ['by its path', key],
    ['by a way up', '../key'],
    ['by a way up and down', 'cohorts/../../key'],
    ['by a link', 'cohorts/link.txt'],
    ['by a link of a folder', 'cohorts/up/key'],
    ['that git keeps', '.git/config'],
    ['that git keeps, by a link', 'records/config'],
    ['of a process', '/proc/self/environ'],
  ])('elsewhere is not read: %s', (_, path) => {
    const { codes, findings, state } = load(path);
    expect([codes, state]).toEqual([['estate.members-outside'], undefined]);
    for (const line of content) expect(JSON.stringify(findings)).not.toContain(line);
  });

  it('is found below the folder of the estate file, whichever way that is named, and by links that stay there', () => {
    for (const estate of [join(checkout, 'estate.yaml'), relative('.', join(checkout, 'estate.yaml'))])
      for (const path of ['cohorts/right.txt', join(checkout, 'cohorts/right.txt'), 'cohorts/linked.txt'])
        expect(load(path, estate).codes, `${estate} ${path}`).toEqual([]);
  });

  it('has its lines named and never quoted', () => {
    const { findings, codes } = load('cohorts/inside.txt');
    expect(codes).toEqual(['estate.members-name']);
    expect(findings[0]?.where).toMatchObject({ file: join(checkout, 'cohorts/inside.txt'), line: 2 });
    writeFileSync(join(checkout, 'cohorts/twice.txt'), `${content[0]}\n${content[0]}\n`);
    const again = load('cohorts/twice.txt');
    expect(again.codes).toEqual(['estate.members-twice']);
    for (const line of content) expect(JSON.stringify([findings, again.findings])).not.toContain(line);
  });
});
