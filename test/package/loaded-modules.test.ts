import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/* What a command does not need is not loaded. Read from the bundle as it runs, because only that has chunks. */

/** Prints every module that was loaded, to a file, when the process ends. */
const listing = `
  const { writeFileSync } = require('node:fs');
  process.once('exit', () => writeFileSync(process.env.LOADED, JSON.stringify(Object.keys(require.cache))));
`;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reconcile-loaded-'));
  writeFileSync(join(folder, 'listing.cjs'), listing);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Loaded {
  /** Names of files of the package. */
  readonly files: readonly string[];
  /** Bytes of them. */
  readonly bytes: number;
  /** The sources in them that have a map. */
  readonly sources: readonly string[];
  readonly text: string;
}

function loadedBy(...words: readonly string[]): Loaded {
  const list = join(folder, 'list.json');
  const hook = join(folder, 'listing.cjs');
  const { status, stderr } = spawnSync(process.execPath, ['--require', hook, 'dist/reconcile.cjs', ...words], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], LOADED: list },
  });
  expect([status, stderr]).toEqual([0, '']);
  const paths: readonly string[] = JSON.parse(readFileSync(list, 'utf8'));
  const own = paths.filter(path => path.startsWith(resolve('dist')));
  const texts = own.map(path => readFileSync(path, 'utf8'));
  return {
    files: own.map(path => basename(path)),
    bytes: texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0),
    sources: own.flatMap(path => (existsSync(`${path}.map.gz`) ? sourcesOf(`${path}.map.gz`) : [])),
    text: texts.join('\n'),
  };
}

function sourcesOf(map: string): readonly string[] {
  const { sources }: { readonly sources: readonly string[] } = JSON.parse(gunzipSync(readFileSync(map)).toString());
  return sources.map(source => source.replace(/^(?:\.\.\/)+/, ''));
}

/** What only commands need that connect, draw pages or rehearse. */
const apart = /^src\/(?:adapters\/(?:ssh|ldap|http|notify)|lab|report\/html|import)\//;

/** In the code of ssh2 and ldapts, whatever a bundler calls it. */
const libraries = ['Keepalive timeout', 'Unknown change operation'];

describe('what is loaded', () => {
  it.each(['--version', '-V'])('for %s: the launcher and the package.json', word => {
    expect(loadedBy(word).files).toEqual(['reconcile.cjs', 'package.json']);
  });

  it('for --help: no library but the one that reads the command line', () => {
    const { files, bytes, sources, text } = loadedBy('--help');
    expect(files).toContain('main.cjs');
    expect(bytes).toBeLessThan(340_000);
    expect(sources).toContain('src/cli/help.ts');
    expect(
      sources.filter(source => apart.test(source) || /^src\/(estate|kinds|plan\/build|engine)/.test(source)),
    ).toEqual([]);
    expect([...libraries, 'YAMLParseError'].filter(name => text.includes(name))).toEqual([]);
  });

  it('for validate: nothing that connects, draws pages or rehearses', () => {
    const { files, bytes, sources, text } = loadedBy('validate', 'examples/chapter.yaml');
    expect(files).toContain('estate-schema.cjs');
    expect(files.filter(file => /^(plan|part|record|snapshot|desired)-schema/.test(file))).toEqual([]);
    expect(bytes).toBeLessThan(1_050_000);
    expect(sources).toContain('src/estate/load.ts');
    expect(sources.filter(source => apart.test(source))).toEqual([]);
    expect(libraries.filter(name => text.includes(name))).toEqual([]);
  });

  it('is looked for by words that the bundle has, and no compiler of schemas is in it at all', () => {
    const texts = readdirSync('dist/lib').map(file => readFileSync(join('dist/lib', file), 'utf8'));
    for (const word of [...libraries, 'YAMLParseError'])
      expect(
        texts.some(text => text.includes(word)),
        word,
      ).toBe(true);
    expect(texts.filter(text => text.includes('strict mode: unknown keyword'))).toEqual([]);
  });
});
