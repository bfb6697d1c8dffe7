import { type ListedRuns, lastRun, listRuns, type RunFilter, type ShownRun, showRun } from '../app/list-runs.ts';
import { printableJson } from '../core/printable.ts';
import { count } from '../core/units.ts';
import { prose, type Style } from '../report/text/layout.ts';
import { readContext } from './contexts.ts';
import type { Environment } from './environment.ts';
import { type CommonOptions, printFailure, styleOn } from './output.ts';
import { openPage, runPage } from './run-text.ts';
import { runsTable } from './runs-table.ts';

/** The options of `status`. */
export interface StatusOptions extends CommonOptions {
  readonly runs?: string;
}

/** The options of `runs`. */
export interface RunsOptions extends StatusOptions, RunFilter {}

/** What `runs` is asked for: a run, or all of them. */
export interface RunsWords {
  readonly run?: string | undefined;
  readonly files: readonly string[];
}

/** `runs`: what was done when, and by whom, the newest first; `runs RUN`: one of them, with its changes and their results. */
export async function runsCommand(
  { run, files }: RunsWords,
  options: RunsOptions,
  environment: Environment,
): Promise<number> {
  const request = { ...options, files };
  const context = readContext(environment, options);
  const found = run === undefined ? await listRuns(request, context) : await showRun(run, request, context);
  if ('failed' in found) return printFailure(found, options, environment);
  const style = styleOn('stdout', options, environment);
  const text = () => ('known' in found ? listText(found, style) : shownText(found, style, options.verbose ?? false));
  environment.terminal.stdout(options.format === 'json' ? printableJson(jsonOf(found)) : text());
  return found.exitCode;
}

/** `status`: the last run, and what is half done. */
export async function statusCommand(
  files: readonly string[],
  options: StatusOptions,
  environment: Environment,
): Promise<number> {
  const last = await lastRun({ ...options, files }, readContext(environment, options));
  if ('failed' in last) return printFailure(last, options, environment);
  const style = styleOn('stdout', options, environment);
  const text = () => (last.run ? openPage(last.run, style) : noRecords(last, style));
  environment.terminal.stdout(options.format === 'json' ? printableJson(jsonOf(last)) : text());
  return last.exitCode;
}

/** As `schemas/runs.schema.json` has it. */
function jsonOf(found: ListedRuns | ShownRun): object {
  const { folder, places } = found;
  if ('known' in found) return { folder, places, known: found.known, runs: found.runs.map(plain) };
  const { run, work } = found;
  const shown = work === undefined ? {} : 'code' in work ? { unread: work } : work;
  return { folder, places, runs: run ? [{ ...plain(run), ...shown }] : [] };
}

/** How long a record is, only those compare who read it. */
function plain<R extends { readonly length: number }>({ length: _, ...run }: R): Omit<R, 'length'> {
  return run;
}

function listText(found: ListedRuns, style: Style): string {
  if (found.known === 0) return noRecords(found, style);
  const { runs, known } = found;
  if (runs.length === 0) return `No run fits. ${count(known, 'run is', 'runs are')} known.\n`;
  return `${runsTable(runs, style).join('\n')}\n`;
}

function shownText({ run, work }: ShownRun, style: Style, verbose: boolean): string {
  return run ? runPage(run, work, style, verbose) : '';
}

/** Nothing is said of a place that could not be read. */
function noRecords({ places }: Pick<ListedRuns, 'places'>, style: Style): string {
  const names = places.flatMap(({ place, problem }) => (problem ? [] : [place]));
  if (names.length === 0) return '';
  const where = names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  return `${prose(`${where} ${names.length < 2 ? 'has' : 'have'} no records of runs.`, style).join('\n')}\n`;
}
