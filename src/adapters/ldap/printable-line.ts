import { printable } from '../../core/printable.ts';

/** Text from outside as one line: a line end in a server's words could pass for a line of ours. */
export function printableLine(text: string): string {
  return printable(text).replaceAll('\n', '\\u000a');
}
