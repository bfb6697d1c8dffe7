import { chapter } from '../core/declared.ts';
import type { Findings } from './finding-entry.ts';

/** Accounts in the directory, and the cohorts they are in. */
export const accounts = {
  'identity.nothing-to-copy': {
    severity: 'warning',
    summary: 'An account has no unique id, and no value to copy',
    means: 'An account has no unique id, and the attribute to copy it from is missing too.',
    why: 'Every user, group and resource on both sides must have the unique id. Calendar Server 7 identifies an account by it alone.',
    remedy: 'Set a value on the account, or set `directory.uniqueId.copyFrom` to an attribute that every account has.',
    chapter: chapter.overview,
  },
  'identity.duplicate': {
    severity: ['error', 'warning'],
    summary: 'Two accounts with the same unique id',
    means:
      'Two of the accounts that were read have the same unique id, or would get it. Case does not count. It is an error if one of them will move to Calendar Server 7, and otherwise a warning. A plan reads only accounts that differ; `reconcile audit` compares all accounts.',
    why: 'Calendar Server 7 stores data under the unique id, so the two accounts would share calendars.',
    remedy:
      'Set another value on one of the two accounts. Never change a value that Calendar Server 7 already has data under: the account would lose that data.',
    chapter: chapter.overview,
  },
  'cohort.member-missing': {
    severity: 'warning',
    summary: 'A listed member is not an account',
    means: 'A cohort lists a name that is neither the uid nor the DN of an account.',
    why: 'A mistake in a list leaves an account on the wrong side without an error.',
    remedy: 'Correct the name or remove it. Write a DN as the directory writes it.',
    chapter: chapter.accounts,
  },
  'cohort.no-mail': {
    severity: 'warning',
    summary: 'An account without a mail address',
    means: 'An account has no mail address.',
    why: 'Free/busy and invitations between the two sides use mail addresses, so users of the other side cannot reach it.',
    remedy: 'Give the account a mail attribute in the directory.',
    chapter: chapter.workflow7,
  },
  'cohort.domain-unmapped': {
    severity: 'error',
    summary: 'A mail domain is not mapped',
    means: 'An account that stays on Calendar Server 6 has an address in a mail domain that is missing from `domains`.',
    why: 'Calendar Server 7 uses the domain of the address to find the server to ask. Without a line for the domain, users of Calendar Server 7 see no free/busy for this account.',
    remedy: 'Add the domain to `domains`, with a Calendar Server 6 front end to ask.',
    chapter: chapter.domainMap,
  },
  'cohort.empty': {
    severity: 'warning',
    summary: 'A cohort has no members',
    means: 'No account matches the base and the filter of a cohort.',
    why: 'This can be right at the end of a migration. More often the filter has a mistake, and the accounts that you meant stay where they are.',
    remedy: 'Correct the base and the filter, or remove the cohort.',
  },
  'cohort.wrong-side': {
    severity: 'warning',
    summary: 'Accounts may be on the wrong side',
    means:
      'Found by `import`. Accounts carry the local-user attribute and have no mail address, no unique id, several stores, or the name of a store that no server knows. Or all but a few accounts of a group, a subtree or an organisational attribute are on one store.',
    why: 'The imported cohorts describe what is, so nothing moves. But some of these accounts may be on their side by mistake, and their users do not see the calendars of others.',
    remedy:
      'Find out for each account which side it should be on. Correct it in the directory and import again, or change the cohorts and plan the move.',
    chapter: chapter.accounts,
  },
  'cohort.group-unusable': {
    severity: 'error',
    summary: 'The group of a cohort cannot be used',
    means:
      'The group that a cohort names does not exist or is not visible to the bind entry, or its memberURL does not have the form ldap:///base??sub?filter.',
    why: 'Without the group, its members would count as members of later cohorts and could move back to Calendar Server 6.',
    remedy: 'Correct `members.group`, or let the bind entry read the group.',
  },
  'login.status-decides': {
    severity: 'warning',
    summary: 'icsStatus is set, so CS6 may ignore the denied login',
    means:
      'The file denies an account the login to Calendar Server 6 with icsAllowedServiceAccess, but the account also has icsStatus.',
    why: 'The chapter denies the login this way. According to the Schema Reference, Calendar Server 6 reads icsAllowedServiceAccess only if icsStatus is not set, and then only for the value "http".',
    remedy:
      'Test with one account whether it can still log in. `migrated: { denyCs6Login: http }` writes the documented value. Do not set icsStatus to inactive: Calendar Server 7 reads it too and would lock the account out.',
    chapter: chapter.migrated,
  },
} satisfies Findings<'identity' | 'cohort' | 'login'>;
