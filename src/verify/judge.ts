import { type DesiredState, hostsOf } from '../core/desired.ts';
import { count } from '../core/units.ts';
import type { CellProblem } from '../core/verification.ts';
import { uncovered } from '../kinds/shared/calendar-listing.ts';
import type { BusyPeriod, FreeBusyAnswer, LookUpAnswer } from '../ports/free-busy.ts';
import { routesOf } from '../products/cs6.ts';
import type { HostSettings } from './host-settings.ts';
import { domainOf, type Probe } from './probe.ts';
import { mayPassOn, redirectHost } from './provisioning-risk.ts';
import type { Answers, Asked } from './run-look-ups.ts';

/** What an answer is worth. */
export type Verdict =
  | { readonly state: 'works'; readonly detail: string }
  | { readonly state: 'fails' | 'unknown'; readonly problem: CellProblem; readonly detail: string };

/** What a verdict is reached on. */
export interface Evidence {
  readonly answers: Answers;
  readonly state: DesiredState;
  readonly settings: HostSettings;
  readonly frontEnds: readonly string[];
}

type Times = readonly BusyPeriod[];

/**
 * Judges one cell. An answer only counts as one when it is what the server says that has the account:
 *
 * | to  | who has the account   | the answer works when                                                            |
 * |-----|-----------------------|----------------------------------------------------------------------------------|
 * | cs6 | CS6, asked for itself | it has the same times, and CS7, where it was asked, did not look into its own    |
 * |     |                       | calendars; with no times on either side, only when CS6 itself gave it            |
 * | cs7 | CS7                   | CS6 has no calendar of it, or CS7 surely takes it for its own                    |
 */
export function judge(cell: Asked, evidence: Evidence): Verdict {
  const { answer, harm } = cell;
  if (!answer)
    return unknown(
      'verify.not-asked',
      `not asked, because CS6 might create a calendar: ${harm?.key ?? ''} on ${harm?.target}: ${(harm?.why ?? '').replace(/\.$/, '')}`,
    );
  if (cell.to === 'cs6') return judgeCs6(cell, answer, evidence);
  return cell.from === 'cs6' ? judgeRedirect(cell, answer, evidence) : judgeCs7(cell, answer, evidence);
}

function judgeCs6(cell: Asked, answer: LookUpAnswer, evidence: Evidence): Verdict {
  const { mail } = cell.probe;
  const owner = ownerOnCs6(cell.probe, evidence);
  if (owner?.state === 'nobody') return fails('verify.no-calendar', `no CS6 front end has a calendar for ${mail}`);
  if (answer.state === 'failed') return fails('verify.no-answer', answer.detail);
  if (owner?.state !== 'answered')
    return unknown('verify.unproved', `${times(answer.busy)}, but CS6 does not say which it has${because(owner)}`);
  const direct = cell.from === 'cs6' || cell.way === 'ischedule';
  const ownAnswer = direct && evidence.answers.own(cell.host, mail)?.state === 'answered';
  const verdict = compare(answer.busy, owner.busy, 'CS6', ownAnswer);
  if (direct || verdict.state === 'fails' || passesOn(cell, evidence)) return verdict;
  return fails(
    'verify.own-copy',
    `${times(answer.busy)}, which CS7 did not get from CS6: they are from its own calendars`,
  );
}

/** CS6's own word about one of its accounts: that of the front end that CS7 asks first. */
function ownerOnCs6({ mail }: Probe, { answers, state, frontEnds }: Evidence): FreeBusyAnswer | undefined {
  const routes = routesOf(state, domainOf(mail)).map(({ name }) => name);
  const said = [...new Set([...routes, ...frontEnds])].map(host => answers.own(host, mail));
  return (
    said.find(one => one?.state === 'answered') ??
    said.find(one => one === undefined || one.state === 'failed') ??
    said.find(one => one?.state === 'nobody')
  );
}

function compare(shown: Times, has: Times, who: string, ownAnswer: boolean): Verdict {
  const missing = uncovered(has, shown);
  if (missing.length > 0)
    return fails('verify.wrongly-free', `${times(shown)}, but ${who} has ${has.length}, such as ${period(missing[0])}`);
  const more = uncovered(shown, has);
  if (more.length > 0)
    return unknown('verify.unproved', `${times(shown)}, but ${who} does not have ${period(more[0])}`);
  if (has.length === 0 && !ownAnswer)
    return unknown(
      'verify.unproved',
      `no busy times, and ${who} has none either: a server that does not know the account would answer the same`,
    );
  return works(shown);
}

function judgeCs7(cell: Asked, answer: LookUpAnswer, evidence: Evidence): Verdict {
  if (answer.state === 'failed') return fails('verify.no-answer', answer.detail);
  const { answers, frontEnds } = evidence;
  const own = frontEnds.map(name => answers.own(name, cell.probe.mail));
  const cs6HasNone = own.every(one => one?.state === 'nobody');
  if (!cs6HasNone && passesOn(cell, evidence)) return borrowed(answer.busy, own);
  if (!cs6HasNone && answer.busy.length === 0) return unknown('verify.unproved', quiet);
  const others = answers.cells.filter(one => one.probe === cell.probe && one.from === 'cs7' && one !== cell);
  const sound = others.filter(one => cs6HasNone || !passesOn(one, evidence));
  const elsewhere = sound.flatMap(one => (one.answer?.state === 'answered' ? one.answer.busy : []));
  const missing = uncovered(elsewhere, answer.busy);
  if (missing.length === 0) return works(answer.busy);
  return fails('verify.wrongly-free', `${times(answer.busy)}, but another CS7 host shows ${period(missing[0])}`);
}

/** Whether the CS7 host of a cell may have asked CS6 instead of looking into its own calendars. */
function passesOn({ host, probe }: Asked, { state, settings }: Evidence): boolean {
  const cs7 = hostsOf(state, 'cs7').find(({ name }) => name === host);
  return cs7 === undefined || mayPassOn(cs7, probe, settings);
}

const quiet = 'no busy times, and it is not known whether CS7 used a calendar of its own';

/** CS7 may have handed on what CS6 says. */
function borrowed(shown: Times, own: readonly (FreeBusyAnswer | undefined)[]): Verdict {
  if (own.some(one => one?.state === 'answered'))
    return fails(
      'verify.split-brain',
      `${times(shown)}, which may be the old times that CS6 still has for the account`,
    );
  return unknown('verify.unproved', `${times(shown)}, and it is not known whether they are its own or those of CS6`);
}

function judgeRedirect({ host, probe }: Asked, answer: LookUpAnswer, evidence: Evidence): Verdict {
  if (answer.state === 'failed') return fails('verify.no-answer', answer.detail);
  const { answers, state } = evidence;
  const own = answers.own(host, probe.mail);
  if (answer.hops.length < 2 && own?.state === 'answered')
    return fails('verify.split-brain', `${times(answer.busy)}, from a calendar that CS6 itself has for the account`);
  if (answer.hops.length < 2 && own?.state !== 'nobody')
    return unknown('verify.unproved', `${times(answer.busy)}, but CS6 does not say whose they are${because(own)}`);
  const cs6 = hostsOf(state, 'cs6').find(({ name }) => name === host);
  const next = cs6 && redirectHost(cs6, state);
  const there = answers.cells.find(one => one.from === 'cs7' && one.host === next?.name && one.probe === probe);
  if (there?.answer?.state !== 'answered')
    return unknown('verify.unproved', `${times(answer.busy)}, but CS7 itself does not say which it has`);
  const verdict = judgeCs7(there, there.answer, evidence);
  return verdict.state === 'works' ? compare(answer.busy, there.answer.busy, 'CS7', true) : verdict;
}

function works(shown: Times): Verdict {
  return { state: 'works', detail: times(shown) };
}

function fails(problem: CellProblem, detail: string): Verdict {
  return { state: 'fails', problem, detail };
}

function unknown(problem: CellProblem, detail: string): Verdict {
  return { state: 'unknown', problem, detail };
}

function because(answer: FreeBusyAnswer | undefined): string {
  if (answer === undefined) return ', because it could not be asked';
  return 'detail' in answer ? `: ${answer.detail}` : '';
}

function times(busy: Times): string {
  return busy.length === 0 ? 'no busy times' : count(busy.length, 'busy time');
}

function period(one: BusyPeriod | undefined): string {
  return one ? `${new Date(one.start).toISOString()} to ${new Date(one.end).toISOString()}` : 'none';
}
