import { mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { calledAs } from '../../src/adapters/local/called-as.ts';

let folder: string;
let launcher: string;
const node = process.execPath;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'called as-')));
  launcher = place('lib/node_modules/calendar-reconcile/reconcile.cjs', 'launcher');
});

function place(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode: 0o755 });
  return path;
}

function link(name: string, target: string): string {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  symlinkSync(target, join(folder, name));
  return join(folder, name);
}

function called(script: string, ...folders: readonly string[]): string {
  const PATH = [...folders.map(name => join(folder, name)), '/nowhere', ''].join(':');
  return calledAs({ script, node, variables: { PATH } });
}

it('is its name where the PATH has a link to it, however it was started', () => {
  const bin = link('bin/reconcile', launcher);
  expect(called(bin, 'bin')).toBe('reconcile');
  expect(called(launcher, 'bin')).toBe('reconcile');
});

it.each(['exec node "%s" "$@"', 'exec node "$basedir/../calendar-reconcile/reconcile.cjs" "$@"'])(
  'is its name where the PATH has a script that runs it: %s',
  line => {
    place('bin/reconcile', `#!/bin/sh\n${line.replace('%s', launcher)}\n`);
    expect(called(launcher, 'bin')).toBe('reconcile');
  },
);

it('is Node and the path where the PATH has nothing or another program by that name', () => {
  link('node/node', node);
  expect(called(launcher, 'node')).toBe(`node '${launcher}'`);
  place('bin/reconcile', '#!/bin/sh\nexec another\n');
  expect(called(launcher, 'bin', 'node')).toBe(`node '${launcher}'`);
  mkdirSync(join(folder, 'folder/reconcile'), { recursive: true });
  expect(called(launcher, 'folder', 'node')).toBe(`node '${launcher}'`);
});

it('is the path where npx put it on the PATH for itself', () => {
  const bin = link('cache/node_modules/.bin/reconcile', launcher);
  link('node/node', node);
  expect(called(bin, 'cache/node_modules/.bin', 'node')).toBe(`node '${launcher}'`);
});

it('names the Node that runs it where the PATH has another one', () => {
  place('node/node', '#!/bin/sh\n');
  expect(called(launcher, 'node')).toBe(`${node} '${launcher}'`);
  expect(called(launcher)).toBe(`${node} '${launcher}'`);
});
