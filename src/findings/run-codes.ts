import { chapter } from '../core/declared.ts';
import type { Findings } from './finding-entry.ts';

/** Drift, notifications of it, and the measurements. */
export const drift = {
  'drift.broke-down': {
    severity: 'error',
    summary: 'Something broke down',
    means: 'A look of `reconcile drift`, or telling of it, broke down for a reason that this program does not know.',
    why: 'Nothing is known of the estate from such a look, and an answer that is missing must not pass for one that is good.',
    remedy:
      'With `--every` the next look begins anew. Report what the message says: this is a mistake of reconcile itself.',
  },
  'notify.webhook-address': {
    severity: 'error',
    summary: 'A webhook cannot be used',
    means: 'The address of `--webhook` cannot be used: it is no https:// URL, or has a password in it.',
    why: 'The message names accounts and settings, and everything in an address ends up in logs.',
    remedy:
      'Give an https:// URL; http:// is accepted for this machine only. Where the address itself is a secret, say `--webhook env:NAME` or `file:PATH`, and let `--webhook-secret` sign what is sent.',
  },
  'notify.webhook-failed': {
    severity: 'error',
    summary: 'A webhook did not take the message',
    means: 'A webhook did not accept what was sent, after four tries where trying again made sense.',
    why: 'The people who rely on the notification did not get it. The check itself succeeded and is not affected.',
    remedy:
      'The message has the answer of the server, or why there was none. The notification is sent again after the next check; with `--state` also by the next call.',
  },
  'notify.mail-failed': {
    severity: 'error',
    summary: 'A mail could not be handed over',
    means: 'The local mail program did not accept a mail, or could not be run.',
    why: 'The people who rely on the notification did not get it. The check itself succeeded and is not affected.',
    remedy:
      'Try `sendmail -t -i` by hand, or name another program with `--sendmail`. The notification is sent again after the next check; with `--state` also by the next call.',
  },
  'metrics.listen': {
    severity: 'error',
    summary: 'The measurements cannot be served',
    means: 'The measurements cannot be served at the address of `--metrics-listen`.',
    why: 'A collector would find no server at that address, or another program.',
    remedy: 'Choose a port that is free and an address of this machine, such as `127.0.0.1:9464`.',
  },
  'metrics.file': {
    severity: 'error',
    summary: 'The measurements cannot be written',
    means: 'The file of `--metrics-file` could not be written.',
    why: 'The measurements in it are older than a collector assumes; the time of the last check in the file shows it.',
    remedy:
      'Check that the folder exists and that you may write to it. The file is written next to its place and renamed.',
  },
} satisfies Findings<'drift' | 'notify' | 'metrics'>;

/** Runs, their records, and taking a run back. */
export const run = {
  'run.locked': {
    severity: 'error',
    summary: 'Another run is at work on the same estate',
    means: 'Another apply holds the lock of a host that this one would change.',
    why: 'Two runs that write the same files and accounts at once would mix what two plans say.',
    remedy:
      'Wait for it. `reconcile lock list` says who it is; one that has died is taken over by itself after a quarter of an hour, and by `reconcile lock break HOST` at once.',
  },
  'run.watchdog-left': {
    severity: 'error',
    summary: 'A watchdog could not be called off',
    means:
      'The restart is made, but the watchdog on the host could not be called off: the host could not be reached for that.',
    why: 'It puts the old configuration back at the time that the message names, although this run is over.',
    remedy:
      'Run `reconcile apply` again as soon as the host can be reached: it calls the watchdog off first, also when there is nothing to do. `reconcile lock break HOST` does the same and nothing else.',
  },
  'run.watchdog-waiting': {
    severity: 'error',
    summary: 'A watchdog is going to put the host back',
    means:
      'A watchdog on the host is waiting, or is putting the host back now. What is read there now does not stay, so the host counts as not read.',
    why: 'A run that restarts a service starts the watchdog and calls it off afterwards. If the run died or lost its connection, the watchdog is still there and takes back later what is in place now.',
    remedy:
      'If a run is at work, wait for it. Else run `reconcile apply`, also with nothing to do, or `reconcile lock break HOST`: both call the watchdog off.',
  },
  'run.watchdog-acted': {
    severity: 'warning',
    summary: 'A watchdog has acted on the host',
    means: 'A watchdog has acted on the host since the last apply. The message has its record, line by line.',
    why: 'The run that started it did not report in time that all is well, so the old configuration is back, as far as the record says.',
    remedy: 'Find out what became of that run, then apply again. The record is put aside by the next apply.',
  },
  'run.watchdog-called-off': {
    severity: 'error',
    summary: 'A watchdog was called off after the hosts were read',
    means:
      'Between reading the hosts and taking their locks, a run died and left a watchdog, which was called off now.',
    why: 'What that run wrote was not read, so the plan may not be true any more. Nothing was written.',
    remedy: 'Run the same command again: it plans from what is in place now.',
  },
  'run.directory-unlocked': {
    severity: 'error',
    summary: 'No host could be locked for the directory',
    means: 'The directory was to be changed, and no host of the file could be locked.',
    why: 'The lock of the first host that can be reached stands for the directory too. Without it two runs could move the same accounts at the same time.',
    remedy: 'See to it that at least one host can be reached over SSH, then run again.',
  },
  'run.unknown': {
    severity: 'error',
    summary: 'There is no record of that run',
    means: 'There is no record of the run that is to be taken back.',
    why: 'Only the record of a run says what the run did, and what the state was before.',
    remedy: 'Take a name from `reconcile runs`. Records that are kept elsewhere are named with `--runs`.',
  },
  'undo.of-an-undo': {
    severity: 'error',
    summary: 'That run was an undo itself',
    means: 'The run that is to be taken back was an undo itself.',
    why: 'The state it took back is the wanted state of a file, which can be applied.',
    remedy: 'Apply the estate file, from the revision that is wanted.',
  },
  'undo.other-directory': {
    severity: 'error',
    summary: 'The run was about another directory',
    means: 'The estate files describe another directory than the run that is to be taken back was about.',
    why: 'A record names entries and attributes. Only the estate files decide which of them this program looks after.',
    remedy:
      'Name the estate files of that time with `-f`, or leave the accounts out: `--only` with the names of hosts.',
  },
  'undo.host-gone': {
    severity: 'error',
    summary: 'The estate files do not name a host of the run any more',
    means: 'The run changed a host that the estate files do not name any more.',
    why: 'How a host is reached is said by the estate files, and never by a record.',
    remedy: 'Name the estate files of that time with `-f`, or leave the host out with `--only`.',
  },
  'undo.built-on': {
    severity: 'error',
    summary: 'Something else needs what would be taken back',
    means:
      'What would be taken back is needed: a later run changed it again or rests on it, an account that is on Calendar Server 7 needs its unique id, or Calendar Server 6 would provision again while an account is on Calendar Server 7.',
    why: 'The order in which things are set up holds on the way back too. An account without its unique id loses its data on Calendar Server 7, and a calendar that Calendar Server 6 makes for a moved account splits it.',
    remedy:
      'Take the later runs back first, the newest first, or take back only what nothing needs: the message names the command.',
  },
  'undo.limbo': {
    severity: 'warning',
    summary: 'Accounts would go back to CS6 that it may have no calendar of',
    means:
      'Accounts would go back to Calendar Server 6, and it has no calendar of them, or it is not known whether it has.',
    why: 'Such an account is on neither side until it logs in to a server that provisions, and it sees none of its entries.',
    remedy: 'Leave the accounts where they are with `--only`, or copy their entries back first.',
  },
  'undo.later-unread': {
    severity: 'warning',
    summary: 'What a later run wrote is not known',
    means: 'The plan of a later run cannot be read, so that what it wrote is not known.',
    why: 'What a later run built on this one is found by its record.',
    remedy:
      'Look at the record in the folder of the runs. Accounts on Calendar Server 7 are found in the directory in any case.',
  },
  'undo.moved-on': {
    severity: 'warning',
    summary: 'Something was changed again since the run',
    means: 'Something that the run changed was changed again since by someone else, or is gone.',
    why: 'Taking the run back would discard later changes.',
    remedy: 'Nothing, where the later change is right. Else change it by hand, or in the estate file.',
  },
  'undo.irreversible': {
    severity: 'warning',
    summary: 'Part of the run cannot be taken back',
    means: 'The run deleted calendars on Calendar Server 6, which undoing it does not bring back.',
    why: 'Nothing holds them any more but a backup, and the copies of `migrated.exportTo`.',
    remedy: 'Import the copies with csimport, or restore the calendar database from its backup.',
    chapter: chapter.migrated,
  },
  'run.journal-unwritable': {
    severity: 'error',
    summary: 'The record of the run cannot be written',
    means: 'The file in which every write is recorded before it is made cannot be written.',
    why: 'After a crash the record is what tells which writes were begun. What is not recorded is not done.',
    remedy: 'Make room on the disk, or name another folder with `--runs`.',
  },
} satisfies Findings<'run' | 'undo'>;
