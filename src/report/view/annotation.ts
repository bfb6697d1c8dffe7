import type { PlannedState } from '../../core/connection.ts';
import { type Finding, fullDetail, type Severity, type SourcePosition } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import type { Report } from '../../core/report.ts';

/**
 * One thing to look at, of whatever report: what formats that are lists of problems (SARIF, annotations) are drawn from.
 * Changes of a plan are annotations too.
 */
export interface Annotation {
  /** A finding's code, or `change/cs6-ics-conf` and the like of what is no finding. */
  readonly rule: string;
  readonly level: Severity;
  /** Fixed text for the rule. */
  readonly title: string;
  /** What exactly; printable, may have several lines. */
  readonly message: string;
  /** The line of the user's file it is about; where nothing asks for it by name, the nearest there is. */
  readonly where: SourcePosition;
  /** The line on a host that says otherwise. */
  readonly live?: { readonly target: string; readonly position: SourcePosition };
  readonly target?: string;
  /** How many more of its rule it stands for, which were only counted. */
  readonly more?: number;
  /** What makes it the same annotation in another run; nothing in it changes with the numbers of the day. */
  readonly identity: readonly string[];
}

/** Finds the places that things of one report stand at. */
export interface Places {
  /** The line of the user's file that declares a target; the first line of the file where none does. */
  readonly ofTarget: (target: string | undefined) => SourcePosition;
  /** The line of the user's file that a finding is about, and the line on a host. */
  readonly ofFinding: (finding: Finding) => {
    readonly where: SourcePosition;
    readonly live?: { readonly target: string; readonly position: SourcePosition };
  };
}

/** The places of a report. */
export function findPlaces(report: Report): Places {
  const desired = 'plan' in report ? report.plan.desired : undefined;
  const declared = new Map(desired ? declarations(desired) : examined(report));
  const files = new Set([...declared.values()].map(({ file }) => file));
  const start = desired?.policy.source.file ?? namedFile(report);
  const ofTarget = (target: string | undefined): SourcePosition =>
    declared.get(target ?? '') ?? { file: start, line: 1 };
  return {
    ofTarget,
    ofFinding({ target, where }) {
      if (!where) return { where: ofTarget(target) };
      const onHost =
        target !== undefined && target !== 'directory' && where.file.startsWith('/') && !files.has(where.file);
      return onHost ? { where: ofTarget(target), live: { target, position: where } } : { where };
    },
  };
}

function examined(report: Report): readonly (readonly [string, SourcePosition])[] {
  return report.command === 'doctor' ? report.targets.map(({ name, source }) => [name, source]) : [];
}

function declarations({ directory, hosts }: PlannedState): readonly (readonly [string, SourcePosition])[] {
  return [['directory', directory.source], ...hosts.map(({ name, source }) => [name, source] as const)];
}

/** Consumers refuse a result without a place; the default name is what is meant where none was given. */
function namedFile(report: Report): string {
  return ('files' in report ? report.files?.[0] : undefined) ?? 'estate.yaml';
}

/** Findings as annotations. */
export function findingAnnotations(findings: readonly Finding[], places: Places): readonly Annotation[] {
  return findings.map(finding => {
    const { severity, code, summary, detail, target, excerpt } = finding;
    const place = places.ofFinding(finding);
    return {
      rule: code,
      level: severity,
      title: printable(summary),
      message: printable(fullDetail(finding)),
      ...place,
      ...(target !== undefined && { target }),
      ...(finding.more !== undefined && { more: finding.more }),
      identity: [code, target ?? '', place.where.file, excerpt?.line.trim() ?? withoutNumbers(detail)],
    };
  });
}

/** A count that changes from day to day makes no new problem. */
function withoutNumbers(text: string): string {
  return text.replace(/\d[\d,.:]*/g, '#');
}
