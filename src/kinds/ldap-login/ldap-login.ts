import { type Account, hasClass, oneOrList, sameValue, valuesOf } from '../../accounts/account.ts';
import { schemaFindings } from '../../accounts/directory-findings.ts';
import { modifyAccounts } from '../../accounts/modify-accounts.ts';
import type { Change } from '../../core/change.ts';
import { inFlight, untilStopped } from '../../core/collections.ts';
import type { Declared } from '../../core/declared.ts';
import { chapter } from '../../core/declared.ts';
import { answeringHosts, type DesiredCohort, type DesiredState, loginAttribute } from '../../core/desired.ts';
import type { Finding } from '../../core/finding.ts';
import type { Outcome, Work } from '../../core/run.ts';
import { finding } from '../../findings/catalogue.ts';
import { and, equals, not } from '../../ldap/filter.ts';
import type { DirectoryEntry } from '../../ports/directory.ts';
import type { WritePorts } from '../../ports/ports.ts';
import type { AccountKind } from '../shared/account-kind.ts';

/** The only class that allows it: groups and resources do not log in (Schema Reference, icsCalendarUser). */
const userClass = 'icsCalendarUser';
/** How many accounts CS7 is asked about at once. */
const askedAtOnce = 8;

/**
 * Whom CS7 answers for no longer logs in to CS6 (chapter 10, "Configuring the Calendar Server 6 Environment", step 4). The
 * chapter's value is `-http:all`; the Schema Reference documents `http`, and that neither counts where icsStatus is set.
 */
export const ldapLogin: AccountKind = {
  name: 'ldap-login',
  title: 'Logins to Calendar Server 6 are to be changed',
  stage: 'cs6-logins',
  attribute: () => loginAttribute,
  declares: ({ cohorts }) => cohorts.flatMap(declareDenial),
  attributes: ({ directory }) => [loginAttribute, 'icsStatus', 'mail', directory.localUser.attribute],
  deviation: (_, { cohort: { migrated }, store }) =>
    migrated?.denyLogin === undefined || store === undefined
      ? undefined
      : and(equals('objectClass', userClass), not(equals(loginAttribute, migrated.denyLogin))),
  inspect: async ({ cohorts }, ports) =>
    cohorts.some(cohort => cohort.migrated?.denyLogin !== undefined)
      ? schemaFindings(ports.directory(), loginAttribute, userClass)
      : [],
  diff: (_, account) => diffLogin(account),
  check: (_, account) =>
    diffLogin(account).length > 0 && valuesOf(account, 'icsStatus').length > 0 ? [statusDecides(account)] : [],
  apply: (state, work, ports) => applyLogins(state, work, ports),
};

function declareDenial({ name, migrated, source }: DesiredCohort): readonly Declared[] {
  if (migrated?.denyLogin === undefined) return [];
  return [
    {
      key: loginAttribute,
      group: name,
      label: `logins of cohort ${name} to CS6`,
      value: `"${migrated.denyLogin}" on accounts of cohort ${name} that are on CS7`,
      because: 'They can no longer log in to CS6 by mistake, which could create calendars there.',
      chapter: chapter.migrated,
      source,
    },
  ];
}

function diffLogin(account: Account): readonly Change[] {
  const { dn, cohort, store } = account;
  const deny = cohort.migrated?.denyLogin;
  if (deny === undefined || store === undefined || !hasClass(account, userClass)) return [];
  const values = valuesOf(account, loginAttribute);
  if (values.some(value => sameValue(value, deny))) return [];
  const base = { item: dn, key: loginAttribute, after: deny, group: cohort.name, source: cohort.source };
  return values.length === 0
    ? [{ ...base, action: 'create' }]
    : [{ ...base, action: 'update', before: oneOrList(values) }];
}

function statusDecides({ dn, cohort }: Account): Finding {
  return finding('login.status-decides', {
    detail: `According to the Schema Reference, CS6 reads ${loginAttribute} only if icsStatus is not set.\nTest with one account whether it can still log in to CS6. Do not set icsStatus to inactive: CS7 reads it too.`,
    where: cohort.source,
    about: { count: 1, names: [dn] },
  });
}

/** Denies where CS7 has been seen to answer; what only takes a denial back needs no such proof. */
async function* applyLogins(
  state: DesiredState,
  work: readonly Work<DirectoryEntry>[],
  ports: WritePorts,
): AsyncIterable<Outcome> {
  const denied = new Set(state.cohorts.flatMap(({ migrated }) => migrated?.denyLogin ?? []));
  const denies = ({ after }: Change) => typeof after === 'string' && denied.has(after);
  const proved: Work<DirectoryEntry>[] = [];
  const prove = async (one: Work<DirectoryEntry>) => ({
    one,
    problem: one.changes.some(denies) ? await unproved(state, one.live, ports) : undefined,
  });
  for await (const { one, problem } of inFlight(untilStopped(work, ports), () => askedAtOnce, prove)) {
    if (problem === undefined) proved.push(one);
    else for (const change of one.changes) yield { change, state: 'failed', detail: problem };
  }
  yield* modifyAccounts(ports, proved, userClass);
}

/** What keeps it from being certain that CS7 has the account. */
async function unproved(
  { directory, hosts }: DesiredState,
  entry: DirectoryEntry,
  ports: WritePorts,
): Promise<string | undefined> {
  if (valuesOf(entry, directory.localUser.attribute).length === 0)
    return `it has no ${directory.localUser.attribute} yet, so the login stays until it is on CS7`;
  const [mail] = valuesOf(entry, 'mail');
  const [host] = answeringHosts({ hosts }, 'cs7');
  if (mail === undefined) return 'it has no mail address, so CS7 cannot be asked about it';
  if (host === undefined) return 'no CS7 host has http in the file, so none can be asked about the account';
  const answer = await ports.freeBusy().ask({ http: host.http, side: 'cs7', mail });
  return answer.state === 'answered' ? undefined : `CS7 does not answer for ${mail}: ${answer.detail}`;
}
