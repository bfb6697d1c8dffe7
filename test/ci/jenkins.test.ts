import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { callsIn, type Parsed, parseGroovy, pipelineProblems } from './declarative.ts';
import { ciFolder } from './templates.ts';

/** The pipeline of Jenkins, by the compiler of Groovy that Jenkins uses, and by what is documented of declarative pipelines. */
const text = readFileSync(join(ciFolder, 'jenkins', 'Jenkinsfile'), 'utf8');

const mistakes: readonly (readonly [what: string, right: string, wrong: string, message: string])[] = [
  ['a brace too many', 'agent none', 'agent none }', 'unexpected token'],
  ['no agent at all', '  agent none\n', '', 'pipeline needs agent'],
  ['an agent that is missing at one stage', "agent { label 'reconcile' }", '', 'stage Check has no agent'],
  ['an unknown section', 'triggers {', 'trigger {', 'pipeline has no trigger'],
  ['an unknown outcome', 'always {', 'allways {', 'post has no allways'],
  ['an unknown condition', "branch 'main'", "branches 'main'", 'when has no branches'],
  ['a stage without steps', 'steps {', 'step {', 'stage needs one of steps'],
  ['a section that is there twice', 'agent none', 'agent none\n  agent any', 'pipeline has agent twice'],
  ['an unknown option of a step', 'allowEmptyArchive', 'allowEmpty', 'archiveArtifacts has no allowEmpty'],
  ['an input without its question', "message 'Apply", "messages 'Apply", 'input needs message'],
];
const mistaken = (right: string, wrong: string) => text.replace(right, wrong);
let parsed: readonly Parsed[];

beforeAll(() => {
  parsed = parseGroovy([text, ...mistakes.map(([, right, wrong]) => mistaken(right, wrong))]);
});

function problems(at: number): string {
  const one = parsed[at] ?? { wrong: 'not parsed' };
  return 'wrong' in one ? one.wrong : pipelineProblems(one.script).join('\n');
}

it('is a declarative pipeline', () => {
  expect(problems(0)).toBe('');
});

describe('a mistake is found:', () => {
  it.each(mistakes.map((mistake, at) => [...mistake, at + 1] as const))('%s', (_, right, wrong, message, at) => {
    expect(mistaken(right, wrong)).not.toBe(text);
    expect(problems(at)).toContain(message);
  });
});

/** All scripts of a shell in it: those of its steps, and that of its code. */
function scripts(): readonly string[] {
  const [right] = parsed;
  const steps = right && 'script' in right ? callsIn(right.script).filter(({ call }) => call === 'sh') : [];
  const code = [...text.matchAll(/script: '([^']*)'/g)].map(([, script = '']) => script);
  return [...steps.flatMap(({ values: [value] }) => (typeof value === 'string' ? [value] : [])), ...code];
}

it('has scripts without a mistake, in which Groovy fills nothing in', () => {
  const all = scripts();
  expect(all).toHaveLength(5);
  for (const script of all) {
    const input = `#!/bin/sh\n${script}`;
    expect(spawnSync('shellcheck', ['--shell', 'sh', '-'], { input, encoding: 'utf8' }).stdout).toBe('');
  }
});

it('gives a pull request what only reads, and an agent what writes only after the question', () => {
  const stages = text.split(/^ {4}stage\(/m).slice(1);
  const [apply, ...others] = stages.filter(stage => stage.includes('estate-write'));
  expect(others).toEqual([]);
  expect(apply).toMatch(/beforeInput true[\s\S]*\binput \{[\s\S]*\bagent \{/);
});
