import type { DesiredState } from '../../core/desired.ts';
import type { Finding } from '../../core/finding.ts';
import { isBelow } from '../../ldap/distinguished-name.ts';
import type { ReadPorts } from '../../ports/ports.ts';
import { type Bindable, bindTarget, type Work } from '../managed-kind.ts';
import type { Account, AccountKind, Surveyed } from './account-kind.ts';
import { passwordFindings } from './password-findings.ts';
import { sharedPass } from './shared-pass.ts';
import { findAccounts, surveyAccounts } from './survey.ts';

/** Makes kinds of accounts fit the registry: one reading serves all that begin it together. */
export function bindAccounts(kinds: readonly AccountKind[]): Bindable {
  return state => {
    const passes = new WeakMap<ReadPorts, (kind: AccountKind) => AsyncIterable<Surveyed>>();
    const passOver = (ports: ReadPorts) => {
      const pass = passes.get(ports) ?? sharedPass(joined => surveyAccounts(state, joined, ports));
      passes.set(ports, pass);
      return pass;
    };
    return kinds.map(kind =>
      bindTarget<DesiredState, Surveyed>(
        {
          ...kind,
          inspect: async (_, ports) => [
            ...(await passwordFindings(state.directory, ports.directory())),
            ...((await kind.inspect?.(state, ports)) ?? []),
          ],
          read: (_, ports) => passOver(ports)(kind),
          find: (_, changes, ports) => findAccounts(state, changes, kind.attributes(state), ports),
          manages: (_, { item, key }) => key === kind.attribute(state) && mayBeAccount(state, item),
          item: found => ('dn' in found ? found.dn : found.code),
          diff: (_, found) => (isAccount(found) ? kind.diff(state, found) : []),
          check: (_, found) => {
            if (isAccount(found)) return kind.check?.(state, found) ?? [];
            return isFinding(found) && kind.tellsOfCohorts ? [found] : [];
          },
          apply: (_, work, ports) => kind.apply(state, work.flatMap(entryWork), ports),
        },
        { target: 'directory', desired: state },
        decisive(state),
      ),
    );
  };
}

/** Whether an entry of that name lies where accounts are. */
function mayBeAccount({ directory: { users, groups, resources } }: DesiredState, dn: string): boolean {
  return [users, groups, resources].some(({ base }) => isBelow(dn, base));
}

/** What changes of accounts follow from; settings of hosts are no part of it. */
function decisive({ directory, cohorts, cs7 }: DesiredState) {
  return { directory, cohorts, domains: cs7.map(({ domains }) => domains) };
}

function isAccount(found: Surveyed): found is Account {
  return 'cohort' in found;
}

function isFinding(found: Surveyed): found is Finding {
  return 'code' in found;
}

function entryWork({ live, changes }: Work<Surveyed>): readonly Work<Account>[] {
  return 'dn' in live ? [{ live, changes }] : [];
}
