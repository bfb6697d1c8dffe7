import type { Account, AccountOrFinding, AccountQuery } from '../../accounts/account.ts';
import { configurationFindings } from '../../accounts/directory-configuration.ts';
import { directoryFindings } from '../../accounts/directory-findings.ts';
import { findAccounts, readAccounts } from '../../accounts/read-accounts.ts';
import { sharedPass } from '../../accounts/shared-pass.ts';
import type { Change } from '../../core/change.ts';
import type { Declared } from '../../core/declared.ts';
import { accountClasses, type DesiredState, hostsOf } from '../../core/desired.ts';
import type { Finding } from '../../core/finding.ts';
import type { Outcome, Work } from '../../core/run.ts';
import type { Stage } from '../../core/stages.ts';
import { isBelow } from '../../ldap/distinguished-name.ts';
import type { DirectoryEntry } from '../../ports/directory.ts';
import type { ReadPorts, WritePorts } from '../../ports/ports.ts';
import { type Bindable, bindTarget } from '../managed-kind.ts';

/**
 * A kind that manages something about every account. All of them share one reading of the directory, which asks the
 * server only for accounts that differ: `deviation` is a filter that fits at least every account that `diff` or `check`
 * has something to say about. It may fit more; it must not fit fewer, in the server's own way of comparing.
 */
export interface AccountKind extends AccountQuery {
  readonly name: string;
  /** What a change of it is called in a list of problems: `Accounts are to get a unique id`. */
  readonly title: string;
  readonly stage: Stage;
  /** The attribute that its changes name. */
  attribute(state: DesiredState): string;
  /** All that it looks after, whether any account differs or not. */
  declares(state: DesiredState): readonly Declared[];
  /** Findings about the directory as a whole. */
  inspect?(state: DesiredState, ports: ReadPorts): Promise<readonly Finding[]>;
  diff(state: DesiredState, account: Account): readonly Change[];
  check?(state: DesiredState, account: Account): readonly Finding[];
  /** What one reading shows about several accounts together: it gets each account once, and keeps what it needs of it. */
  together?(state: DesiredState): (account: Account) => readonly Finding[];
  apply(state: DesiredState, work: readonly Work<DirectoryEntry>[], ports: WritePorts): AsyncIterable<Outcome>;
}

/** Makes kinds of accounts fit the registry: one reading serves all that begin it together. */
export function bindAccounts(kinds: readonly AccountKind[]): Bindable {
  return state => {
    const passes = new WeakMap<ReadPorts, (kind: AccountKind) => AsyncIterable<AccountOrFinding>>();
    const passOver = (ports: ReadPorts) => {
      const pass = passes.get(ports) ?? sharedPass(joined => readAccounts(state, joined, ports));
      passes.set(ports, pass);
      return pass;
    };
    const about = new WeakMap<ReadPorts, Promise<readonly Finding[]>>();
    const findingsOver = (ports: ReadPorts) => {
      const findings = about.get(ports) ?? findingsOf(state, ports);
      about.set(ports, findings);
      return findings;
    };
    return kinds.map(kind =>
      bindTarget<DesiredState, AccountOrFinding>(
        {
          ...kind,
          inspect: async (_, ports) => [
            ...(await findingsOver(ports)),
            ...((await kind.inspect?.(state, ports)) ?? []),
          ],
          read: (_, ports) => ownShare(kind, state, passOver(ports)(kind)),
          find: (_, changes, ports) => findAccounts(state, changes, kind.attributes(state), ports),
          manages: (_, { item, key }) => key === kind.attribute(state) && mayBeAccount(state, item),
          item: found => ('dn' in found ? found.dn : found.code),
          diff: (_, found) => (isAccount(found) ? kind.diff(state, found) : []),
          check: (_, found) => {
            if (isAccount(found)) return kind.check?.(state, found) ?? [];
            return isFinding(found) ? [found] : [];
          },
          apply: (_, work, ports) => kind.apply(state, work.flatMap(entryWork), ports),
        },
        { target: 'directory', desired: state },
        decisive(state),
      ),
    );
  };
}

/** The accounts of a pass, and the findings that are this kind's affair. */
async function* ownShare(
  kind: AccountKind,
  state: DesiredState,
  pass: AsyncIterable<AccountOrFinding>,
): AsyncIterable<AccountOrFinding> {
  const together = kind.together?.(state);
  for await (const found of pass) {
    if (isAccount(found) || kind.tellsOfCohorts) yield found;
    if (isAccount(found)) yield* together?.(found) ?? [];
  }
}

/** What is to be said of the directory as a whole, whichever kind asks. */
async function findingsOf({ directory }: DesiredState, ports: ReadPorts): Promise<readonly Finding[]> {
  const reader = ports.directory();
  return [...(await directoryFindings(directory, reader)), ...(await configurationFindings(directory, reader))];
}

/** Whether an entry of that name lies where accounts are. */
function mayBeAccount({ directory }: DesiredState, dn: string): boolean {
  return accountClasses(directory).some(({ base }) => isBelow(dn, base));
}

/** What changes of accounts follow from; settings of hosts are no part of it. */
function decisive({ directory, cohorts, hosts }: DesiredState) {
  return { directory, cohorts, domains: hostsOf({ hosts }, 'cs7').map(({ domains }) => domains) };
}

function isAccount(found: AccountOrFinding): found is Account {
  return 'cohort' in found;
}

function isFinding(found: AccountOrFinding): found is Finding {
  return 'code' in found;
}

function entryWork({ live, changes }: Work<AccountOrFinding>): readonly Work<Account>[] {
  return 'dn' in live ? [{ live, changes }] : [];
}
