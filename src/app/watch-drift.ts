import { withoutConnections } from '../core/connection.ts';
import { TargetProblem } from '../core/finding.ts';
import type { Report } from '../core/report.ts';
import { exitCodes } from '../core/report.ts';
import { lookNumbers } from '../drift/event.ts';
import type { Look } from '../drift/look.ts';
import { countDifferences, type DriftState, eventsBetween, stateAfter } from '../drift/state.ts';
import { finding } from '../findings/catalogue.ts';
import { targetsOf } from '../kinds/registry.ts';
import type { Metrics, MetricsSettings, NotifySettings, Watching } from '../ports/daemon.ts';
import type { Log } from '../ports/progress.ts';
import { type Failure, failure, type ReadContext } from './context.ts';
import { type LookRequest, problemOf, takeLook } from './drift-look.ts';
import { openTelling, type Telling } from './drift-notices.ts';

/** What is watched, how often, and who hears of it. */
export interface DriftRequest extends LookRequest {
  /** Milliseconds between the end of a look and the beginning of the next; absent: one look. */
  readonly every?: number;
  /** Percent of `every` by which that varies. */
  readonly jitter: number;
  /** Path of the file that remembers what was sent. */
  readonly state?: string;
  readonly notify: NotifySettings;
  readonly metrics: MetricsSettings;
}

/** What watching needs besides reading. */
export interface DriftContext extends ReadContext {
  readonly watching: () => Promise<Watching>;
  /** Calls back at the first interrupt; returns what stops listening. */
  readonly onInterrupt: (stop: () => void) => () => void;
  readonly log: Log;
  /** Shows a look whose differences are new; returns the exit code of that. */
  readonly report: (report: Report) => Promise<number>;
}

/** All that a look and what follows from it need. */
interface Session {
  readonly request: DriftRequest;
  readonly context: DriftContext;
  readonly watching: Watching;
  readonly telling: Telling;
  readonly metrics: Metrics | undefined;
}

/** What is known after the looks so far. */
interface Course {
  readonly exitCode: number;
  /** The name of the estate; nothing until the files could be loaded once. */
  readonly estate: string;
  readonly state: DriftState;
  /** Failed looks since the last good one. */
  readonly failures: number;
  readonly looks: number;
}

/** Looks once, or again and again until an interrupt; the exit code is that of the last look that ended. Changes nothing. */
export async function watchDrift(
  request: DriftRequest,
  context: DriftContext,
): Promise<Failure | { readonly exitCode: number }> {
  const watching = await context.watching();
  let metrics: Metrics | undefined;
  try {
    metrics = await openMetrics(request, watching);
    const telling = await openNotices(request, context, watching, metrics);
    const session = { request, context, watching, telling, metrics };
    return await (request.every === undefined ? lookOnce(session) : keepLooking(session, request.every));
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return failure([problem.finding]);
  } finally {
    await metrics?.close();
  }
}

async function openNotices(
  { notify, state }: DriftRequest,
  context: DriftContext,
  watching: Watching,
  metrics: Metrics | undefined,
): Promise<Telling> {
  const notifiers = await watching.openNotifiers(notify);
  const untold = (notifier: string) => metrics?.untold(notifier);
  const settings = { notifiers, context, watching, log: context.log, untold };
  return openTelling({ ...settings, ...(state !== undefined && { state }) });
}

async function openMetrics(
  { metrics: { file, listen }, every }: DriftRequest,
  watching: Watching,
): Promise<Metrics | undefined> {
  if (listen && every === undefined) throw listenedAlone();
  if (file === undefined && !listen) return undefined;
  return watching.openMetrics({ ...(file !== undefined && { file }), ...(listen && { listen }) });
}

function listenedAlone(): TargetProblem {
  return new TargetProblem(
    finding('cli.listen-without-every', {
      detail:
        'A single check ends before a collector can read the metrics.\nKeep running with --every 15m, or write the metrics with --metrics-file.',
    }),
  );
}

function beforeFirst({ telling }: Session): Course {
  return { exitCode: exitCodes.incomplete, estate: '', state: telling.known, failures: 0, looks: 0 };
}

async function lookOnce(session: Session): Promise<Course> {
  const never = new AbortController().signal;
  return lookAgain(session, beforeFirst(session), never);
}

/** One look after another, never two at the same time, until an interrupt. */
async function keepLooking(session: Session, every: number): Promise<Course> {
  const { context, watching, request } = session;
  const interrupt = new AbortController();
  const stopListening = context.onInterrupt(() => interrupt.abort());
  let course = beforeFirst(session);
  try {
    while (!interrupt.signal.aborted) {
      course = await lookAgain(session, course, interrupt.signal);
      const sway = (request.jitter / 100) * (2 * watching.chance() - 1);
      await watching.pause(Math.round(every * (1 + sway)), interrupt.signal);
    }
  } finally {
    stopListening();
  }
  context.log('info', 'stopped', `stopped after ${course.looks} looks`, {
    looks: course.looks,
    exitCode: course.exitCode,
  });
  return course;
}

/** Looks, shows what is new, measures, and sends notices. */
async function lookAgain(session: Session, before: Course, signal: AbortSignal): Promise<Course> {
  const { request, context, watching } = session;
  const look = await takeLook({ request, context, watching, log: context.log }, signal);
  if (!look) return before;
  const failed = look.result.state === 'failed';
  const after: Course = {
    exitCode: look.exitCode,
    estate: look.estate ?? before.estate,
    state: stateAfter(before.state, look),
    failures: failed ? before.failures + 1 : 0,
    looks: before.looks + 1,
  };
  const exitCode = await show(session, look, before, after);
  logLook(session, look, after);
  await measure(session, look, after);
  await session.telling.tell(look, after.state, after.estate, signal);
  return { ...after, exitCode };
}

/** Shows the first look, and further ones where something changed since. */
async function show({ request, context }: Session, look: Look, before: Course, after: Course): Promise<number> {
  if (before.looks > 0 && eventsBetween(before.state, after.state).length === 0) return look.exitCode;
  return context.report(reportOf(look, request.files, after.estate));
}

function reportOf({ exitCode, result }: Look, files: readonly string[], estate: string): Report {
  if (result.state === 'ended') return result.report;
  const known = estate === '' ? {} : { estate };
  return { command: 'failed', of: 'drift', exitCode, ...known, files, findings: result.findings };
}

function logLook({ context: { log }, request }: Session, look: Look, { state, failures, estate }: Course): void {
  const { seconds, exitCode, result } = look;
  const facts = { estate, seconds, exitCode, differences: countDifferences(state), unread: state.unread };
  if (result.state === 'ended') log('info', 'look', `${facts.differences} differences, exit code ${exitCode}`, facts);
  else if (request.every !== undefined) {
    const codes = result.findings.map(({ code }) => code);
    log('warn', 'look-failed', `look failed, ${failures} in a row: ${codes.join(', ')}`, { ...facts, failures, codes });
  }
}

async function measure({ metrics, context }: Session, look: Look, { estate, state }: Course): Promise<void> {
  const { result } = look;
  const kinds = result.state === 'ended' ? targetsOf(withoutConnections(result.report.plan.desired)) : [];
  try {
    await metrics?.looked(lookNumbers(look, state, estate, kinds));
  } catch (problem) {
    const { code, detail } = problemOf(problem);
    context.log('error', 'metrics', `${code} ${detail.replaceAll('\n', ' ')}`, { code });
  }
}
