import type { Findings } from './finding-entry.ts';

/** What a host answers, and its files. */
export const hostAnswers = {
  'host.unexpected-output': {
    severity: 'error',
    summary: 'A command did not answer as expected',
    means: 'A command on the host failed, was not found, or printed undocumented output.',
    why: 'reconcile never guesses what an unknown answer means and concludes nothing from it. If the command was part of a change, look at the host before you go on.',
    remedy:
      'Run the command on the host as the same user and compare the output. Often a path such as `sbin`, `home` or `cs7.container.bin` is wrong, or the server is down.',
  },
  'host.place-unknown': {
    severity: 'error',
    summary: 'A command was not found in any of the expected folders',
    means: 'The command is not in any of the documented folders, or not in the folder that the file names.',
    why: 'A restart needs the command, so you see this before anything is written. The message suggests the folder that the package system of the host reports, but reconcile does not use it on its own.',
    remedy: 'Set the folder in the file, as the message shows.',
  },
  'host.start-not-proved': {
    severity: 'warning',
    summary: 'It is not known whether the server runs with its current configuration',
    open: 'effect',
    means: 'The file says `restart: never` for the host, and reconcile cannot identify the processes of its server.',
    why: 'None of the work on the host depends on this, so the host is still managed.',
    remedy: 'If you want to know, set one of the keys that the message lists.',
  },
  'host.answer-too-large': {
    severity: 'error',
    summary: 'The answer is too large',
    means: 'The host answered with more than 64 MB.',
    why: 'No configuration file is that large, so reconcile read something else.',
    remedy: 'Look at the file or command that the message names.',
  },
  'host.words-refused': {
    severity: 'error',
    summary: 'The command or path cannot be sent to a shell',
    means:
      'A path, a variable name or a command contains something that is not safe in a shell, such as a line end. Or a path is not absolute, or contains `..`.',
    why: 'A shell on a host must never receive text that it could read in another way.',
    remedy: 'Correct the value in the file.',
  },
  'host.command-unusable': {
    severity: 'error',
    summary: 'The command exists but cannot be run',
    means: 'The command exists on the host, but this user may not run it or may not enter its folder.',
    why: 'The command is not missing, and a search elsewhere could find another installation.',
    remedy: 'Log in as a user who may run it, usually root, or correct the permissions.',
  },
  'host.file-unreadable': {
    severity: 'error',
    summary: 'A file exists but cannot be read',
    means:
      'A file exists, or may exist, and cannot be read. Possible causes are permissions, a folder closed to this user, a broken link, or something that is not a regular file.',
    why: 'An unreadable file is not a missing file. Treated as missing, it would be written again and lose its content.',
    remedy: 'Log in as a user who may read it, or correct the permissions or the link.',
  },
  'host.file-time-ahead': {
    severity: 'warning',
    summary: 'A configuration file has a time in the future',
    means: 'A file that a calendar server reads when it starts has a time in the future, by the clock of the host.',
    why: 'The times of the file and of the server start show whether the server has read it. A time in the future counts as now, so it causes one restart at most. That restart records what the server read.',
    remedy: 'Correct the clock of the host, then run `touch` on the file.',
  },
  'host.no-change-time': {
    severity: 'warning',
    summary: 'It is not proved that the running server has read a file',
    means: 'The host does not show when a file was last changed (ctime), neither with `ls` nor with `perl`.',
    why: 'Only the ctime shows that a file was put back with its old time (`cp -p`). Until a restart by reconcile leaves a record, `verify` does not ask questions that could make CS6 create a calendar.',
    remedy: 'Install perl on the host, or restart the service once with reconcile.',
  },
  'host.file-torn': {
    severity: 'error',
    summary: 'A file keeps changing while it is read',
    means: 'The file changed during every attempt to read it.',
    why: 'Such a reading could mix two versions of the file.',
    remedy: 'Wait until the file no longer changes, then run the command again.',
  },
  'host.file-changed': {
    severity: 'error',
    summary: 'The file has changed since it was read',
    means: 'The file changed between reading it and replacing it.',
    why: 'Replacing it would have lost that change. Nothing was written.',
    remedy: 'Plan again and check what changed.',
  },
  'host.file-locked': {
    severity: 'error',
    summary: 'Another run is writing the file',
    means: 'Another run of reconcile is writing the same file.',
    why: 'Two runs at the same time would overwrite each other. Nothing was written.',
    remedy:
      'Wait for the other run. A lock older than ten minutes is taken over. If you are certain that the run is dead, the message says how to remove its lock.',
  },
  'host.file-link': {
    severity: 'error',
    summary: 'The file is a symbolic link',
    means: 'The file to replace has become a symbolic link.',
    why: 'Replacing it would break the link and leave the real file unchanged. Nothing was written.',
    remedy: 'Name the real file in the estate file: `config` of a CS6 host, `home` of a CS7 host.',
  },
  'host.file-not-written': {
    severity: 'error',
    summary: 'The file could not be written',
    means:
      'The new content of a file could not be put in place. The disk is full, rights are missing, the file has a second hard link or attributes that cannot be kept, or something else writes it.',
    why: 'A file is replaced as a whole. It must keep its owner, mode, access list, extended attributes and SELinux label; otherwise it is not replaced. With a second hard link, the other name would keep the old content. The message says whether the file is unchanged.',
    remedy: 'Remove the cause that the message names, then run the command again.',
  },
  'host.ambiguous-file': {
    severity: 'error',
    summary: 'The server could read one of several files',
    means: 'The documented places have more than one real file, and the server could read any of them.',
    why: 'Editing the wrong file would have no effect and look like success.',
    remedy: 'Set the right path: `cs6.hosts.NAME.config` for ics.conf, `cs7.hosts.NAME.home` for Calendar Server 7.',
  },
  'host.file-is-link': {
    severity: 'error',
    summary: 'A configuration file is a symbolic link',
    means: 'A configuration file is itself a symbolic link.',
    why: 'Files are replaced by rename, which would break the link and leave the real file unchanged.',
    remedy: 'Set `cs6.hosts.NAME.config` to the real file, or `cs7.hosts.NAME.home` to the real folder.',
  },
} satisfies Findings<'host'>;

/** What `doctor` finds about the set-up of a target, besides what other commands would say too. */
export const examination = {
  'doctor.no-answer': {
    severity: 'error',
    summary: 'A step of the examination was not finished in time',
    means: 'A step of `reconcile doctor` got no answer in the time that it may take.',
    why: 'What does not answer to a look would hold up a plan or an apply in the same way. The other targets were examined.',
    remedy: 'Look at the target itself: its load, a command that hangs, a file system that does not answer.',
  },
  'doctor.tool-missing': {
    severity: 'error',
    summary: 'The host lacks programs that reconcile needs',
    means: 'Programs that the scripts of reconcile call are in no folder of the PATH of the user on the host.',
    why: 'Without them a file can be read only in part, or cannot be replaced safely, so commands would fail on that host.',
    remedy:
      'Install the programs, or add their folder to the PATH that `/bin/sh` has for that user without a terminal. The message names them.',
  },
  'doctor.clock-differs': {
    severity: 'warning',
    summary: 'The clock of the host differs from the clock of this machine',
    means: 'The clock of the host and the clock of this machine are more than a minute apart.',
    why: 'Reports show when something changed by the clock of the host. Change windows and the age of locks and watchdogs follow clocks too.',
    remedy: 'Set both clocks from the same time server. The message says by how much they differ.',
  },
  'doctor.rights-missing': {
    severity: 'error',
    summary: 'The user on the host lacks rights to files that reconcile reads or writes',
    means:
      'The user that everything is done as may not read a file, or may not write in a folder, that an apply needs. The rights were tested as that user.',
    why: 'A plan would be incomplete, or an apply would stop in the middle. A file keeps its owner when it is replaced, so a user who is not root must own it.',
    remedy: 'Give the user these rights, or let the login become a user who has them with `ssh.privilege`.',
  },
  'doctor.disk-full': {
    severity: ['error', 'warning'],
    summary: 'The host has little free disk space where files are written',
    means:
      'A file system of the host that an apply writes to has less than 100 MB free. With less than 10 MB, it is an error.',
    why: 'A new file is written completely before it replaces the old one, and the old one is kept for undo. On a full disk nothing is replaced, and the calendar server itself may stop.',
    remedy: 'Free disk space in the folder that the message names.',
  },
  'doctor.not-trusted': {
    severity: 'error',
    summary: 'The host key was not added',
    means:
      'You answered the question of `reconcile doctor --trust HOST` with no, there was no terminal to ask, or the key is not the one of `--fingerprint`.',
    why: 'A key that was not compared could be that of another machine. That machine would get everything that reconcile sends to the host.',
    remedy:
      'Print the fingerprint on the console of the host with `ssh-keygen -l -f`, and compare. In a script, give it with `--fingerprint`.',
  },
} satisfies Findings<'doctor'>;
