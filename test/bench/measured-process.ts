import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Figures } from './figures.ts';

/** A command, and what shows that it did all of its work: a run that did less is none. */
export interface MeasuredCommand {
  readonly words: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** The exit code of a run that counts; 0 unless told. */
  readonly code?: number;
  isRight(output: string): boolean;
}

const script = fileURLToPath(new URL('measured-process.py', import.meta.url));

/** Runs a command as a process of its own: seconds of wall and processor time of the whole tree, without the servers'. */
export async function measureTime(command: MeasuredCommand): Promise<Figures> {
  const { wall, cpu } = await measure('time', command);
  return { wall, cpu };
}

/** The most memory that all processes of a command had together, in megabytes. */
export async function measureMemory(command: MeasuredCommand): Promise<Figures> {
  const { memory } = await measure('memory', command);
  return { memory };
}

interface Measured {
  readonly code: number;
  readonly wall: number;
  readonly cpu: number;
  readonly memory: number;
}

async function measure(mode: 'time' | 'memory', command: MeasuredCommand): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'reconcile-bench-run-'));
  const [result, output] = [join(folder, 'result'), join(folder, 'output')];
  const file = openSync(output, 'w');
  const env = { ...process.env, ...command.environment };
  const child = spawn('python3', [script, result, mode, ...command.words], { stdio: ['ignore', file, file], env });
  await once(child, 'close');
  closeSync(file);
  const text = readFileSync(output, 'latin1');
  const measured: Measured = JSON.parse(readFileSync(result, 'utf8'));
  rmSync(folder, { recursive: true, force: true });
  if (measured.code !== (command.code ?? 0) || !command.isRight(text)) {
    const words = command.words.join(' ');
    throw new Error(`not what was to be done, exit code ${measured.code}: ${words}\n${text.slice(-4000)}`);
  }
  return measured;
}
