/** A message of a program that stays: a word for programs, one line for people, and further facts. */
export type Log = (
  level: 'info' | 'warn' | 'error',
  event: 'look' | 'look-failed' | 'traces-cut' | 'told' | 'not-told' | 'state-not-kept' | 'metrics' | 'stopped',
  message: string,
  more?: Readonly<Record<string, string | number | readonly string[]>>,
) => void;
