import { type Failure, failedReport, failure, type MailContext, problemOf } from '../app/context.ts';
import { lookForDrift } from '../app/drift-look.ts';
import { readSite, type SiteRequest } from '../app/site-facts.ts';
import { openSiteFolder, otherEstate, runOfPage, type WrittenSite, writeSite } from '../app/site-folder.ts';
import type { TrustRequest } from '../app/trusted-connections.ts';
import { printable, printableJson } from '../core/printable.ts';
import { exitCodes, type FailedReport } from '../core/report.ts';
import type { SiteFacts } from '../core/site.ts';
import { count } from '../core/units.ts';
import type { DriftReport } from '../watch/drift-watch.ts';
import { mailContext } from './contexts.ts';
import type { Environment } from './environment.ts';
import { type CommonOptions, printFailure, withProvenance } from './output.ts';
import { makeLog } from './told-commands.ts';

/** The options of `page`. */
export interface PageOptions extends CommonOptions, TrustRequest {
  /** The folder of the pages. */
  readonly output: string;
  readonly names?: boolean;
  readonly runs?: string;
}

/** `page`: looks at everything once, and writes it as pages. Changes nothing on any server. */
export async function pageCommand(
  files: readonly string[],
  { output: folder, ...options }: PageOptions,
  environment: Environment,
): Promise<number> {
  const context = mailContext(environment, options);
  const { estate, exitCode, result } = await lookForDrift({
    ...{ request: { ...options, files }, context, log: makeLog(options, environment) },
  });
  const drift =
    result.state === 'ended'
      ? result.seen.report
      : failedReport('drift', files, { failed: result.findings, exitCode, estate });
  const renewed = await renewPages({ ...options, folder, files }, drift, context, environment);
  context.progress.end();
  if ('failed' in renewed) return printFailure(renewed, options, environment);
  environment.terminal.stdout(
    options.format === 'json' ? printableJson({ command: 'page', ...renewed }) : text(renewed),
  );
  return renewed.exitCode;
}

function text({ estate, folder, written, removed, exitCode }: RenewedPages): string {
  const gone = removed.length > 0 ? `, ${count(removed.length, 'old page')} removed` : '';
  const open = exitCode === exitCodes.done ? '' : 'Not everything could be read. The pages say what is missing.\n';
  return `${printable(estate)}: ${count(written.length, 'page')} written to ${printable(folder)}${gone}.\n${open}Open ${printable(folder.replace(/\/$/, ''))}/index.html.\n`;
}

/** Where pages are written, and of which estate. */
export interface PageRequest extends Omit<SiteRequest, 'withNames'> {
  readonly folder: string;
  readonly names?: boolean;
  /** When it comes nothing is written: what was being read is not whole. */
  readonly signal?: AbortSignal;
}

/** What was written. */
interface RenewedPages extends WrittenSite {
  readonly estate: string;
  readonly folder: string;
  readonly exitCode: number;
}

/** Reads what the pages show besides drift, draws all of it, and writes it. Nothing is written where the folder is not for it. */
export async function renewPages(
  { folder, names = false, signal, ...asked }: PageRequest,
  found: DriftReport | FailedReport,
  context: MailContext,
  environment: Environment,
): Promise<RenewedPages | Failure> {
  try {
    const opened = await openSiteFolder(folder, context);
    if ('code' in opened) return failure([opened]);
    const { memory: known } = opened;
    const drift = withProvenance(found, environment, { command: 'drift', files: asked.files });
    const estate = 'plan' in drift ? drift.plan.desired.name : (drift.estate ?? known?.estate);
    // Without a name it is not known whose runs and whose folder these are.
    if (estate === undefined) return failure('plan' in drift ? [] : drift.findings);
    const other = otherEstate(opened, estate);
    if (other) return failure([other], estate);
    const drawn = new Set([...opened.names].flatMap(name => runOfPage(name) ?? []));
    const request = { ...asked, withNames: names };
    const site = await readSite(request, { estate, drift }, { drawn, ...(known && { memory: known }) }, context);
    if (signal?.aborted) return failure([], estate);
    const { facts, details, withPage, memory } = site;
    const { renderRunPage, renderSite } = await import('../report/html/site/render-site.ts');
    const ofRuns = details.map(one => renderRunPage(one, estate, names));
    const pages = [...ofRuns, ...renderSite(facts, { withNames: names, withPage })];
    const watching = await environment.watching();
    const written = await writeSite(opened, { memory, pages, keep: withPage }, context, watching);
    return { ...written, estate, folder, exitCode: exitCodeOf(facts) };
  } catch (problem) {
    return failure([problemOf(problem)]);
  }
}

/** Whether all of it could be read. What differs is on the pages, and no failure of making them. */
function exitCodeOf({ drift, audit, verify, places }: SiteFacts): number {
  const reports = [drift, audit, verify];
  if (reports.every(({ exitCode }) => exitCode === exitCodes.error)) return exitCodes.error;
  const codes: readonly number[] = [exitCodes.error, exitCodes.incomplete];
  const unread = 'plan' in drift && drift.plan.unread.length > 0;
  const open = unread || reports.some(({ exitCode }) => codes.includes(exitCode)) || places.some(one => one.problem);
  return open ? exitCodes.incomplete : exitCodes.done;
}
