import { createReadStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openWatching } from '../../src/adapters/daemon-ports.ts';
import { connectToExamine } from '../../src/adapters/examine-ports.ts';
import {
  listFolder,
  makeReadRegularFile,
  mayReplace,
  pathInRepository,
  readPacked,
  removeFile,
  replaceKeepingMode,
  replacePrivateText,
  writePacked,
} from '../../src/adapters/local/file-system.ts';
import { makeOpenRevision } from '../../src/adapters/local/git.ts';
import { openJournalFile } from '../../src/adapters/local/journal-file.ts';
import { claimOfThisProcess } from '../../src/adapters/local/lock-claim.ts';
import { makeReadProvenance } from '../../src/adapters/local/provenance.ts';
import { makeSignatureCheck } from '../../src/adapters/local/verify-signature.ts';
import { connect, connectToMail, connectToRead } from '../../src/adapters/open-ports.ts';
import { factsOf, partsOf } from '../../src/adapters/ssh/route-facts.ts';
import { reasonOf } from '../../src/app/files.ts';
import type { Environment } from '../../src/cli/environment.ts';
import { runCommandLine } from '../../src/cli/program.ts';
import type { Report } from '../../src/core/report.ts';
import { startDemoEstate } from '../../src/lab/demo-estate.ts';
import { faultMeanings } from '../../src/lab/demo-faults.ts';
import { type Replaced, replacing } from '../estate/offline.ts';

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
  more: Replaced = {},
): Promise<Ran> {
  const said = { stdout: '', stderr: '' };
  const shipped: Environment = {
    terminal: {
      stdout: text => {
        said.stdout += text;
      },
      stderr: text => {
        said.stderr += text;
      },
      stdoutIsTerminal: false,
      stderrIsTerminal: false,
      onInterrupt: () => () => {},
    },
    files: {
      read: path => readFile(path),
      readPieces: path => createReadStream(path),
      readRegular: readRegularFile,
      readEnd: async (path, limit) => (await readFile(path)).subarray(-limit),
      pathInRepository,
      readPacked,
      list: listFolder,
      write: (path, text) => writeFile(path, text),
      replace: replaceKeepingMode,
      mayReplace,
      writePrivate: replacePrivateText,
      remove: removeFile,
      writePacked,
    },
    connections: {
      toRead: async (desired, variables) => connectToRead(desired, variables),
      toMail: async (desired, variables) => connectToMail(desired, variables),
      toWrite: async (desired, variables) => connect(desired, variables),
      toExamine: async (desired, variables) => connectToExamine(desired, variables),
    },
    schemas: { estate: schemaNamed('estate'), plan: schemaNamed('plan'), read: schemaNamed },
    clock: { now: () => new Date().toISOString() },
    // Tests look for whole sentences.
    variables: { COLUMNS: '1000', ...environment },
    version: '0.0.0-test',
    calledAs: 'reconcile',
    openRevision: makeOpenRevision({ ...process.env, ...environment }, readRegularFile),
    routes: { factsOf, partsOf },
    readProvenance: makeReadProvenance(environment),
    checkSignature: makeSignatureCheck(process.env),
    claim: claimOfThisProcess,
    openJournal: (_, name) => openJournalFile(runs, name, () => new Date().toISOString()),
    watching: async () => openWatching(environment),
    enterFolder: folder => process.chdir(folder),
    readExample: () => readFileSync('examples/chapter.yaml', 'utf8'),
    listFaults: async () => faultMeanings,
    rehearse: size => startDemoEstate(size),
  };
  const code = await runCommandLine(words, replacing(shipped, more));
  return { code, ...said };
}

/** The report that `--format json` printed. */
export function reportOf(ran: Ran): Extract<Report, { plan: unknown }> {
  return JSON.parse(ran.stdout);
}
