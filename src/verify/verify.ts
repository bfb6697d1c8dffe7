import { connectionFindings } from '../accounts/directory-findings.ts';
import type { ManagedTarget } from '../core/declared.ts';
import { answeringHosts, type DesiredState, hostsOf } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import type { Comparison } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import type { LikelyCause, VerifiedCell, VerifiedProbe } from '../core/verification.ts';
import type { ReadPorts } from '../ports/ports.ts';
import { routesOf } from '../products/cs6.ts';
import { type CauseContext, causesOf } from './causes.ts';
import type { AskOwner } from './choose-probes.ts';
import { type FoundProbes, findProbes, type ProbeWishes } from './find-probes.ts';
import { frontEnds, hostSettings } from './host-settings.ts';
import { type Evidence, judge } from './judge.ts';
import { domainOf, type Probe } from './probe.ts';
import { harmOf, harmOfAsking, type Known, provisions, readCalendars } from './provisioning-risk.ts';
import { type Asked, askAll } from './run-look-ups.ts';

/** Whom to ask about, and what is known already. */
export interface VerifyOptions extends ProbeWishes {
  /**
   * The settings of the hosts, compared with what they must be (`compareAll` of the host kinds). A CS6 host that is not
   * among them is not asked about accounts without a calendar there: it might make one for them.
   */
  readonly comparisons?: readonly Comparison[];
  /** What those kinds look after. */
  readonly managed?: readonly ManagedTarget[];
}

/** What was asked about, and what came. */
export interface Verification {
  readonly probes: readonly VerifiedProbe[];
  /** Ordered by from, to, host, way and account, whichever answer came first. */
  readonly cells: readonly VerifiedCell[];
  /** About what was not asked; what cells fail of is told by the cells. */
  readonly findings: readonly Finding[];
}

/**
 * Asks over HTTP what users of each side and the servers themselves ask about the other side; never an invitation.
 * Throws TargetProblem when the directory cannot be read.
 */
export async function verify(
  state: DesiredState,
  ports: ReadPorts,
  options: VerifyOptions = {},
): Promise<Verification> {
  const [known, front] = await Promise.all([readKnown(state, ports, options), frontEnds(state, ports)]);
  const { settings } = known;
  const found = await findProbes(state, options, ports.directory(), askOwner(state, known, ports));
  const { probes } = found;
  const answers = await askAll({ state, known, frontEnds: front.hosts, probes }, ports.freeBusy());
  const evidence = { answers, state, settings, frontEnds: front.hosts.map(({ name }) => name) };
  const cells = answers.cells.map(cell => verifiedCell(cell, evidence, { state, settings, answers }));
  return {
    probes: probes.map(({ side, mail, dn, chosen }) => ({ side, mail, dn, chosen })),
    cells: cells.toSorted(byPlace),
    findings: [...(await connectionFindings(state.directory, ports.directory())), ...found.findings, ...front.findings],
  };
}

/** The accounts that would be asked about. Throws TargetProblem when the directory cannot be read. */
export async function probesOf(state: DesiredState, ports: ReadPorts, options: VerifyOptions): Promise<FoundProbes> {
  const known = await readKnown(state, ports, options);
  return findProbes(state, options, ports.directory(), askOwner(state, known, ports));
}

/** Who has a calendar on CS6 matters only as long as a host may make one. */
async function readKnown(
  state: DesiredState,
  ports: ReadPorts,
  { comparisons = [], managed }: VerifyOptions,
): Promise<Known> {
  const settings = hostSettings(comparisons, managed);
  const hosts = hostsOf(state, 'cs6');
  const listed = hosts.some(host => provisions(host, settings)) ? hosts : [];
  return { settings, calendars: await readCalendars(listed, ports) };
}

/** CS6 about its accounts where CS7 asks it too, CS7 about its own. */
function askOwner(state: DesiredState, known: Known, ports: ReadPorts): AskOwner {
  const ask = async ({ side, mail }: Probe, host: { readonly http: string } | undefined, harm?: LikelyCause) =>
    host && !harm ? ports.freeBusy().ask({ http: host.http, side, mail }) : undefined;
  return async probe => {
    const cs6 = routesOf(state, domainOf(probe.mail))[0] ?? answeringHosts(state, 'cs6')[0];
    if (probe.side === 'cs6') return ask(probe, cs6, cs6 && harmOfAsking(cs6, probe, known));
    const [cs7] = answeringHosts(state, 'cs7');
    return ask(probe, cs7, cs7 && harmOf(probe, cs7, state, known));
  };
}

function verifiedCell(cell: Asked, evidence: Evidence, context: CauseContext): VerifiedCell {
  const { from, to, host, way, probe, answer } = cell;
  const verdict = judge(cell, evidence);
  return {
    from,
    to,
    host,
    way,
    account: probe.mail,
    state: verdict.state,
    ...(verdict.state !== 'works' && { problem: verdict.problem }),
    detail: printable(verdict.detail),
    hops: answer?.hops ?? [],
    causes: causesOf(cell, verdict, context),
  };
}

function byPlace(a: VerifiedCell, b: VerifiedCell): number {
  const key = ({ from, to, host, way, account }: VerifiedCell) => [from, to, host, way, account].join('\0');
  return key(a) < key(b) ? -1 : 1;
}
