import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { ciFolder } from './templates.ts';

/**
 * The manifests, against the types that are generated from Kubernetes' own schema: the compiler refuses a field that it
 * does not know, or of another type. No cluster has seen them.
 */
const manifests = readdirSync(join(ciFolder, 'kubernetes'));
const types: Readonly<Record<string, string>> = {
  'batch/v1 CronJob': 'batch/v1',
  'batch/v1 Job': 'batch/v1',
  'v1 PersistentVolumeClaim': 'core/v1',
};
let folder: string;

// There, so that the compiler finds the packages.
beforeAll(() => {
  folder = mkdtempSync('node_modules/.manifests-');
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
}

function documents(file: string): readonly Manifest[] {
  return parseAllDocuments(readFileSync(join(ciFolder, 'kubernetes', file), 'utf8')).map(document => {
    expect(document.errors).toEqual([]);
    return document.toJS();
  });
}

function compile(name: string, manifest: Manifest): string {
  const module = types[`${manifest.apiVersion} ${manifest.kind}`];
  if (module === undefined) throw new Error(`no types are known for ${manifest.apiVersion} ${manifest.kind}`);
  const source = join(folder, `${name}.ts`);
  writeFileSync(
    source,
    `import type { ${manifest.kind} } from 'kubernetes-types/${module}.d.ts';\nexport const manifest: ${manifest.kind} = ${JSON.stringify(manifest, null, 2)};\n`,
  );
  const words = ['--noEmit', '--strict', '--ignoreConfig', '--module', 'nodenext', '--allowImportingTsExtensions'];
  const ran = spawnSync(resolve('node_modules/.bin/tsc'), [...words, '--skipLibCheck', '--types', '', source], {
    encoding: 'utf8',
  });
  return ran.stdout + ran.stderr;
}

describe.each(manifests)('%s', file => {
  it('has known fields only, of the right types', () => {
    for (const [i, manifest] of documents(file).entries()) expect(compile(`${file}-${i}`, manifest)).toBe('');
  });

  it('runs as nobody in particular, and cannot write to its own file system', () => {
    const text = JSON.stringify(documents(file));
    for (const part of [
      '"runAsNonRoot":true',
      '"readOnlyRootFilesystem":true',
      '"drop":["ALL"]',
      '"allowPrivilegeEscalation":false',
      '"automountServiceAccountToken":false',
    ])
      expect(text).toContain(part);
  });
});

it('the compiler finds mistakes', () => {
  const [right] = documents('drift.yaml');
  const wrong = JSON.parse(JSON.stringify(right).replace('"backoffLimit":0', '"backofLimit":0'));
  expect(compile('wrong', wrong)).toContain('backofLimit');
});
