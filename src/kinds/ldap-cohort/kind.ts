import type { Change } from '../../core/change.ts';
import type { DesiredCohort, DesiredDirectory } from '../../core/desired.ts';
import type { Finding } from '../../core/finding.ts';
import type { ReadPorts } from '../../ports/ports.ts';
import type { ResourceKind } from '../kind.ts';
import { type LiveAccount, liveAccount, modifyAccounts, oneOrList, schemaFindings } from '../shared/ldap-account.ts';
import { assignMembers, findMissing } from './members.ts';

interface DesiredCohorts {
  readonly directory: DesiredDirectory;
  readonly cohorts: readonly DesiredCohort[];
}

interface LiveMember extends LiveAccount {
  readonly cohort: DesiredCohort;
}

/**
 * Which side each account is on: the local-user attribute with the store's name on accounts of CS7, absent on those of
 * CS6 (chapter 10, "Configuring the Calendar Server 7 Environment", step 5).
 */
export const ldapCohort: ResourceKind<DesiredCohorts, LiveMember> = {
  name: 'ldap-cohort',
  stage: 'accounts',
  wishes: state => [{ target: 'directory', desired: { directory: state.directory, cohorts: state.cohorts } }],
  inspect: (desired, ports) => inspectCohorts(desired, ports),
  read: (desired, ports) => readMembers(desired, ports),
  item: live => live.dn,
  diff: ({ directory }, live) => diffMember(directory, live),
  group: live => live.cohort.name,
  apply: ({ directory }, work, ports) => modifyAccounts(ports.directory(), work, directory.localUser.objectClass),
};

async function inspectCohorts({ directory, cohorts }: DesiredCohorts, ports: ReadPorts): Promise<readonly Finding[]> {
  const { attribute, objectClass } = directory.localUser;
  const findings = [...(await schemaFindings(ports.directory(), attribute, objectClass))];
  for await (const finding of findMissing(directory, cohorts, ports.directory())) findings.push(finding);
  return findings;
}

async function* readMembers({ directory, cohorts }: DesiredCohorts, ports: ReadPorts): AsyncIterable<LiveMember> {
  const { attribute, objectClass } = directory.localUser;
  for await (const { cohort, entry } of assignMembers(
    directory,
    cohorts,
    [attribute, 'objectClass'],
    ports.directory(),
  )) {
    yield { ...liveAccount(entry, attribute, objectClass), cohort };
  }
}

function diffMember(directory: DesiredDirectory, { dn, cohort, values }: LiveMember): readonly Change[] {
  const base = { item: dn, key: directory.localUser.attribute, group: cohort.name, source: cohort.source };
  const { store } = cohort;
  if (store === undefined) return values.length === 0 ? [] : [{ ...base, action: 'delete', before: oneOrList(values) }];
  if (values.length === 0) return [{ ...base, action: 'create', after: store }];
  if (values.length === 1 && values[0] === store) return [];
  return [{ ...base, action: 'update', before: oneOrList(values), after: store }];
}
