import type { Command } from 'commander';
import type { DesiredState } from '../core/desired.ts';
import { distinctFindings, TargetProblem } from '../core/finding.ts';
import { rowOf } from '../core/stages.ts';
import type { VerifyReport } from '../core/verification.ts';
import { compareAll } from '../engine/compare.ts';
import type { BoundTarget } from '../kinds/managed-kind.ts';
import { targetsOf } from '../kinds/registry.ts';
import { cellFindings, verifyInvitations } from '../verify/cell-findings.ts';
import { type VerifyOptions as MatrixOptions, type Verification, verify } from '../verify/verify.ts';
import { verifyMail } from '../verify/verify-mail.ts';
import { exitCodes, readingExitCode, worstExitCode } from './exit-code.ts';
import { type CommonOptions, endProgress, printReport, progressOf, reportingOn } from './output.ts';
import type { Connection, Outside } from './outside.ts';
import { addReportOptions } from './report-options.ts';
import { addTrustOption, loadTrusted, type Trust, type TrustOptions } from './trusted-connections.ts';
import { withEstate } from './with-estate.ts';

/** The options of `verify`. */
export interface VerifyOptions extends CommonOptions, TrustOptions {
  readonly probe?: readonly string[];
  /** Sends one trial message to the address that the file has for it. */
  readonly mail?: boolean;
}

const verifyHelp = `
  Of a verification: 0 everything works, 2 something fails, 4 something could not be asked or judged.

For a server with https and an authority of your own, NODE_EXTRA_CA_CERTS names the PEM file with its certificate.`;

/** Gives a command the options of `verify` besides the common ones. */
export function addVerifyOptions(command: Command): Command {
  return addTrustOption(addReportOptions(command))
    .option(
      '--probe <mail>',
      'ask about this account, on the side the directory has it on; may be given several times',
      (mail: string, before: readonly string[] = []) => [...before, mail],
    )
    .option('--mail', 'send one trial message to verify.mail.to as well; nothing is ever sent to anybody else')
    .addHelpText('after', verifyHelp);
}

/** `verify`: asks over HTTP whether users of each side see when those of the other are busy; changes nothing. */
export async function verifyCommand(files: readonly string[], given: VerifyOptions, outside: Outside): Promise<number> {
  const options = reportingOn(given, 'verify', files);
  const loaded = await loadTrusted(files, options, outside);
  return withEstate(loaded, options, outside, async (state, connection, warnings) => {
    const askedAt = outside.clock.now();
    const seen = await verifyEstate(state, connection, { ...options, withheld: loaded.trust?.withheld }, outside);
    const findings = [...warnings, ...seen.findings];
    const report = { command: 'verify', estate: state.name, files, askedAt, ...seen, findings } as const;
    return printReport({ ...report, exitCode: exitCodeOf(seen, state) }, options, outside);
  });
}

type Seen = Omit<VerifyReport, 'command' | 'exitCode' | 'estate' | 'askedAt'>;

/** The settings of the hosts are read first: by them questions are kept from doing harm, and failures get their likely cause. */
async function verifyEstate(
  state: DesiredState,
  { ports }: Connection,
  { probe, mail = false, withheld }: VerifyOptions & { readonly withheld: Trust['withheld'] | undefined },
  outside: Outside,
): Promise<Seen> {
  const managed = hostTargets(state);
  const comparisons = await compareAll(managed, ports, progressOf(outside));
  const unread = comparisons.flatMap(one => (one.unread ? [one.unread] : []));
  const asked = withoutWithheld(state, withheld);
  const verification = await verifyOrTell(asked, { comparisons, managed, ...(probe && { mails: probe }) }, ports);
  const { probes, cells, findings } = verification;
  const byMail = await verifyMail(asked, ports, probes, { send: mail });
  endProgress(outside);
  const blind = 'unread' in verification ? ['directory'] : [];
  return {
    probes,
    cells,
    mail: [...verifyInvitations(asked, comparisons), ...byMail],
    unread: [...new Set([...comparisons.flatMap(one => (one.unread ? [one.target] : [])), ...blind])],
    findings: [...distinctFindings(unread), ...findings, ...cellFindings(cells)],
  };
}

/** Hosts that are not contacted are no part of the matrix; that they were not is told as of any host that could not be read. */
function withoutWithheld(state: DesiredState, withheld: Trust['withheld'] = new Map()): DesiredState {
  const reached = ({ name }: { readonly name: string }) => !withheld.has(name);
  return { ...state, cs6: state.cs6.filter(reached), cs7: state.cs7.filter(reached) };
}

/** The settings that a look-up depends on: all but the calendars, which are many, and the directory. */
export function hostTargets(state: DesiredState): readonly BoundTarget[] {
  const targets = targetsOf(state);
  return targets.filter(({ target, stage }) => target !== 'directory' && rowOf(stage).view.by === 'host');
}

async function verifyOrTell(
  state: DesiredState,
  options: MatrixOptions,
  ports: Connection['ports'],
): Promise<Verification & { readonly unread?: true }> {
  try {
    return await verify(state, ports, options);
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return { probes: [], cells: [], findings: [problem.finding], unread: true };
  }
}

function exitCodeOf({ cells, mail, unread, findings }: Seen, { cs6, cs7 }: DesiredState): number {
  const states = [...cells, ...mail].map(({ state }) => state);
  const missing = findings.some(({ code }) => code === 'verify.nobody-to-ask' || code === 'verify.probe-unusable');
  const unknown = states.includes('unknown') || missing ? [exitCodes.incomplete] : [];
  const asked = states.some(state => state !== 'unknown');
  const targets = asked ? Number.POSITIVE_INFINITY : cs6.length + cs7.length + 1;
  const read = readingExitCode(unread.length, targets, states.includes('fails'));
  return worstExitCode([read, ...unknown]);
}
