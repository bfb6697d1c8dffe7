import { writeSync } from 'node:fs';

/** How a stand-in ends. */
export interface Outcome {
  readonly code: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** Writes what the command has to say and leaves its exit code; the pipe is emptied before the process ends. */
export async function finish(ending: Outcome | Promise<Outcome>): Promise<void> {
  const { code, stdout = '', stderr = '' } = await ending;
  writeAll(1, stdout);
  writeAll(2, stderr);
  process.exitCode = code;
}

// Nearly every run of a stand-in is shorter than the time that the streams of Node take to load.
function writeAll(descriptor: 1 | 2, words: string): void {
  const bytes = Buffer.from(words);
  for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
}

/** Lines as a text that ends with a line end. */
export function text(...lines: readonly string[]): string {
  return lines.map(line => `${line}\n`).join('');
}

/**
 * Prints the question and reads one line of stdin, without echo where stdin is a terminal and `hidden` is set.
 * Nothing when stdin ends before a line.
 */
export async function ask(question: string, hidden = false): Promise<string | undefined> {
  process.stdout.write(question);
  const raw = hidden && process.stdin.isTTY;
  if (raw) process.stdin.setRawMode(true);
  const line = await readLine();
  if (raw) process.stdin.setRawMode(false);
  if (hidden) process.stdout.write('\n');
  return line;
}

async function readLine(): Promise<string | undefined> {
  let typed = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    typed += String(chunk);
    const end = typed.search(/[\r\n]/);
    if (end >= 0) return typed.slice(0, end);
  }
  return undefined;
}
