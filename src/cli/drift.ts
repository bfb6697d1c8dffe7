import { withoutConnections } from '../core/connection.ts';
import { TargetProblem } from '../core/finding.ts';
import type { Report } from '../core/report.ts';
import { lookNumbers } from '../drift/drift-metrics.ts';
import type { Look } from '../drift/look.ts';
import { countDifferences, type DriftState, eventsBetween, stateAfter } from '../drift/state.ts';
import { targetsOf } from '../kinds/registry.ts';
import type { Metrics, Watching } from '../ports/daemon.ts';
import { type Log, makeLog } from './drift-log.ts';
import { type Looking, takeLook } from './drift-look.ts';
import { type DriftOptions, notifySettings } from './drift-options.ts';
import { findingOf } from './drift-problem.ts';
import { openTelling, type Telling } from './drift-tell.ts';
import { exitCodes } from './exit-code.ts';
import { printFailure, printReport, reportingOn } from './output.ts';
import type { ReadOutside } from './outside.ts';

/** All that a look and what follows from it need. */
interface Session {
  readonly options: DriftOptions;
  readonly looking: Looking;
  readonly telling: Telling;
  readonly metrics: Metrics | undefined;
  readonly log: Log;
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

/** `drift`: what live has that the files have not; reads only, since what it is given has nothing else. */
export async function driftCommand(
  files: readonly string[],
  options: DriftOptions,
  outside: ReadOutside,
): Promise<number> {
  const told = reportingOn(options, 'drift', files);
  const watching = await outside.watching();
  const log = makeLog(options, outside);
  let metrics: Metrics | undefined;
  try {
    metrics = await openMetrics(options, watching);
    const notifiers = await watching.openNotifiers(notifySettings(options));
    const { state } = options;
    const untold = (notifier: string) => metrics?.untold(notifier);
    const telling = await openTelling({
      notifiers,
      outside,
      watching,
      log,
      untold,
      ...(state !== undefined && { state }),
    });
    const looking = { files, options, outside, watching, log };
    const session = { options: told, looking, telling, metrics, log };
    return await (options.every === undefined ? lookOnce(session) : keepLooking(session, options.every, watching));
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return printFailure([problem.finding], exitCodes.error, told, outside);
  } finally {
    await metrics?.close();
  }
}

async function openMetrics(
  { metricsFile: file, metricsListen: listen, every }: DriftOptions,
  watching: Watching,
): Promise<Metrics | undefined> {
  if (listen && every === undefined) throw listenedAlone();
  if (file === undefined && !listen) return undefined;
  return watching.openMetrics({ ...(file !== undefined && { file }), ...(listen && { listen }) });
}

function listenedAlone(): TargetProblem {
  return new TargetProblem({
    severity: 'error',
    code: 'cli.listen-without-every',
    summary: '--metrics-listen without --every',
    detail:
      'One look ends before anybody can ask for its numbers.\nStay with --every 15m, or write them with --metrics-file.',
  });
}

function beforeFirst({ telling }: Session): Course {
  return { exitCode: exitCodes.incomplete, estate: '', state: telling.known, failures: 0, looks: 0 };
}

async function lookOnce(session: Session): Promise<number> {
  const never = new AbortController().signal;
  return (await lookAgain(session, beforeFirst(session), never)).exitCode;
}

/** One look after another, never two at the same time, until somebody interrupts; gives the exit code of the last that ended. */
async function keepLooking(session: Session, every: number, watching: Watching): Promise<number> {
  const interrupt = new AbortController();
  const stopListening = session.looking.outside.onInterrupt(() => interrupt.abort());
  let course = beforeFirst(session);
  try {
    while (!interrupt.signal.aborted) {
      course = await lookAgain(session, course, interrupt.signal);
      const sway = (session.options.jitter / 100) * (2 * watching.chance() - 1);
      await watching.pause(Math.round(every * (1 + sway)), interrupt.signal);
    }
  } finally {
    stopListening();
  }
  session.log('info', 'stopped', `stopped after ${course.looks} looks`, {
    looks: course.looks,
    exitCode: course.exitCode,
  });
  return course.exitCode;
}

/** Looks, prints what is to be seen, and tells whom it concerns. */
async function lookAgain(session: Session, before: Course, signal: AbortSignal): Promise<Course> {
  const look = await takeLook(session.looking, signal);
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

/** Prints the first look, and further ones where something changed since. */
async function show({ options, looking }: Session, look: Look, before: Course, after: Course): Promise<number> {
  if (before.looks > 0 && eventsBetween(before.state, after.state).length === 0) return look.exitCode;
  const report = reportOf(look, looking.files, after.estate);
  if (options.every === undefined || options.format !== 'json' || options.output !== undefined)
    return printReport(report, options, looking.outside);
  // Of many reports on one output each is a line, so that the end of each is known.
  looking.outside.stdout(`${JSON.stringify(report)}\n`);
  return report.exitCode;
}

function reportOf({ exitCode, result }: Look, files: readonly string[], estate: string): Report {
  if (result.state === 'ended') return result.report;
  const known = estate === '' ? {} : { estate };
  return { command: 'failed', of: 'drift', exitCode, ...known, files, findings: result.findings };
}

function logLook({ log, options }: Session, look: Look, { state, failures, estate }: Course): void {
  const { seconds, exitCode, result } = look;
  const facts = { estate, seconds, exitCode, differences: countDifferences(state), unread: state.unread };
  if (result.state === 'ended') log('info', 'look', `${facts.differences} differences, exit code ${exitCode}`, facts);
  else if (options.every !== undefined) {
    const codes = result.findings.map(({ code }) => code);
    log('warn', 'look-failed', `look failed, ${failures} in a row: ${codes.join(', ')}`, { ...facts, failures, codes });
  }
}

async function measure({ metrics, log }: Session, look: Look, { estate, state }: Course): Promise<void> {
  const { result } = look;
  const kinds = result.state === 'ended' ? targetsOf(withoutConnections(result.report.plan.desired)) : [];
  try {
    await metrics?.looked(lookNumbers(look, state, estate, kinds));
  } catch (problem) {
    const { code, detail } = findingOf(problem);
    log('error', 'metrics', `${code} ${detail.replaceAll('\n', ' ')}`, { code });
  }
}
