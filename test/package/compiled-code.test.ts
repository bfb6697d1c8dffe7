import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

/* The code that the package has compiled already: it is used where it fits to the byte, and never missed where it does not. */

/** Prints to a file which modules came compiled, which were refused by V8, and which Node compiled. */
const counting = `
  const vm = require('node:vm');
  const { writeFileSync } = require('node:fs');
  const { basename } = require('node:path');
  const seen = { taken: [], refused: [], compiled: [] };
  const { Script } = vm;
  vm.Script = class extends Script {
    constructor(text, options) {
      super(text, options);
      if (options?.cachedData) (this.cachedDataRejected ? seen.refused : seen.taken).push(basename(options.filename));
    }
  };
  const { _compile } = module.constructor.prototype;
  module.constructor.prototype._compile = function (text, filename) {
    seen.compiled.push(basename(filename));
    return _compile.call(this, text, filename);
  };
  process.once('exit', () => writeFileSync(process.env.SEEN, JSON.stringify(seen)));
`;

interface Seen {
  readonly taken: readonly string[];
  readonly refused: readonly string[];
  readonly compiled: readonly string[];
}

let folder: string;
let lib: string;
let bin: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reconcile-compiled-'));
  writeFileSync(join(folder, 'counting.cjs'), counting);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(() => {
  cpSync('dist', join(folder, 'dist'), { recursive: true });
  lib = join(folder, 'dist/lib');
  const found = readdirSync(lib).filter(name => name.endsWith('.bin'));
  expect(found).toEqual([`compiled-${process.version}-${process.platform}-${process.arch}.bin`]);
  bin = join(lib, found[0] ?? '');
});
afterEach(() => rmSync(join(folder, 'dist'), { recursive: true, force: true }));

function run(options: readonly string[] = [], words: readonly string[] = ['validate', 'examples/chapter.yaml']) {
  const env = { PATH: process.env['PATH'], SEEN: join(folder, 'seen.json') };
  const hook = ['--require', join(folder, 'counting.cjs')];
  const line = [...options, ...hook, join(folder, 'dist/reconcile.cjs'), ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, line, { encoding: 'utf8', env });
  const seen: Seen = JSON.parse(readFileSync(join(folder, 'seen.json'), 'utf8'));
  return { status, stdout, stderr, ...seen };
}

/** What is said whether or not there is compiled code. */
function said(): string {
  const { stdout } = spawnSync(process.execPath, ['dist/reconcile.cjs', 'validate', 'examples/chapter.yaml'], {
    encoding: 'utf8',
  });
  expect(stdout).toMatch(/valid/);
  return stdout;
}

describe('the compiled code of the package', () => {
  it('is taken for every module that is loaded but the launcher and itself', () => {
    const { status, stdout, taken, refused, compiled } = run();
    expect([status, stdout, refused]).toEqual([0, said(), []]);
    expect(taken).toEqual(expect.arrayContaining(['main.cjs', 'estate-schema.cjs']));
    expect(compiled).toEqual(['reconcile.cjs', 'compiled-code.cjs']);
  });

  it('has what connects, too', () => {
    const bytes = readFileSync(bin);
    const list: object = JSON.parse(bytes.toString('utf8', 4, 4 + bytes.readUInt32LE(0)));
    const texts = Object.keys(list).map(name => readFileSync(join(lib, name), 'utf8'));
    for (const word of ['Keepalive timeout', 'Unknown change operation', 'YAMLParseError'])
      expect([word, texts.some(text => text.includes(word))]).toEqual([word, true]);
  });

  it('does not count for a module that has other bytes, be it as long', () => {
    const [schema = ''] = readdirSync(lib).filter(name => name === 'estate-schema.cjs');
    const text = readFileSync(join(lib, schema), 'utf8');
    writeFileSync(join(lib, schema), text.replaceAll('must be ', 'MUST be '));
    const { taken, compiled } = run();
    expect(compiled).toContain(schema);
    expect(taken).toContain('main.cjs');
    expect(taken).not.toContain(schema);
  });

  it.each([
    ['is cut', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
    ['is empty', () => Buffer.alloc(0)],
    [
      'has a broken list',
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 4), Buffer.from('x'), bytes.subarray(5)]),
    ],
    ['is text', () => Buffer.from('nothing that V8 knows')],
    [
      'has other bits everywhere in its code',
      (bytes: Buffer) => bytes.map((byte, index) => (index > 8_000 && index % 97 === 0 ? byte ^ 0x10 : byte)),
    ],
  ])('costs nothing but time where it %s', (_, broken) => {
    writeFileSync(bin, broken(readFileSync(bin)));
    const { status, stdout, stderr, taken, compiled } = run();
    expect([status, stdout, stderr]).toEqual([0, said(), '']);
    expect([...taken, ...compiled]).toContain('main.cjs');
    expect(compiled).toContain('estate-schema.cjs');
  });

  it('is no loss where it is of another Node', () => {
    renameSync(bin, bin.replace(process.version, 'v20.19.99'));
    const { status, stdout, taken, compiled } = run();
    expect([status, stdout, taken]).toEqual([0, said(), []]);
    expect(compiled).toContain('main.cjs');
  });

  it('is refused by V8 itself where Node runs with other options', () => {
    const { status, stdout, taken, compiled } = run(['--no-opt']);
    expect([status, stdout, taken]).toEqual([0, said(), []]);
    expect(compiled).toContain('main.cjs');
  });

  it('keeps the lines of the sources in the stack of a mistake', () => {
    writeFileSync(join(folder, 'break.cjs'), 'JSON.stringify = () => { throw new Error("broken") };\n');
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--require', join(folder, 'break.cjs'), resolve('dist/reconcile.cjs'), 'schema'],
      { encoding: 'utf8' },
    );
    const place = /report it\.\nError: broken\n[\s\S]*\(src\/cli\/validate-command\.ts:\d+:\d+/;
    expect([status, stderr]).toEqual([1, expect.stringMatching(place)]);
  });
});
