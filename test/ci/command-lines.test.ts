import { readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { parseOnly } from '../cli/parse-only.ts';
import { actionFile, templateFiles, workflow, workflowFiles } from './templates.ts';

/** Every command line of what is ready-made, parsed by the real program: an option that is renamed is found here. */
const texts = [...templateFiles(), { file: actionFile, text: readFileSync(actionFile, 'utf8') }];

/** A command line in a script, in the arguments of a container, or after an image in a comment. */
const forms = [
  /(?:^|[\s='"(])(?:\/usr\/bin\/)?reconcile ((?:--|(?:validate|check|plan|apply|drift|snapshot|verify|audit|merge|page) )[^\n;|&)]*)/g,
  /^ *args: \[(.*)\]$/gm,
  /reconcile:1 (--.*)$/gm,
];

function linesOf(text: string): readonly string[] {
  return forms.flatMap(form => [...text.matchAll(form)].map(match => (match[1] ?? '').trim()));
}

/** Without quotes, and with a number for each variable; the two kinds of lists separate by blanks or commas. */
function wordsOf(line: string): readonly string[] {
  return [...line.replace(/\$\{\{[^}]*\}\}|\$\{?\w+\}?/g, '1').matchAll(/"([^"]*)"|'([^']*)'|([^\s,"']+)/g)].map(
    match => match[1] ?? match[2] ?? match[3] ?? '',
  );
}

/** What the action of a workflow is asked to run. */
const actions = workflowFiles.flatMap(file =>
  Object.values(workflow(file).jobs)
    .flatMap(({ steps }) => steps)
    .filter(step => step.uses?.startsWith('example/reconcile@') && step.with?.['command'] !== undefined)
    .map(step => ({ file, line: `${step.with?.['command']} ${step.with?.['args'] ?? ''}` })),
);

const lines = [...texts.flatMap(({ file, text }) => linesOf(text).map(line => ({ file, line }))), ...actions];

it('finds them', () => {
  expect(new Set(lines.map(({ file }) => file)).size).toBeGreaterThanOrEqual(7);
  expect(actions.length).toBe(7);
});

describe('every command line is one', () => {
  it.each(lines)('$file: reconcile $line', async ({ line }) => {
    await expect(parseOnly(wordsOf(line))).resolves.toBeDefined();
  });

  it('and one that is not is found', async () => {
    await expect(parseOnly(['plan', '--bases', 'main'])).rejects.toThrow(CommanderError);
  });
});
