import { valuesOf } from '../../../../src/accounts/account.ts';
import { modifyAccounts } from '../../../../src/accounts/modify-accounts.ts';
import type { AccountKind } from '../../../../src/kinds/shared/account-kind.ts';
import { not, present } from '../../../../src/ldap/filter.ts';

const attribute = 'preferredLanguage';

/** A made-up kind of accounts: each has a language, by its cohort. */
export const ldapLanguage: AccountKind = {
  name: 'ldap-language',
  title: 'Accounts are to get a language',
  stage: 'identity',
  attribute: () => attribute,
  attributes: () => [attribute],
  declares: ({ cohorts }) =>
    cohorts.map(({ name, source }) => ({
      ...{ key: attribute, group: name, label: `language of cohort ${name}`, value: '"en" where none is set' },
      ...{ because: 'Invitations are written in it.', source },
    })),
  deviation: () => not(present(attribute)),
  diff: (_, account) =>
    valuesOf(account, attribute).length > 0
      ? []
      : [
          {
            ...{ action: 'create', item: account.dn, key: attribute, after: 'en' },
            ...{ group: account.cohort.name, source: account.cohort.source },
          },
        ],
  apply: (_, work, ports) => modifyAccounts(ports, work, 'inetOrgPerson'),
};
