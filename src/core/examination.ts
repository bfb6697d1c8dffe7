import type { Finding, Provenance, SourcePosition } from './finding.ts';

/** How a step ended: nothing to say, something to look at, not usable, or not looked at. */
export type StepState = 'ok' | 'warning' | 'fails' | 'not-checked';

/** One step of looking at how a target is set up. */
export interface ExaminedStep {
  /** `login`, `disk space`; the same words for every target of a kind. */
  readonly name: string;
  readonly state: StepState;
  /** One line: what was found, or why it was not looked at. Text from a host may be in it: print it with `printable`. */
  readonly detail: string;
  /** What is wrong and what to do about it; never empty where it fails or warns. */
  readonly findings: readonly Finding[];
}

/** The steps of one target, in the order in which they depend on each other. */
export interface ExaminedTarget {
  /** A host, or `directory`. */
  readonly name: string;
  readonly of: 'cs6' | 'cs7' | 'directory';
  readonly steps: readonly ExaminedStep[];
  /** Where the file declares it. */
  readonly source: SourcePosition;
}

/** Whether the targets are set up as this program needs them. */
export interface DoctorReport extends Provenance {
  readonly command: 'doctor';
  readonly exitCode: number;
  readonly estate: string;
  /** The estate files. */
  readonly files: readonly string[];
  /** When it was begun, ISO 8601. */
  readonly examinedAt: string;
  readonly targets: readonly ExaminedTarget[];
  /** What is to be said of the files. */
  readonly findings: readonly Finding[];
}

/** A step of which this was found; the worst finding decides. */
export function foundStep(name: string, detail: string, findings: readonly Finding[] = []): ExaminedStep {
  const has = (severity: Finding['severity']) => findings.some(one => one.severity === severity);
  const state = has('error') ? 'fails' : has('warning') ? 'warning' : 'ok';
  return { name, state, detail, findings };
}

/** A step that was not made, and why. */
export function skippedStep(name: string, why: string, findings: readonly Finding[] = []): ExaminedStep {
  return { name, state: 'not-checked', detail: why, findings };
}

/** The worst of some steps; `not-checked` where one was not, and none is worse. */
export function stateOfTarget({ steps }: Pick<ExaminedTarget, 'steps'>): StepState {
  const order = ['fails', 'warning', 'not-checked'] as const;
  return order.find(state => steps.some(step => step.state === state)) ?? 'ok';
}
