import { printable } from '../../core/printable.ts';

/** Text from outside, on one line and not longer than a person reads. */
export function oneLine(text: string): string {
  const line = printable(text.slice(0, 1000)).replaceAll('\n', ' ');
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
