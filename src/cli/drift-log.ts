import { printable } from '../core/printable.ts';
import type { ReadOutside } from './outside.ts';

/** A word for programs, one line for people, and what else belongs to it. */
export type Log = (
  level: 'info' | 'warn' | 'error',
  event: 'look' | 'look-failed' | 'traces-cut' | 'told' | 'not-told' | 'state-not-kept' | 'metrics' | 'stopped',
  message: string,
  more?: Readonly<Record<string, string | number | readonly string[]>>,
) => void;

/** Messages on standard error. As JSON each is an object on a line; as text what is ordinary is left out unless asked for. */
export function makeLog(
  { log, verbose }: { readonly log: 'text' | 'json'; readonly verbose?: boolean },
  outside: Pick<ReadOutside, 'stderr' | 'clock'>,
): Log {
  return (level, event, message, more = {}) => {
    const at = outside.clock.now();
    if (log === 'json') outside.stderr(`${JSON.stringify({ at, level, event, message, ...more })}\n`);
    else if (verbose || level !== 'info') outside.stderr(`${at} ${level} ${printable(message)}\n`);
  };
}
