import { TargetProblem } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import { count } from '../../core/units.ts';
import { type FindingCode, finding } from '../../findings/catalogue.ts';

/** The finding codes of hosts. */
export type HostProblemCode = Extract<FindingCode, `host.${string}`>;

/** What went wrong, as long as it is not known which host it counts for: a jump host serves several. */
export class HostFault extends Error {
  readonly code: HostProblemCode;
  readonly detail: string;

  constructor(code: HostProblemCode, detail: string) {
    super(`${code}: ${detail}`);
    this.name = 'HostFault';
    this.code = code;
    this.detail = detail;
  }
}

/** A fault as the problem of one host. */
export function toProblem(target: string, fault: HostFault): TargetProblem {
  return new TargetProblem(finding(fault.code, { detail: `${target}: ${fault.detail}`, target }));
}

/** What a host printed, for a message: at most ten lines, each marked, so that it cannot pass for a line of ours. */
export function quoteHost(output: string | Buffer): string {
  const lines = printable(output.toString()).trim().split('\n');
  const marked = lines.slice(0, 10).map(line => `  > ${line.slice(0, 300)}`);
  return lines.length > 10
    ? [...marked, `  > (${count(lines.length - 10, 'more line')})`].join('\n')
    : marked.join('\n');
}

/** The text of a host in one line, in quotes, cut, and without what steers a terminal. */
export function quotePrompt(text: string): string {
  const line = printable(text.slice(0, 1_000).replace(/\s+/g, ' ').trim());
  return `"${line.length > 200 ? `${line.slice(0, 200)}…` : line}"`;
}
