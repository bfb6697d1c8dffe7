import { dnKey, nameKey } from '../core/distinguished-name.ts';
import type { Finding } from '../core/finding.ts';
import { longestName, mostNames, notAName, twice } from './member-findings.ts';
import type { SourceText } from './source-text.ts';

/** The names in a file, each with its line; and what is wrong with them. */
export interface MemberNames {
  readonly list: readonly string[];
  readonly lines: readonly number[];
  readonly findings: readonly Finding[];
}

/** Takes the names of a file one by one. */
export interface NameCollector {
  /** A name and its line; `isDn` where it stands in a column for whole DNs. */
  add(name: string, line: number, isDn: boolean): void;
  /** Something else that is wrong with the file. */
  report(finding: Finding): void;
  /** Whether more would help nobody. */
  full(): boolean;
  names(): MemberNames;
}

/** More than are shown anyhow. */
const mostFindings = 250;

/** Collects names; each must be one, and stand once. */
export function collectNames(source: SourceText): NameCollector {
  const first = new Map<string, number>();
  const list: string[] = [];
  const lines: number[] = [];
  const findings: Finding[] = [];
  const report = (finding: Finding): void => {
    if (findings.length < mostFindings) findings.push(finding);
  };
  const add = (name: string, line: number, isDn: boolean): void => {
    const wrong = nameProblem(name, isDn);
    const key = memberKey(name);
    const before = first.get(key);
    if (wrong !== undefined) report(notAName(source, line, wrong));
    else if (before !== undefined) report(twice(source, line, before));
    else {
      first.set(key, line);
      list.push(name);
      lines.push(line);
    }
  };
  return {
    add,
    report,
    full: () => list.length > mostNames || findings.length >= mostFindings,
    names: () => ({ list, lines, findings }),
  };
}

/** What two spellings of one name have in common. */
export function memberKey(name: string): string {
  return name.includes('=') ? nameKey(name) : name.toLowerCase();
}

/** Whether a text has the form of a distinguished name with at least one part. */
export function isDistinguishedName(text: string): boolean {
  return text.includes('=') && dnKey(text, { attribute: () => undefined }) !== undefined;
}

/** Why a text cannot be the name of an account; nothing where it can. */
function nameProblem(name: string, isDn: boolean): string | undefined {
  if (name === '') return 'There is no name in it, so that somebody would be left out.';
  if (name.length > longestName) return `It has more than ${longestName.toLocaleString('en-US')} characters.`;
  if (/[\t\r\n\u0085\u2028\u2029]/.test(name)) return 'A tab or a line end stands in the name.';
  if ((isDn || /[=,]/.test(name)) && !isDistinguishedName(name))
    return isDn ? 'It is no DN, and stands in the column for DNs.' : 'It has a comma or "=" in it, and is no DN.';
  return undefined;
}
