import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import type { Comparison } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import type { LikelyCause, VerifiedCell, VerifiedProbe } from '../core/verification.ts';
import { passwordFindings } from '../kinds/common/password-findings.ts';
import type { ReadPorts } from '../ports/ports.ts';
import { type Asked, askAll } from './ask.ts';
import { type CauseContext, causesOf } from './causes.ts';
import type { AskOwner } from './choose-probes.ts';
import { type FoundProbes, findProbes, type ProbeWishes } from './find-probes.ts';
import { frontEnds, routesOf } from './front-ends.ts';
import { harmOf, harmOfAsking } from './harm.ts';
import { type HostSettings, hostSettings } from './host-settings.ts';
import { type Evidence, judge } from './judge.ts';
import { domainOf, type Probe } from './probe.ts';

/** Whom to ask about, and what is known already. */
export interface VerifyOptions extends ProbeWishes {
  /**
   * The settings of the hosts, compared with what they must be (`compareAll` of the host kinds). A CS6 host that is not
   * among them is not asked about accounts of CS7: it might make calendars for them.
   */
  readonly comparisons?: readonly Comparison[];
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
  const settings = hostSettings(options.comparisons ?? []);
  const [found, front] = await Promise.all([probesOf(state, ports, options), frontEnds(state, ports)]);
  const { probes } = found;
  const answers = await askAll({ state, settings, frontEnds: front.hosts, probes }, ports.freeBusy());
  const evidence = { answers, state, settings, frontEnds: front.hosts.map(({ name }) => name) };
  const cells = answers.cells.map(cell => verifiedCell(cell, evidence, { state, settings, answers }));
  return {
    probes: probes.map(({ side, mail, dn, chosen }) => ({ side, mail, dn, chosen })),
    cells: cells.toSorted(byPlace),
    findings: [...(await passwordFindings(state.directory, ports.directory())), ...found.findings, ...front.findings],
  };
}

/** The accounts that would be asked about. Throws TargetProblem when the directory cannot be read. */
export function probesOf(state: DesiredState, ports: ReadPorts, options: VerifyOptions): Promise<FoundProbes> {
  const settings = hostSettings(options.comparisons ?? []);
  return findProbes(state, options, ports.directory(), askOwner(state, settings, ports));
}

/** CS6 about its accounts where CS7 asks it too, CS7 about its own. */
function askOwner(state: DesiredState, settings: HostSettings, ports: ReadPorts): AskOwner {
  const ask = async ({ side, mail }: Probe, host: { readonly http: string } | undefined, harm?: LikelyCause) =>
    host && !harm ? ports.freeBusy().ask({ http: host.http, side, mail }) : undefined;
  return async probe => {
    const cs6 = routesOf(state, domainOf(probe.mail))[0] ?? state.cs6[0];
    if (probe.side === 'cs6') return ask(probe, cs6, cs6 && harmOfAsking(cs6, probe, settings));
    const [cs7] = state.cs7;
    return ask(probe, cs7, cs7 && harmOf(probe, cs7, state, settings));
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
