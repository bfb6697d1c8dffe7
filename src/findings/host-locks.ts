import type { Findings } from './finding-entry.ts';

/** Locks and watchdogs on a host. */
export const hostLocks = {
  'host.state-folder': {
    severity: 'error',
    summary: 'The folder for locks and watchdogs on the host cannot be used',
    means:
      'The folder `~/.reconcile` of the login on the host is a symbolic link, is no folder, belongs to another user, can be written by others, or cannot be made or written; or others could replace it, because the home folder is not that of the login.',
    why: 'The folder has the lock of the host and the watchdogs. Another user who could write there could hand out the lock, or have files put back.',
    remedy:
      'Look at it on the host as the same user. Remove it when no run is under way, or make room on the disk; it is made again with the right permissions.',
  },
  'host.lock-lost': {
    severity: 'error',
    summary: 'The lock of the host is no longer held by this run',
    means: 'The lock of a host that this run held is no longer its own.',
    why: 'It was taken away with `reconcile lock break`, the run was silent for so long that another one took it for dead, or its own watchdog has put the host back. Two runs at a time would undo each other’s work, so this one stops. On a host the check and the write are one step: nothing was written after the lock was gone. The directory has no such step: what this run wrote there ended within 5 seconds, after the requests that were under way.',
    remedy: 'See who is at work on the host now and wait for them, then run again: it goes on where this run stopped.',
  },
  'host.still-at-work': {
    severity: 'error',
    summary: 'A command of this run or its watchdog is still at work on the host',
    means: 'A command that this run has started, or its watchdog, is still at work on the host.',
    why: 'The answer to that command was lost or came too late, and what it will do is not known. Nothing else is written at the same time.',
    remedy:
      'Look on the host at what still runs. Wait for it or end it there, then run again. `reconcile lock break HOST` says which process that is.',
  },
  'host.watchdog-running': {
    severity: 'error',
    summary: 'A watchdog of an earlier run is still waiting on the host',
    means:
      'On the host a watchdog of an earlier run still waits for the word that all is well, and that run did not give it.',
    why: 'When its time is over it puts back what that run wrote. Changing the same files under it would mix the work of two runs.',
    remedy:
      'Wait until it has acted, then plan again. When the host is well as it is, end the watchdog with the command that the message shows.',
  },
  'host.watchdog-not-started': {
    severity: 'error',
    summary: 'The watchdog could not be started on the host',
    means: 'The process that brings a host back when a run ends badly could not be started there.',
    why: 'Without it a host that stops answering in the middle of a change would stay as it is.',
    remedy: 'Remove the cause that the message names: a backup that is missing or cannot be read, or a full disk.',
  },
  'host.watchdog-acted': {
    severity: 'error',
    summary: 'The watchdog has put the host back',
    means: 'The run did not say in time that the host is well, and the watchdog there put the files back.',
    why: 'Each file was put back only where it still was what the run had written. The message lists what was done, line by line; the same stands on the host in `~/.reconcile`, in `watchdog-NAME.done` below the name of the host, with the output of the commands beside it.',
    remedy: 'Find out why the host took so long, then plan again: the differences are the same as before.',
  },
} satisfies Findings<'host'>;
