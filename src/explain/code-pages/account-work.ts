import { chapter } from '../../core/chapter.ts';
import type { CodePage } from '../code-page.ts';

/** Filters of the user's, as the directory takes them. */
export const filterPages: readonly CodePage[] = [
  {
    code: 'directory.filter-undefined',
    means:
      'A filter of the file names an attribute that the schema does not have, or a value the attribute cannot have.',
    why: 'Accounts are sorted into cohorts by filters and their opposites. What a server cannot evaluate has no opposite: OpenLDAP finds nobody either way, other servers find nobody or everybody, and accounts would be taken for members of the wrong cohort.',
    remedy: 'Correct the attribute or the value. `ldapsearch` with the same filter finds nobody either.',
  },
];

/** Cohorts as the directory fills them. */
export const cohortPages: readonly CodePage[] = [
  {
    code: 'cohort.empty',
    means: 'No account fits the base and the filter of a cohort.',
    why: 'It may be right, at the end of a migration; more often it is a slip in the filter, and those who were meant stay where they are.',
    remedy: 'Correct base and filter, or take the cohort out.',
  },
  {
    code: 'cohort.group-unusable',
    means:
      'The group that a cohort names is not there, cannot be seen, or has a memberURL of another form than ldap:///base??sub?filter.',
    why: 'Without it its members would count as members of later cohorts, and be moved back to Calendar Server 6.',
    remedy: 'Correct `members.group`, or let the bind entry read the group.',
  },
];

/** Logins to CS6 that are denied. */
export const loginPages: readonly CodePage[] = [
  {
    code: 'login.status-decides',
    means:
      'The login of an account to Calendar Server 6 is to be denied by icsAllowedServiceAccess, and its icsStatus is set.',
    why: 'The chapter denies it so. By the Schema Reference Calendar Server 6 looks at icsAllowedServiceAccess only where icsStatus is not set, and then only for the value "http".',
    remedy:
      'Try with one account whether it can still log in. `migrated: { denyCs6Login: http }` writes the documented value. Do not set icsStatus to inactive: Calendar Server 7 looks at it too, and would lock the account out.',
    chapter: chapter.migrated,
  },
];

/** The record of what was done, and taking it back. */
export const runPages: readonly CodePage[] = [
  {
    code: 'run.locked',
    means: 'Another apply holds the lock of a host that this one would change.',
    why: 'Two runs that write the same files and accounts at once would mix what two plans say.',
    remedy:
      'Wait for it. `reconcile lock list` says who it is; one that has died is taken over by itself after a quarter of an hour, and by `reconcile lock break HOST` at once.',
  },
  {
    code: 'run.watchdog-left',
    means:
      'The restart is made, but the watchdog on the host could not be called off: the host could not be reached for that.',
    why: 'It puts the old configuration back at the time that the message names, although this run is over.',
    remedy:
      'Run `reconcile apply` again as soon as the host can be reached: it calls the watchdog off first, also when there is nothing to do. `reconcile lock break HOST` does the same and nothing else.',
  },
  {
    code: 'run.watchdog-waiting',
    means:
      'A watchdog on the host is waiting, or is putting the host back now. What is read there now does not stay, so the host counts as not read.',
    why: 'A run that restarts a service starts the watchdog and calls it off afterwards. If the run died or lost its connection, the watchdog is still there and takes back later what is in place now.',
    remedy:
      'If a run is at work, wait for it. Else run `reconcile apply`, also with nothing to do, or `reconcile lock break HOST`: both call the watchdog off.',
  },
  {
    code: 'run.watchdog-acted',
    means: 'A watchdog has acted on the host since the last apply. The message has its record, line by line.',
    why: 'The run that started it did not report in time that all is well, so the old configuration is back, as far as the record says.',
    remedy: 'Find out what became of that run, then apply again. The record is put aside by the next apply.',
  },
  {
    code: 'run.watchdog-called-off',
    means:
      'Between reading the hosts and taking their locks, a run died and left a watchdog, which was called off now.',
    why: 'What that run wrote was not read, so the plan may not be true any more. Nothing was written.',
    remedy: 'Run the same command again: it plans from what is in place now.',
  },
  {
    code: 'run.directory-unlocked',
    means: 'The directory was to be changed, and no host of the file could be locked.',
    why: 'The lock of the first host that can be reached stands for the directory too. Without it two runs could move the same accounts at the same time.',
    remedy: 'See to it that at least one host can be reached over SSH, then run again.',
  },
  {
    code: 'run.unknown',
    means: 'There is no record of the run that is to be taken back.',
    why: 'What a run did, and what was there before, stands in its record and nowhere else.',
    remedy: 'Take a name from `reconcile runs`. Records that are kept elsewhere are named with `--runs`.',
  },
  {
    code: 'undo.of-an-undo',
    means: 'The run that is to be taken back was an undo itself.',
    why: 'The state it took back is the wanted state of a file, which can be applied.',
    remedy: 'Apply the estate file, from the revision that is wanted.',
  },
  {
    code: 'undo.other-directory',
    means: 'The estate files describe another directory than the run that is to be taken back was about.',
    why: 'A record names entries and attributes. Only the estate files decide which of them this program looks after.',
    remedy:
      'Name the estate files of that time with `-f`, or leave the accounts out: `--only` with the names of hosts.',
  },
  {
    code: 'undo.host-gone',
    means: 'The run changed a host that the estate files do not name any more.',
    why: 'How a host is reached is said by the estate files, and never by a record.',
    remedy: 'Name the estate files of that time with `-f`, or leave the host out with `--only`.',
  },
  {
    code: 'undo.built-on',
    means:
      'What would be taken back is needed: a later run changed it again or rests on it, an account that is on Calendar Server 7 needs its unique id, or Calendar Server 6 would provision again while an account is on Calendar Server 7.',
    why: 'The order in which things are set up holds on the way back too. An account without its unique id loses its data on Calendar Server 7, and a calendar that Calendar Server 6 makes for a moved account splits it.',
    remedy:
      'Take the later runs back first, the newest first, or take back only what nothing needs: the message names the command.',
  },
  {
    code: 'undo.limbo',
    means:
      'Accounts would go back to Calendar Server 6, and it has no calendar of them, or it is not known whether it has.',
    why: 'Such an account is on neither side until it logs in to a server that provisions, and it sees none of its entries.',
    remedy: 'Leave the accounts where they are with `--only`, or copy their entries back first.',
  },
  {
    code: 'undo.later-unread',
    means: 'The plan of a later run cannot be read, so that what it wrote is not known.',
    why: 'What a later run built on this one is found by its record.',
    remedy:
      'Look at the record in the folder of the runs. Accounts on Calendar Server 7 are found in the directory in any case.',
  },
  {
    code: 'undo.moved-on',
    means: 'Something that the run changed was changed again since by someone else, or is gone.',
    why: 'Taking the run back would throw away what somebody did later.',
    remedy: 'Nothing, where the later change is right. Else change it by hand, or in the estate file.',
  },
  {
    code: 'undo.irreversible',
    means: 'The run deleted calendars on Calendar Server 6, which undoing it does not bring back.',
    why: 'Nothing holds them any more but a backup, and the copies of `migrated.exportTo`.',
    remedy: 'Import the copies with csimport, or restore the calendar database from its backup.',
    chapter: chapter.migrated,
  },
  {
    code: 'run.journal-unwritable',
    means: 'The file in which every write is recorded before it is made cannot be written.',
    why: 'After a crash the record is what tells which writes were begun. What is not recorded is not done.',
    remedy: 'Make room on the disk, or name another folder with `--runs`.',
  },
];

/** Deletions that were not allowed, or not so many. */
export const deletionPages: readonly CodePage[] = [
  {
    code: 'plan.deletes-not-allowed',
    means:
      'More accounts would lose their calendars on Calendar Server 6 than `--allow-deletes` or `limits.deletes` says.',
    why: 'Nothing brings back what cscal deletes. The number on the command line says that somebody has looked at the plan; the limit in the file says how many anybody may allow.',
    remedy:
      'Look at the plan again. Allow the number it says, move fewer accounts at a time, or raise `limits.deletes` in a reviewed change.',
    chapter: chapter.migrated,
  },
];
