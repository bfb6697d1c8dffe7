import { createTwoFilesPatch } from 'diff';
import { type AcceptedDifference, type AcceptedDrift, type ApproveAccepted, acceptDrift } from '../app/accept-drift.ts';
import { type Failure, failure } from '../app/context.ts';
import { lookForDrift } from '../app/drift-look.ts';
import type { BaseRequest } from '../app/earlier-states.ts';
import type { TrustRequest } from '../app/trusted-connections.ts';
import { closedBy, type TakeLook, type WatchContext } from '../app/watch-estate.ts';
import type { Value } from '../core/change.ts';
import { nextCommands } from '../core/next-command.ts';
import { printable, printableJson } from '../core/printable.ts';
import { exitCodes } from '../core/report.ts';
import { count, wordFor } from '../core/units.ts';
import { finding } from '../findings/catalogue.ts';
import { flow, type Style } from '../report/text/layout.ts';
import { type DriftSeen, driftWatch } from '../watch/drift-watch.ts';
import { mailContext, readContext } from './contexts.ts';
import type { Environment } from './environment.ts';
import { givenWatchOptions, optionName, type WatchOptions } from './notify-options.ts';
import { type CommonOptions, printFailure, printFindings, reportingOn, styleOn } from './output.ts';
import { renewPages } from './page-command.ts';
import { keepingConnections, makeLog, watchCommand, withoutStatus } from './told-commands.ts';

/** The options of `drift`. */
export interface DriftOptions extends CommonOptions, BaseRequest, TrustRequest, WatchOptions {
  /** `TARGET:KEY` of what is accepted, or `all`. */
  readonly accept?: readonly string[];
  readonly yes?: boolean;
  /** The folder of the pages that are written after each look. */
  readonly page?: string;
}

/** `drift`: what live has that the files have not. */
export async function driftCommand(
  files: readonly string[],
  given: DriftOptions,
  environment: Environment,
): Promise<number> {
  const options = reportingOn(given, 'drift', files);
  if (options.accept) return acceptCommand(files, options, options.accept, environment);
  if (options.yes) return printFailure(failure([acceptAlone('--yes is for --accept all.')]), options, environment);
  return keepingConnections(environment, options, kept => watchDrift(files, options, kept));
}

function watchDrift(files: readonly string[], options: DriftOptions, environment: Environment): Promise<number> {
  const context = readContext(withoutStatus(environment, options), options);
  const log = makeLog(options, environment);
  const take: TakeLook<DriftSeen> = signal => {
    const connections = { toRead: closedBy(signal, context.connections.toRead) };
    return lookForDrift({ request: { ...options, files }, context: { ...context, connections }, log });
  };
  return watchCommand(
    driftWatch,
    take,
    options,
    environment,
    options.page === undefined ? undefined : pagesAfter(options.page, options, environment),
  );
}

/** Writes the pages after each look. What goes wrong with them is in the log, and the watch goes on. */
function pagesAfter(folder: string, options: DriftOptions, environment: Environment): WatchContext['afterLook'] {
  const { files = [] } = options.about ?? {};
  const log = makeLog(options, environment);
  const context = mailContext(withoutStatus(environment, options), options);
  const { toRead, toMail } = context.connections;
  return async (report, signal) => {
    if (report.command !== 'drift' && report.command !== 'failed') return;
    const connections = { toRead: closedBy(signal, toRead), toMail: closedBy(signal, toMail) };
    const request = { ...trustAndRuns(options), folder, files, signal };
    const renewed = await renewPages(request, report, { ...context, connections }, environment);
    if (signal.aborted) return;
    if ('failed' in renewed) {
      const said = renewed.failed.map(({ code, detail }) => `${code} ${detail.replaceAll('\n', ' ')}`);
      log('error', 'pages', `the pages were not written: ${said.join('; ')}`, {
        codes: renewed.failed.map(({ code }) => code),
      });
    } else log('info', 'pages', `${count(renewed.written.length, 'page')} written to ${folder}`, { folder });
  };
}

function trustAndRuns({ connectionsFrom, runs }: DriftOptions): Pick<DriftOptions, 'connectionsFrom' | 'runs'> {
  return { ...(connectionsFrom !== undefined && { connectionsFrom }), ...(runs !== undefined && { runs }) };
}

/** `drift --accept`: edits the files so that they ask for what is live. */
async function acceptCommand(
  files: readonly string[],
  options: DriftOptions,
  accept: readonly string[],
  environment: Environment,
): Promise<number> {
  const mistake = notWithAccept(options, accept, environment);
  if (mistake)
    return printFailure(mistake, { ...options, format: options.format === 'json' ? 'json' : 'text' }, environment);
  const request = { files, accept, ...(options.runs !== undefined && { runs: options.runs }) };
  const asks = accept.includes('all') && !options.yes;
  const approve = asks ? askToAccept(options, environment) : async () => true;
  const accepted = await acceptDrift(request, readContext(environment, options), approve);
  if ('failed' in accepted) return printFailure(accepted, options, environment);
  const { terminal } = environment;
  if (accepted.declined) {
    terminal.stderr('No file was written.\n');
    return exitCodes.differences;
  }
  if (options.format === 'json') terminal.stdout(acceptedJson(accepted));
  else {
    const shown = asks ? [] : acceptedLines(accepted, styleOn('stdout', options, environment));
    terminal.stdout(`${[...shown, ...writtenLines(accepted)].join('\n')}\n`);
    if (accepted.warnings.length > 0) printFindings(accepted.warnings, options, environment);
  }
  return exitCodes.done;
}

/** Options that mean nothing for it, and a question that nobody is there to answer: found before anything is read. */
function notWithAccept(
  options: DriftOptions,
  accept: readonly string[],
  { terminal }: Environment,
): Failure | undefined {
  const { base, applied, connectionsFrom, page } = options;
  const given = { base, applied, connectionsFrom, page };
  const named = [
    ...givenWatchOptions(options),
    ...Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [optionName(name)])),
    ...(options.output === undefined ? [] : ['-o']),
    ...(options.report === undefined ? [] : ['--report']),
    ...(options.format === 'text' || options.format === 'json' ? [] : [`--format ${options.format}`]),
  ];
  if (named.length > 0) return failure([acceptAlone(`--accept cannot be combined with ${named.join(', ')}.`)]);
  if (!accept.includes('all') || options.yes || terminal.ask) return undefined;
  return { failed: [nobodyToAccept], exitCode: exitCodes.refused };
}

function acceptAlone(detail: string) {
  return finding('cli.accept-alone', { detail });
}

const nobodyToAccept = finding('cli.nobody-to-ask', {
  detail:
    'Standard input is not a terminal, so there is no way to ask. Nothing was read, and no file was written.\nTo accept every difference without a question:',
  next: [nextCommands.acceptAll()],
});

function askToAccept(options: DriftOptions, environment: Environment): ApproveAccepted {
  const { stderr, ask } = environment.terminal;
  return async accepted => {
    if (!ask) return nobodyToAccept;
    stderr(`${acceptedLines(accepted, styleOn('stderr', options, environment)).join('\n')}\n`);
    const what = count(accepted.accepted.length, 'difference');
    return (await ask(`Accept ${what} and write the file? Type "yes": `)).trim() === 'yes';
  };
}

/** What is accepted, and what of the files changes. */
function acceptedLines({ estate, accepted, files }: AcceptedDrift, style: Style): readonly string[] {
  const named = accepted.flatMap(one => flow(acceptedCells(one), style, { by: 2 }));
  const diffs = files.flatMap(file => ['', ...diffOf(file).map(line => paintLine(printable(line), style))]);
  return [style.strong(`reconcile drift --accept  ${printable(estate)}`), ...named, ...diffs, ''];
}

function acceptedCells({ target, key, item, expected, accepted, where }: AcceptedDifference) {
  return [
    { text: target },
    { text: printable(key) },
    ...(target === 'directory' ? [{ text: printable(item) }] : []),
    { text: printable(`${inWords(expected)} -> ${inWords(accepted)}`) },
    ...(where ? [{ text: printable(`${where.file}:${where.line}`) }] : []),
  ];
}

function inWords(value: Value | undefined): string {
  if (value === undefined) return '(none)';
  return typeof value === 'string' ? `"${value}"` : value.join(' ');
}

function diffOf({ file, before, after }: AcceptedDrift['files'][number]): readonly string[] {
  const patch = createTwoFilesPatch(file, file, before, after, undefined, undefined, { context: 3 });
  return patch.slice(patch.indexOf('--- ')).replace(/\r/g, '').trimEnd().split('\n');
}

function paintLine(line: string, style: Style): string {
  if (line.startsWith('+')) return style.good(line);
  return line.startsWith('-') ? style.bad(line) : line;
}

function writtenLines({ accepted, files }: AcceptedDrift): readonly string[] {
  const named = files.map(({ file }) => printable(file)).join(', ');
  const gone = count(accepted.length, 'accepted difference');
  return [
    `Written: ${named}.`,
    `A plan shows that the ${gone} ${wordFor(accepted.length, 'is', 'are')} gone, and that nothing else changed.`,
  ];
}

function acceptedJson({ estate, accepted, files, warnings }: AcceptedDrift): string {
  const edited = files.map(one => ({ file: one.file, diff: `${diffOf(one).join('\n')}\n` }));
  return printableJson({ command: 'accept', estate, exitCode: exitCodes.done, accepted, files: edited, warnings });
}
