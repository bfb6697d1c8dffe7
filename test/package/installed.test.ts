import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Caller, environmentOf, installed, nodeFolder, ordinary, packTarball, typed } from './installed.ts';

/* The package as a user has it: from its tarball, in folders of its own, on every Node that it is for. */

const versions = ['20.19.0', '22.23.3', '24.21.0', '26.10.0'];
const [oldest = '', newest = ''] = [versions[0], versions.at(-1)];
const isRoot = process.getuid?.() === 0;

let folder: string;
let tarball: string;
let bin: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reconcile-package-'));
  chmodSync(folder, 0o755);
  tarball = packTarball(folder);
  bin = installed(tarball, folder);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function caller(version: string, as: 'root' | 'user' = 'root', folders: readonly string[] = [bin]): Caller {
  const home = mkdtempSync(join(folder, 'home-'));
  const node = nodeFolder(version);
  if (as === 'root' || !isRoot) return { node, folders, home };
  chownSync(home, ordinary.uid, ordinary.uid);
  return { node, folders, home, becomes: ordinary.becomes };
}

const root = (): string => join(bin, '../lib/node_modules/calendar-reconcile');
const filesOf = (place: string): readonly string[] =>
  readdirSync(place, { recursive: true, encoding: 'utf8' }).filter(name => statSync(join(place, name)).isFile());

describe('the package', () => {
  it('has no dependency, no script, no native part, and at most 7 MB', () => {
    const manifest = JSON.parse(readFileSync(join(root(), 'package.json'), 'utf8'));
    expect(Object.keys(manifest).filter(key => /dependencies|scripts|private/i.test(key))).toEqual([]);
    const files = filesOf(root());
    expect(files.filter(name => /\.node$|\.gyp$|(^|\/)node_modules\//.test(name))).toEqual([]);
    const bytes = files.reduce((sum, name) => sum + statSync(join(root(), name)).size, 0);
    expect(bytes).toBeLessThan(7_000_000);
  });

  it.each(['LICENSE', 'README.md', 'THIRD-PARTY-NOTICES.txt', 'sbom.cdx.json', 'reconcile.1', 'examples/chapter.yaml'])(
    'has %s',
    name => {
      expect(statSync(join(root(), name)).size).toBeGreaterThan(500);
    },
  );

  it('gives man its page', () => {
    expect(readFileSync(join(bin, '../share/man/man1/reconcile.1'), 'utf8')).toMatch(/^\.TH RECONCILE 1 /);
  });

  it('names every library that it has code of, with licence, digest and notice', () => {
    const { components } = JSON.parse(readFileSync(join(root(), 'sbom.cdx.json'), 'utf8'));
    const notices = readFileSync(join(root(), 'THIRD-PARTY-NOTICES.txt'), 'utf8');
    const names = components.map(({ name }: { readonly name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['ajv', 'commander', 'ical.js', 'ldapts', 'saxes', 'ssh2', 'yaml']));
    for (const { name, version, licenses, hashes } of components) {
      expect(licenses, name).toEqual([{ license: { id: expect.stringMatching(/./) } }]);
      expect(hashes, name).toEqual([{ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) }]);
      expect(notices).toMatch(new RegExp(`^${name} ${version} \\(.+\\) https://`, 'm'));
    }
  });

  it('has packed maps, which lead to its sources and stand beside a module each', () => {
    const lib = join(root(), 'lib');
    const maps = readdirSync(lib).filter(name => name.includes('.map'));
    expect(maps).toContain('main.cjs.map.gz');
    for (const name of maps) {
      const { sources, mappings } = JSON.parse(gunzipSync(readFileSync(join(lib, name))).toString());
      expect([existsSync(join(lib, name.replace('.map.gz', ''))), mappings.length > 0], name).toEqual([true, true]);
      expect(sources.join('\n'), name).toMatch(/\bsrc\//);
    }
    const modules = readdirSync(lib).filter(name => name.endsWith('.cjs'));
    expect(modules.filter(name => readFileSync(join(lib, name), 'utf8').includes('sourceMappingURL'))).toEqual([]);
  });
});

describe.each(versions)('on Node %s', version => {
  it.each([
    ['reconcile --version', /^\d+\.\d+\.\d+\n$/],
    ['reconcile --help', /Usage: reconcile/],
    ['reconcile schema', /"urn:reconcile:estate:1"/],
    ['reconcile completion bash', /complete .* reconcile\n$/],
    ['reconcile man', /^\.TH RECONCILE 1 /],
    ['reconcile explain estate.url-without-port', /./],
    ['reconcile validate EXAMPLES/chapter.yaml', /valid/],
    ['reconcile validate EXAMPLES/front-and-back-ends.yaml EXAMPLES/../package.json; test $? = 1', /./],
  ])('%s', (line, says) => {
    const examples = join(root(), 'examples');
    const { code, stdout, stderr } = typed(line.replaceAll('EXAMPLES', examples), caller(version, 'user'));
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(says);
  });
});

it.each(['14.21.3', '18.20.8'])('says in one line that Node %s is too old', version => {
  const { code, stdout, stderr } = typed('reconcile --version', caller(version));
  expect([code, stdout, stderr]).toEqual([
    1,
    '',
    `reconcile needs Node.js 20.19 or later. This is Node.js ${version}.\n`,
  ]);
});

it('names the lines of its sources where it makes a mistake', () => {
  const by = caller(oldest);
  writeFileSync(join(by.home, 'break.mjs'), 'JSON.stringify = () => { throw new Error("broken") };\n');
  const { code, stderr } = typed('NODE_OPTIONS="--import=./break.mjs" reconcile schema', by);
  const place = /report it\.\nError: broken\n[\s\S]*\(src\/cli\/validate-command\.ts:\d+:\d+/;
  expect([code, stderr]).toEqual([1, expect.stringMatching(place)]);
});

it('is no success where its work waits for something that never comes', () => {
  const by = caller(oldest);
  const never = '({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) })';
  writeFileSync(join(by.home, 'never.cjs'), `require('node:fs').createReadStream = () => ${never};\n`);
  const { code, stdout, stderr } = typed('NODE_OPTIONS="--require=./never.cjs" reconcile validate any.yaml', by);
  expect([code, stdout, stderr]).toEqual([1, '', expect.stringMatching(/^This is a mistake of reconcile itself/)]);
});

describe('a command that it prints', () => {
  it('runs as printed from a folder that was installed', () => {
    const folders = [installed(resolve('dist'), folder)];
    expect(suggested('reconcile', caller(newest, 'root', folders))).toBe('reconcile --version');
  });

  it('runs as printed where the PATH has no reconcile', () => {
    const launcher = join(root(), 'reconcile.cjs');
    expect(suggested(`node ${launcher}`, caller(oldest, 'user', []))).toBe(`node ${launcher} --version`);
  });

  it('runs as printed by npx', () => {
    const one = caller(newest, 'root', [join(process.execPath, '..')]);
    const npx = `npm_config_cache=${one.home}/cache npx --yes --package=${tarball} -- reconcile`;
    expect(suggested(npx, one)).toMatch(/^node \S+\/_npx\/\S+\/reconcile\.cjs --version$/);
  });
});

/** The command that a slip is answered with; it was pasted and did what was meant. */
function suggested(program: string, by: Caller): string {
  const { stderr } = typed(`${program} --verison`, by);
  const [, command = ''] = /^ {4}(.*)$/m.exec(stderr) ?? [];
  expect(typed(command, by)).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: '' });
  return command;
}

describe('the demo', () => {
  it.each([
    [oldest, 'root'],
    [newest, 'user'],
  ] as const)('on Node %s as %s: every command that it prints can be pasted', async (version, as) => {
    const by = caller(version, as);
    const [command = '', ...words] = [...(by.becomes ?? []), 'reconcile', 'demo', '--yes', '--keep', '--users', '40'];
    const demo = spawn(command, words, { cwd: by.home, env: environmentOf(by), stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [demo.stdout, demo.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const ended = once(demo, 'close');
    try {
      await Promise.race([ended, expect.poll(() => said).toMatch(/until you press Ctrl-C[\s\S]*\n {4}reconcile .*\n/)]);
      expect(said).toContain('That was the whole job.');
      const shell = { ...by, home: mkdtempSync(join(by.home, 'shell-')) };
      if (by.becomes) chownSync(shell.home, ordinary.uid, ordinary.uid);
      pasteAll(said, shell);
    } finally {
      demo.kill('SIGINT');
    }
    await ended;
    expect(existsSync(dirname(estateIn(said)))).toBe(false);
  });

  const estateIn = (text: string): string => / (\S+estate\.yaml)$/m.exec(text)?.[1] ?? '';

  /** Every command line of a text, after the line that sets the variables. */
  function pasteAll(text: string, by: Caller): void {
    const [, variables = ''] = /^ {4}(export .*)$/m.exec(text) ?? [];
    expect(variables).not.toBe('');
    const lines = new Set([...text.matchAll(/^(?:\$ | {4})(reconcile .*)$/gm)].map(([, line = '']) => line));
    expect(lines.size).toBeGreaterThan(6);
    for (const line of lines) {
      const { code, stdout, stderr } = typed(`${variables}\n${line}`, by);
      const asks = stderr.includes('Standard input is not a terminal');
      expect([0, 2, ...(asks ? [1] : [])], `${line}\n${stdout}${stderr}`).toContain(code);
    }
  }
});
