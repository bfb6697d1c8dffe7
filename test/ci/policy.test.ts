import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, it } from 'vitest';

/** The policy example, by OPA 0.47 on plans; newer ones read what it is written in as well. */
const policy = readFileSync('examples/policy/plan.rego', 'utf8');

interface Answer {
  readonly deny: readonly string[];
  readonly warn: readonly string[];
}

function evaluate(text: string, inputs: readonly object[]): readonly Answer[] {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['test/ci/evaluate-rego.cjs'], {
    input: JSON.stringify({ policy: text, inputs }),
    encoding: 'utf8',
    timeout: 120_000,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

const setting = { action: 'update', item: 'ics.conf', key: 'local.autoprovision', before: 'yes', after: 'no' };
const restart = { action: 'restart', item: 'server', key: 'server' };
const move = { action: 'create', item: 'uid=jdoe', key: 'davStore', after: 'defaultbackend', moves: 'cs6->cs7' };
const step = (target: string, ...changes: readonly object[]) => ({ target, changes });
const plan = (...steps: readonly object[]) => ({ formatVersion: 2, clean: true, unread: [], ignored: [], steps });

const many = (n: number) => Array.from({ length: n }, (_, i) => ({ ...move, item: `uid=user${i}` }));
const hosts = (n: number) => Array.from({ length: n }, (_, i) => step(`cs6-fe${i}`, setting, restart));

const small = plan(...hosts(4), step('directory', ...many(500)));
const lost = { ...setting, action: 'delete', irreversible: 'gone' };
const uncommitted = 'The plan was not made from committed files.';
const ignored = [{ target: 'cs6-be1', change: setting, until: '2027-01-31', reason: 'load test', owner: 'ops' }];

const plans: readonly (readonly [what: string, input: object, answer: Partial<Answer>])[] = [
  ['that is small, and made from what is committed', small, {}],
  [
    'of another format',
    { ...small, formatVersion: 3 },
    { deny: ['This policy is written for plans of format 2, and the plan has format 3.'] },
  ],
  ['of a reading that was not complete', { ...small, unread: ['cs6'] }, { deny: ['Not everything could be read.'] }],
  ['of files that are not committed', { ...small, clean: false }, { deny: [uncommitted] }],
  ['of files of which that is not known', { ...small, clean: undefined }, { deny: [uncommitted] }],
  [
    'with many moves',
    plan(step('directory', ...many(501))),
    { deny: ['501 accounts move to Calendar Server 7. Without a person at most 500 do.'] },
  ],
  ['with many restarts', plan(...hosts(5)), { deny: ['5 hosts are restarted. Without a person at most 4 are.'] }],
  [
    'with something that cannot be undone',
    plan(step('cs6-fe1', lost)),
    { deny: ['cs6-fe1: local.autoprovision of ics.conf cannot be undone.'] },
  ],
  [
    'with a protected setting',
    plan(step('cs6-fe1', { ...setting, key: 'service.http.port' })),
    { deny: ['cs6-fe1: only a person changes service.http.port.'] },
  ],
  [
    'with a difference that is ignored',
    { ...small, ignored },
    { warn: ['cs6-be1: local.autoprovision is ignored until 2027-01-31: load test (ops)'] },
  ],
];

describe('the policy judges a plan', () => {
  let answers: readonly Answer[];

  beforeAll(() => {
    answers = evaluate(
      policy,
      plans.map(([, input]) => input),
    );
  });

  it.each(plans.map(([what, , answer], at) => [what, answer, at] as const))('%s', (_, answer, at) => {
    expect(answers[at]).toEqual({ deny: [], warn: [], ...answer });
  });
});

it.each([
  ['of form', 'count(hosts) >>', 'rego_parse_error'],
  ['of names', 'count(host) >', 'rego_'],
])('a mistake %s in a policy is found', (_, wrong, message) => {
  expect(() => evaluate(policy.replace('count(hosts) >', wrong), [])).toThrow(message);
});

/** The schema of a part of a plan. */
type Schema = {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly $ref?: string;
};

it('everything that the policy reads is in the schema of plans', () => {
  const schema = JSON.parse(readFileSync('schemas/plan.schema.json', 'utf8'));
  new Ajv2020({ strict: false }).compile(schema);
  const resolved = (part: Schema): Schema => (part.$ref ? schema.$defs[part.$ref.replace('#/$defs/', '')] : part);
  const known = (part: Schema | undefined) => Object.keys(part ? (resolved(part).properties ?? {}) : {});
  const read = (pattern: RegExp) => [...policy.matchAll(pattern)].map(([, name = '']) => name);
  expect(known(schema)).toEqual(expect.arrayContaining(read(/\binput\.(\w+)/g)));
  expect(known(schema.$defs.step)).toEqual(expect.arrayContaining(read(/\bstep\.(\w+)/g)));
  expect(known(schema.$defs.change)).toEqual(expect.arrayContaining(read(/\bchange\.(\w+)/g)));
  expect(known(schema.$defs.ignored)).toEqual(expect.arrayContaining(read(/\bone\.(?!change)(until|reason|owner)/g)));
});
