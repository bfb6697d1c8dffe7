import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { folderWith, runAction } from './action.ts';
import type { Workflow } from './templates.ts';

/** The scripts of a release, on a repository and an origin of their own. Only npm, gh and the registries are stand-ins. */
const release: Workflow = parse(readFileSync('.github/workflows/release.yml', 'utf8'));
let place: string;
let checkout: string;

const git = (...words: readonly string[]) =>
  execFileSync('git', ['-C', checkout, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'reconcile-release-'));
  checkout = join(place, 'checkout');
  execFileSync('git', ['init', '--quiet', '--bare', join(place, 'origin')]);
  execFileSync('git', ['init', '--quiet', '--initial-branch', 'main', checkout]);
  cpSync('.github', join(checkout, '.github'), { recursive: true });
  writeFileSync(join(checkout, '.gitignore'), 'dist/\n');
  writeFileSync(join(checkout, 'CHANGELOG.md'), '# Changelog\n\n## 1.2.3 - today\n\nNew.\n\n## 1.2.2\n\nOld.\n');
  git('add', '--all');
  git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '-m', 'first');
  git('remote', 'add', 'origin', join(place, 'origin'));
  mkdirSync(join(checkout, 'dist'));
  writeFileSync(join(checkout, 'dist/package.json'), '{ "version": "1.2.3", "bin": { "reconcile": "p.cjs" } }');
  writeFileSync(join(checkout, 'dist/p.cjs'), 'console.log(process.argv.slice(2).join())');
});

function runStep(name: string, variables: Readonly<Record<string, string>>) {
  const script = release.jobs['package']?.steps.find(step => step.name === name)?.run ?? 'exit 9';
  const bin = folderWith({ gh: `#!/bin/sh\necho "$@" >>"${place}/gh"\n`, npm: '#!/bin/sh\n:\n' });
  const { status, stdout } = spawnSync('bash', ['-eo', 'pipefail', '-c', script], {
    cwd: checkout,
    encoding: 'utf8',
    env: {
      PATH: `${bin}:${process.env['PATH']}`,
      HOME: place,
      GITHUB_OUTPUT: join(place, 'output'),
      GITHUB_REPOSITORY: 'example/reconcile',
      ...variables,
    },
  });
  return { status, stdout };
}

const onOrigin = (ref: string) => git('ls-remote', 'origin', ref).split('\t')[0];

it('the branch of the action has the package and the action, and v1 is its newest revision', () => {
  expect(runStep('Move the action', { TAG: 'v1.2.3' }).status).toBe(0);
  const first = onOrigin('refs/heads/release');
  git('reset', '--quiet', '--hard');
  expect(runStep('Move the action', { TAG: 'v1.2.4' }).status).toBe(0);
  const second = onOrigin('refs/heads/release');
  expect(second).not.toBe(first);
  expect(onOrigin('refs/tags/v1')).toBe(second);
  const branch = join(place, 'branch');
  execFileSync('git', ['clone', '--quiet', '--branch', 'v1', join(place, 'origin'), branch], { stdio: 'ignore' });
  const actions = ['action.yml', 'comment', 'main.mjs', 'post.mjs'];
  expect(readdirSync(branch)).toEqual(['.git', ...actions, 'p.cjs', 'package.json'].toSorted());
  const log = execFileSync('git', ['-C', branch, 'log', '--format=%s'], { encoding: 'utf8' });
  expect(log).toBe('The action of v1.2.4\nThe action of v1.2.3\n');
  const ran = runAction(branch, { command: 'check' });
  expect(ran).toMatchObject({ code: 0, outputs: { 'exit-code': '0' } });
  expect(ran.output).toMatch(/^check,--format,github,/m);
});

describe('a release', () => {
  it('is not made of a tag that is not the version of the package', () => {
    expect(runStep('Build', { TAG: 'v1.2.4' })).toMatchObject({ status: 1, stdout: expect.stringContaining('v1.2.4') });
    expect(runStep('Build', { TAG: 'v1.2.3' }).status).toBe(0);
    expect(readFileSync(join(place, 'output'), 'utf8')).toContain('tarball=calendar-reconcile-1.2.3.tgz\n');
  });

  it('has the part of the changelog that is about it, and is refused without one', () => {
    expect(runStep('Release', { TAG: 'v1.2.3', TARBALL: 'p.tgz' }).status).toBe(0);
    expect(readFileSync(join(checkout, 'notes.md'), 'utf8')).toBe('\nNew.\n\n');
    expect(readFileSync(join(place, 'gh'), 'utf8')).toContain('release create v1.2.3 --verify-tag');
    expect(runStep('Release', { TAG: 'v1.3.0', TARBALL: 'p.tgz' }).status).toBe(1);
  });

  it('of the version that package.json has is in the changelog', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(readFileSync('CHANGELOG.md', 'utf8')).toContain(`\n## ${version} - `);
  });
});

const text = { type: 'string', minLength: 1 };

/** What is documented of the parts of an issue form. */
const formSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'description', 'body'],
  properties: {
    name: text,
    description: text,
    labels: { type: 'array', items: text },
    body: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['type', 'attributes'],
        properties: {
          type: { enum: ['markdown', 'input', 'textarea', 'dropdown', 'checkboxes'] },
          id: { type: 'string', pattern: '^[\\w-]+$' },
          attributes: {
            type: 'object',
            additionalProperties: false,
            properties: {
              ...{ label: text, description: text, placeholder: text, value: text, render: text },
              options: {
                type: 'array',
                minItems: 1,
                items: {
                  anyOf: [
                    text,
                    {
                      type: 'object',
                      additionalProperties: false,
                      required: ['label'],
                      properties: { label: text, required: { type: 'boolean' } },
                    },
                  ],
                },
              },
            },
          },
          validations: { type: 'object', additionalProperties: false, properties: { required: { type: 'boolean' } } },
        },
      },
    },
  },
};

it.each(readdirSync('.github/ISSUE_TEMPLATE').filter(file => file !== 'config.yml'))(
  'the issue form %s has what is documented, and names its parts once',
  file => {
    const form = parse(readFileSync(join('.github/ISSUE_TEMPLATE', file), 'utf8'));
    const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(formSchema);
    expect([validate(form), validate.errors]).toEqual([true, null]);
    const ids = form.body.flatMap(({ id }: { id?: string }) => id ?? []);
    expect(new Set(ids).size).toBe(ids.length);
  },
);

it('the versions of Node that are tested are those that package.json allows, and the newest LTS is the one to work with', () => {
  const ci = parse(readFileSync('.github/workflows/ci.yml', 'utf8'));
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8'));
  const [oldest] = ci.jobs.check.strategy.matrix.node;
  expect(engines.node).toBe(`>=${oldest}`);
  expect(ci.jobs.check.strategy.matrix.node).toContain(readFileSync('.nvmrc', 'utf8').trim());
});
