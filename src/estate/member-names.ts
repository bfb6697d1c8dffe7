import type { Finding } from '../core/finding.ts';
import { memberKey, nameProblem } from '../ldap/distinguished-name.ts';
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
    const wrong = memberProblem(name, isDn);
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

/** Why a text cannot be the name of an account; nothing where it can. */
function memberProblem(name: string, isDn: boolean): string | undefined {
  if (name === '') return 'There is no name in it, so that somebody would be left out.';
  if (name.length > longestName) return `It has more than ${longestName.toLocaleString('en-US')} characters.`;
  if (/[\t\r\n\u0085\u2028\u2029]/.test(name)) return 'A tab or a line end stands in the name.';
  const problem = isDn || /[=,]/.test(name) ? nameProblem(name) : undefined;
  if (!problem) return undefined;
  const form = isDn ? 'It is no DN, and stands in the column for DNs' : 'It has a comma or "=" in it, and is no DN';
  return `${form}: at character ${problem.offset + 1}, ${problem.reason}`;
}
