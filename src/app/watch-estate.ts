import { type Finding, TargetProblem } from '../core/finding.ts';
import type { Report } from '../core/report.ts';
import { exitCodes } from '../core/report.ts';
import { finding } from '../findings/catalogue.ts';
import type { Metrics, MetricsSettings, NotifySettings, Watching } from '../ports/daemon.ts';
import type { ReadConnection } from '../ports/ports.ts';
import type { Log } from '../ports/progress.ts';
import { countWrong, eventsBetween, type Memory, nothingWrong } from '../watch/watch-state.ts';
import type { Look, LookOutcome, Seen, Watched } from '../watch/watched.ts';
import { type Channels, openChannels } from './channels.ts';
import { type Failure, failedReport, failure, type LocalContext, problemOf } from './context.ts';
import { type Known, openTelling, readMemory, type Telling } from './watch-notices.ts';

/** How often it is looked, and who hears of it. */
export interface WatchRequest {
  readonly files: readonly string[];
  /** Milliseconds between the end of a look and the beginning of the next; absent: one look. */
  readonly every?: number;
  /** Percent of `every` by which that varies. */
  readonly jitter: number;
  /** Path of the file that remembers what was sent. */
  readonly state?: string;
  readonly notify: NotifySettings;
  readonly metrics: MetricsSettings;
}

/** What watching needs besides looking. */
export interface WatchContext extends LocalContext {
  readonly watching: () => Promise<Watching>;
  /** Calls back at the first interrupt; returns what stops listening. */
  readonly onInterrupt: (stop: () => void) => () => void;
  readonly log: Log;
  /** Shows a look that has something new; returns the exit code of that. */
  readonly report: (report: Report) => Promise<number>;
  /** What else is done with the report of each look; it never rejects, and is left alone when the signal comes. */
  readonly afterLook?: (report: Report, signal: AbortSignal) => Promise<void>;
}

/**
 * Loads the files and looks. Whatever goes wrong is an outcome or a rejection, so that the next look finds everything as this
 * one did. When `signal` comes it is left alone: what it has opened is to be closed then.
 */
export type TakeLook<S extends Seen> = (signal: AbortSignal) => Promise<LookOutcome<S>>;

/** All that a look and what follows from it need. */
interface Session<S extends Seen> {
  readonly watched: Watched<S>;
  readonly take: TakeLook<S>;
  readonly request: WatchRequest;
  readonly context: WatchContext;
  readonly watching: Watching;
  readonly earlier: Memory;
  readonly channels: Channels;
  readonly telling: Telling<S>;
  readonly metrics: Metrics | undefined;
}

/** What is known after the looks so far. */
interface Course extends Known {
  readonly exitCode: number;
  /** Failed looks since the last good one. */
  readonly failures: number;
  readonly looks: number;
}

/** Looks once, or again and again until an interrupt; the exit code is that of the last look that ended. Changes nothing. */
export async function watchEstate<S extends Seen>(
  watched: Watched<S>,
  take: TakeLook<S>,
  request: WatchRequest,
  context: WatchContext,
): Promise<Failure | { readonly exitCode: number }> {
  const watching = await context.watching();
  const { state } = request;
  let metrics: Metrics | undefined;
  try {
    const earlier = await readMemory(watched.command, state, context.files, context.log);
    metrics = await openMetrics(request, watched, earlier, watching);
    const channels = await openChannels(request.notify, watching, context.log, channel => metrics?.untold(channel));
    metrics?.mayFail(channels.all);
    const settings = { watched, channels, context, watching, log: context.log, ...(state !== undefined && { state }) };
    const telling = openTelling(settings, earlier);
    const session = { watched, take, request, context, watching, earlier, channels, telling, metrics };
    return await (request.every === undefined ? lookOnce(session) : keepLooking(session, request.every));
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return failure([problem.finding]);
  } finally {
    await metrics?.close();
  }
}

async function openMetrics<S extends Seen>(
  { metrics: { file, listen }, every }: WatchRequest,
  { command, families }: Watched<S>,
  earlier: Memory,
  watching: Watching,
): Promise<Metrics | undefined> {
  if (listen && every === undefined) throw listenedAlone();
  if (file === undefined && !listen) return undefined;
  const settings = { ...(file !== undefined && { file }), ...(listen && { listen }) };
  return watching.openMetrics(settings, { command, families, ...lastSuccess(earlier) });
}

function listenedAlone(): TargetProblem {
  return new TargetProblem(
    finding('cli.listen-without-every', {
      detail:
        'A single check ends before a collector can read the metrics.\nKeep running with --every 15m, or write the metrics with --metrics-file.',
    }),
  );
}

/** Of which estate it is, and when it was last looked at with success, as far as that is known. */
function lastSuccess({
  estate,
  succeededAt,
}: Pick<Memory, 'estate' | 'succeededAt'>): Pick<Memory, 'estate' | 'succeededAt'> {
  return { ...(estate !== undefined && { estate }), ...(succeededAt !== undefined && { succeededAt }) };
}

function beforeFirst<S extends Seen>({ earlier }: Session<S>): Course {
  return {
    exitCode: exitCodes.incomplete,
    ...lastSuccess(earlier),
    state: earlier.known,
    failures: 0,
    looks: 0,
  };
}

async function lookOnce<S extends Seen>(session: Session<S>): Promise<Course> {
  const never = new AbortController().signal;
  return lookAgain(session, beforeFirst(session), never);
}

/** One look after another, never two at the same time, until an interrupt. */
async function keepLooking<S extends Seen>(session: Session<S>, every: number): Promise<Course> {
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

/** Looks, shows what is new, sends notices, and measures. */
async function lookAgain<S extends Seen>(session: Session<S>, before: Course, signal: AbortSignal): Promise<Course> {
  session.channels.began(signal);
  const look = await takeLook(session, signal);
  if (!look) return before;
  const after = courseAfter(before, look, session.watched);
  const exitCode = await show(session, look, before, after);
  logLook(session, look, after);
  await session.telling.tell(look, { ...lastSuccess(after), state: after.state }, signal);
  await session.channels.ended(isSuccess(look), inOneLine(session, look, after), signal);
  // At last, so that what could not be sent is counted also by a call that ends here.
  await measure(session, look, after);
  const { afterLook } = session.context;
  if (afterLook) await unlessAborted(afterLook(reportOf(session, look, after), signal), signal);
  return { ...after, exitCode };
}

/** Nothing when the signal came first. */
async function takeLook<S extends Seen>(
  { take, context, watching }: Session<S>,
  signal: AbortSignal,
): Promise<Look<S> | undefined> {
  const beganAt = context.clock.now();
  const began = watching.elapsed();
  const outcome = await unlessAborted(
    take(signal).catch((problem: unknown) => failedLook<S>([problemOf(problem)])),
    signal,
  );
  context.progress.end();
  if (signal.aborted || !outcome) return undefined;
  return { ...outcome, beganAt, endedAt: context.clock.now(), seconds: (watching.elapsed() - began) / 1000 };
}

/** The outcome of a look that found nothing out. */
export function failedLook<S extends Seen>(findings: readonly Finding[], estate?: string): LookOutcome<S> {
  const named = estate === undefined ? {} : { estate };
  return { ...named, exitCode: exitCodes.error, result: { state: 'failed', findings } };
}

/** The outcome of a look that is a report of its own, or a failure. */
export function lookResult<R extends Report & { readonly estate: string }>(
  result: R | Failure,
): LookOutcome<{ readonly report: R }> {
  if ('failed' in result) return { ...failedLook(result.failed, result.estate), exitCode: result.exitCode };
  return { estate: result.estate, exitCode: result.exitCode, result: { state: 'ended', seen: { report: result } } };
}

/** What comes of the work; nothing when the signal comes first. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  work.catch(() => {});
  const settled = new AbortController();
  const aborted = new Promise<undefined>(done => {
    if (signal.aborted) done(undefined);
    signal.addEventListener('abort', () => done(undefined), { once: true, signal: settled.signal });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    settled.abort();
  }
}

/** Opens connections that are closed when the signal comes: at an interrupt nothing waits for a host that does not answer. */
export function closedBy<C extends ReadConnection, Asked extends readonly unknown[]>(
  signal: AbortSignal,
  open: (...asked: Asked) => Promise<C>,
): (...asked: Asked) => Promise<C> {
  return async (...asked) => {
    const connection = await open(...asked);
    let closed: Promise<void> | undefined;
    const close = () => {
      closed ??= connection.close();
      return closed;
    };
    const atAbort = () => void close().catch(() => {});
    if (signal.aborted) atAbort();
    signal.addEventListener('abort', atAbort, { once: true });
    return {
      ...connection,
      close: async () => {
        signal.removeEventListener('abort', atAbort);
        await close();
      },
    };
  };
}

/** Whether it came to an end, and could read something. */
function isSuccess<S extends Seen>({ result, exitCode }: Look<S>): boolean {
  return result.state === 'ended' && exitCode !== exitCodes.error;
}

function courseAfter<S extends Seen>(before: Course, look: Look<S>, watched: Watched<S>): Course {
  const { result, estate = before.estate, exitCode } = look;
  const isOther = before.estate !== undefined && before.estate !== estate;
  const was = isOther ? nothingWrong : before.state;
  const succeededAt = isSuccess(look) ? Date.parse(look.endedAt) / 1000 : isOther ? undefined : before.succeededAt;
  return {
    exitCode,
    ...(estate !== undefined && { estate }),
    ...(succeededAt !== undefined && { succeededAt }),
    state: result.state === 'ended' ? watched.stateAfter(was, result.seen) : { ...was, unread: ['*'] },
    failures: result.state === 'failed' ? before.failures + 1 : 0,
    looks: before.looks + 1,
  };
}

/** Shows the first look, and further ones where something changed since. */
async function show<S extends Seen>(
  session: Session<S>,
  look: Look<S>,
  before: Course,
  after: Course,
): Promise<number> {
  if (before.looks > 0 && eventsBetween(before.state, after.state).length === 0) return look.exitCode;
  return session.context.report(reportOf(session, look, after));
}

function reportOf<S extends Seen>(
  { request: { files }, watched }: Session<S>,
  { exitCode, result }: Look<S>,
  { estate }: Course,
): Report {
  if (result.state === 'ended') return result.seen.report;
  return failedReport(watched.command, files, { failed: result.findings, exitCode, estate });
}

function logLook<S extends Seen>(session: Session<S>, look: Look<S>, after: Course): void {
  const { context, request } = session;
  const { state, failures, estate = '' } = after;
  const { seconds, exitCode, result } = look;
  const facts = { estate, seconds, exitCode, differences: countWrong(state), unread: state.unread };
  if (result.state === 'ended') context.log('info', 'look', inOneLine(session, look, after), facts);
  else if (request.every !== undefined) {
    const codes = result.findings.map(({ code }) => code);
    const message = `look failed, ${failures} in a row: ${codes.join(', ')}`;
    context.log('warn', 'look-failed', message, { ...facts, failures, codes });
  }
}

/** Without the name of any account. */
function inOneLine<S extends Seen>({ watched }: Session<S>, { result, exitCode }: Look<S>, { state }: Course): string {
  if (result.state === 'failed') return `failed: ${result.findings.map(({ code }) => code).join(', ')}`;
  return `${watched.inWords(state)}, exit code ${exitCode}`;
}

async function measure<S extends Seen>(session: Session<S>, look: Look<S>, after: Course): Promise<void> {
  const { metrics, context, watched } = session;
  const { result, seconds } = look;
  const { estate = '', succeededAt, state } = after;
  const endedAt = Date.parse(look.endedAt) / 1000;
  try {
    await metrics?.looked({
      ...{ estate, endedAt, seconds, success: isSuccess(look) },
      ...(succeededAt !== undefined && { succeededAt }),
      ...(result.state === 'ended' && { samples: watched.samples(result.seen, state, endedAt) }),
    });
  } catch (problem) {
    const { code, detail } = problemOf(problem);
    context.log('error', 'metrics', `${code} ${detail.replaceAll('\n', ' ')}`, { code });
  }
}
