import type { BaseRequest } from '../app/earlier-states.ts';
import { writePrivateFile } from '../app/files.ts';
import { type PlannedFacts, planEstate, type SourceRequest, savePlan } from '../app/plan-estate.ts';
import { mergeParts, type PartReading, readPart } from '../app/shard-plan.ts';
import type { TrustRequest } from '../app/trusted-connections.ts';
import { type DrawCommand, drawAlone } from '../core/next-command.ts';
import type { Narrowing, Plan } from '../core/plan.ts';
import { printable, printableJson } from '../core/printable.ts';
import { exitCodes } from '../core/report.ts';
import { count } from '../core/units.ts';
import { finding } from '../findings/catalogue.ts';
import { signCommand } from '../plan/signatures.ts';
import { defaultFile, standardOutput } from '../ports/local-files.ts';
import { prose, type Style } from '../report/text/layout.ts';
import { readContext } from './contexts.ts';
import type { Environment } from './environment.ts';
import { type CommonOptions, printFailure, printFindings, printReport, reportingOn, styleOn } from './output.ts';

/** The options of `plan` and `--check`. */
export interface PlanOptions extends CommonOptions, BaseRequest, SourceRequest, TrustRequest, Narrowing {
  /** A day, or a time with a zone, to plan for instead of now. */
  readonly at?: string;
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
async function printPlan(
  command: 'plan' | 'check',
  facts: PlannedFacts,
  saveTo: string | undefined,
  options: CommonOptions,
  environment: Environment,
): Promise<number> {
  const { plan } = facts;
  const saved = saveTo === undefined ? undefined : await savePlan(saveTo, plan, environment.files);
  // What went to standard output has no name that a next command could use.
  const savedAs = saved && 'file' in saved && saved.file !== standardOutput ? saved.file : undefined;
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
  terminal.stdout(`This plan needs ${signers}. To sign it:\n    ${printable(signCommand(file))}\n`);
}

/** The options of `plan --shard`: what a plan may be asked, most of which a part cannot answer. */
export interface PartOptions extends PlanOptions {
  readonly shard: PartReading['shard'];
}

/** `plan --shard` and `--check --shard`: compares a part of the estate and saves what was found; changes nothing. */
export async function partCommand(
  command: 'plan' | 'check',
  files: readonly string[],
  { output, shard, ...given }: PartOptions,
  environment: Environment,
): Promise<number> {
  const options = reportingOn(given, command, files);
  const alone = othersOf(options);
  if (alone.length > 0) return printFailure(partAlone(alone), options, environment);
  const part = await readPart({ ...options, files, shard }, readContext(environment, options));
  if ('failed' in part) return printFailure(part, options, environment);
  const unsaved = output === undefined ? undefined : await writePrivateFile(output, part.text, environment.files);
  environment.terminal.stdout(
    options.format === 'json'
      ? json(part)
      : text(part, unsaved || output === standardOutput ? undefined : output, styleOn('stdout', options, environment)),
  );
  const problems = [...part.findings, ...(unsaved ? [unsaved] : [])];
  if (problems.length > 0) printFindings(problems, { ...options, format: 'text' }, environment);
  return unsaved ? exitCodes.error : part.exitCode;
}

function text({ shard: { number, of }, facts }: PartReading, saved: string | undefined, style: Style): string {
  const { hosts, changes, unread } = facts;
  const lines = [
    `Part ${number} of ${of}: ${hosts.length === 0 ? 'no host' : hosts.join(', ')}, and its share of the accounts. ${count(changes, 'difference')}.`,
    ...(unread.length > 0 ? [`Could not be read: ${unread.join(', ')}.`] : []),
    ...(saved === undefined
      ? []
      : [`The part is saved in ${printable(saved)}. "merge" joins all ${of} parts into the plan.`]),
  ];
  return `${lines.flatMap(line => prose(line, style)).join('\n')}\n`;
}

function json({ shard, exitCode, facts }: PartReading): string {
  return printableJson({ command: 'plan', shard, exitCode, ...facts });
}

function othersOf({ only, except, origin, at, base, applied, live, report, format }: PlanOptions): readonly string[] {
  const named = { only, except, origin, at, base, applied, live, report };
  const asked = Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`]));
  return ['text', 'json'].includes(format) ? asked : [...asked, `--format ${format}`];
}

function partAlone(names: readonly string[]) {
  const alone = finding('part.alone', {
    detail: `${names.join(', ')}: these options need the whole plan, and a part is not a plan.\nLeave them out here. merge has --report and --format.`,
  });
  return { failed: [alone], exitCode: exitCodes.error };
}

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
  const options = reportingOn(rest, 'plan', parts, []);
  const facts = await mergeParts({ ...options, parts }, readContext(environment, options));
  if ('failed' in facts) return printFailure(facts, options, environment);
  const draw = ofEstate(facts.plan, options.draw ?? drawAlone);
  return printPlan('plan', facts, saveTo, { ...options, draw }, environment);
}

/** The command line names parts only: the parts themselves say of which estate files they were made. */
function ofEstate({ desired }: Plan, draw: DrawCommand): DrawCommand {
  const { directory, hosts, cohorts, limits } = desired;
  const named = [...new Set([directory, ...hosts, ...cohorts, limits].map(({ source }) => source.file))];
  const files = named.length === 1 && named[0] === defaultFile ? [] : named.flatMap(file => ['-f', file]);
  return (next, ...how) =>
    draw(
      next.verb === undefined || next.verb === 'apply' ? { ...next, words: [...next.words, ...files] } : next,
      ...how,
    );
}
