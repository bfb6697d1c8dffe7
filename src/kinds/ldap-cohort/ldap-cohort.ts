import { type Account, type CohortSide, oneOrList, sameValue, valuesOf } from '../../accounts/account.ts';
import { schemaFindings } from '../../accounts/directory-findings.ts';
import { modifyAccounts } from '../../accounts/modify-accounts.ts';
import type { Change } from '../../core/change.ts';
import { chapter, type Declared, quotedValue } from '../../core/declared.ts';
import { type DesiredCohort, type DesiredState, hostsOf } from '../../core/desired.ts';
import type { About, Finding } from '../../core/finding.ts';
import { finding } from '../../findings/catalogue.ts';
import { endsWith, equals, not, or, present } from '../../ldap/filter.ts';
import type { DirectorySchema } from '../../ldap/schema.ts';
import type { AccountKind } from '../shared/account-kind.ts';

/**
 * Which side each account is on: the local-user attribute with the store's name on accounts of CS7, absent on those of
 * CS6 (chapter 10, "Configuring the Calendar Server 7 Environment", step 5).
 */
export const ldapCohort: AccountKind = {
  name: 'ldap-cohort',
  title: 'Accounts are to get another store',
  stage: 'accounts',
  tellsOfCohorts: true,
  attribute: ({ directory }) => directory.localUser.attribute,
  declares: ({ directory, cohorts }) => cohorts.map(cohort => declareSide(directory.localUser.attribute, cohort)),
  attributes: ({ directory }) => [directory.localUser.attribute, 'mail'],
  deviation: (state, side, schema) => or(sideDeviation(state, side, schema), mailDeviation(state, side)),
  inspect: ({ directory: { localUser } }, ports) =>
    schemaFindings(ports.directory(), localUser.attribute, localUser.objectClass, 'localUser'),
  diff: ({ directory }, account) => diffSide(directory.localUser.attribute, account),
  check: (state, account) => checkMail(state, account),
  apply: ({ directory }, work, ports) => modifyAccounts(ports, work, directory.localUser.objectClass),
};

/** Where the schema allows several values, one that is right may hide another: then everybody is looked at. */
function sideDeviation({ directory }: DesiredState, { store }: CohortSide, schema: DirectorySchema): string {
  const { attribute } = directory.localUser;
  if (store === undefined) return present(attribute);
  const single = schema.attributes.get(attribute.toLowerCase())?.singleValue === true;
  return single ? not(equals(attribute, store)) : present('objectClass');
}

function mailDeviation(state: DesiredState, { store }: CohortSide): string {
  if (store !== undefined) return not(present('mail'));
  return not(or(...mappedDomains(state).map(domain => endsWith('mail', `@${domain}`))));
}

/** The mail domains that CS7 knows a CS6 front end for. */
function mappedDomains(state: DesiredState): readonly string[] {
  return [...new Set(hostsOf(state, 'cs7').flatMap(host => host.domains.map(({ domain }) => domain)))];
}

/** The key of the domain map is the domain of the mail address: who has none, or only such as are not mapped, is found by nobody on CS7. */
function checkMail(state: DesiredState, account: Account): readonly Finding[] {
  const { dn, cohort, store } = account;
  const addresses = valuesOf(account, 'mail');
  const about = { count: 1, names: [dn] };
  if (addresses.length === 0) {
    const detail = 'Invitations and free/busy use the mail address, but the account has no mail attribute.\nAdd one.';
    return [finding('cohort.no-mail', { detail, where: cohort.source, about })];
  }
  const domains = addresses.map(mail => mail.slice(mail.lastIndexOf('@') + 1).toLowerCase());
  if (store !== undefined || domains.some(domain => mappedDomains(state).includes(domain))) return [];
  return [...new Set(domains)].map(domain => unmapped(domain, about, state));
}

/** One finding for each domain, whichever cohorts its accounts are in: one line in `domains` is missing. */
function unmapped(domain: string, about: About, state: DesiredState): Finding {
  return finding('cohort.domain-unmapped', {
    detail: `Accounts with addresses in ${domain} stay on CS6, but domains has no ${domain}. CS7 would not know which server to ask about them.\nAdd the domain to domains, with the CS6 front end to ask.`,
    where: hostsOf(state, 'cs7').flatMap(({ domains }) => domains)[0]?.source ?? state.directory.source,
    about,
  });
}

function declareSide(attribute: string, { name, store, share, source }: DesiredCohort): Declared {
  const of = share === undefined ? '' : `${share} % of the `;
  const others = share === undefined ? '' : ', and absent on the others';
  return {
    key: attribute,
    group: name,
    label: `cohort ${name}`,
    value: `${quotedValue(store ?? null)} on ${of}accounts of cohort ${name}${others}`,
    because:
      store === undefined
        ? `They are on CS6, and an account with ${attribute} counts as one of CS7.`
        : `They are on CS7, which treats an account with ${attribute} as its own. The value names the back end.`,
    chapter: chapter.accounts,
    source,
    dropped: 'Its accounts belong to the remaining cohorts, and move to their sides.',
  };
}

function diffSide(attribute: string, account: Account): readonly Change[] {
  const { dn, cohort, store } = account;
  const values = valuesOf(account, attribute);
  const base = { item: dn, key: attribute, group: cohort.name, source: cohort.source };
  if (store === undefined)
    return values.length === 0 ? [] : [{ ...base, action: 'delete', before: oneOrList(values), moves: 'cs7->cs6' }];
  if (values.length === 0) return [{ ...base, action: 'create', after: store, moves: 'cs6->cs7' }];
  if (values.length === 1 && values.every(value => sameValue(value, store))) return [];
  return [{ ...base, action: 'update', before: oneOrList(values), after: store }];
}
