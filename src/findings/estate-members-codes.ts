import { chapter } from '../core/declared.ts';
import type { Findings } from './finding-entry.ts';

/** Cohorts in the estate file: their members, waves, and what becomes of migrated accounts. */
export const estateMembers = {
  'estate.members-named-twice': {
    severity: 'error',
    summary: 'Members are named in two ways',
    means: 'The members of a cohort are named in two ways: by a list, a file or a group.',
    why: 'An account must match every condition in `members`, so only accounts that match both would belong to the cohort. You rarely want that.',
    remedy: 'Keep one of the keys. Use two cohorts for two sets of accounts.',
  },
  'estate.filter-on-written': {
    severity: 'error',
    summary: 'A filter looks at what reconcile writes',
    means:
      'A filter of `members` looks at the local-user attribute, the unique id, or their object class. Or at icsAllowedServiceAccess, while a cohort denies the login to Calendar Server 6. Or it names no attribute, and so looks at all of them. The same holds for the filters of `directory.accounts`, except for object classes, and for the memberURL of a group that a cohort names.',
    why: 'The cohort would describe itself: `(davStore=*)` finds the accounts that are on Calendar Server 7 already. Such a cohort is always in sync, moves no account, and accepts every change that is made by hand.',
    remedy:
      'Describe the members by something that reconcile does not write: an attribute of the organisation, a subtree, a group, or a file with names. `reconcile import` finds a description of the accounts that are on Calendar Server 7.',
    chapter: chapter.accounts,
  },
  'estate.members-unreadable': {
    severity: 'error',
    summary: 'A file with members cannot be read',
    means: 'A file that `members` names is missing, is not readable, or is a folder, a pipe or a device.',
    why: 'An unreadable file never counts as empty: its accounts would fall to the next cohort and move back.',
    remedy: 'Put the file there, or correct the path. It is relative to the YAML file that names it.',
  },
  'estate.members-outside': {
    severity: 'error',
    summary: 'A file with members is outside the estate',
    means:
      'A file that `members` names is not below the folder of the estate file that names it. Or a link leads out of that folder, or into the records of git itself.',
    why: 'A pull request can change the estate file. It could name any file, and the plan would show the contents.',
    remedy: 'Move the file below the folder of the estate file, and use its path from there.',
  },
  'estate.members-too-large': {
    severity: 'error',
    summary: 'A file with members is too large',
    means:
      'A file with members has more than 32,000,000 bytes, 1,000,000 names, 2,000,000 lines or 20,000 characters in one line.',
    why: 'Most likely it is another file.',
    remedy: 'Name the right file. For very many accounts, use an LDAP filter or a group.',
  },
  'estate.members-empty': {
    severity: 'error',
    summary: 'A file with members is empty',
    means: 'A file with members contains no name.',
    why: 'A failed export leaves such a file. All accounts of the cohort would fall to the next cohort and move back.',
    remedy: 'Add names to the file. If the cohort should have no members, remove it.',
  },
  'estate.members-header': {
    severity: 'error',
    summary: 'The header of a CSV file does not say which column has the members',
    means:
      'The first line of a CSV file with members has no column `uid` or `dn`, or has two columns of the same name. Case does not count.',
    why: 'Without it, choosing the column with the accounts would be a guess.',
    remedy:
      'Name the column in the first line, with commas between the columns. A file without a header has one account on each line, and its name must not end in .csv.',
  },
  'estate.members-syntax': {
    severity: 'error',
    summary: 'A line of a file with members is not valid CSV',
    means:
      'A line of a CSV file with members does not have as many cells as the header, or its double quotes are wrong.',
    why: 'A DN without quotes is split at its commas, and its first part could name another account.',
    remedy: 'Put values with commas in double quotes. Write a double quote inside such a value twice.',
  },
  'estate.members-name': {
    severity: 'error',
    summary: 'A line of a file with members does not name an account',
    means:
      'A line of a file with members has no name, a name of more than 1,000 characters, or one that is neither a uid nor a DN.',
    why: 'The account that you meant would silently be missing from the cohort.',
    remedy: 'Write a uid, or the whole DN of the account. In a CSV file, put the DN in the column `dn`.',
  },
  'estate.members-twice': {
    severity: 'error',
    summary: 'A member appears twice',
    means:
      'The same account appears twice in a file with members or in a list. Case and blanks between the parts of a DN do not count.',
    why: 'A duplicate line is often a mistake for another account, which would be left out.',
    remedy: 'Remove one of the two, and check whether you meant another account.',
  },
  'estate.wave-on-cs6': {
    severity: 'error',
    summary: 'Accounts that stay on CS6 have a wave',
    means: 'A cohort that stays on Calendar Server 6 has a `wave`.',
    why: 'A wave says how many of the members are already on Calendar Server 7. No member of this cohort is.',
    remedy: 'Remove `wave`. If the accounts should move, set `server: cs7` and `store`.',
  },
  'estate.wave-day': {
    severity: 'error',
    summary: 'A day does not exist',
    means: 'A day of a `wave` does not exist, such as 31 April.',
    why: 'Choosing another day would be a guess, and accounts could move on the wrong day.',
    remedy: 'Correct the day. Write it as YYYY-MM-DD.',
  },
  'estate.wave-order': {
    severity: 'error',
    summary: 'The days of a wave are not in order',
    means: 'The days of a `wave` are not in order.',
    why: 'A reviewer reads from top to bottom and would expect the last line to be the last step.',
    remedy: 'Put the days in order, the earliest first.',
  },
  'estate.wave-falls': {
    severity: 'error',
    summary: 'The share of a wave falls',
    means: 'The share of a `wave` is smaller than that of an earlier day.',
    why: 'Accounts that moved would move back to Calendar Server 6, and lose everything entered on Calendar Server 7 since.',
    remedy:
      'Each share must be at least as large as the one before. To take a wave back on purpose, change the share of the day that is in force.',
  },
  'estate.migrated-on-cs6': {
    severity: 'error',
    summary: 'Accounts of CS6 are treated as migrated',
    means: 'A cohort that stays on Calendar Server 6 has a `migrated` section.',
    why: 'That section removes the login to Calendar Server 6 and the calendars there. These accounts have no others.',
    remedy: 'Remove `migrated`. It belongs to a cohort with `server: cs7`.',
    chapter: chapter.migrated,
  },
  'estate.deny-value': {
    severity: 'error',
    summary: 'A value does not deny the login',
    means: '`denyCs6Login` is a text such as `yes` or `"true"`.',
    why: 'YAML 1.2 reads `yes` as a text, which would become the value of icsAllowedServiceAccess. According to the Schema Reference, every value but `http` allows the login.',
    remedy: 'For the value of the chapter, write `true` without quotes. Otherwise write the value itself.',
    chapter: chapter.migrated,
  },
  'estate.delete-without-deny': {
    severity: 'error',
    summary: 'Calendars would be deleted while the login is allowed',
    means: '`deleteCs6Calendars` is true for accounts that may still log in to Calendar Server 6.',
    why: 'If a user logs in there by mistake, Calendar Server 6 could create a new calendar, and the account would be on both sides.',
    remedy: 'Add `denyCs6Login: true`.',
    chapter: chapter.migrated,
  },
  'estate.export-without-delete': {
    severity: 'error',
    summary: 'The folder for copies would never be used',
    means: '`exportTo` names a folder for copies, but `deleteCs6Calendars` is not set.',
    why: 'Copies are made only right before a deletion, so there would never be one.',
    remedy: 'Remove `exportTo`, or set `deleteCs6Calendars: true`.',
    chapter: chapter.migrated,
  },
} satisfies Findings<'estate'>;
