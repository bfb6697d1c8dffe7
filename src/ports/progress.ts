import type { Finding } from '../core/finding.ts';

/** Measures how long something takes, for whoever collects such spans. */
export interface Spans {
  /** Does it within a span, which is a part of the span that this is called in. */
  within<T>(name: string, attributes: Readonly<Record<string, string | number>>, action: () => Promise<T>): Promise<T>;
}

/** Measures nothing. */
export const noSpans: Spans = { within: (_, __, action) => action() };

/** The only source of time for the engine and the plan. */
export interface Clock {
  /** ISO 8601, UTC. */
  now(): string;
}

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
  event:
    | 'look'
    | 'look-failed'
    | 'traces-cut'
    | 'told'
    | 'not-told'
    | 'state-not-kept'
    | 'metrics'
    | 'pages'
    | 'stopped',
  message: string,
  more?: Readonly<Record<string, string | number | readonly string[]>>,
) => void;
