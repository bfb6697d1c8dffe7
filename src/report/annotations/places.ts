import type { PlannedState } from '../../core/connection.ts';
import type { Finding, SourcePosition } from '../../core/finding.ts';
import type { Report } from '../../core/report.ts';

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
  const declared = new Map(desired ? declarations(desired) : []);
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

function declarations({ directory, cs6, cs7 }: PlannedState): readonly (readonly [string, SourcePosition])[] {
  return [['directory', directory.source], ...[...cs6, ...cs7].map(({ name, source }) => [name, source] as const)];
}

/** Consumers refuse a result without a place; the default name is what is meant where none was given. */
function namedFile(report: Report): string {
  return ('files' in report ? report.files?.[0] : undefined) ?? 'estate.yaml';
}
