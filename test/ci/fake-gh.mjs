#!/usr/bin/env node
// Stands in for GitHub's gh where the workflows call it: it keeps comments, issues and artifacts as files below
// FAKE_GITHUB, writes down each call in calls.jsonl, and lets the real jq do what --jq asks. What it does not know is an error.
import { spawnSync } from 'node:child_process';
import { appendFileSync, copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const folder = process.env.FAKE_GITHUB;
const words = process.argv.slice(2);
appendFileSync(join(folder, 'calls.jsonl'), `${JSON.stringify(words)}\n`);
if (!process.env.GH_TOKEN) fail('no GH_TOKEN');

const flags = ['silent', 'paginate', 'force'];
const values = [
  'method',
  'field',
  'jq',
  'workflow',
  'branch',
  'status',
  'limit',
  'json',
  'name',
  'label',
  'state',
  'comment',
  'body-file',
  'title',
  'description',
];
const { values: given, positionals } = parseArgs({
  args: words,
  allowPositionals: true,
  options: Object.fromEntries([
    ...flags.map(name => [name, { type: 'boolean' }]),
    ...values.map(name => [name, { type: 'string' }]),
  ]),
});

function fail(why) {
  process.stderr.write(`gh: ${why}: ${words.join(' ')}\n`);
  process.exit(1);
}

const file = name => join(folder, `${name}.json`);
const load = name => (existsSync(file(name)) ? JSON.parse(readFileSync(file(name), 'utf8')) : []);
const save = (name, data) => writeFileSync(file(name), JSON.stringify(data, null, 2));

function answer(data) {
  if (given.silent) return;
  if (given.jq === undefined) return void process.stdout.write(JSON.stringify(data));
  const { status, stdout, stderr } = spawnSync('jq', ['-r', given.jq], {
    input: JSON.stringify(data),
    encoding: 'utf8',
  });
  if (status !== 0) fail(stderr);
  process.stdout.write(stdout);
}

/** A body of GitHub's has 65,536 characters at most. */
function bodyOf(path) {
  const text = readFileSync(path, 'utf8');
  return text.length > 65_536 ? fail('the body is too long') : text;
}

function api(path) {
  const method = given.method ?? 'GET';
  const body = given.field === undefined ? undefined : bodyOf(given.field.replace(/^body=@/, ''));
  const comments = load('comments');
  const known = [
    [/^GET repos\/example\/estate\/issues\/7\/comments$/, () => comments],
    [
      /^POST repos\/example\/estate\/issues\/7\/comments$/,
      () => {
        save('comments', [...comments, { id: comments.length + 1, user: { login: 'github-actions[bot]' }, body }]);
        return {};
      },
    ],
    [
      /^PATCH repos\/example\/estate\/issues\/comments\/(\d+)$/,
      ([, id]) => {
        save(
          'comments',
          comments.map(one => (one.id === Number(id) ? { ...one, body } : one)),
        );
        return {};
      },
    ],
    [/^GET repos\/example\/estate\/commits\/([^/]+)\/pulls$/, ([, sha]) => [{ number: 7, merge_commit_sha: sha }]],
    [
      /^GET repos\/example\/estate\/actions\/artifacts\?name=(.*)$/,
      ([, name]) => ({
        artifacts: load('artifacts').filter(one => one.name === name),
      }),
    ],
  ];
  for (const [pattern, act] of known) {
    const match = pattern.exec(`${method} ${path}`);
    if (match) return answer(act(match));
  }
  return fail('nobody answers');
}

function issue(action, number) {
  const issues = load('issues');
  const change = parts =>
    save(
      'issues',
      issues.map(one => (one.number === Number(number) ? { ...one, ...parts } : one)),
    );
  if (action === 'list') return answer(issues.filter(one => one.state === 'open' && one.label === given.label));
  if (action === 'close') return change({ state: 'closed', comment: given.comment });
  if (action === 'edit') return change({ body: bodyOf(given['body-file']) });
  const made = { number: issues.length + 1, state: 'open', title: given.title, label: given.label };
  return save('issues', [...issues, { ...made, body: bodyOf(given['body-file']) }]);
}

const [what, action, name] = positionals;
if (what === 'api') api(action);
else if (what === 'issue') issue(action, name);
else if (what === 'label' && action === 'create') save('labels', [...load('labels'), name]);
else if (what === 'run' && action === 'list') answer([{ databaseId: 1 }]);
else if (what === 'run' && action === 'download') {
  const from = join(folder, 'artifacts', given.name);
  if (!existsSync(from)) fail('no such artifact');
  for (const one of readdirSync(from)) copyFileSync(join(from, one), one);
} else fail('nobody knows this command');
