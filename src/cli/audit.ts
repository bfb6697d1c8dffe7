import { type Command, Option } from 'commander';
import { type Audit, auditEstate } from '../audit/audit.ts';
import { csvFormat, jsonlFormat, type ListFormat, rowJson, textFormat } from '../audit/list-formats.ts';
import { listNames } from '../audit/rows.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import { printable } from '../core/printable.ts';
import type { AuditReport } from '../core/report.ts';
import { type Format, renderReport } from '../report/format.ts';
import { exitCodes, readingExitCode } from './exit-code.ts';
import { writeFileText } from './files.ts';
import {
  type CommonOptions,
  endProgress,
  printFindings,
  progressOf,
  renderFacts,
  reportingOn,
  wantsColor,
  writeReports,
} from './output.ts';
import type { Outside } from './outside.ts';
import { addReportOptions } from './report-options.ts';
import { addTrustOption, loadTrusted, type TrustOptions } from './trusted-connections.ts';
import { withEstate } from './with-estate.ts';

/** The options of `audit`; two formats are for lists only. */
export interface AuditOptions extends Omit<CommonOptions, 'format'>, TrustOptions {
  readonly format: Format | 'csv' | 'jsonl';
  readonly list?: readonly string[];
}

const listHelp = `
  Of an audit: 0 every account is good, 2 an account is not, 4 a host or the directory could not be read.

Lists:
  --list takes a state (good-cs6, good-cs7, split-brain, limbo, unknown), a problem as the report names it,
  "not-good" or "all". In text the list follows the counts, in JSON it is "list"; csv and jsonl are the list
  alone, of all that is not good unless --list says otherwise. The other formats have no list.
  csv is RFC 4180 in UTF-8. A field that begins with = + - @, a tab or a carriage return gets a ' before it: a
  spreadsheet would take it for a formula. Several values are parted by "; ", problems by a blank.
  With -o the counts are printed as text, and the output goes to the file.`;

/** Gives a command the options of `audit` besides the common ones. */
export function addAuditOptions(command: Command): Command {
  return addTrustOption(addReportOptions(command, { formats: ['csv', 'jsonl'] }))
    .addOption(new Option('--list <name...>', 'print the accounts of these states and problems').choices(listNames))
    .addHelpText('after', listHelp);
}

/** `audit`: every account against the truth table; reads only. */
export async function auditCommand(files: readonly string[], options: AuditOptions, outside: Outside): Promise<number> {
  const common = reportingOn(commonOf(options), 'audit', files);
  return withEstate(await loadTrusted(files, options, outside), common, outside, async (state, { ports }, warnings) => {
    const readAt = outside.clock.now();
    const audit = await auditEstate({ state, warnings, readAt, ports, progress: progressOf(outside) });
    endProgress(outside);
    const report: AuditReport = { command: 'audit', exitCode: exitCodeOf(audit), ...audit.facts, files };
    try {
      const written = await writeReports(report, options.report ?? [], common, outside);
      const unwritten = await write(report, audit, options, outside);
      if (!unwritten) return written ? report.exitCode : exitCodes.error;
      printFindings([unwritten], { ...common, format: 'text' }, outside);
      return exitCodes.error;
    } catch (problem) {
      if (!(problem instanceof TargetProblem)) throw problem;
      // What has been printed of the list may end anywhere: the exit code must not be that of a whole one.
      printFindings([problem.finding], { ...common, format: 'text' }, outside);
      return exitCodes.incomplete;
    }
  });
}

function exitCodeOf({ facts: { classes, unread, hosts } }: Audit): number {
  const differs = classes.some(({ name }) => name !== 'unknown');
  return readingExitCode(unread.length, hosts.length + 1, differs);
}

/** Lists have a form of their own; everything else is told as text there, and not in their file. */
function commonOf({ format, output, ...options }: AuditOptions): CommonOptions {
  if (format === 'csv' || format === 'jsonl') return { ...options, format: 'text' };
  return { ...options, format, ...(output !== undefined && { output }) };
}

async function write(
  report: AuditReport,
  audit: Audit,
  options: AuditOptions,
  outside: Outside,
): Promise<Finding | undefined> {
  const { format } = options;
  const listOnly = format === 'csv' || format === 'jsonl';
  // A file without a line would pass for a list of nobody.
  const output = listOnly && !report.accounts ? undefined : options.output;
  const color = wantsColor(options, outside);
  const facts = renderFacts(commonOf(options), outside);
  const render = (one: Format, painted: boolean) => renderReport(report, one, { ...facts, color: painted });
  const parts = partsOf(audit, options, one => render(one, color && output === undefined));
  if (listOnly && output === undefined && report.findings.length > 0)
    printFindings(report.findings, commonOf(options), outside);
  if (output === undefined) {
    const safe = format === 'csv' && outside.stdoutIsTerminal ? printable : (part: string) => part;
    for await (const part of parts) outside.stdout(safe(part));
    return undefined;
  }
  const written: string[] = [];
  for await (const part of parts) written.push(part);
  const unwritten = await writeFileText(output, written.join(''), outside);
  if (!unwritten) outside.stdout(await render('text', color));
  return unwritten;
}

/** The output, piece by piece: a list may be as long as the directory. */
async function* partsOf(
  audit: Audit,
  { format, list }: AuditOptions,
  render: (format: Format) => Promise<string>,
): AsyncIterable<string> {
  const lines = (form: ListFormat) => listLines(audit, list ?? ['not-good'], form);
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
    for await (const row of audit.rows(list)) yield `${rows++ === 0 ? '' : ','}\n    ${rowJson(row)}`;
    yield `${rows === 0 ? '' : '\n  '}]\n}\n`;
  }
}

async function* listLines(audit: Audit, list: readonly string[], { head, line }: ListFormat): AsyncIterable<string> {
  if (!audit.facts.accounts) return;
  if (head !== '') yield head;
  for await (const row of audit.rows(list)) yield line(row);
}
