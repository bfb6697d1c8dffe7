import type { Provenance } from '../../core/finding.ts';
import { isNarrowed } from '../../core/plan.ts';
import { printable, webAddress } from '../../core/printable.ts';
import type { Report, ReportedCommand } from '../../core/report.ts';
import { openFindings } from './verdict.ts';

/** The command a report is of. */
export function commandOf(report: Report): ReportedCommand {
  return report.command === 'failed' ? report.of : report.command;
}

/** The estate's name; where it could not be read, the first file. */
export function estateOf(report: Report): string {
  if ('plan' in report) return report.plan.desired.name;
  const files = 'files' in report ? report.files : undefined;
  return report.estate ?? files?.[0] ?? 'estate.yaml';
}

/** A commit as every format for people names it: plain text from outside, and addresses that may be followed. */
export interface ShownCommit {
  /** `a1b2c3d`, `a1b2c3d (changed)`. */
  readonly id: string;
  readonly link?: string;
  readonly author?: string;
  readonly pullRequest?: { readonly name: string; readonly link?: string };
}

/** The commit that a report is about. A link that is no https or http address is left out, whatever the report says. */
export function shownCommit({ commit, clean }: Provenance): ShownCommit | undefined {
  if (!commit) return undefined;
  const { id, author, link, pullRequest } = commit;
  return {
    id: `${id.slice(0, 7)}${clean === false ? ' (changed)' : ''}`,
    ...linked(link),
    ...(author !== undefined && { author }),
    ...(pullRequest && { pullRequest: { name: pullRequest.name, ...linked(pullRequest.link) } }),
  };
}

/** Who ran a command, and the address of the job, which may be followed. */
export interface ShownActor {
  readonly name: string;
  readonly link?: string;
}

/** Who ran the command that a report is of. */
export function shownActor({ actor, job }: Provenance): ShownActor | undefined {
  return actor === undefined ? undefined : { name: actor, ...linked(job) };
}

/** Who made the plan that a report is of, where that was another command than this one. */
export function shownMaker(report: Report): Provenance | undefined {
  if (!('plan' in report)) return undefined;
  const { plan, actor, job, commit } = report;
  if (plan.actor === undefined) return undefined;
  const same = plan.actor === actor && plan.job === job && plan.commit?.id === commit?.id;
  return same ? undefined : plan;
}

/** `example.com  a1b2c3d`: the estate with the commit that its files are from, in printable text; of a run, who carried it out. */
export function subjectText(report: Report): string {
  const commit = shownCommit(report);
  const actor = report.command === 'apply' || report.command === 'undo' ? shownActor(report) : undefined;
  const words = [estateOf(report), ...(commit ? [commit.id] : []), ...(actor ? [`by ${actor.name}`] : [])];
  return printable(words.join('  '));
}

function linked(address: string | undefined): { readonly link?: string } {
  const link = address === undefined ? undefined : webAddress(address);
  return link === undefined ? {} : { link };
}

/** When a report's facts are of, ISO 8601; absent where nothing was read, and where a saved plan says something else. */
export function readAtOf(report: Report): string | undefined {
  const at = saidAt(report);
  return at !== undefined && isTime(at) ? at : undefined;
}

function saidAt(report: Report): string | undefined {
  if ('plan' in report) return ('run' in report && report.run?.startedAt) || report.plan.readAt;
  if (report.command === 'doctor') return report.examinedAt;
  return 'readAt' in report ? report.readAt : 'askedAt' in report ? report.askedAt : undefined;
}

/** Whether it is a time in UTC as this program writes it. */
export function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(text) && !Number.isNaN(Date.parse(text));
}

/** What an exit code says; of a failure, what it says of every command. */
export function outcomeText(report: Report): string {
  const { command, exitCode } = report;
  if ('plan' in report && report.plan.nothingRead) return 'error: nothing could be read';
  const own = command in ownOutcomes ? ownOutcomes[command as keyof typeof ownOutcomes] : undefined;
  const open = 'plan' in report && openFindings(report.plan).length > 0;
  const part = 'plan' in report && isNarrowed(report.plan);
  const then = 'plan' in report && report.plan.at !== undefined;
  const same = then
    ? 'nothing would change then'
    : part
      ? 'no difference in what was chosen'
      : open
        ? 'no difference is known'
        : 'in sync';
  const changed = command === 'apply' || command === 'undo' ? 'done' : same;
  const outcomes: Readonly<Record<number, string>> = {
    0: changed,
    1: 'error',
    2: 'differences: changes are pending',
    3: 'refused by a guard',
    4: open ? 'incomplete: not everything is known' : 'incomplete: a target could not be read',
    ...own,
  };
  return outcomes[exitCode] ?? `exit code ${exitCode}`;
}

const ownOutcomes: Readonly<Record<'audit' | 'verify' | 'validate' | 'doctor', Readonly<Record<number, string>>>> = {
  validate: { 0: 'valid', 1: 'errors' },
  audit: { 0: 'every account is good', 2: 'an account is not good', 4: 'incomplete: not everything could be read' },
  doctor: { 0: 'nothing fails', 1: 'every target fails', 4: 'a target fails' },
  verify: { 0: 'everything works', 2: 'something does not work', 4: 'incomplete: not everything could be asked' },
};
