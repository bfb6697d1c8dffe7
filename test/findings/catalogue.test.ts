import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findingAreas, findingPages } from '../../src/findings/areas.ts';
import { finding } from '../../src/findings/catalogue.ts';

describe('the catalogue of findings', () => {
  it('has every code in one area', () => {
    const listed = findingAreas.flatMap(area => area.pages.map(page => page.code));
    expect(listed.toSorted()).toEqual(findingPages.map(page => page.code).toSorted());
    expect(new Set(listed).size).toBe(listed.length);
  });

  it.each(findingPages)(
    '$code is explained in up to six whole sentences for each part',
    ({ summary, means, why, remedy }) => {
      for (const text of [means, why, remedy]) {
        expect(text).toMatch(/^(?:[A-Z`.]|reconcile ).*[.]$/);
        expect(text.split(/[.] (?=[A-Z`"]|reconcile )/).length).toBeLessThanOrEqual(6);
      }
      expect(summary).toMatch(/^[A-Za-z-].{5,90}[^.]$/);
    },
  );

  it('has no code that nothing makes', () => {
    const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
      .filter(file => file.endsWith('.ts') && !file.startsWith('findings/'))
      .map(file => readFileSync(join('src', file), 'utf8'))
      .join('\n');
    // The grammar of ics.conf names its problems without their area.
    const isMade = (code: string) => sources.includes(`'${code.replace('ics-conf.', '')}'`);
    expect(findingPages.map(page => page.code).filter(code => !isMade(code))).toEqual([]);
  });
});

describe('a finding', () => {
  it('has the severity and the summary of its code', () => {
    expect(finding('estate.loop', { detail: 'a', where: undefined, target: 'h1' })).toEqual({
      severity: 'error',
      code: 'estate.loop',
      summary: 'Both sides have the same address',
      detail: 'a',
      target: 'h1',
    });
  });

  it('has a severity of the case where its code leaves several', () => {
    expect(finding('ignore.away', { detail: 'a', severity: 'note' }).severity).toBe('note');
    // @ts-expect-error This code is never a note.
    finding('plan.expired', { detail: 'a', severity: 'note' });
    // @ts-expect-error This code is a warning or a note.
    finding('ignore.away', { detail: 'a' });
    // @ts-expect-error There is no such code.
    expect(() => finding('plan.no-such-code', { detail: 'a' })).toThrow();
  });
});
