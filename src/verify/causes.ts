import type { Change, Value } from '../core/change.ts';
import { type DesiredCs6Host, type DesiredCs7Host, type DesiredState, hostsOf } from '../core/desired.ts';
import type { SourcePosition } from '../core/finding.ts';
import { printable } from '../core/printable.ts';
import type { LikelyCause } from '../core/verification.ts';
import type { LookUpAnswer } from '../ports/free-busy.ts';
import { cs6Keys } from '../products/cs6.ts';
import { cs7Options } from '../products/cs7.ts';
import { knownCausesOf, type OwnCause, rowOf } from './failure-causes.ts';
import type { HostSettings } from './host-settings.ts';
import type { Verdict } from './judge.ts';
import { domainOf, type Probe } from './probe.ts';
import { redirectHost } from './provisioning-risk.ts';
import type { Answers, Asked } from './run-look-ups.ts';

type Host = DesiredCs6Host | DesiredCs7Host;

/** A setting that a question depends on. */
interface Suspect {
  readonly host: Host;
  readonly key: string;
}

/** Those of the settings that are not what they must be. */
export function differing(suspects: readonly Suspect[], settings: HostSettings): readonly LikelyCause[] {
  return suspects.flatMap(({ host, key }) => {
    const change = settings.difference(host.name, key);
    if (!change) return [];
    const why = `it is ${valueText(change.before)} but must ${mustText(change)}. ${change.because ?? ''}`.trim();
    return [cause(host.name, key, why, change.source)];
  });
}

/** A server that does not run, or runs with other settings than those in its files. */
export function owedRestart(host: Host, settings: HostSettings): readonly LikelyCause[] {
  const service = settings.service(host.name);
  if (service === 'runs') return [];
  return [cause(host.name, 'service', serviceTexts[service], host.source)];
}

const serviceTexts = {
  stopped: 'the calendar server does not run.',
  owed: 'the calendar server was not restarted after its configuration was written, and may run with the old one.',
  unproved: 'it is not proved that the calendar server has read its present configuration.',
} as const;

/** A host of which nobody knows the settings. */
export function unread(host: Host, settings: HostSettings): readonly LikelyCause[] {
  if (settings.known(host)) return [];
  return [cause(host.name, 'settings', 'its settings were not read, so any of them may be the cause.', host.source)];
}

/** What reading the host gave to remark upon, such as too old a patch. */
function remarks(host: Host, settings: HostSettings): readonly LikelyCause[] {
  return settings
    .findings(host.name)
    .filter(({ severity }) => severity !== 'note')
    .map(({ code, summary, where }) => cause(host.name, code, `${summary}.`, where ?? host.source));
}

/** What a failure points to by itself, where every setting that was read is as it must be. */
function otherwise(host: Host, { target, key, why }: OwnCause, settings: HostSettings): LikelyCause {
  return cause(target ?? host.name, key, why, settings.source(host.name, key) ?? host.source);
}

function cause(target: string, key: string, why: string, source: SourcePosition | undefined): LikelyCause {
  return { target, key, why: printable(why), ...(source && { source }) };
}

function mustText({ after, before }: Change): string {
  if (after === undefined) return 'not be set';
  if (typeof after === 'string') return `be "${after}"`;
  const added = after.filter(word => !before?.includes(word));
  return `have ${added.join(' and ')} too`;
}

function valueText(value: Value | undefined): string {
  if (value === undefined) return 'not set';
  return `"${typeof value === 'string' ? value : value.join(' ')}"`;
}

/** What causes are found from. */
export interface CauseContext {
  readonly state: DesiredState;
  readonly settings: HostSettings;
  readonly answers: Answers;
}

type Failure = Extract<LookUpAnswer, { readonly state: 'failed' }>;

/**
 * What a cell that does not work most likely suffers from, the likeliest first: what is known to differ from what it must be
 * (the account's entry, then settings), a restart that is owed, settings that could not be read, each only where the failure
 * may come from it; where none of that is so, what the failure itself points to.
 */
export function causesOf(cell: Asked, verdict: Verdict, context: CauseContext): readonly LikelyCause[] {
  if (verdict.state === 'works') return [];
  if (cell.harm) return [cell.harm];
  const failure = cell.answer?.state === 'failed' ? cell.answer : undefined;
  const fits = knownCausesOf(failure && rowOf(failure.failure, failure.code, cell.way));
  const hosts = hostsOnTheWay(cell, failure, context);
  const known = [
    ...(fits.has('account') ? accountCauses(cell, verdict, failure, context) : []),
    ...(fits.has('settings') ? differing(suspects(cell, failure, context), context.settings) : []),
    ...(fits.has('server')
      ? hosts.flatMap(host => [...owedRestart(host, context.settings), ...unread(host, context.settings)])
      : []),
    ...(fits.has('route') ? routeCauses(cell, context) : []),
  ];
  return distinct(known.length > 0 ? known : pointedTo(cell, failure, context));
}

/** The wrong entry of the account in the directory, or a calendar where none should be. */
function accountCauses(
  { probe, host, from, way }: Asked,
  verdict: Verdict,
  failure: Failure | undefined,
  { state }: CauseContext,
): readonly LikelyCause[] {
  if (verdict.state === 'works') return [];
  const cause = (target: string, key: string, why: string): LikelyCause => ({ ...of(target, probe.source), key, why });
  const { attribute } = state.directory.localUser;
  if (verdict.problem === 'verify.split-brain')
    return [cause(host, `calendar of ${printable(probe.mail)}`, leftBehind)];
  const byCs7 = from === 'cs7' && way === 'wcap';
  if (probe.side === 'cs6') {
    const limbo = verdict.problem === 'verify.no-calendar';
    if (probe.local && (byCs7 || limbo)) return [cause('directory', attribute, tooMuch)];
    return limbo ? [cause('directory', 'icsCalendar', noCalendar)] : [];
  }
  // What CS6 says by itself has nothing to do with the entry.
  if (!byCs7 && failure?.hops.length === 1) return [];
  return [
    ...(probe.local ? [] : [cause('directory', attribute, tooLittle)]),
    ...(probe.hasId ? [] : [cause('directory', state.directory.uniqueId.attribute, noId)]),
  ];
}

const leftBehind =
  'CS6 answers from it instead of referring to CS7. Once its events are on CS7, delete it (migrated.deleteCs6Calendars).';

const tooMuch = 'the account is on CS6 but has it, so CS7 treats it as its own and does not ask CS6.';

const tooLittle = 'the account is on CS7 but lacks it, so CS7 treats it as one of CS6.';

const noCalendar = 'the account has no calendar on CS6. It never logged in, or its calendar was deleted.';

const noId = 'the account lacks it, and CS7 needs it to find the calendars.';

/** The settings a cell depends on, the likeliest first. */
function suspects(cell: Asked, failure: Failure | undefined, context: CauseContext) {
  const { state } = context;
  const { host, probe } = cell;
  const cs6 = hostsOf(state, 'cs6').find(({ name }) => name === host);
  if (cell.way === 'ischedule') return settingsOf(cs6, cs6Keys.schedule);
  if (!cs6)
    return cs7Settings(
      hostsOf(state, 'cs7').find(({ name }) => name === host),
      probe,
      cell.to === 'cs6',
    );
  const referred = (failure?.hops.length ?? 2) > 1;
  const next = referred ? cs7Settings(redirectHost(cs6, state), probe, false) : [];
  // What an account of its own gets has nothing to do with where it refers others to.
  return [...(cell.to === 'cs7' ? settingsOf(cs6, cs6Keys.redirect) : []), ...next];
}

/** Without the local-user option CS7 asks CS6 about nobody: it comes before the line of the map. */
function cs7Settings(host: DesiredCs7Host | undefined, { mail }: Probe, asksCs6: boolean) {
  const route = asksCs6 ? [domainOf(mail)] : [];
  return settingsOf(host, cs7Options.localUser, ...route, cs7Options.subject);
}

function settingsOf(host: Host | undefined, ...keys: readonly string[]) {
  return host ? keys.map(key => ({ host, key })) : [];
}

/** The hosts a cell went by, as far as it came. */
function hostsOnTheWay({ host }: Asked, failure: Failure | undefined, { state }: CauseContext) {
  const cs6 = hostsOf(state, 'cs6').find(({ name }) => name === host);
  const cs7 = hostsOf(state, 'cs7').find(({ name }) => name === host);
  const next = cs6 && (failure?.hops.length ?? 1) > 1 ? redirectHost(cs6, state) : undefined;
  return [next, cs6, cs7].flatMap(one => one ?? []);
}

/** CS7 only says that it failed; what it asks CS6 was asked here too, and tells more. */
function routeCauses(cell: Asked, context: CauseContext): readonly LikelyCause[] {
  if (cell.to !== 'cs6' || cell.from !== 'cs7' || cell.way !== 'wcap') return [];
  const routes = context.answers.cells.filter(one => one.way === 'ischedule' && one.probe === cell.probe);
  const domain = domainOf(cell.probe.mail);
  if (routes.length === 0)
    return [
      {
        ...of(cell.host, undefined),
        key: domain,
        why: 'the file has no domain of that name, so CS7 has no server to ask.',
      },
    ];
  return routes.flatMap(route => {
    if (route.answer?.state !== 'failed') return [];
    return causesOf(route, { state: 'fails', problem: 'verify.no-answer', detail: '' }, context);
  });
}

/** Where nothing is known to be wrong. */
function pointedTo(cell: Asked, failure: Failure | undefined, context: CauseContext): readonly LikelyCause[] {
  const [host] = hostsOnTheWay(cell, failure, context);
  if (!host || !failure) return [];
  const row = rowOf(failure.failure, failure.code, cell.way);
  const said = row.known.includes('settings') ? remarks(host, context.settings) : [];
  if (said.length > 0) return said;
  const right = context.settings.known(host) ? ', but the file on the host is right' : '';
  const { to, probe } = cell;
  const own = row.own({ host, to, mail: printable(probe.mail), right }, `${failure.failure} ${failure.code ?? ''}`);
  return [otherwise(host, own, context.settings)];
}

function of(
  target: string,
  source: SourcePosition | undefined,
): { readonly target: string; readonly source?: SourcePosition } {
  return { target, ...(source && { source }) };
}

function distinct(causes: readonly LikelyCause[]): readonly LikelyCause[] {
  const byKey = new Map(causes.toReversed().map(cause => [`${cause.target} ${cause.key}`, cause]));
  return [...byKey.values()].toReversed();
}
