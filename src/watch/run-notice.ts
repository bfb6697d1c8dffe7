import { sha256 } from '../core/canonical.ts';
import type { Finding, Provenance } from '../core/finding.ts';
import { printable, webAddress } from '../core/printable.ts';
import type { FailedReport, Report } from '../core/report.ts';
import { exitCodes } from '../core/report.ts';
import { countStates } from '../core/result-list.ts';
import type { ResultState, Run } from '../core/run.ts';
import { count as counted } from '../core/units.ts';
import { hasCode } from '../findings/catalogue.ts';
import type { Notice } from '../ports/daemon.ts';

/** What an apply or an undo ended with. */
export type RunReport = Extract<Report, { readonly command: 'apply' | 'undo' }> | FailedReport;

type RunEventName = 'applied' | 'failed' | 'interrupted' | 'gate-closed' | 'refused';

/** What is sent when an apply or an undo has ended; `schemas/run-event.schema.json` describes it. */
interface RunEvent {
  readonly formatVersion: 1;
  readonly id: string;
  readonly event: RunEventName;
  readonly command: 'apply' | 'undo';
  readonly estate: string;
  /** When it ended, ISO 8601. */
  readonly at: string;
  /** Version of the program. */
  readonly tool: string;
  readonly exitCode: number;
  /** The name of the record; absent where nothing was begun. */
  readonly run?: string;
  /** The digest of the plan. */
  readonly plan?: string;
  /** Who carried it out: the login that CI names, or `user@machine`. */
  readonly actor?: string;
  /** The commit of the estate files, and whether they are as they are there. */
  readonly commit?: string;
  readonly clean?: boolean;
  /** The web address of the job. */
  readonly job?: string;
  readonly targets: readonly {
    readonly target: string;
    readonly kind: string;
    readonly counts: Readonly<Partial<Record<ResultState, number>>>;
  }[];
  /** How much still differs after it; absent where that was not read. */
  readonly remaining?: number;
  readonly findings: readonly Pick<Finding, 'code' | 'summary' | 'detail' | 'target'>[];
}

/** How many findings an event has, and the characters of each. */
const mostFindings = 10;
const longestDetail = 600;

const headings: Readonly<Record<RunEventName, string>> = {
  applied: 'done',
  failed: 'failed',
  interrupted: 'interrupted',
  'gate-closed': 'stopped, because free/busy fails',
  refused: 'refused',
};

/** When it ended, and which command it was. */
interface About {
  readonly command: 'apply' | 'undo';
  readonly at: string;
  readonly tool: string;
}

/** What there is to tell of an apply or an undo; nothing where there was nothing to do. */
export function runNotice(report: RunReport, about: About): Notice | undefined {
  const name = eventOf(report);
  if (name === undefined) return undefined;
  const event = buildEvent(name, report, about);
  const heading = `${about.command} ${headings[name]}`;
  const link = linkOf(report);
  const lines = [
    `${event.estate}: ${heading}, as of ${event.at}`,
    [
      ...(event.run === undefined ? [] : [`run ${event.run}`]),
      ...(event.actor === undefined ? [] : [`by ${event.actor}`]),
      ...(event.commit === undefined ? [] : [commitInWords(event.commit, event.clean)]),
      `exit code ${event.exitCode}`,
    ].join('; '),
    ...(event.remaining ? [`${counted(event.remaining, 'difference')} left`] : []),
    '',
    ...event.targets.map(({ target, kind, counts }) => `${target}  ${kind}  ${countsInWords(counts)}`),
    ...event.findings.flatMap(({ code, summary, detail, target }) => [
      `${code}${target === undefined ? '' : ` ${target}`}: ${summary}`,
      ...detail.split('\n').map(line => `    ${line}`),
    ]),
  ];
  return {
    id: event.id,
    about: 'run',
    isGood: name === 'applied',
    subject: `reconcile: ${heading} in ${event.estate}`,
    text: `${lines.map(printable).join('\n').trimEnd()}\n`,
    ...(link !== undefined && { link }),
    body: event,
  };
}

/** The job has the whole output. */
function linkOf({ job, commit }: Provenance): string | undefined {
  return webAddress(job ?? commit?.pullRequest?.link ?? commit?.link ?? '');
}

function commitInWords(commit: string, clean: boolean | undefined): string {
  return `commit ${commit.slice(0, 12)}${clean === false ? ' with changes that are not committed' : ''}`;
}

function eventOf(report: RunReport): RunEventName | undefined {
  const { exitCode } = report;
  const failed = exitCode === exitCodes.refused ? 'refused' : 'failed';
  if (report.command === 'failed') return failed;
  const { run, refusals } = report;
  if (!run) return refusals.length > 0 ? failed : undefined;
  if (run.steps.some(({ finding }) => finding && hasCode(finding, 'verify.gate-closed'))) return 'gate-closed';
  if (run.interrupted) return 'interrupted';
  return exitCode === exitCodes.done || exitCode === exitCodes.differences ? 'applied' : 'failed';
}

function buildEvent(event: RunEventName, report: RunReport, { command, at, tool }: About): RunEvent {
  const { exitCode, actor, commit, clean, job } = report;
  const isRun = report.command !== 'failed';
  const estate = isRun ? report.plan.desired.name : (report.estate ?? '');
  const run = isRun ? report.run : undefined;
  const hasRead = run && !run.interrupted && !run.lost;
  return {
    formatVersion: 1,
    id: sha256(JSON.stringify([command, event, estate, at, run?.journal])).slice(0, 32),
    event,
    command,
    estate,
    at: run?.endedAt ?? at,
    tool,
    exitCode,
    ...(run && { run: run.journal }),
    ...(isRun && { plan: report.plan.digest }),
    ...(actor !== undefined && { actor }),
    ...(commit && { commit: commit.id, ...(clean !== undefined && { clean }) }),
    ...(job !== undefined && { job }),
    targets: (run?.steps ?? []).map(one => ({ target: one.target, kind: one.kind, counts: countsOf(one) })),
    ...(hasRead && { remaining: run.remaining.reduce((sum, { changes }) => sum + changes.length, 0) }),
    findings: (isRun ? [...report.refusals, ...findingsOf(run)] : report.findings).slice(0, mostFindings).map(cut),
  };
}

function findingsOf(run: Run | undefined): readonly Finding[] {
  if (!run) return [];
  const { steps, unread, lost } = run;
  return [...(lost ? [lost] : []), ...steps.flatMap(({ finding }) => finding ?? []), ...unread];
}

function cut({ code, summary, detail, target }: Finding): RunEvent['findings'][number] {
  const short = detail.length <= longestDetail ? detail : `${detail.slice(0, longestDetail - 1)}…`;
  return { code, summary, detail: short, ...(target !== undefined && { target }) };
}

function countsOf(step: Run['steps'][number]): RunEvent['targets'][number]['counts'] {
  return Object.fromEntries(Object.entries(countStates({ steps: [step] })).filter(([, n]) => n > 0));
}

function countsInWords(counts: RunEvent['targets'][number]['counts']): string {
  return Object.entries(counts)
    .map(([state, n]) => `${n.toLocaleString('en-US')} ${state}`)
    .join(', ');
}
