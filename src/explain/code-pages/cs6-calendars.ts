import { chapter } from '../../core/chapter.ts';
import type { CodePage } from '../code-page.ts';

/** Calendars of migrated accounts on Calendar Server 6 hosts. */
export const calendarPages: readonly CodePage[] = [
  {
    code: 'calendars.listing-unclear',
    means:
      'What `cscal list` printed on a Calendar Server 6 host is not a whole listing, or has a line that looks like a calendar and is not understood.',
    why: 'Deleted calendars cannot be brought back, so which ones go is never guessed. Nothing is planned on that host.',
    remedy:
      'Run `./cscal list` in sbin by hand. Every calendar stands on a line with `owner=` and `status=`, and the last line counts them. A calendar with an odd name can be renamed or deleted by its id.',
    chapter: chapter.migrated,
  },
  {
    code: 'calendars.no-owner',
    means: 'A Calendar Server 6 host has calendars without a primary owner.',
    why: 'They may belong to a migrated account, and then Calendar Server 6 still takes that account for its own. Whose they are cannot be told, so they are left alone.',
    remedy: 'Find out whose they are, and give them an owner with `cscal modify`, or delete them by their ids.',
    chapter: chapter.migrated,
  },
  {
    code: 'calendars.owner-ambiguous',
    means:
      'The owner of calendars on a Calendar Server 6 host may be a migrated account and also another one, or its name is written in several ways.',
    why: 'Accounts of different domains may share a user id, and the books disagree on whether `cscal` minds the case of an owner. The calendars of the wrong person would be gone for ever, so they are left alone.',
    remedy:
      'Look at the calendars, find out whose they are, and delete them by hand. An `icsCalendar` value that names the calendar of somebody else is worth mending.',
    chapter: chapter.migrated,
  },
];
