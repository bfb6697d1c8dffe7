import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';

/**
 * Makes a program of a test, a module that imports sources, into one file that plain Node runs, and returns its path. The program
 * can then be killed, and its memory and its user are its own.
 */
export function bundledProgram(entry: string): string {
  return made({ entryPoints: [entry] });
}

/** The same of a text; it imports sources as `./src/…`. */
export function bundledText(contents: string): string {
  return made({ stdin: { contents, resolveDir: resolve('.'), loader: 'js' } });
}

function made(input: Parameters<typeof buildSync>[0]): string {
  const { outputFiles = [] } = buildSync({
    ...input,
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    tsconfigRaw: {},
    // The working copy is found as it is by sources.
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(resolve('src/core/package-files.ts')).href) },
  });
  const [{ text } = { text: '' }] = outputFiles;
  const folder = resolve('node_modules/.cache/reconcile-tests');
  const path = `${folder}/${createHash('sha256').update(text).digest('hex').slice(0, 16)}.mjs`;
  mkdirSync(folder, { recursive: true });
  const own = `${path}.${process.pid}-${Math.random()}`;
  writeFileSync(own, text);
  renameSync(own, path);
  return path;
}
