#!/usr/bin/env node
import { createReadStream, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import type { Outside } from './cli/outside.ts';
import { runCommandLine } from './cli/program.ts';

function readJson(path: string): object & { readonly version?: string } {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
}

async function readBytes(path: string, limit = Number.POSITIVE_INFINITY): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(path, { end: limit })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // An interrupt at the question is an interrupt of the program.
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}

const outside: Outside = {
  stdout: text => void process.stdout.write(text),
  stderr: text => void process.stderr.write(text),
  stdoutIsTerminal: process.stdout.isTTY === true,
  stderrIsTerminal: process.stderr.isTTY === true,
  environment: process.env,
  readBytes,
  writeText: (path, text) => writeFile(path, text),
  ...(process.stdin.isTTY && { ask }),
  // SSH and LDAP are loaded when they are needed: half of the start would go there.
  connect: async (desired, environment) => (await import('./adapters/connect.ts')).connect(desired, environment),
  rehearse: async size => (await import('./lab/demo-estate.ts')).startDemoEstate(size),
  clock: { now: () => new Date().toISOString() },
  version: readJson('../package.json').version ?? 'unknown',
  estateSchema: readJson('../schemas/estate.schema.json'),
  planSchema: readJson('../schemas/plan.schema.json'),
};

process.exitCode = await runCommandLine(process.argv.slice(2), outside).catch((error: unknown) => {
  process.stderr.write(
    `This is a mistake of reconcile itself, please report it.\n${error instanceof Error ? error.stack : String(error)}\n`,
  );
  return 1;
});
