import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DesiredState } from '../../../src/core/desired.ts';
import { loadEstate } from '../../../src/estate/load.ts';
import type { Estate } from '../../servers/estate.ts';
import { bundledProgram } from '../../tools/bundled-program.ts';

/** How runs are killed. */
export interface Deaths {
  /** A write begins when the one before it has ended. */
  readonly serial: boolean;
  /** Each entry of the directory counts; else the first, the middle and the last of a step. */
  readonly every: boolean;
}

/** What a run that was not killed says of itself. */
export interface Outcome {
  readonly planned: number;
  readonly done: number;
  /** Steps with a finding, or with changes that were neither done nor in effect already. */
  readonly troubles: readonly unknown[];
  readonly remaining: readonly unknown[];
  readonly unread: readonly unknown[];
}

/** A run: the name of its record, and the point that killed it or what came of it. */
export interface RunOnce {
  readonly name: string;
  readonly killedAt?: string;
  readonly outcome?: Outcome;
}

const program = bundledProgram('test/e2e/killed/run-and-die.mjs');

/** More runs than there are points to die at in any estate here: a chain that is longer does not get on. */
const mostRuns = 1000;

/** Where the records of an estate's runs are kept. */
export function recordsOf(estate: Estate): string {
  const folder = join(estate.folder, 'records');
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** The wanted state of an estate, as its file says; `edit` changes the text first. */
export function stateWanted(estate: Estate, edit: (text: string) => string = text => text): DesiredState {
  const schema: object = JSON.parse(readFileSync('schemas/estate.schema.json', 'utf8'));
  const { state, findings } = loadEstate(estate.file, edit(readFileSync(estate.file, 'utf8')), schema);
  if (!state) throw new Error(JSON.stringify(findings));
  return state;
}

/** Runs that begin where the one before was killed, each killed at the next point that has not killed before, until one lives. */
export async function runUntilOneLives(
  estate: Estate,
  state: DesiredState,
  deaths: Deaths,
): Promise<readonly RunOnce[]> {
  const runs: RunOnce[] = [];
  while (runs.length < mostRuns) {
    const tried = runs.flatMap(({ killedAt }) => killedAt ?? []);
    const run = await runOnce(estate, state, `run-${String(runs.length).padStart(4, '0')}`, { ...deaths, tried });
    runs.push(run);
    if (run.killedAt === undefined) return runs;
  }
  throw new Error(`${mostRuns} runs, and none of them lived`);
}

/** One run; without `die` nothing kills it. */
export async function runOnce(
  estate: Estate,
  state: DesiredState,
  name: string,
  die?: Deaths & { readonly tried: readonly string[]; readonly at?: string },
): Promise<RunOnce> {
  const folder = recordsOf(estate);
  const told = join(folder, `${name}.killed-at`);
  const word = JSON.stringify({ state, folder, name, ...(die && { die: { ...die, told } }) });
  const child = spawn('node', [program, word], { env: { ...process.env, ...estate.environment } });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].on('data', (chunk: Buffer) => {
      said[stream] += chunk.toString();
    });
  const [code, signal] = await once(child, 'close');
  if (signal === 'SIGKILL' && existsSync(told)) return { name, killedAt: readFileSync(told, 'utf8') };
  if (code !== 0) throw new Error(`${name} ended with ${code ?? signal}: ${said.stderr}`);
  return { name, outcome: JSON.parse(said.stdout) };
}
