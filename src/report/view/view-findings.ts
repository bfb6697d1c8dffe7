import { groupBy } from '../../core/collections.ts';
import type { Finding, Severity } from '../../core/finding.ts';
import type { PlanReport } from '../../core/report.ts';
import { renderPosition } from './words.ts';

/** The severities, the worst first. */
export const severities: readonly Severity[] = ['error', 'warning', 'note'];

/**
 * Of the plan, and of this command what keeps it from being carried out, which says more than a note of the plan about the
 * same; and where the record of its run is not.
 */
export function planFindings(report: PlanReport): readonly Finding[] {
  const { plan, refusals } = report;
  const unkept = 'run' in report ? (report.run?.unkept ?? []) : [];
  const own = new Set(plan.findings);
  const here = [...refusals.filter(finding => !own.has(finding)), ...unkept];
  const codes = new Set(here.map(({ code }) => code));
  return [...plan.findings.filter(({ code }) => !codes.has(code)), ...here];
}

/** Things in the order of their severity, the worst first. */
export function worstFirst<T>(all: readonly T[], severityOf: (one: T) => Severity): readonly T[] {
  const rank = (one: T) => severities.indexOf(severityOf(one));
  return all.toSorted((a, b) => rank(a) - rank(b));
}

/** How many there are of each severity that there is any of, the worst first. */
export function countSeverities(
  all: readonly { readonly level: Severity; readonly more?: number }[],
): readonly (readonly [Severity, number])[] {
  return severities
    .map(severity => [severity, countFindings(all.filter(({ level }) => level === severity))] as const)
    .filter(([, n]) => n > 0);
}

/** Findings with one code: those that are shown in full, and those that are folded. */
export interface FoldedFindings {
  readonly first: Finding;
  readonly shown: readonly Finding[];
  readonly rest: readonly Finding[];
  /** How many findings that are, with those that were only counted. */
  readonly count: number;
}

/** How many findings with one code are shown in full. */
const mostShown = 3;

/**
 * Findings by their code. `by: 'place'` keeps what is found at different lines of the user's file apart: such findings are a list of
 * places to go to.
 */
export function foldFindingsByCode(
  findings: readonly Finding[],
  by: 'code' | 'place',
  most = mostShown,
): readonly FoldedFindings[] {
  const keyOf = ({ severity, code, where, target }: Finding) =>
    by === 'place' && where && target === undefined ? `${code} ${renderPosition(where)}` : `${severity} ${code}`;
  return [...groupBy(findings, keyOf).values()].flatMap(same =>
    same[0] ? [{ first: same[0], shown: same.slice(0, most), rest: same.slice(most), count: countFindings(same) }] : [],
  );
}

/**
 * How many findings there are, with those that were only counted: every number of findings that a report shows is from here.
 * One that says the same about many accounts is one.
 */
export function countFindings(findings: readonly Pick<Finding, 'more'>[]): number {
  return findings.reduce((sum, { more = 0 }) => sum + 1 + more, 0);
}
