import type { Findings } from './finding-entry.ts';

/** What a host answers, and its files. */
export const hostAnswers = {
  'host.unexpected-output': {
    severity: 'error',
    summary: 'A command did not answer as expected',
    means: 'A command on the host ended badly, was not found, or printed something other than what is documented.',
    why: 'An answer that is not understood is never guessed at. Nothing is concluded from it; where it belonged to a change, look at the host before you go on.',
    remedy:
      'Run the command by hand on the host as the same user and compare. Often a path is wrong, such as `sbin`, `home` or `cs7.container.bin`, or the server is down.',
  },
  'host.place-unknown': {
    severity: 'error',
    summary: 'A command is in none of the places where it is looked for',
    means: 'None of the documented folders has the command, or the folder that the file states does not have it.',
    why: 'It is needed for a restart, so this is said before anything is written. What the package system of the host says is offered, and not used by itself.',
    remedy: 'State the folder in the file, as the message shows it.',
  },
  'host.start-not-proved': {
    severity: 'warning',
    summary: 'Whether the server runs with its configuration is not known',
    open: 'effect',
    means: 'The file says `restart: never` of the host, and which processes are those of its server cannot be told.',
    why: 'Nothing that reconcile does there depends on it, so the host is managed all the same.',
    remedy: 'State what the message lists, where you want to know.',
  },
  'host.answer-too-large': {
    severity: 'error',
    summary: 'The answer is too large',
    means: 'The host answered with more than 64 MB.',
    why: 'No configuration file is that large, so something else was read.',
    remedy: 'Look at the file or command that the message names.',
  },
  'host.words-refused': {
    severity: 'error',
    summary: 'The command or path cannot be sent to a shell',
    means:
      'A path, a variable name or a command holds something that cannot be sent to a shell safely, such as a line end, or a path that is not absolute or has `..` in it.',
    why: 'Nothing reaches a shell of a host that could be read there in another way.',
    remedy: 'Correct the value in the file.',
  },
  'host.command-unusable': {
    severity: 'error',
    summary: 'The command is there but cannot be run',
    means: 'The command exists on the host, and this user may not run it or may not enter its folder.',
    why: 'A command that may not be run is not a missing one; looking elsewhere could find another installation.',
    remedy: 'Log in as a user who may run it, root as a rule, or correct the permissions.',
  },
  'host.file-unreadable': {
    severity: 'error',
    summary: 'A file is there but cannot be read',
    means:
      'A file exists, or may exist, and cannot be read: permissions, a folder that is closed to this user, a broken link, or something that is no plain file.',
    why: 'Unreadable is not absent. A file that only seems to be missing would be written anew and lose its content.',
    remedy: 'Log in as a user who may read it, or correct the permissions or the link.',
  },
  'host.file-time-ahead': {
    severity: 'warning',
    summary: 'A configuration file has a time in the future',
    means: 'A file that a calendar server reads when it starts has a time in the future, by the clock of its own host.',
    why: 'The times of the file and the start of its process show whether the server has read it. A time in the future counts as now, so it causes one restart at most: that restart leaves a record of what the server read.',
    remedy: 'Correct the clock of the host, then run `touch` on the file.',
  },
  'host.no-change-time': {
    severity: 'warning',
    summary: 'Whether the running server has read a file is not proved',
    means: 'The host does not say when a file was last changed (ctime): neither `ls` nor `perl` there shows it.',
    why: 'A file that was put back with its old time (`cp -p`) has nothing else that shows it. Until a restart by reconcile leaves its record, `verify` does not ask questions that could make CS6 create a calendar.',
    remedy: 'Install perl on the host, or restart the service once with reconcile.',
  },
  'host.file-torn': {
    severity: 'error',
    summary: 'A file keeps changing while it is read',
    means: 'The file changed during every attempt to read it.',
    why: 'Half of one version and half of the next is no reading.',
    remedy: 'Wait until whatever writes the file is done, then run again.',
  },
  'host.file-changed': {
    severity: 'error',
    summary: 'The file is no longer the one that was read',
    means: 'Right before it was to be replaced, the file was not the one that had been read.',
    why: 'It was edited in the meantime, and that edit would have been lost. Nothing was written.',
    remedy: 'Plan again and look at what changed.',
  },
  'host.file-locked': {
    severity: 'error',
    summary: 'Another run is writing the file',
    means: 'Another run of reconcile is writing the same file.',
    why: 'Two runs at a time would overwrite each other. Nothing was written.',
    remedy:
      'Wait for the other run. A lock older than ten minutes is taken over; the message says how to remove one whose run is dead for certain.',
  },
  'host.file-link': {
    severity: 'error',
    summary: 'The file is a symbolic link',
    means: 'The file that was to be replaced has become a symbolic link.',
    why: 'Replacing it would cut the link and leave the real file as it was. Nothing was written.',
    remedy: 'Name the real file in the estate file: `config` of a CS6 host, `home` of a CS7 host.',
  },
  'host.file-not-written': {
    severity: 'error',
    summary: 'The file could not be written',
    means:
      'The new content of a file could not be put in place: no space, no rights, a second hard link, attributes that cannot be kept, or something else writes the same file.',
    why: 'A file is replaced as a whole. It keeps its owner, mode, access list, extended attributes and SELinux label, or it is left alone; with a second hard link the other name would keep the old content. The message says whether the file is as it was.',
    remedy: 'Remove the cause that the message names, then run again.',
  },
  'host.ambiguous-file': {
    severity: 'error',
    summary: 'More than one file could be the one the server reads',
    means: 'The documented places have more than one real file, and any of them could be the one the server reads.',
    why: 'Editing the wrong one would change nothing and look like success.',
    remedy: 'Name the right one: `cs6.hosts.NAME.config` for ics.conf, `cs7.hosts.NAME.home` for Calendar Server 7.',
  },
  'host.file-is-link': {
    severity: 'error',
    summary: 'A configuration file is a symbolic link',
    means: 'A configuration file is itself a symbolic link.',
    why: 'Files are replaced by rename, which would cut the link and leave the real file as it was.',
    remedy: 'Name the real file in `cs6.hosts.NAME.config`, or the real folder in `cs7.hosts.NAME.home`.',
  },
} satisfies Findings<'host'>;
