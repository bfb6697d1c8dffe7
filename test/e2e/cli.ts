import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, connectToRead } from '../../src/adapters/connect.ts';
import { openWatching } from '../../src/adapters/daemon.ts';
import { makeOpenRevision } from '../../src/adapters/local/git.ts';
import { openJournalFile } from '../../src/adapters/local/journal-file.ts';
import {
  listFolder,
  makeReadRegularFile,
  readPacked,
  replacePrivateText,
  writePacked,
} from '../../src/adapters/local/local-files.ts';
import { claimOfThisProcess } from '../../src/adapters/local/lock-claim.ts';
import { makeSignatureCheck } from '../../src/adapters/local/verify-signature.ts';
import { reasonOf } from '../../src/cli/files.ts';
import type { Outside } from '../../src/cli/outside.ts';
import { runCommandLine } from '../../src/cli/program.ts';
import type { Report } from '../../src/core/report.ts';
import { startDemoEstate } from '../../src/lab/demo-estate.ts';

/** What a command line did. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where the runs of one test file are recorded. */
export const runs = mkdtempSync(join(tmpdir(), 'reconcile-runs-'));
process.once('exit', () => rmSync(runs, { recursive: true, force: true }));

const readRegularFile = makeReadRegularFile(reasonOf);

const schemas = new Map<string, object>();

/** The same object each time: what is compiled from it is kept by it. */
function schemaNamed(name: string): object {
  const known = schemas.get(name);
  if (known) return known;
  const schema: object = JSON.parse(readFileSync(`schemas/${name}.schema.json`, 'utf8'));
  schemas.set(name, schema);
  return schema;
}

/** Runs the shipped command line in this process, over the shipped adapters: only the terminal is the test's. */
export async function reconcile(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
  more: Partial<Outside> = {},
): Promise<Ran> {
  const said = { stdout: '', stderr: '' };
  const outside: Outside = {
    stdout: text => {
      said.stdout += text;
    },
    stderr: text => {
      said.stderr += text;
    },
    stdoutIsTerminal: false,
    stderrIsTerminal: false,
    environment,
    readBytes: path => readFile(path),
    readRegularFile,
    readEnd: async (path, limit) => (await readFile(path)).subarray(-limit),
    writeText: (path, text) => writeFile(path, text),
    writePrivateText: replacePrivateText,
    writePacked,
    readPacked,
    connect: async (desired, variables) => connect(desired, variables),
    connectToRead: async (desired, variables) => connectToRead(desired, variables),
    watching: async () => openWatching(environment),
    rehearse: size => startDemoEstate(size),
    listFolder,
    onInterrupt: () => () => {},
    openJournal: (_, name) => openJournalFile(runs, name, () => new Date().toISOString()),
    openRevision: makeOpenRevision({ ...process.env, ...environment }, readRegularFile),
    claim: claimOfThisProcess,
    checkSignature: makeSignatureCheck(process.env),
    clock: { now: () => new Date().toISOString() },
    version: '0.0.0-test',
    estateSchema: schemaNamed('estate'),
    planSchema: schemaNamed('plan'),
    readSchema: schemaNamed,
    ...more,
  };
  const code = await runCommandLine(words, outside);
  return { code, ...said };
}

/** The report that `--format json` printed. */
export function reportOf(ran: Ran): Extract<Report, { plan: unknown }> {
  return JSON.parse(ran.stdout);
}
