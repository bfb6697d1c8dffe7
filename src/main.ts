#!/usr/bin/env node
import { createReadStream, readFileSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { SourceMap } from 'node:module';
import { gunzipSync } from 'node:zlib';
import { calledAs } from './adapters/local/called-as.ts';
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
} from './adapters/local/file-system.ts';
import { makeOpenRevision } from './adapters/local/git.ts';
import { claimOfThisProcess } from './adapters/local/lock-claim.ts';
import { makeReadProvenance } from './adapters/local/provenance.ts';
import { TerminalPerson } from './adapters/local/terminal-person.ts';
import { asksForSpans } from './adapters/telemetry/asks-for-spans.ts';
import { reasonOf } from './app/files.ts';
import type { Environment } from './cli/environment.ts';
import { runCommandLine } from './cli/program.ts';
import { packageFile } from './core/package-files.ts';
import { exitCodes } from './core/report.ts';

function readJson(path: string): object & { readonly version?: string } {
  return JSON.parse(readFileSync(packageFile(path), 'utf8'));
}

/** A stack with the lines of the sources, where the bundle has a map that leads there. */
function inSources(stack: string): string {
  return stack.replace(/(\/\S+\.cjs):(\d+):(\d+)/g, (place: string, module: string, line: string, column: string) => {
    try {
      const map = new SourceMap(JSON.parse(gunzipSync(readFileSync(`${module}.map.gz`)).toString()));
      const found = map.findEntry(Number(line) - 1, Number(column) - 1);
      if (!('originalSource' in found)) return place;
      return `${found.originalSource.replace(/^(\.\.\/)+/, '')}:${found.originalLine + 1}:${found.originalColumn + 1}`;
    } catch {
      return place;
    }
  });
}

async function readBytes(path: string, limit = Number.POSITIVE_INFINITY): Promise<Uint8Array> {
  if (path === '-') return readStandardInput();
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(path, { end: limit })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Standard input ends once; who asks for it again gets the same. */
let standardInput: Promise<Uint8Array> | undefined;

function readStandardInput(): Promise<Uint8Array> {
  standardInput ??= (async () => {
    if (process.stdin.isTTY) throw Object.assign(new Error('standard input is a terminal'), { code: 'ETTY' });
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk);
    return Buffer.concat(chunks);
  })();
  return standardInput;
}

async function* readPieces(path: string): AsyncIterable<Uint8Array> {
  if (path === '-') yield await readStandardInput();
  else yield* createReadStream(path);
}

async function readEnd(path: string, limit: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const length = Math.min(size, limit);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** An interrupt at a question is an interrupt of the program. */
const person = new TerminalPerson(process.stdin, process.stderr, () => process.kill(process.pid, 'SIGINT'));
const askedByHosts = process.stdin.isTTY && process.stderr.isTTY ? { ask: person.ask } : {};

/** What is said when an interrupt ends the program at once. */
let lastWords = 'Interrupted.\n';

function sayLastWords(): void {
  process.stderr.write(`${process.stderr.isTTY ? '\r\u001b[K' : ''}${lastWords}`);
}

/** Where no command listens, an interrupt ends the program as it would without a listener, by the same signal. */
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  const end = () => {
    if (process.listenerCount(signal) > 1) return;
    sayLastWords();
    process.off(signal, end);
    process.kill(process.pid, signal);
  };
  process.on(signal, end);
}

function onInterrupt(stop: () => void): () => void {
  let asked = 0;
  const listen = () => {
    if (++asked === 1) return stop();
    sayLastWords();
    process.exit(130);
  };
  process.on('SIGINT', listen);
  process.on('SIGTERM', listen);
  return () => void process.off('SIGINT', listen).off('SIGTERM', listen);
}

// Who reads only the first lines (`| head`) closes the pipe: that ends no run, and is no mistake.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

const { version = 'unknown' } = readJson('package.json');
const readRegularFile = makeReadRegularFile(reasonOf);
const sayLine = (line: string) => void process.stderr.write(`${line}\n`);

const environment: Environment = {
  terminal: {
    stdout: text => void process.stdout.write(text),
    stderr: person.print,
    stdoutIsTerminal: process.stdout.isTTY === true,
    stderrIsTerminal: process.stderr.isTTY === true,
    columns: stream => process[stream].columns,
    ...(process.stdin.isTTY && { ask: (question: string) => person.ask(question, { hidden: false }) }),
    onInterrupt,
    atInterrupt: text => {
      lastWords = text;
    },
  },
  files: {
    read: readBytes,
    readPieces,
    readEnd,
    readRegular: readRegularFile,
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
  // SSH and LDAP are loaded when they are needed: half of the start would go there.
  connections: {
    toRead: async (desired, variables) =>
      (await import('./adapters/open-ports.ts')).connectToRead(desired, variables, askedByHosts),
    toMail: async (desired, variables) => (await import('./adapters/open-ports.ts')).connectToMail(desired, variables),
    toWrite: async (desired, variables) =>
      (await import('./adapters/open-ports.ts')).connect(desired, variables, askedByHosts),
    toExamine: async (desired, variables) =>
      (await import('./adapters/examine-ports.ts')).connectToExamine(desired, variables, askedByHosts),
  },
  keepConnections: async every => (await import('./adapters/kept-connections.ts')).keepConnections(every),
  schemas: {
    get estate() {
      return readJson('schemas/estate.schema.json');
    },
    get plan() {
      return readJson('schemas/plan.schema.json');
    },
    read: name => readJson(`schemas/${name}.schema.json`),
  },
  clock: { now: () => new Date().toISOString() },
  variables: process.env,
  version,
  calledAs: calledAs({ script: process.argv[1] ?? '', node: process.execPath, variables: process.env }),
  enterFolder: folder => process.chdir(folder),
  readExample: () => readFileSync(packageFile('examples/chapter.yaml'), 'utf8'),
  openRevision: makeOpenRevision(process.env, readRegularFile),
  routes: {
    factsOf: async (host, variables) => (await import('./adapters/ssh/route-facts.ts')).factsOf(host, variables),
    partsOf: async (access, variables) => (await import('./adapters/ssh/route-facts.ts')).partsOf(access, variables),
  },
  readProvenance: makeReadProvenance(process.env),
  checkSignature: async question =>
    (await import('./adapters/local/verify-signature.ts')).makeSignatureCheck(process.env)(question),
  claim: claimOfThisProcess,
  openJournal: async (folder, name) =>
    (await import('./adapters/local/journal-file.ts')).openJournalFile(folder, name, () => new Date().toISOString()),
  watching: async () => (await import('./adapters/daemon-ports.ts')).openWatching(process.env),
  listFaults: async () => (await import('./lab/demo-faults.ts')).faultMeanings,
  rehearse: async size => (await import('./lab/demo-estate.ts')).startDemoEstate(size),
};

/** The exit code as long as the work is not done; the program ends with it where the work waits for something that never comes. */
const unfinished = 13;

async function run(): Promise<void> {
  const telemetry = asksForSpans(process.env)
    ? await (await import('./adapters/telemetry/open-telemetry.ts')).openTelemetry(process.env, version, sayLine)
    : undefined;
  const traced = telemetry ? { ...environment, spans: telemetry.spans } : environment;
  const exitCode = await runCommandLine(process.argv.slice(2), traced).catch((error: unknown) => {
    process.stderr.write(
      `This is a mistake of reconcile itself, please report it.\n${error instanceof Error ? inSources(error.stack ?? error.message) : String(error)}\n`,
    );
    return 1;
  });
  await telemetry?.close();
  process.exitCode = exitCode;
}

process.exitCode = unfinished;
process.once('exit', code => {
  if (code !== unfinished) return;
  process.exitCode = exitCodes.error;
  process.stderr.write('This is a mistake of reconcile itself, please report it. It ended before its work did.\n');
});
// Not awaited here: a module that awaits at its top is an ES module, which Node loads more slowly.
void run();
