import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseSync, Visitor } from 'vite';
import { expect, it } from 'vitest';

/* What keeps the source easy to survey: few files, none that only its neighbour needs, and short functions. */

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'));
const textOf = (file: string) => readFileSync(join('src', file), 'utf8');
const linesOf = (text: string) => text.split('\n').length - 1;

/** The files that import each file. */
function importers(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const file of files)
    for (const [, specifier = ''] of textOf(file).matchAll(/(?:from |import\()'(\.[^']+)'/g)) {
      const target = join(dirname(file), specifier);
      found.set(target, [...(found.get(target) ?? []), file]);
    }
  return found;
}

/** Lines of every function and method of a file. */
function functionLengths(file: string): readonly number[] {
  const text = textOf(file);
  const { program, errors } = parseSync(file, text);
  expect(errors, file).toEqual([]);
  const lengths: number[] = [];
  const measure = ({ start, end }: { readonly start: number; readonly end: number }) =>
    void lengths.push(linesOf(text.slice(start, end)) + 1);
  new Visitor({ FunctionDeclaration: measure, FunctionExpression: measure, ArrowFunctionExpression: measure }).visit(
    program,
  );
  return lengths;
}

it('there are at most 520 files', () => {
  expect(files.length).toBeGreaterThan(100);
  expect(files.length).toBeLessThanOrEqual(520);
});

it('no file under 40 lines is imported by one file of its own folder only', () => {
  const from = importers();
  const small = files.filter(file => {
    const [only, ...more] = from.get(file) ?? [];
    return only !== undefined && more.length === 0 && dirname(only) === dirname(file) && linesOf(textOf(file)) < 40;
  });
  expect(small).toEqual([]);
});

it('the name of a file is its own', () => {
  const names = files.map(file => file.split('/').at(-1) ?? '');
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

it('19 of 20 functions have at most 25 lines, none more than 80', () => {
  const lengths = files.flatMap(functionLengths).toSorted((a, b) => a - b);
  expect(lengths.length).toBeGreaterThan(1_000);
  expect(lengths[Math.floor(lengths.length * 0.95)]).toBeLessThanOrEqual(25);
  expect(lengths.at(-1)).toBeLessThanOrEqual(80);
});
