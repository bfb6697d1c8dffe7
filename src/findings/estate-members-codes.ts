import { chapter } from '../core/declared.ts';
import type { Findings } from './finding-entry.ts';

/** Cohorts in the estate file: their members, waves, and what becomes of migrated accounts. */
export const estateMembers = {
  'estate.members-named-twice': {
    severity: 'error',
    summary: 'Members named in two ways',
    means: 'The members of a cohort are named in two ways: by a list, a file or a group.',
    why: 'An account must match every part of `members`, so only accounts that both parts name would belong to the cohort. That is rarely the intention.',
    remedy: 'Keep one of the keys. Two sets of accounts are two cohorts.',
  },
  'estate.members-unreadable': {
    severity: 'error',
    summary: 'A file with members cannot be read',
    means: 'A file that `members` names is missing, may not be read, or is a folder, a pipe or a device.',
    why: 'A file that cannot be read is never taken for an empty one: its accounts would fall to the next cohort, and move back.',
    remedy: 'Put the file there, or correct the path. It is relative to the YAML file that names it.',
  },
  'estate.members-outside': {
    severity: 'error',
    summary: 'A file with members outside of the estate',
    means:
      'A file that `members` names does not lie below the folder of the estate file that names it, or a link leads out of that folder, or into git’s own records.',
    why: 'A pull request can change the estate file. Whatever file it named would be read, and show in a plan.',
    remedy: 'Move the file below the folder of the estate file, and name it from there.',
  },
  'estate.members-too-large': {
    severity: 'error',
    summary: 'A file with members is too large',
    means:
      'A file with members has more than 32,000,000 bytes, 1,000,000 names, 2,000,000 lines or 20,000 characters in one line.',
    why: 'Most likely it is another file.',
    remedy: 'Name the right file. Very many accounts are better said as an LDAP filter or a group.',
  },
  'estate.members-empty': {
    severity: 'error',
    summary: 'There is nobody in a file with members',
    means: 'A file with members has no name in it.',
    why: 'An export that failed leaves such a file. All accounts of the cohort would fall to the next one, and move back.',
    remedy: 'Put names into the file. If the cohort is to have no members, remove it.',
  },
  'estate.members-header': {
    severity: 'error',
    summary: 'The header of a CSV file does not say which column has the members',
    means:
      'A CSV file with members has no column called `uid` or `dn` in its first line, or two of the same name. Case does not count.',
    why: 'Which column has the names of the accounts would be a guess.',
    remedy:
      'Name the column in the first line; columns are parted by commas. A file without a header has one name a line, and a name of its own that does not end in .csv.',
  },
  'estate.members-syntax': {
    severity: 'error',
    summary: 'A line of a file with members is not valid CSV',
    means:
      'A line of a CSV file with members has another number of cells than the header, or its double quotes are not right.',
    why: 'A DN without quotes falls apart at its commas, and the first piece of it could name another account.',
    remedy: 'Put values with commas in double quotes. A double quote inside of such a value is written twice.',
  },
  'estate.members-name': {
    severity: 'error',
    summary: 'A line of a file with members does not name an account',
    means:
      'A line of a file with members has no name, one of more than 1,000 characters, or one that is neither a uid nor a DN.',
    why: 'The account that was meant would not be in the cohort, silently.',
    remedy: 'Write a uid, or the whole DN of the account. In a CSV file the DN belongs in the column `dn`.',
  },
  'estate.members-twice': {
    severity: 'error',
    summary: 'A member stands twice',
    means:
      'The same account stands twice in a file with members or in a list. Case does not count, nor do blanks between the parts of a DN.',
    why: 'A duplicate line was often meant for another account, which would be left out.',
    remedy: 'Remove one of the two, and check whether another account was meant.',
  },
  'estate.wave-on-cs6': {
    severity: 'error',
    summary: 'A wave of accounts that stay on CS6',
    means: 'A cohort that stays on Calendar Server 6 has a `wave`.',
    why: 'A wave says how many of the members are on Calendar Server 7 already, and no member of this cohort is.',
    remedy: 'Remove `wave`, or set `server: cs7` and `store` if the accounts are to move.',
  },
  'estate.wave-day': {
    severity: 'error',
    summary: 'A day that does not exist',
    means: 'A day of a `wave` does not exist, such as 31 April.',
    why: 'Which day was meant would be a guess, and accounts would move on the wrong one.',
    remedy: 'Correct the day. It is written as YYYY-MM-DD.',
  },
  'estate.wave-order': {
    severity: 'error',
    summary: 'The days of a wave are not in order',
    means: 'The days of a `wave` are not in order.',
    why: 'A reviewer reads from top to bottom, and would take the last line for the last step.',
    remedy: 'Put the days in order, the earliest first.',
  },
  'estate.wave-falls': {
    severity: 'error',
    summary: 'The share of a wave falls',
    means: 'The share of a `wave` is smaller than that of an earlier day.',
    why: 'Accounts that moved would be moved back to Calendar Server 6, away from everything that was written on Calendar Server 7 since.',
    remedy:
      'Let the shares rise, or stay as they are. To take a wave back on purpose, change the share of the day that is in force.',
  },
  'estate.migrated-on-cs6': {
    severity: 'error',
    summary: 'Accounts of CS6 treated as migrated',
    means: 'A cohort that stays on Calendar Server 6 has a `migrated` section.',
    why: 'It takes the login to Calendar Server 6 and the calendars there away, and these accounts have nothing else.',
    remedy: 'Remove `migrated`. It belongs to a cohort with `server: cs7`.',
    chapter: chapter.migrated,
  },
  'estate.deny-value': {
    severity: 'error',
    summary: 'A value that denies no login',
    means: '`denyCs6Login` is a text such as `yes` or `"true"`.',
    why: 'YAML 1.2 reads `yes` as a text, which would become the value of icsAllowedServiceAccess. The schema reference says that every value but `http` allows the login.',
    remedy: 'Write `true`, without quotes, for the value of the chapter, or the value itself.',
    chapter: chapter.migrated,
  },
  'estate.delete-without-deny': {
    severity: 'error',
    summary: 'Calendars deleted while the login is allowed',
    means: '`deleteCs6Calendars` is true for accounts that may still log in to Calendar Server 6.',
    why: 'A user who logs in there by mistake could cause a calendar to be created anew, and the account would be on both sides.',
    remedy: 'Add `denyCs6Login: true`.',
    chapter: chapter.migrated,
  },
  'estate.export-without-delete': {
    severity: 'error',
    summary: 'A folder for copies that are never made',
    means: '`exportTo` names a folder for copies, and no calendars are deleted.',
    why: 'Copies are made right before a deletion and at no other time, so there would never be one.',
    remedy: 'Remove `exportTo`, or set `deleteCs6Calendars: true`.',
    chapter: chapter.migrated,
  },
} satisfies Findings<'estate'>;
