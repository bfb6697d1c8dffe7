import { mergeParts } from '../app/merge-parts.ts';
import { type DrawCommand, drawAlone } from '../core/next-command.ts';
import type { Plan } from '../core/plan.ts';
import { readContext } from './contexts.ts';
import type { Environment } from './environment.ts';
import { defaultFile } from './estate-files.ts';
import { type CommonOptions, printFailure, reportingOn } from './output.ts';
import { printPlan } from './plan.ts';

/** The options of `merge`. */
export interface MergeOptions extends CommonOptions {
  /** Folder of the records of runs. */
  readonly runs?: string;
}

/** `merge`: joins the parts of a plan to the plan that an undivided run would have made; opens no connection. */
export async function mergeCommand(
  parts: readonly string[],
  given: MergeOptions,
  environment: Environment,
): Promise<number> {
  const { output: saveTo, ...rest } = given;
  const options = reportingOn(rest, 'plan', parts);
  const facts = await mergeParts({ ...options, parts }, readContext(environment, options));
  if ('failed' in facts) return printFailure(facts, options, environment);
  const draw = ofEstate(facts.plan, options.draw ?? drawAlone);
  return printPlan('plan', facts, saveTo, { ...options, draw }, environment);
}

/** The command line names parts only: the parts themselves say of which estate files they were made. */
function ofEstate({ desired }: Plan, draw: DrawCommand): DrawCommand {
  const { directory, cs6, cs7, cohorts, limits } = desired;
  const named = [...new Set([directory, ...cs6, ...cs7, ...cohorts, limits].map(({ source }) => source.file))];
  const files = named.length === 1 && named[0] === defaultFile ? [] : named.flatMap(file => ['-f', file]);
  return (next, saved) =>
    draw(
      next.verb === undefined || next.verb === 'apply' ? { ...next, words: [...next.words, ...files] } : next,
      saved,
    );
}
