import type { Change } from '../../core/change.ts';
import type { DesiredCohort, DesiredDirectory, DesiredState } from '../../core/desired.ts';
import type { Finding } from '../../core/finding.ts';
import type { ReadPorts } from '../../ports/ports.ts';
import { type LiveAccount, liveAccount, modifyAccounts, oneOrList, schemaFindings } from '../common/ldap-account.ts';
import type { ResourceKind } from '../kind.ts';
import { assignMembers, findMissing } from './members.ts';

interface DesiredCohorts {
  readonly directory: DesiredDirectory;
  readonly cohorts: readonly DesiredCohort[];
  /** The mail domains that CS7 knows a CS6 front end for. */
  readonly domains: readonly string[];
}

interface LiveMember extends LiveAccount {
  readonly cohort: DesiredCohort;
  readonly mail: string | undefined;
}

/**
 * Which side each account is on: the local-user attribute with the store's name on accounts of CS7, absent on those of
 * CS6 (chapter 10, "Configuring the Calendar Server 7 Environment", step 5).
 */
export const ldapCohort: ResourceKind<DesiredCohorts, LiveMember> = {
  name: 'ldap-cohort',
  stage: 'accounts',
  wishes: state => [{ target: 'directory', desired: desiredCohorts(state) }],
  inspect: (desired, ports) => inspectCohorts(desired, ports),
  read: (desired, ports) => readMembers(desired, ports),
  item: live => live.dn,
  diff: ({ directory }, live) => diffMember(directory, live),
  check: (desired, live) => checkMail(desired, live),
  group: live => live.cohort.name,
  apply: ({ directory }, work, ports) => modifyAccounts(ports.directory(), work, directory.localUser.objectClass),
};

function desiredCohorts({ directory, cohorts, cs7 }: DesiredState): DesiredCohorts {
  const domains = new Set(cs7.flatMap(host => host.domains.map(({ domain }) => domain)));
  return { directory, cohorts, domains: [...domains] };
}

/** The key of the domain map is the domain of the mail address: who has none, or one that is not mapped, is found by nobody on CS7. */
function checkMail({ domains }: DesiredCohorts, { dn, cohort, mail }: LiveMember): readonly Finding[] {
  if (mail === undefined) {
    const detail = `${dn} has no mail attribute: invitations and free/busy go by mail address.\nGive it one.`;
    return [
      {
        severity: 'warning',
        code: 'cohort.no-mail',
        summary: 'An account without a mail address',
        detail,
        where: cohort.source,
      },
    ];
  }
  const domain = mail.slice(mail.lastIndexOf('@') + 1).toLowerCase();
  if (cohort.store !== undefined || domains.includes(domain)) return [];
  const detail = `${dn} stays on CS6 with ${mail}, and domains has no ${domain}: CS7 would not know whom to ask about it.\nAdd ${domain} to domains, with the CS6 front end to ask.`;
  return [
    {
      severity: 'error',
      code: 'cohort.domain-unmapped',
      summary: 'A mail domain that is not mapped',
      detail,
      where: cohort.source,
    },
  ];
}

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
    [attribute, 'objectClass', 'mail'],
    ports.directory(),
  )) {
    yield { ...liveAccount(entry, attribute, objectClass), cohort, mail: entry.attributes.get('mail')?.[0] };
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
