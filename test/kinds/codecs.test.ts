import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { editIcsConf, effectiveValues, parseIcsConf } from '../../src/kinds/shared/ics-conf-text.ts';
import { editProperties, effectiveProperties, parseProperties } from '../../src/kinds/shared/properties-text.ts';

/** Small numbers that look random and are the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const keys = ['local.autoprovision', 'service.http.port', 'user.invite.autoprovision', 'a.b'];
const icsPieces = [
  '! comment = "x"',
  '!!caldb.dwp.server.[hostname].ip',
  '',
  '   ',
  '\t',
  'a.b = "1"',
  'local.autoprovision ="yes" ',
  'service.http.port\t=\t"80"',
  '  a.b = "indented"',
  'a.b = bare',
  "a.b = 'single'",
  'A.B = "upper"',
  'a.b = "no" local.autoprovision = "no"',
  'a.b = "open',
  'a.b = "x" tail',
  '"@@o^a^r^g"',
  'a.b=',
  'service.http.port = "!;^@=?&:"',
  'caf\xe9 \xff',
  'user.invite.autoprovision = ""',
  '# a.b = "hash"',
  '\t#user.invite.autoprovision = "hash"',
  '  ! a.b = "far"',
  'user.invite.autoprovision =\n"two"',
  "  A.B =\r\n\t'two' ",
  'a.b = "long\nlonger"',
];
const propertyPieces = [
  '# c',
  '! c',
  '',
  'a=b',
  'a = b ',
  'a:b',
  'a b',
  'k\\=x=1',
  'long=one\\',
  '   two\\',
  'three',
  'e=\\u00e9\\t\\\\',
  'a',
  '=v',
  '  x = y',
  'end\\\\',
  '\xe9=\xff',
];

function textOf(pieces: readonly string[], next: (below: number) => number): string {
  const end = ['\n', '\r\n'][next(2)] ?? '\n';
  const lines = Array.from({ length: next(12) }, () => pieces[next(pieces.length)] ?? '');
  return lines.join(end) + (next(3) === 0 || lines.length === 0 ? '' : end);
}

const seeds = [1, 2, 3];

/** Each is told by its text when it fails. */
function texts(pieces: readonly string[], seed: number): readonly string[] {
  const next = numbers(seed);
  return Array.from({ length: 400 }, () => textOf(pieces, next));
}

/** How many lines of `before` are not in `after`, and the other way round, by place where nothing was added or removed. */
function changedLines(before: string, after: string): number {
  const [a, b] = [before.split('\n'), after.split('\n')];
  return a.length === b.length ? a.filter((line, i) => line !== b[i]).length : Number.NaN;
}

describe('ics.conf', () => {
  it.each(seeds)('400 made-up files, from seed %i', seed => {
    for (const text of texts(icsPieces, seed)) {
      expect(editIcsConf(text, [])).toBe(text);
      const before = effectiveValues(parseIcsConf(text));
      for (const key of keys) {
        const edited = editIcsConf(text, [{ key, value: 'new $& value' }]);
        const after = effectiveValues(parseIcsConf(edited));
        expect(after.get(key)).toMatchObject({ value: 'new $& value' });
        expect(after.get(key)?.problem).toBeUndefined();
        expect(editIcsConf(edited, [{ key, value: 'new $& value' }])).toBe(edited);
        const live = before.get(key);
        if (live && !live.problem) expect(changedLines(text, edited)).toBe(1);
        if (!live) expect(edited.startsWith(text)).toBe(true);
        for (const other of keys.filter(k => k !== key))
          expect(after.get(other)?.value, other).toBe(before.get(other)?.value);
        for (const removed of [text, edited].map(t => editIcsConf(t, [{ key, value: undefined }]))) {
          const left = effectiveValues(parseIcsConf(removed));
          expect(left.has(key)).toBe(false);
          expect(editIcsConf(removed, [{ key, value: undefined }])).toBe(removed);
          for (const other of keys.filter(k => k !== key))
            expect(left.get(other)?.value, other).toBe(before.get(other)?.value);
        }
      }
    }
  });
});

/** The text of a case that was reported in public. */
function caseOf(name: string): string {
  return readFileSync(`test/cases/${name}`, 'latin1');
}

describe('ics.conf as it was found', () => {
  const no = { key: 'local.autoprovision', value: 'no' };

  it('with a comment that begins with #', () => {
    const text = caseOf('07-ics-hash-comment.conf');
    expect(effectiveValues(parseIcsConf(text)).get(no.key)).toEqual({ value: 'no', line: 1 });
    expect(editIcsConf(text, [no])).toBe(text);
  });

  it('with values on the next line', () => {
    const text = caseOf('08-ics-wrapped.conf');
    const redirect = 'service.wcap.freebusy.redirecturl';
    const [first, second, ...more] = parseIcsConf(text);
    expect([first, second]).toMatchObject([
      { line: 1, problem: 'wrapped', assignments: [{ value: 'calendar1.sesta.com' }] },
      { line: 3, problem: 'wrapped', assignments: [{ key: redirect, value: 'http://old.example.com:8080/x' }] },
    ]);
    expect(more).toEqual([]);
    const head = text.split('\n').slice(0, 2).join('\n');
    expect(editIcsConf(text, [{ key: redirect, value: 'new' }])).toBe(`${head}\n${redirect} = "new"\n`);
  });

  it('on the front end of the EdgeMail example', () => {
    const text = caseOf('13-ics-edgemail-fe.conf');
    const lines = parseIcsConf(text);
    expect(lines.filter(({ problem }) => problem)).toEqual([]);
    const values = effectiveValues(lines);
    expect(values.size).toBe(text.split('\n').length - 1);
    expect(values.get('alarm.msgalarmnoticetemplate')).toEqual({ value: '', line: 5 });
    expect(editIcsConf(text, [{ key: 'browser.cache.enable', value: 'yes' }])).toBe(
      text.replace('enable = "no"', 'enable = "yes"'),
    );
  });
});

describe('properties', () => {
  it.each(seeds)('400 made-up files, from seed %i', seed => {
    for (const text of texts(propertyPieces, seed)) {
      expect(editProperties(text, [])).toBe(text);
      const before = effectiveProperties(parseProperties(text));
      for (const key of ['a', 'example.com', 'long', 'k=x']) {
        const edited = editProperties(text, [{ key, value: 'http://h:8080/x\\y ' }]);
        const after = effectiveProperties(parseProperties(edited));
        expect(after.get(key)?.value).toBe('http://h:8080/x\\y ');
        expect(editProperties(edited, [{ key, value: 'http://h:8080/x\\y ' }])).toBe(edited);
        if (!before.has(key)) expect(edited.startsWith(text)).toBe(true);
        for (const [other, line] of before) if (other !== key) expect(after.get(other)?.value, other).toBe(line.value);
      }
    }
  });
});

it('the rules of java.util.Properties', () => {
  const parsed = parseProperties('a = b\\\n   c\nk\\:e\\ y : v\\u0041\\n\n! x\n#y\nempty\nz==1\nlast=1\nlast=2\n');
  expect(parsed.map(({ key, value, line }) => [key, value, line])).toEqual([
    ['a', 'bc', 1],
    ['k:e y', 'vA\n', 3],
    ['empty', '', 6],
    ['z', '=1', 7],
    ['last', '1', 8],
    ['last', '2', 9],
  ]);
});
