import { entriesOf, entryQuery } from '../accounts/account-searches.ts';
import { answers, type DesiredState, hostsOf } from '../core/desired.ts';
import { distinctFindings, TargetProblem } from '../core/finding.ts';
import { exitCodes, readingExitCode, worstExitCode } from '../core/report.ts';
import { rowOf } from '../core/stages.ts';
import type { VerifiedProbe, VerifyReport } from '../core/verification.ts';
import { compareAll } from '../engine/compare.ts';
import type { Gate, GateQuestion } from '../engine/gate.ts';
import { hasCode } from '../findings/catalogue.ts';
import type { BoundTarget } from '../kinds/managed-kind.ts';
import { targetsOf } from '../kinds/registry.ts';
import { sameName } from '../ldap/distinguished-name.ts';
import type { MailPorts, ReadPorts } from '../ports/ports.ts';
import { scheduleUrl } from '../products/cs6.ts';
import { cellFindings, verifyInvitations } from '../verify/cell-findings.ts';
import { redirectHost } from '../verify/provisioning-risk.ts';
import { probesOf, type Verification, type VerifyOptions, verify } from '../verify/verify.ts';
import { verifyMail } from '../verify/verify-mail.ts';
import type { Failure, MailContext } from './context.ts';
import { withEstate } from './open-estate.ts';
import { loadTrusted, type Trust, type TrustRequest } from './trusted-connections.ts';

/** What is to be verified. */
export interface VerifyRequest extends TrustRequest {
  readonly files: readonly string[];
  /** Mail addresses of the accounts to ask about; left out: the probes of the file, or some of each side. */
  readonly probe?: readonly string[];
  /** Sends one trial message to the address that the file has for it. */
  readonly mail?: boolean;
}

/** Asks over HTTP whether users of each side see when those of the other are busy; changes nothing. */
export async function verifyEstate(request: VerifyRequest, context: MailContext): Promise<VerifyReport | Failure> {
  const { files } = request;
  const loaded = await loadTrusted(files, request, context);
  const open = (state: DesiredState) => context.connections.toMail(state, context.variables);
  return withEstate(open, loaded, undefined, async ({ state, connection, warnings }) => {
    const askedAt = context.clock.now();
    const asked = withoutWithheld(state, loaded.trust?.withheld);
    const seen = await askEstate({ state, asked }, request, connection.ports, context);
    const findings = [...warnings, ...seen.findings];
    const report = { command: 'verify', estate: state.name, files, askedAt, ...seen, findings } as const;
    return { ...report, exitCode: exitCodeOf(seen, state) };
  });
}

type Seen = Omit<VerifyReport, 'command' | 'exitCode' | 'estate' | 'askedAt'>;

/** The settings of the hosts are read first: by them questions are kept from doing harm, and failures get their likely cause. */
async function askEstate(
  { state, asked }: { readonly state: DesiredState; readonly asked: DesiredState },
  { probe, mail = false }: VerifyRequest,
  ports: MailPorts,
  { progress }: MailContext,
): Promise<Seen> {
  const managed = hostTargets(state);
  const comparisons = await compareAll(managed, ports, progress.show);
  const unread = comparisons.flatMap(one => (one.unread ? [one.unread] : []));
  progress.show('asking for free/busy between the servers');
  const verification = await verifyOrTell(asked, { comparisons, managed, ...(probe && { mails: probe }) }, ports);
  const { probes, cells, findings } = verification;
  const byMail = await verifyMail(asked, ports, probes, { send: mail });
  progress.end();
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
  return { ...state, hosts: state.hosts.filter(({ name }) => !withheld.has(name)) };
}

/** The settings that a look-up depends on: all but the calendars, which are many, and the directory. */
function hostTargets(state: DesiredState): readonly BoundTarget[] {
  const targets = targetsOf(state);
  return targets.filter(({ target, stage }) => target !== 'directory' && rowOf(stage).view.by === 'host');
}

async function verifyOrTell(
  state: DesiredState,
  options: VerifyOptions,
  ports: MailPorts,
): Promise<Verification & { readonly unread?: true }> {
  try {
    return await verify(state, ports, options);
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return { probes: [], cells: [], findings: [problem.finding], unread: true };
  }
}

function exitCodeOf({ cells, mail, unread, findings }: Seen, { hosts }: DesiredState): number {
  const states = [...cells, ...mail].map(({ state }) => state);
  const missing = findings.some(one => hasCode(one, 'verify.nobody-to-ask', 'verify.probe-unusable'));
  const unknown = states.includes('unknown') || missing ? [exitCodes.incomplete] : [];
  const asked = states.some(state => state !== 'unknown');
  const targets = asked ? Number.POSITIVE_INFINITY : hosts.length + 1;
  const read = readingExitCode(unread.length, targets, states.includes('fails'));
  return worstExitCode([read, ...unknown]);
}

type ProbeAccount = Pick<VerifiedProbe, 'side' | 'mail' | 'dn'>;

/** The gate that the file asks for: free/busy as `verify` looks at it, about the same probe accounts every time. */
export function gateOf(state: DesiredState, ports: ReadPorts): Gate | undefined {
  const gates = state.verify?.gates;
  if (!gates) return undefined;
  const { moves, restarts, onFailure, wait } = gates;
  let probes: readonly ProbeAccount[] = [];
  return {
    moves,
    restarts,
    onFailure,
    wait,
    async ask({ host, moved }) {
      const near = host === undefined ? state : around(state, host);
      const managed = hostTargets(near);
      const comparisons = await compareAll(managed, ports);
      // A side of which there was nobody to ask about yet may have somebody by now.
      if (!hasBothSides(probes)) ({ probes } = await probesOf(near, ports, { comparisons, managed }));
      const others = await accountsOf(moved, ports);
      const accounts = [...probes.filter(({ dn }) => !others.some(other => sameName(other.dn, dn))), ...others];
      const { cells } = await verify(near, ports, { comparisons, managed, accounts });
      return host === undefined ? cells : cells.filter(cell => cell.host === host);
    },
  };
}

function hasBothSides(accounts: readonly ProbeAccount[]): boolean {
  return new Set(accounts.map(({ side }) => side)).size === 2;
}

/** The estate as far as what a host answers depends on it: whom it asks, or refers to. The others are not asked each time. */
function around(state: DesiredState, name: string): DesiredState {
  const routes = new Set(hostsOf(state, 'cs7').flatMap(({ domains }) => domains.map(({ url }) => url)));
  const routed = hostsOf(state, 'cs6').filter(
    host => host.name === name || (answers(host) && routes.has(scheduleUrl(host))),
  );
  const own = hostsOf(state, 'cs6').find(host => host.name === name);
  const next = own && redirectHost(own, state);
  const asked = hostsOf(state, 'cs7').filter(host => host.name === name || host === next);
  return { ...state, hosts: [...routed, ...asked] };
}

/** One that has no mail address cannot be asked about, and one that is gone neither. */
async function accountsOf(moved: GateQuestion['moved'], ports: ReadPorts): Promise<readonly ProbeAccount[]> {
  const read = moved.map(async ({ dn, side }) => {
    const [entry] = await entriesOf(entryQuery(dn, ['mail']), ports.directory());
    return (entry?.attributes.get('mail') ?? []).slice(0, 1).map(mail => ({ dn, side, mail }));
  });
  return (await Promise.all(read)).flat();
}
