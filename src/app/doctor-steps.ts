import { type ExaminedStep, foundStep, skippedStep } from '../core/examination.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import { finding } from '../findings/catalogue.ts';
import type { ConnectStep, ExaminePorts, ReachedSteps } from '../ports/ports.ts';

/** What a step found: one line, and what is to be said about it. */
export interface StepFound {
  readonly detail: string;
  readonly findings?: readonly Finding[];
}

/** Milliseconds that a step may take; one that asks a calendar server's own programs may take longer. */
export const patience = { short: 120_000, long: 900_000 } as const;

/** What the steps of a connection are called. */
const connectNames: Readonly<Record<ConnectStep, string>> = {
  name: 'name',
  port: 'port',
  key: 'host key',
  tls: 'tls',
  login: 'login',
  privilege: 'privilege',
  shell: 'shell',
};

/** The steps of a connection: made, failed, and those that were therefore not made. */
export function connectedSteps(order: readonly ConnectStep[], { made, failed }: ReachedSteps): readonly ExaminedStep[] {
  return order.map(step => {
    const name = connectNames[step];
    const own = made.find(one => one.step === step);
    if (failed?.step === step) return failedStep(name, failed.finding);
    if (own) return foundStep(name, own.detail);
    return skippedStep(name, failed ? because(connectNames[failed.step]) : 'this connection has no such step');
  });
}

/** Steps that were not made, because a step before them failed. */
export function skippedSteps(names: readonly string[], failed: string): readonly ExaminedStep[] {
  return names.map(name => skippedStep(name, because(failed)));
}

/** The name of the step of a connection that failed. */
export function failedStepOf({ failed }: ReachedSteps): string | undefined {
  return failed && connectNames[failed.step];
}

function because(step: string): string {
  return `"${step}" failed`;
}

/** A step that failed as a whole. The command that its finding leads to is this one, so that it is left out. */
export function failedStep(name: string, { next = [], ...problem }: Finding): ExaminedStep {
  const further = next.filter(({ verb, words }) => verb !== 'doctor' || words.includes('--trust'));
  const finding: Finding = { ...problem, severity: 'error', ...(further.length > 0 && { next: further }) };
  return foundStep(name, problem.summary, [finding]);
}

/** Makes a step. What the target does not answer fails it, and so does a target that takes too long; anything else is thrown. */
export async function makeStep(
  target: string,
  name: string,
  look: () => Promise<StepFound>,
  { inTime }: Pick<ExaminePorts, 'inTime'>,
  limit: number = patience.short,
): Promise<ExaminedStep> {
  try {
    const done = await inTime(look(), limit);
    return done ? foundStep(name, done.value.detail, done.value.findings) : lateStep(target, name, limit);
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return failedStep(name, problem.finding);
  }
}

/** A step that was not finished in time. */
export function lateStep(target: string, name: string, limit: number): ExaminedStep {
  const detail = `${target}: "${name}" was not finished after ${limit / 1000} s.\nLook at the load of the target, and for what hangs there.`;
  return failedStep(name, finding('doctor.no-answer', { detail, target }));
}
