import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codeAreas, codePages } from '../../src/explain/code-pages.ts';

/** Every source that can make a finding: the stand-ins of the lab and the pages themselves make none. */
const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.ts') && !file.startsWith('lab/') && !file.startsWith('explain/'))
  .map(file => ({ file, text: withoutComments(readFileSync(join('src', file), 'utf8')) }));

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/[^\n]*/g, '$1');
}

/** The members of a union of literals, wherever it is declared. */
function membersOf(union: string): readonly string[] {
  const declared = sources.flatMap(({ text }) => [...text.matchAll(new RegExp(`type ${union} =([^;]*);`, 'g'))]);
  return declared.flatMap(([, members = '']) => [...members.matchAll(/'([^'\n]*)'/g)].map(match => match[1] ?? ''));
}

/** Codes that are made from a variable, and the union that the variable is of. */
const unions: Readonly<Record<string, string>> = { 'ics-conf.${problem}': 'LineProblem' };

function templateCodes(text: string): readonly string[] {
  return [...text.matchAll(/code: `([^`]*)`/g)].flatMap(([, template = '']) => {
    const union = unions[template];
    expect(union, `a template code that this test cannot expand: ${template}`).toBeDefined();
    return membersOf(union ?? '').map(member => template.replace(/\$\{[^}]*\}/, member));
  });
}

/** First parts of codes, learned from where a code is surely meant, so that a new area without any page shows too. */
const areas: ReadonlySet<string> = new Set([
  ...codeAreas.flatMap(area => area.names),
  ...sources.flatMap(({ text }) =>
    [
      ...text.matchAll(
        /(?:\bcode(?::| =)|\w*(?:broken|problem|fault|finding|warning|note)\()\s*['`]([a-z][a-z0-9-]*)\.[a-z$]/gi,
      ),
    ].map(match => match[1] ?? ''),
  ),
]);

/** Literals that have the form of a code and are something else. */
const notCodes: ReadonlySet<string> = new Set(['estate.yaml', 'directory.accounts']);

/** Every literal that has the form of a code and begins with an area: also those in tables, ternaries and calls. */
function producedBy(text: string): readonly string[] {
  const named = [...text.matchAll(/'([a-z][a-z0-9-]*)\.([a-z][a-z0-9-]*)'/g)]
    .filter(match => areas.has(match[1] ?? ''))
    .map(match => `${match[1]}.${match[2]}`);
  return [...named, ...templateCodes(text)];
}

const produced = [...new Set(sources.flatMap(({ text }) => producedBy(text)))].filter(code => !notCodes.has(code));

describe('the pages of finding codes', () => {
  it('finds the codes of every corner of the source', () => {
    expect(produced.length).toBeGreaterThan(60);
    expect(produced).toEqual(
      expect.arrayContaining([
        'estate.url-without-port',
        'ics-conf.two-assignments',
        'host.key-unknown',
        'directory.referral',
        'plan.tampered',
        'secret.unavailable',
        'cs7.unique-id-differs',
      ]),
    );
  });

  it.each([...produced].sort())('%s has a page', code => {
    expect(codePages.map(page => page.code)).toContain(code);
  });

  it.each(codePages.map(page => page.code))('%s is produced somewhere', code => {
    expect(produced).toContain(code);
  });

  it('each code has one page, in its area', () => {
    expect(new Set(codePages.map(page => page.code)).size).toBe(codePages.length);
    for (const area of codeAreas) {
      for (const { code } of area.pages) expect(area.names, code).toContain(code.split('.')[0]);
    }
  });

  it.each(codePages)('$code is told in two to six whole sentences', ({ means, why, remedy }) => {
    for (const text of [means, why, remedy]) expect(text).toMatch(/^[A-Z`.].*[.]$/);
    const sentences = [means, why, remedy].map(text => text.split(/[.] (?=[A-Z`"])/).length);
    expect(Math.max(...sentences)).toBeLessThanOrEqual(4);
  });

  it('a summary is the same wherever a code is produced', () => {
    for (const { text } of sources) {
      for (const [, code, summary] of text.matchAll(/code: '([^']+)',\s*summary: '([^']+)'/g)) {
        const other = sources.flatMap(s =>
          [...s.text.matchAll(/code: '([^']+)',\s*summary: '([^']+)'/g)].filter(m => m[1] === code).map(m => m[2]),
        );
        if (code !== 'cli.nobody-to-ask') expect(new Set(other), code).toEqual(new Set([summary]));
      }
    }
  });
});
