import type { Finding } from '../core/finding.ts';
import { printable } from '../core/printable.ts';
import { exitCodes, worstExitCode } from '../core/report.ts';
import { finding } from '../findings/catalogue.ts';
import type { KnownRun, RecordPlace, RunRecords } from './known-runs.ts';

/** What a plan knows of earlier runs, and what it is compared with. */
export interface KnownBefore {
  /** Whether a run counted the accounts, and whether it is known what the last complete run asked for. */
  readonly counted: boolean;
  readonly applied: boolean;
  /** Where changes come from was asked for: by what the records say, or by what the command names. */
  readonly origins?: 'recorded' | 'named';
  /** The hosts of the file that keep records. */
  readonly hosts: readonly string[];
}

/** What is not known of earlier runs, and what a plan therefore does not check: the one place that says it. */
export function missingRecords(records: RunRecords, known: KnownBefore, now: string): readonly Finding[] {
  return [...unreadRecords(records, now), ...checksOff(records, known)];
}

/** Places whose records cannot be read, and runs from the future. */
export function unreadRecords({ places, runs }: RunRecords, now: string): readonly Finding[] {
  return [...places.flatMap(unreadPlace), ...runs.filter(({ ahead }) => ahead).map(run => aheadOfTime(run, now))];
}

/** Of hosts that keep records one is enough. Where none answers, nobody knows what the newest run is; a folder of this machine must be readable. */
export function recordsExitCode({ places }: RunRecords): number {
  const hosts = places.filter(({ on }) => on === 'host');
  const machine = places.some(({ on, problem }) => on === 'machine' && problem);
  const unknown = hosts.length > 0 && hosts.every(({ problem }) => problem);
  return worstExitCode([
    ...(machine && (unknown || hosts.length === 0) ? [exitCodes.error] : []),
    ...(unknown ? [exitCodes.incomplete] : []),
  ]);
}

function unreadPlace({ place, on, problem }: RecordPlace): readonly Finding[] {
  if (!problem) return [];
  const [first = ''] = problem.detail.split('\n');
  const detail = `${printable(place)}: ${problem.summary}. ${first}\nRuns that are recorded only there are not known.`;
  return [finding('records.unread', { detail, ...(on === 'host' && { target: place }) })];
}

function aheadOfTime({ name, began, places }: KnownRun, now: string): Finding {
  const where = printable(places.join(', '));
  return finding('records.ahead', {
    detail: `Run ${name} in ${where} began at ${began}, but on this machine it is ${now}.\nIt counts as the oldest run until then. Check the clocks of both machines.`,
  });
}

function checksOff({ places }: RunRecords, { counted, applied, origins, hosts }: KnownBefore): readonly Finding[] {
  const off = [
    ...(counted ? [] : ['whether accounts have vanished since the last run']),
    ...(applied || origins ? [] : ['what the file asked for at the last run and does not ask for any more']),
    ...(applied || origins !== 'recorded' ? [] : ['which changes are drift, by what was applied last']),
  ];
  if (off.length === 0) return [];
  const detail = [...whereLooked(places, hosts), 'So this is not checked:', ...off.map(line => `    ${line}`)].join(
    '\n',
  );
  const unread = places.some(({ problem }) => problem);
  return [finding('records.off', { detail, severity: unread ? 'warning' : 'note' })];
}

function whereLooked(places: readonly RecordPlace[], hosts: readonly string[]): readonly string[] {
  const known = new Set(places.map(({ place }) => place));
  const read = places.filter(({ problem }) => !problem).map(nameOf);
  const unread = places.filter(({ problem }) => problem).map(nameOf);
  const notAsked = hosts.filter(host => !known.has(host));
  return [
    ...(read.length > 0 ? [`No record of a complete run was found on ${listed(read)}.`] : []),
    ...(unread.length > 0 ? [`The records on ${listed(unread)} could not be read.`] : []),
    ...(notAsked.length > 0 ? [`The records on ${listed(notAsked)} were not read.`] : []),
  ];
}

function nameOf({ place, on }: RecordPlace): string {
  return on === 'host' ? place : 'this machine';
}

function listed(names: readonly string[]): string {
  return printable([names.slice(0, -1).join(', '), ...names.slice(-1)].filter(part => part !== '').join(' and '));
}
