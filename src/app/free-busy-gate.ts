import type { DesiredState } from '../core/desired.ts';
import type { VerifiedProbe } from '../core/verification.ts';
import { compareAll } from '../engine/compare.ts';
import type { Gate, GateQuestion } from '../engine/gate.ts';
import { entriesOf, entryQuery } from '../kinds/shared/account-searches.ts';
import { sameName } from '../ldap/distinguished-name.ts';
import type { ReadPorts } from '../ports/ports.ts';
import { scheduleUrl } from '../products/cs6.ts';
import { redirectHost } from '../verify/provisioning-risk.ts';
import { probesOf, verify } from '../verify/verify.ts';
import { hostTargets } from './verify-estate.ts';

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
  const routes = new Set(state.cs7.flatMap(({ domains }) => domains.map(({ url }) => url)));
  const routed = state.cs6.filter(host => host.name === name || routes.has(scheduleUrl(host)));
  const own = state.cs6.find(host => host.name === name);
  const next = own && redirectHost(own, state);
  return { ...state, cs6: routed, cs7: state.cs7.filter(host => host.name === name || host === next) };
}

/** One that has no mail address cannot be asked about, and one that is gone neither. */
async function accountsOf(moved: GateQuestion['moved'], ports: ReadPorts): Promise<readonly ProbeAccount[]> {
  const read = moved.map(async ({ dn, side }) => {
    const [entry] = await entriesOf(entryQuery(dn, ['mail']), ports.directory());
    return (entry?.attributes.get('mail') ?? []).slice(0, 1).map(mail => ({ dn, side, mail }));
  });
  return (await Promise.all(read)).flat();
}
