import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import type { Plan } from '../core/plan.ts';
import { suggestion } from '../desired/suggestion.ts';
import { compareAll } from '../engine/compare.ts';
import { registry } from '../kinds/registry.ts';
import { buildPlan } from '../plan/build.ts';
import { narrowPlan, refusals } from '../plan/guards.ts';
import { renderPlanFile } from '../plan/plan-file.ts';
import { exitCodes, planExitCode } from './exit-code.ts';
import { loadFile } from './inputs.ts';
import { type CommonOptions, endProgress, printFindings, printReport, progressOf } from './output.ts';
import type { Connection, Outside } from './outside.ts';

/** The options of `plan` and `--check`. */
export interface PlanOptions extends CommonOptions {
  readonly only?: readonly string[];
  readonly output?: string;
}

/** `plan` and `--check`: reads, compares, prints; changes nothing. */
export async function planCommand(
  command: 'plan' | 'check',
  file: string,
  options: PlanOptions,
  outside: Outside,
): Promise<number> {
  const { state, findings } = await loadFile(file, outside);
  const problems = state ? unknownTargets(state, options.only) : findings;
  if (!state || problems.length > 0) {
    printFindings(problems, options, outside);
    return exitCodes.error;
  }
  const connection = await outside.connect(state, outside.environment);
  try {
    const plan = await makePlan(state, options.only, connection, outside);
    if (options.output !== undefined) await outside.writeText(options.output, renderPlanFile(plan));
    return printReport(
      { command, exitCode: planExitCode(plan), plan, refusals: refusals(plan) },
      options,
      outside,
      options.output,
    );
  } finally {
    await connection.close();
  }
}

/** Reads the estate and plans; `only` narrows what is to be changed. */
export async function makePlan(
  state: DesiredState,
  only: readonly string[] | undefined,
  connection: Connection,
  outside: Outside,
): Promise<Plan> {
  const targets = registry.flatMap(bind => bind(state));
  const readAt = outside.clock.now();
  const comparisons = await compareAll(targets, connection.ports, progressOf(outside));
  endProgress(outside);
  const plan = buildPlan(state, comparisons, { tool: outside.version, readAt });
  return only === undefined || only.length === 0 ? plan : narrowPlan(plan, only);
}

/** Names that `--only` does not know, each a mistake that would otherwise plan nothing. */
export function unknownTargets(state: DesiredState, only: readonly string[] = []): readonly Finding[] {
  const targets = registry.flatMap(bind => bind(state));
  const known = [...new Set(targets.flatMap(t => [t.target, t.kind, `${t.target}/${t.kind}`]))];
  return only
    .filter(name => !known.includes(name))
    .map(name => ({
      severity: 'error',
      code: 'cli.unknown-target',
      summary: '--only names nothing that is managed here',
      detail: `"${name}" is no host, no kind and not "directory".${suggestion(name, known)}`,
    }));
}
