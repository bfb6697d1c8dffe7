import { runInThisContext } from 'node:vm';
import type { Parser } from './parser.ts';

/** Milliseconds after which a parser hangs, on however busy a machine. */
const hanging = 60_000;

const here: { __parse?: () => unknown } = globalThis as object;

/** Calls a parser, and ends it where it does not come back: also a regular expression in the middle of its work. */
function bounded(parse: () => unknown): unknown {
  here.__parse = parse;
  return runInThisContext('__parse()', { timeout: hanging });
}

/** What is wrong with how a parser reads a text; nothing where it reads or refuses it as it should. */
export async function faultOf(parser: Parser, text: string): Promise<string | undefined> {
  let result: unknown;
  try {
    result = await bounded(() => parser.read(text));
  } catch (error) {
    return parser.refuses?.(error) ? undefined : wordsOf(error);
  }
  try {
    parser.holds?.(text, result);
    return undefined;
  } catch (error) {
    return wordsOf(error);
  }
}

/** Whether a fault is that a parser did not come back: to look for a shorter text would take too long. */
export function isHang(fault: string): boolean {
  return fault.includes('Script execution timed out');
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return `it threw ${String(error)}`;
  return [`${error.name}: ${error.message}`, ...(error.stack?.split('\n').slice(1, 5) ?? [])].join('\n');
}

/** Milliseconds of processor time that a reading takes. A refusal is a reading. */
export async function costOf({ read, refuses }: Parser, text: string): Promise<number> {
  const before = process.cpuUsage();
  try {
    await bounded(() => read(text));
  } catch (error) {
    if (!refuses?.(error)) throw error;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
