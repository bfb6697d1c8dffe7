import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { buildProgram } from '../../src/cli/program.ts';
import { loadEstate } from '../../src/estate/load.ts';
import { actionFile, type WorkflowStep } from '../ci/templates.ts';
import { parseOnly, shellWords } from '../cli/parse-only.ts';
import { offline } from '../estate/offline.ts';
import { estateSchema } from '../kinds/cases.ts';
import { type CodeBlock, codeBlocks, codeSpans, written } from './pages.ts';

/**
 * What a code block is follows from its language: `sh` is parsed by the shell and by the program, `yaml` is an estate file or a part of
 * one and is valid, `yml` is steps of a workflow with our action, `console` is commands with the output they really have (recorded-output.test.ts), and `text` is a picture or an excerpt.
 */
const blocks = written.flatMap(codeBlocks);

function ofLanguage(language: string): readonly CodeBlock[] {
  return blocks.filter(block => block.language === language);
}

it('every code block says what it is', () => {
  const odd = blocks.filter(({ language }) => !['sh', 'yaml', 'yml', 'console', 'text', 'ts'].includes(language));
  expect(odd.map(({ page, line, language }) => `${page}:${line} ${language}`)).toEqual([]);
  expect(blocks.length).toBeGreaterThan(50);
});

it('the kind that contributors read is one that the tests run', () => {
  const kind = readFileSync('test/kinds/added/cs7-motto/cs7-motto.ts', 'utf8');
  const inItsPlace = kind.replaceAll('../../../../src/kinds/', '../').replaceAll('../../../../src/', '../../');
  expect(ofLanguage('ts').map(({ page, text }) => [page, text])).toEqual([['.github/CONTRIBUTING.md', inItsPlace]]);
});

describe('shell', () => {
  it.each(ofLanguage('sh'))('$page:$line can be read by a shell', ({ text }) => {
    execFileSync('bash', ['-n'], { input: text });
  });

  it.each(written)('$path has commands that the program takes', async page => {
    const scripts = codeBlocks(page).filter(({ language }) => language === 'sh');
    await parseAll(scripts.flatMap(({ text }) => commandLines(text)));
  });

  it('commands are found', () => {
    expect(commandLines('a && reconcile plan -o p \\\n  --only x # why\nsource <(reconcile man | less)')).toEqual([
      'reconcile plan -o p    --only x',
      'reconcile man',
    ]);
    expect(ofLanguage('sh').flatMap(({ text }) => commandLines(text)).length).toBeGreaterThan(60);
  });

  it('of the README is what the tests run', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
    const readme = blocks.filter(({ page }) => page === 'README.md').map(({ text }) => text);
    const named = readme.flatMap(text => [...text.matchAll(/npm (?:run )?([a-z]+)/g)].map(([, name = '']) => name));
    expect(named.filter(name => name !== 'ci')).toEqual(['demo', 'test']);
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['demo', 'test']));
  });
});

/** The command lines of the program in a script, without what the shell does with their output. */
function commandLines(script: string): readonly string[] {
  const text = script.replace(/\\\n/g, ' ').replace(/(^|\s)#.*$/gm, '$1');
  return [...text.matchAll(/(?:^|[;&|(] *)(reconcile(?: [^\n;|&)>]*)?)(?=$|[\n;|&)>])/gm)].map(([, line = '']) =>
    line.trim(),
  );
}

/** A mistake names the command line. */
async function parseAll(lines: readonly string[]): Promise<void> {
  for (const [i, words] of shellWords(lines).entries()) await expect(parseOnly(words), lines[i]).resolves.toBeDefined();
}

describe('code within lines', () => {
  it.each(written)('$path has commands that the program takes', async page => {
    const commands = codeSpans(page).filter(span => /^reconcile [^[…]*$/.test(span));
    const alone = commands.filter(span => /^reconcile [a-z]+$/.test(span)).map(span => span.replace('reconcile ', ''));
    expect(alone.filter(verb => !verbs.includes(verb))).toEqual([]);
    const whole = commands.filter(span => / .* /.test(span));
    await parseAll(whole.map(span => span.replace('SHELL', 'bash').replace(/\|.*/, '')));
  });

  it.each(written)('$path names options of the program', page => {
    const options = codeSpans(page).flatMap(span => /^--[a-z][a-z0-9-]*/.exec(span)?.[0] ?? []);
    expect(options.filter(option => !known.has(option))).toEqual([]);
  });

  it.each(written)('$path names files of the repository', page => {
    const files = codeSpans(page).filter(span => /^(?:src|test|schemas|examples|docs|\.github)\/[\w./-]+$/.test(span));
    expect(files.filter(file => !existsSync(file))).toEqual([]);
  });
});

const program = buildProgram(offline({}), () => {});

const verbs = program.commands.flatMap(command => [command.name(), ...command.aliases()]);

/** Also the one that there is not, as the documentation says. */
const known = new Set([
  ...[program, ...program.commands].flatMap(({ options }) => options.flatMap(({ long }) => long ?? [])),
  ...['--help', '--force'],
]);

describe('YAML', () => {
  it.each(ofLanguage('yaml'))('$page:$line is an estate file, or a part of one', ({ text }) => {
    const part = parse(text);
    const whole = part.version === undefined ? stringify(completed(part)) : text;
    const { state, findings } = loadEstate('estate.yaml', whole, estateSchema, {}, { day: '2026-12-08', readFile });
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(state).toBeDefined();
  });
});

describe('the action', () => {
  const { inputs, outputs } = parse(readFileSync(actionFile, 'utf8'));

  it.each(ofLanguage('yml'))('$page:$line uses it as it is', async ({ text }) => {
    const steps: readonly WorkflowStep[] = parse(text);
    const own = steps.filter(({ uses }) => uses?.startsWith('example/reconcile@'));
    expect(own.flatMap(step => Object.keys(step.with ?? {})).filter(name => !(name in inputs))).toEqual([]);
    const used = [...text.matchAll(/outputs\.([\w-]+)/g)].map(([, name = '']) => name);
    expect(used.filter(name => !(name in outputs))).toEqual([]);
    await parseAll(own.map(step => `reconcile ${step.with?.['command']} ${step.with?.['args']}`));
  });

  it('has all its inputs and outputs in the documentation', () => {
    const ci = written.filter(({ path }) => path === 'docs/ci.md').flatMap(codeSpans);
    expect([...Object.keys(inputs), ...Object.keys(outputs)].filter(name => !ci.includes(name))).toEqual([]);
  });
});

function readFile(path: string): Buffer {
  return readFileSync(`examples/${path}`);
}

type Tree = { readonly [key: string]: unknown };

/** The part in its place in a file that is complete: maps are merged, everything else is replaced. */
function completed(part: Tree): Tree {
  return merged(parse(readFileSync('test/docs/around-parts.yaml', 'utf8')), part);
}

function merged(whole: Tree, part: Tree): Tree {
  const keys = Object.entries(part).map(([key, value]) => {
    const own = whole[key];
    return [key, isTree(own) && isTree(value) && key !== 'cohorts' ? merged(own, value) : value] as const;
  });
  return { ...whole, ...Object.fromEntries(keys) };
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
