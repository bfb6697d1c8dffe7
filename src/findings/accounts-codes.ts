import { chapter } from '../core/declared.ts';
import type { Findings } from './finding-entry.ts';

/** Accounts in the directory, and the cohorts they are in. */
export const accounts = {
  'identity.nothing-to-copy': {
    severity: 'warning',
    summary: 'An account without a unique id, and none to copy',
    means: 'An account has no unique id, and the attribute to copy it from is missing too.',
    why: 'Every user, group and resource must carry the unique id, on both sides: Calendar Server 7 knows an account by nothing else.',
    remedy: 'Give the account a value, or name in `directory.uniqueId.copyFrom` an attribute that every account has.',
    chapter: chapter.overview,
  },
  'identity.duplicate': {
    severity: ['error', 'warning'],
    summary: 'Two accounts with the same unique id',
    means:
      'Among the accounts that were read are two that have the same unique id, or are to get it. Case does not count. An error where one of them is to move to Calendar Server 7. A plan reads only accounts that differ; `reconcile audit` compares all.',
    why: 'Calendar Server 7 files data under the unique id: the two would share calendars.',
    remedy:
      'Give one of the two another value. A value under which Calendar Server 7 has data must stay as it is: changed, the data is lost to the account.',
    chapter: chapter.overview,
  },
  'cohort.member-missing': {
    severity: 'warning',
    summary: 'A listed member is no account',
    means: 'A cohort lists a name that is neither the uid nor the DN of an account.',
    why: 'A mistake in a list leaves an account on the wrong side without an error.',
    remedy: 'Correct the name or take it out. A DN must be written as the directory writes it.',
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
    summary: 'A mail domain that is not mapped',
    means: 'An account that stays on Calendar Server 6 has an address in a mail domain that `domains` does not have.',
    why: 'Calendar Server 7 finds the server to ask by the domain of the address. Without a line for it the account has no free/busy for anybody on Calendar Server 7.',
    remedy: 'Add the domain to `domains`, with a Calendar Server 6 front end to ask.',
    chapter: chapter.domainMap,
  },
  'cohort.empty': {
    severity: 'warning',
    summary: 'A cohort without members',
    means: 'No account fits the base and the filter of a cohort.',
    why: 'It may be right, at the end of a migration; more often it is a slip in the filter, and those who were meant stay where they are.',
    remedy: 'Correct base and filter, or take the cohort out.',
  },
  'cohort.group-unusable': {
    severity: 'error',
    summary: 'The group of a cohort cannot be used',
    means:
      'The group that a cohort names is not there, cannot be seen, or has a memberURL of another form than ldap:///base??sub?filter.',
    why: 'Without it its members would count as members of later cohorts, and be moved back to Calendar Server 6.',
    remedy: 'Correct `members.group`, or let the bind entry read the group.',
  },
  'login.status-decides': {
    severity: 'warning',
    summary: 'icsStatus is set, and CS6 may not look at the denied login',
    means:
      'The login of an account to Calendar Server 6 is to be denied by icsAllowedServiceAccess, and its icsStatus is set.',
    why: 'The chapter denies it so. By the Schema Reference Calendar Server 6 looks at icsAllowedServiceAccess only where icsStatus is not set, and then only for the value "http".',
    remedy:
      'Try with one account whether it can still log in. `migrated: { denyCs6Login: http }` writes the documented value. Do not set icsStatus to inactive: Calendar Server 7 looks at it too, and would lock the account out.',
    chapter: chapter.migrated,
  },
} satisfies Findings<'identity' | 'cohort' | 'login'>;
