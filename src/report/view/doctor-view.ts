import {
  type DoctorReport,
  type ExaminedStep,
  type ExaminedTarget,
  type StepState,
  stateOfTarget,
} from '../../core/examination.ts';
import type { Finding } from '../../core/finding.ts';
import { count, wordFor } from '../../core/units.ts';

/** A state in words. */
export const stepWords: Readonly<Record<StepState, string>> = {
  ok: 'ok',
  warning: 'warning',
  fails: 'fails',
  'not-checked': 'not checked',
};

/** How many steps ended in each state. */
export function stepNumbers({ targets }: Pick<DoctorReport, 'targets'>): Readonly<Record<StepState, number>> {
  const steps = targets.flatMap(target => target.steps);
  const number = (state: StepState) => steps.filter(one => one.state === state).length;
  return {
    ok: number('ok'),
    warning: number('warning'),
    fails: number('fails'),
    'not-checked': number('not-checked'),
  };
}

/** What it comes to, in a sentence or two. */
export function doctorSentence({ targets }: Pick<DoctorReport, 'targets'>): string {
  const failing = targets.filter(target => stateOfTarget(target) === 'fails').length;
  const { warning, 'not-checked': skipped } = stepNumbers({ targets });
  const rest = [
    ...(warning > 0 ? [count(warning, 'warning')] : []),
    ...(skipped > 0 ? [`${count(skipped, 'step')} not checked`] : []),
  ].join(', ');
  const more = rest === '' ? '' : `; ${rest}`;
  if (failing === 0) return `Nothing fails${more}.`;
  return `${failing} of ${count(targets.length, 'target')} ${wordFor(failing, 'fails', 'fail')}${more}.`;
}

/** A step and the target that it is of. */
export interface PlacedStep extends ExaminedStep {
  readonly target: ExaminedTarget;
}

/** All steps, target by target. */
export function allSteps({ targets }: Pick<DoctorReport, 'targets'>): readonly PlacedStep[] {
  return targets.flatMap(target => target.steps.map(step => ({ ...step, target })));
}

/** What is to be said of the files and of every step. */
export function doctorFindings(report: DoctorReport): readonly Finding[] {
  return [...report.findings, ...allSteps(report).flatMap(({ findings }) => findings)];
}
