import type { Finding } from '../core/finding.ts';

/** Hears how far a use case is, and what is worth knowing before its result. */
export interface Progress {
  /** What is being done now; the next message replaces it. */
  readonly show: (message: string) => void;
  /** The work that was shown is done. */
  readonly end: () => void;
  /** A line that stays. */
  readonly note: (text: string) => void;
  /** Findings that are no part of the result. */
  readonly warn: (findings: readonly Finding[]) => void;
}

/** A message of a program that stays: a word for programs, one line for people, and further facts. */
export type Log = (
  level: 'info' | 'warn' | 'error',
  event: 'look' | 'look-failed' | 'traces-cut' | 'told' | 'not-told' | 'state-not-kept' | 'metrics' | 'stopped',
  message: string,
  more?: Readonly<Record<string, string | number | readonly string[]>>,
) => void;
