import { chapter } from '../../core/chapter.ts';
import type { CodePage } from '../code-page.ts';

/** Cohorts that move in waves, and what is done on Calendar Server 6 about accounts that moved. */
export const estateCohortPages: readonly CodePage[] = [
  {
    code: 'estate.wave-on-cs6',
    means: 'A cohort that stays on Calendar Server 6 has a `wave`.',
    why: 'A wave says how many of the members are on Calendar Server 7 already, and of this cohort nobody is.',
    remedy: 'Remove `wave`, or set `server: cs7` and `store` if the accounts are to move.',
  },
  {
    code: 'estate.wave-day',
    means: 'A day of a `wave` does not exist, such as 31 April.',
    why: 'Which day was meant would be a guess, and accounts would move on the wrong one.',
    remedy: 'Correct the day. It is written as YYYY-MM-DD.',
  },
  {
    code: 'estate.wave-order',
    means: 'The days of a `wave` are not in order.',
    why: 'Whoever reviews the file reads from top to bottom, and would take the last line for the last step.',
    remedy: 'Put the days in order, the earliest first.',
  },
  {
    code: 'estate.wave-falls',
    means: 'The share of a `wave` is smaller than that of an earlier day.',
    why: 'Accounts that moved would be moved back to Calendar Server 6, away from everything that was written on Calendar Server 7 since.',
    remedy:
      'Let the shares rise, or stay as they are. To take a wave back on purpose, change the share of the day that is in force.',
  },
  {
    code: 'estate.migrated-on-cs6',
    means: 'A cohort that stays on Calendar Server 6 has a `migrated` section.',
    why: 'It takes the login to Calendar Server 6 and the calendars there away, and these accounts have nothing else.',
    remedy: 'Remove `migrated`. It belongs to a cohort with `server: cs7`.',
    chapter: chapter.migrated,
  },
  {
    code: 'estate.deny-value',
    means: '`denyCs6Login` is a text such as `yes` or `"true"`.',
    why: 'YAML 1.2 reads `yes` as a text, which would become the value of icsAllowedServiceAccess. The schema reference says that every value but `http` allows the login.',
    remedy: 'Write `true`, without quotes, for the value of the chapter, or the value itself.',
    chapter: chapter.migrated,
  },
  {
    code: 'estate.delete-without-deny',
    means: '`deleteCs6Calendars` is true for accounts that may still log in to Calendar Server 6.',
    why: 'A user who logs in there by mistake could cause a calendar to be created anew, and the account would be on both sides.',
    remedy: 'Add `denyCs6Login: true`.',
    chapter: chapter.migrated,
  },
  {
    code: 'estate.export-without-delete',
    means: '`exportTo` names a folder for copies, and no calendars are deleted.',
    why: 'Copies are made right before a deletion and at no other time, so there would never be one.',
    remedy: 'Remove `exportTo`, or set `deleteCs6Calendars: true`.',
    chapter: chapter.migrated,
  },
];
