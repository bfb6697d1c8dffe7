import { failure } from '../app/context.ts';
import { writeFileText } from '../app/files.ts';
import type { TrustRequest } from '../app/trusted-connections.ts';
import { closedBy, lookResult } from '../app/watch-estate.ts';
import { type Audited, withAudit } from '../app/with-audit.ts';
import { csvFormat, jsonlFormat, type ListFormat, rowJson, textFormat } from '../audit/list-formats.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import { printable } from '../core/printable.ts';
import { exitCodes } from '../core/report.ts';
import { finding } from '../findings/catalogue.ts';
import { type Format, renderReport } from '../report/format.ts';
import { auditWatch } from '../watch/audit-watch.ts';
import { readContext } from './contexts.ts';
import { type Environment, textColumns, wantsColor } from './environment.ts';
import { givenWatchOptions, type WatchOptions } from './notify-options.ts';
import {
  type CommonOptions,
  printFailure,
  printFindings,
  renderFacts,
  reportingOn,
  withProvenance,
  writeReports,
} from './output.ts';
import { watchCommand, withoutStatus } from './told-commands.ts';

/** The options of `audit`; two formats are for lists only. */
export interface AuditOptions extends Omit<CommonOptions, 'format'>, TrustRequest, WatchOptions {
  readonly format: Format | 'csv' | 'jsonl';
  readonly list?: readonly string[];
}

/** `audit`: every account against the truth table; reads only. */
export async function auditCommand(
  files: readonly string[],
  options: AuditOptions,
  environment: Environment,
): Promise<number> {
  const common = reportingOn(commonOf(options), 'audit', files);
  if (givenWatchOptions(options).length > 0) return watchAudit(files, options, common, environment);
  const result = await withAudit({ ...options, files }, readContext(environment, common), audited =>
    printAudit(audited, options, common, environment),
  );
  return typeof result === 'number' ? result : printFailure(result, common, environment);
}

/** Lists are read from the directory while it is connected, and a program that stays prints only what changed. */
async function watchAudit(
  files: readonly string[],
  options: AuditOptions,
  common: CommonOptions & WatchOptions,
  environment: Environment,
): Promise<number> {
  const { format, list } = options;
  const lists = format === 'csv' || format === 'jsonl' ? `--format ${format}` : list && '--list';
  if (lists !== undefined) {
    const detail = `${lists} cannot be combined with ${givenWatchOptions(options).join(', ')}.\nRead the list with a command of its own.`;
    return printFailure(failure([finding('cli.list-alone', { detail })]), common, environment);
  }
  const context = readContext(withoutStatus(environment, options), common);
  const look = async (signal: AbortSignal) => {
    const connections = { toRead: closedBy(signal, context.connections.toRead) };
    const request = { ...options, files };
    return lookResult(await withAudit(request, { ...context, connections }, async ({ report }) => report));
  };
  return watchCommand(auditWatch, look, common, environment);
}

async function printAudit(
  audited: Audited,
  options: AuditOptions,
  common: CommonOptions,
  environment: Environment,
): Promise<number> {
  const report = withProvenance(audited.report, environment, common.about);
  const problem = (finding: Finding) => printFindings([finding], { ...common, format: 'text' }, environment);
  try {
    const written = await writeReports(report, options.report ?? [], common, environment);
    const unwritten = await write({ ...audited, report }, options, environment);
    if (!unwritten) return written ? report.exitCode : exitCodes.error;
    problem(unwritten);
    return exitCodes.error;
  } catch (error) {
    if (!(error instanceof TargetProblem)) throw error;
    // What has been printed of the list may end anywhere: the exit code must not be that of a whole one.
    problem(error.finding);
    return exitCodes.incomplete;
  }
}

/** Lists have a form of their own; everything else is told as text there, and not in their file. */
function commonOf({ format, output, ...options }: AuditOptions): CommonOptions & WatchOptions {
  if (format === 'csv' || format === 'jsonl') return { ...options, format: 'text' };
  return { ...options, format, ...(output !== undefined && { output }) };
}

async function write(
  { report, rows }: Audited,
  options: AuditOptions,
  environment: Environment,
): Promise<Finding | undefined> {
  const { terminal } = environment;
  const { format } = options;
  const listOnly = format === 'csv' || format === 'jsonl';
  // A file without a line would pass for a list of nobody.
  const output = listOnly && !report.accounts ? undefined : options.output;
  const color = wantsColor(options, environment);
  const facts = renderFacts(commonOf(options), environment);
  const render = (one: Format, onScreen: boolean) =>
    renderReport(report, one, {
      ...facts,
      ...(onScreen && { color, columns: textColumns(environment, 'stdout') }),
    });
  const parts = partsOf({ report, rows }, options, one => render(one, output === undefined));
  if (listOnly && output === undefined && report.findings.length > 0)
    printFindings(report.findings, commonOf(options), environment);
  if (output === undefined) {
    const safe = format === 'csv' && terminal.stdoutIsTerminal ? printable : (part: string) => part;
    for await (const part of parts) terminal.stdout(safe(part));
    return undefined;
  }
  const written: string[] = [];
  for await (const part of parts) written.push(part);
  const unwritten = await writeFileText(output, written.join(''), environment.files);
  if (!unwritten) terminal.stdout(await render('text', true));
  return unwritten;
}

/** The output, piece by piece: a list may be as long as the directory. */
async function* partsOf(
  audited: Audited,
  { format, list }: AuditOptions,
  render: (format: Format) => Promise<string>,
): AsyncIterable<string> {
  const lines = (form: ListFormat) => listLines(audited, list ?? ['not-good'], form);
  if (format === 'csv') yield* lines(csvFormat);
  else if (format === 'jsonl') yield* lines(jsonlFormat);
  else if (format === 'text') {
    yield await render(format);
    if (list) yield '\n';
    if (list) yield* lines(textFormat);
  } else if (format !== 'json' || !list) yield await render(format);
  else {
    yield (await render(format)).replace(/\n\}\n$/, ',\n  "list": [');
    let rows = 0;
    for await (const row of audited.rows(list)) yield `${rows++ === 0 ? '' : ','}\n    ${rowJson(row)}`;
    yield `${rows === 0 ? '' : '\n  '}]\n}\n`;
  }
}

async function* listLines(
  audited: Audited,
  list: readonly string[],
  { head, line }: ListFormat,
): AsyncIterable<string> {
  if (!audited.report.accounts) return;
  if (head !== '') yield head;
  for await (const row of audited.rows(list)) yield line(row);
}
