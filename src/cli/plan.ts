import type { BaseRequest } from '../app/earlier-states.ts';
import { type PlannedFacts, planEstate, type SourceRequest, savePlan } from '../app/plan-estate.ts';
import type { TrustRequest } from '../app/trusted-connections.ts';
import { count } from '../core/count.ts';
import { exitCodes } from '../core/exit-code.ts';
import type { Plan } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import { signCommand } from '../plan/signatures.ts';
import { readContext } from './contexts.ts';
import type { Environment } from './environment.ts';
import { type CommonOptions, printFailure, printFindings, printReport, reportingOn } from './output.ts';

/** The options of `plan` and `--check`. */
export interface PlanOptions extends CommonOptions, BaseRequest, SourceRequest, TrustRequest {
  readonly only?: readonly string[];
}

/** `plan` and `--check`: reads, compares, prints; changes nothing. */
export async function planCommand(
  command: 'plan' | 'check',
  files: readonly string[],
  given: PlanOptions,
  environment: Environment,
): Promise<number> {
  const { saveTo, options } = sortOptions(command, files, given);
  const facts = await planEstate({ ...options, files, saveTo }, readContext(environment, options));
  if ('failed' in facts) return printFailure(facts, options, environment);
  return printPlan(command, facts, saveTo, options, environment);
}

/** `plan -o` saves the plan for apply; everywhere else `-o` is the report's. */
function sortOptions(
  command: 'plan' | 'check',
  files: readonly string[],
  given: PlanOptions,
): { readonly saveTo: string | undefined; readonly options: PlanOptions } {
  if (command === 'check') return { saveTo: undefined, options: reportingOn(given, command, files) };
  const { output: saveTo, ...rest } = given;
  return { saveTo, options: reportingOn(rest, command, files) };
}

/** Prints a plan, and saves it where a file is named for that; returns the exit code. */
export async function printPlan(
  command: 'plan' | 'check',
  facts: PlannedFacts,
  saveTo: string | undefined,
  options: CommonOptions,
  environment: Environment,
): Promise<number> {
  const { plan } = facts;
  const saved = saveTo === undefined ? undefined : await savePlan(saveTo, plan, environment.files);
  const savedAs = saved && 'file' in saved ? saved.file : undefined;
  const exitCode = await printReport({ command, ...facts }, options, environment, savedAs);
  if (saved && 'unsaved' in saved) {
    printFindings([saved.unsaved], { ...options, format: 'text' }, environment);
    return saved.unsaved.severity === 'error' ? exitCodes.error : exitCode;
  }
  if (savedAs !== undefined && options.format === 'text') sayHowToSign(savedAs, plan, environment);
  return exitCode;
}

function sayHowToSign(file: string, { desired }: Plan, { terminal }: Environment): void {
  const { signatures } = desired.policy;
  if (!signatures) return;
  const signers = count(signatures.required, 'signer');
  terminal.stdout(`It takes ${signers}. To sign it:\n    ${printable(signCommand(file))}\n`);
}
