import { chapter } from '../core/declared.ts';
import type { Findings } from './finding-entry.ts';

/** Drift, notifications of it, and the measurements. */
export const drift = {
  'drift.broke-down': {
    severity: 'error',
    summary: 'The check failed unexpectedly',
    means: 'A check of `drift`, `verify` or `audit`, a notification, or an apply failed for an unexpected reason.',
    why: 'Such a check says nothing about the estate, and a missing answer must not count as a good one.',
    remedy: 'With `--every`, the next check starts again. This is a mistake of reconcile itself: report the message.',
  },
  'drift.nothing-to-accept': {
    severity: 'error',
    summary: 'There is nothing to accept by that name',
    means:
      '`drift --accept` names something that does not differ, that the file does not manage, or that does not exist.',
    why: 'A mistyped name would accept nothing and look like success.',
    remedy: 'Use TARGET:KEY as `reconcile drift` shows them: the name of a host or `directory`, a colon, and the key.',
  },
  'drift.accept-derived': {
    severity: 'error',
    summary: 'A derived value cannot be accepted',
    means: 'The value follows from the rest of the file, so no line of the file states it.',
    why: 'Coexistence needs these values: the redirect, autoprovisioning, unique ids, the denied login of migrated accounts. A file that asks for other values would describe servers that do not work together.',
    remedy:
      'Apply the plan, so that the value is right again. If the value should be another one, change the keys that it follows from: `reconcile why TARGET KEY` names them.',
  },
  'drift.accept-secret': {
    severity: 'error',
    summary: 'A secret cannot be accepted',
    means: 'According to its name, the key holds a secret.',
    why: 'The estate file is in git, and everyone who can read it could use the secret.',
    remedy: 'Change the secret on the servers by hand. reconcile does not manage it.',
  },
  'drift.accept-unread': {
    severity: 'error',
    summary: 'What was not read cannot be accepted',
    means: 'The target, or the key on it, could not be read.',
    why: 'The live value is not known, and a guess must not get into the file.',
    remedy:
      'Find out with `reconcile doctor TARGET` why it cannot be read. Then accept again, or name only keys of other targets.',
  },
  'drift.accept-ignored': {
    severity: 'error',
    summary: 'The difference is left alone on purpose',
    means: 'An entry of `ignore` leaves this difference alone until a day.',
    why: 'The entry says that the difference is for a time. With the live value in the file, the entry would have no meaning.',
    remedy: 'Remove the entry of `ignore`, then accept the difference.',
  },
  'drift.not-expressible': {
    severity: 'error',
    summary: 'The file cannot say what is live',
    means: 'There is no edit of the file after which it asks for the live value.',
    why: 'The file describes the estate as a whole: one route for a mail domain, one definition for a cohort. A difference that breaks such a rule has no place in it.',
    remedy: 'Follow the message: change the definition in the file by hand, or apply the plan.',
  },
  'drift.accept-unproved': {
    severity: 'error',
    summary: 'The edited file is not proved',
    means: 'With the edited file, not exactly the accepted differences would be gone.',
    why: 'An edit that hides another difference, or makes a new one, would do more than you asked for. So no file was written.',
    remedy: 'If a server changed in the meantime, run the command again. Otherwise edit the file by hand.',
  },
  'drift.accept-changed': {
    severity: 'error',
    summary: 'The file was changed meanwhile',
    means: 'A file is no longer what it was when the command read it.',
    why: 'Writing it now would undo the change of another person. So no file was written.',
    remedy: 'Run the command again.',
  },
  'notify.address': {
    severity: 'error',
    summary: 'An address for notifications cannot be used',
    means:
      'The address of `--webhook`, `--slack`, `--teams` or `--ping` is not an https:// URL, or contains a password.',
    why: 'The notification names accounts and settings, and everything in an address ends up in logs.',
    remedy:
      'Use an https:// URL; http:// is allowed only for this machine. If the address itself is a secret, write `env:NAME` or `file:PATH`. Sign webhooks with `--webhook-secret`.',
  },
  'notify.webhook-failed': {
    severity: 'error',
    summary: 'A notification was not accepted',
    means:
      'A webhook, Slack or Teams did not accept the notification. If the failure could be temporary, reconcile tried four times.',
    why: 'The people who rely on the notification did not get it. The check or the apply itself is not affected.',
    remedy:
      'The message has the answer of the server, or why there was none. A check sends the notification again after the next check, and with `--state` also by the next call. An apply does not send it again: see `reconcile status`.',
  },
  'notify.mail-failed': {
    severity: 'error',
    summary: 'A mail could not be sent',
    means: 'The local mail program did not accept a mail, or could not be run.',
    why: 'The people who rely on the notification did not get it. The check or the apply itself is not affected.',
    remedy:
      'Try `sendmail -t -i` by hand, or name another program with `--sendmail`. A check sends the notification again after the next check, and with `--state` also by the next call. An apply does not send it again: see `reconcile status`.',
  },
  'notify.ping-failed': {
    severity: 'error',
    summary: 'A health check did not accept a ping',
    means: 'The service at the address of `--ping` did not accept a ping.',
    why: 'The service will report that the schedule has stopped, although it has not.',
    remedy:
      'The message has the answer of the server, or why there was none. If it is 404, the check was deleted there, or the address is wrong.',
  },
  'notify.state': {
    severity: 'error',
    summary: 'The state file belongs to another command',
    means: 'The file of `--state` was written by another of the commands `drift`, `verify` and `audit`.',
    why: 'The commands would overwrite what the other one remembers, and report the same again and again.',
    remedy: 'Give each command, and each estate, a state file of its own.',
  },
  'metrics.listen': {
    severity: 'error',
    summary: 'The metrics cannot be served',
    means: 'The metrics cannot be served at the address of `--metrics-listen`.',
    why: 'A collector would find no server at that address, or another program.',
    remedy: 'Choose a port that is free and an address of this machine, such as `127.0.0.1:9464`.',
  },
  'metrics.file': {
    severity: 'error',
    summary: 'The metrics cannot be written',
    means: 'The file of `--metrics-file` could not be written.',
    why: 'The metrics in the file are older than a collector assumes. The time of the last check in the file shows their age.',
    remedy:
      'Check that the folder exists and that you may write to it. reconcile writes a new file in the same folder and renames it.',
  },
} satisfies Findings<'drift' | 'notify' | 'metrics'>;

/** Runs, their records, and taking a run back. */
export const run = {
  'run.locked': {
    severity: 'error',
    summary: 'Another run is active on the same estate',
    means: 'Another apply holds the lock of a host that this apply would change.',
    why: 'Two runs that write the same files and accounts at the same time would mix two plans.',
    remedy:
      'Wait for the other run; `reconcile lock list` shows who started it. `apply` and `undo` wait themselves with `--lock-wait 10m`. If it has died, its lock expires after a quarter of an hour. `reconcile lock break HOST` removes the lock at once.',
  },
  'run.watchdog-left': {
    severity: 'error',
    summary: 'A watchdog could not be stopped',
    means:
      'The restart is done, but the watchdog on the host could not be stopped because the host could not be reached.',
    why: 'The watchdog puts the old configuration back at the time in the message, although this run is over.',
    remedy:
      'Run `reconcile apply` again as soon as the host can be reached. It first stops the watchdog, even if there is nothing to change. `reconcile lock break HOST` only stops the watchdog.',
  },
  'run.watchdog-waiting': {
    severity: 'error',
    summary: 'A watchdog will put the host back',
    means:
      'A watchdog on the host is waiting, or is putting the host back now. The present state will not last, so the host counts as not read.',
    why: 'A run that restarts a service starts the watchdog and stops it afterwards. If the run died or lost its connection, the watchdog keeps running and will undo the present configuration.',
    remedy:
      'If a run is active, wait for it. Otherwise run `reconcile apply`, even if there is nothing to change, or `reconcile lock break HOST`. Both stop the watchdog.',
  },
  'run.watchdog-acted': {
    severity: 'warning',
    summary: 'A watchdog has acted on the host',
    means: 'A watchdog has acted on the host since the last apply. The message has its record.',
    why: 'The run that started it did not confirm in time that the host is well. So the old configuration is back, as far as the record says.',
    remedy: 'Find out what happened to that run, then apply again. The next apply moves the record aside.',
  },
  'run.watchdog-called-off': {
    severity: 'error',
    summary: 'A watchdog was stopped after the hosts were read',
    means:
      'A run died after the hosts were read and before they were locked. It left a watchdog, which is now stopped.',
    why: 'The changes of that run were not read, so the plan may be outdated. Nothing was written.',
    remedy: 'Run the same command again. It plans from the present state.',
  },
  'run.directory-unlocked': {
    severity: 'error',
    summary: 'No host could be locked for the directory',
    means: 'The directory would change, but no host of the file could be locked.',
    why: 'The lock of the first reachable host also protects the directory. Without it, two runs could move the same accounts at the same time.',
    remedy: 'Make sure that at least one host can be reached over SSH, then run the command again.',
  },
  'run.unknown': {
    severity: 'error',
    summary: 'There is no record of that run',
    means: 'There is no record of the run that you want to undo.',
    why: 'Only the record of a run says what the run did and what the state was before.',
    remedy: 'Use a name from `reconcile runs`. If the records are in another folder, name it with `--runs`.',
  },
  'undo.of-an-undo': {
    severity: 'error',
    summary: 'That run was itself an undo',
    means: 'The run that you want to undo was itself an undo.',
    why: 'The state before that undo is the wanted state of a file, which you can apply.',
    remedy: 'Apply the estate file from the revision that you want.',
  },
  'undo.other-directory': {
    severity: 'error',
    summary: 'The run used another directory',
    means: 'The estate files describe another directory than the one that the run changed.',
    why: 'A record names entries and attributes. Only the estate files decide which of them reconcile manages.',
    remedy: 'Name the estate files of that time with `-f`. Or undo only hosts: `--only` with their names.',
  },
  'undo.host-gone': {
    severity: 'error',
    summary: 'The estate files no longer name a host of the run',
    means: 'The run changed a host that the estate files no longer name.',
    why: 'Only the estate files say how to reach a host; a record does not.',
    remedy: 'Name the estate files of that time with `-f`, or leave the host out with `--only`.',
  },
  'undo.built-on': {
    severity: 'error',
    summary: 'Something else depends on the change',
    means:
      'The undo would remove something that is still needed. A later run changed it again or depends on it, or an account on Calendar Server 7 needs its unique id. Or Calendar Server 6 would create calendars again while an account is on Calendar Server 7.',
    why: 'An undo must follow the order of setup in reverse. An account without its unique id loses its data on Calendar Server 7. A new calendar on Calendar Server 6 would split a moved account.',
    remedy:
      'First undo the later runs, the newest first. Or undo only the parts that nothing depends on, with the command in the message.',
  },
  'undo.limbo': {
    severity: 'warning',
    summary: 'Accounts would go back to CS6 but may have no calendar there',
    means:
      'Accounts would go back to Calendar Server 6, which has no calendar for them, or it is not known whether it has one.',
    why: 'Such an account is on neither side until it logs in to a server that creates calendars. It sees none of its entries.',
    remedy: 'Leave the accounts where they are with `--only`, or first copy their entries back.',
  },
  'undo.later-unread': {
    severity: 'warning',
    summary: 'The changes of a later run are not known',
    means: 'The plan of a later run cannot be read, so its changes are not known.',
    why: 'reconcile uses the record to find out whether a later run depends on this one.',
    remedy:
      'Look at the record in the folder of the runs. Accounts on Calendar Server 7 are found in the directory anyway.',
  },
  'undo.runs-unknown': {
    severity: 'error',
    summary: 'It is not known what all of these runs did',
    means:
      'You gave `undo RUN --and-later`, and the record of one of these runs cannot be read, or begins in the future.',
    why: 'Several runs can only be undone as one if it is known what each of them wrote, and in which order.',
    remedy: 'Undo the runs one by one, the newest first. Each undo checks what later runs depend on.',
  },
  'undo.several-runs': {
    severity: 'note',
    summary: 'Several runs are undone as one',
    means: 'You gave `undo RUN --and-later`. The message lists the runs that the plan takes back.',
    why: 'Each setting goes straight to its value from before the first of these runs. A file is restored byte for byte only if no other change was made to it in between. Otherwise only the settings of the runs are taken back.',
    remedy: 'Check that the list has no run that you want to keep.',
  },
  'undo.steps-unknown': {
    severity: 'warning',
    summary: 'It is not known which steps the run made',
    means:
      'The run died, and its record comes from a host. A host gets the record at the begin, and again when a group of steps is done. So of the last group it is not known whether the run came to it.',
    why: 'The undo treats these steps as made, and compares each value with the live one. Where another person made the same change, the undo would take that back.',
    remedy:
      'Read the plan before you confirm it. The machine that applied has the exact record: run `undo` there, or copy the files of the run from there and name their folder with `--runs`.',
  },
  'undo.moved-on': {
    severity: 'warning',
    summary: 'Something changed again after the run',
    means: 'Someone else has since changed or removed something that the run changed.',
    why: 'Undoing the run would discard later changes.',
    remedy:
      'If the later change is right, you do not have to do anything. Otherwise change it by hand or in the estate file.',
  },
  'undo.irreversible': {
    severity: 'warning',
    summary: 'A part of the run cannot be undone',
    means: 'The run deleted calendars on Calendar Server 6. An undo does not restore them.',
    why: 'Only a backup and the copies in `migrated.exportTo` still have them.',
    remedy: 'Import the copies with csimport, or restore the calendar database from its backup.',
    chapter: chapter.migrated,
  },
  'run.journal-unwritable': {
    severity: 'error',
    summary: 'The record of the run cannot be written',
    means: 'reconcile records every write before making it, and cannot write the file with these records.',
    why: 'After a crash, only the record shows which writes had started. A write that cannot be recorded is not made.',
    remedy: 'Free space on the disk, or name another folder with `--runs`.',
  },
} satisfies Findings<'run' | 'undo'>;
