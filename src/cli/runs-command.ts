import { type ListedRuns, lastRun, listRuns, statusExitCode } from '../app/list-runs.ts';
import { isNarrowed } from '../core/plan.ts';
import { printable, printableJson } from '../core/printable.ts';
import { count } from '../core/units.ts';
import { type Cell, flow, prose, type Style } from '../report/text/layout.ts';
import { readContext } from './contexts.ts';
import type { Environment } from './environment.ts';
import { type CommonOptions, printFailure, styleOn } from './output.ts';

/** The options of `runs` and `status`. */
export interface RunsOptions extends CommonOptions {
  readonly runs?: string;
}

/** `runs`: what was done when, the newest first. */
export async function runsCommand(
  files: readonly string[],
  options: RunsOptions,
  environment: Environment,
): Promise<number> {
  const listed = await listRuns({ ...options, files }, readContext(environment, options));
  if ('failed' in listed) return printFailure(listed, options, environment);
  printRuns(listed, () => [], options, environment);
  return listed.exitCode;
}

/** `status`: the last run, and what is half done. */
export async function statusCommand(
  files: readonly string[],
  options: RunsOptions,
  environment: Environment,
): Promise<number> {
  const context = readContext(environment, options);
  const last = await lastRun({ ...options, files }, context);
  if ('failed' in last) return printFailure(last, options, environment);
  printRuns(last, openLines, options, environment);
  return statusExitCode(last, files, context);
}

type RunRecord = ListedRuns['records'][number];

function printRuns(
  listed: ListedRuns,
  more: (record: RunRecord, style: Style) => readonly string[],
  options: CommonOptions,
  environment: Environment,
): void {
  const { folder, records } = listed;
  const json = () => printableJson({ folder, runs: records.map(plain) });
  const text = () => textOf(listed, more, styleOn('stdout', options, environment));
  environment.terminal.stdout(options.format === 'json' ? json() : text());
}

function textOf(
  { folder, records }: ListedRuns,
  more: (record: RunRecord, style: Style) => readonly string[],
  style: Style,
): string {
  if (records.length === 0) return `${folder} has no records of runs.\n`;
  const lines = records.flatMap(record => [...flow(runCells(record, style), style), ...more(record, style)]);
  return `${lines.join('\n')}\n`;
}

function runCells(record: RunRecord, style: Style): readonly Cell[] {
  return [
    { text: record.name, paint: style.strong },
    { text: record.began.replace(/\.\d+Z$/, 'Z') },
    { text: `plan ${record.head?.plan.slice(0, 8) ?? '?'}` },
    { text: count(record.writes, 'write') },
    verdict(record, style),
  ];
}

function plain({ replaced: _, ...record }: RunRecord) {
  return record;
}

/** A run of a part says nothing of the rest of the estate. */
function verdict({ finished, head }: RunRecord, style: Style): Cell {
  if (!finished) return { text: 'not finished', paint: style.bad };
  const counts = Object.entries(finished.counts).filter(([, n]) => n > 0);
  const text = counts.map(([state, n]) => `${n.toLocaleString('en-US')} ${state}`).join(', ');
  return finished.converged
    ? { text: `${text}, ${isNarrowed(head ?? {}) ? 'its part has no difference left' : 'in sync'}`, paint: style.good }
    : { text: `${text}, not in sync`, paint: style.warn };
}

/** How many writes of unknown outcome are named. */
const named = 20;

function openLines({ open }: RunRecord, style: Style): readonly string[] {
  if (open.length === 0) return ['  No write was left unfinished.'];
  const what = open.slice(0, named).flatMap(line => {
    const about =
      line.operation === 'modify' ? line.dn : line.operation === 'replace' ? line.path : line.words.join(' ');
    return flow(
      [line.step, line.operation, about].map(text => ({ text: printable(text) })),
      style,
      { by: 4 },
    );
  });
  const head = `The outcome of ${count(open.length, 'write')} is not known. The next apply looks, and finishes what is left:`;
  return [
    ...prose(head, style, { by: 2 }),
    ...what,
    ...(open.length > named ? [`    … and ${open.length - named} more`] : []),
  ];
}
