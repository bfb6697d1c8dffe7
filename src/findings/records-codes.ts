import type { Findings } from './finding-entry.ts';

/** The records of runs, which hosts keep for all machines. */
export const records = {
  'records.off': {
    severity: ['note', 'warning'],
    summary: 'Checks that need an earlier run are off',
    means:
      'No record of a complete run was found. A complete run is an apply of the whole estate that left no difference. The message names the checks that need one.',
    why: 'Only a record says how many accounts there were, and what the file asked for at the time. Without it, a vanished account is not noticed, and a change by hand looks like a change that was never applied.',
    remedy:
      'After the first apply this message is gone. If there was one, look at the other messages: a host with records could not be read, or `records` of the estate file now names other hosts. For records in a folder, use the same `--runs` for every command.',
  },
  'records.unread': {
    severity: 'warning',
    summary: 'Records of runs cannot be read',
    means: 'A place that keeps the records of runs cannot be read: a host of `records`, or the folder on this machine.',
    why: 'A run that only this place knows is missing from lists, and no check considers it.',
    remedy:
      'Follow the message. For a host, `reconcile doctor HOST` checks the connection step by step. The other places still count.',
  },
  'records.ahead': {
    severity: 'warning',
    summary: 'A run was recorded in the future',
    means:
      'According to its record, a run began later than now. The clock of the machine that applied, or of this one, is wrong.',
    why: 'The name of a run is the time of its begin, and the order of runs follows from it. Such a run counts as the oldest, because it is not known which runs came after it.',
    remedy: 'Correct the clock, for example with NTP. The message disappears when the time of the record has passed.',
  },
  'records.none-accepted': {
    severity: 'error',
    summary: 'No host accepts the record of the run',
    means:
      'The hosts of `records` keep the record of each run. At the begin of this run, none of them accepted it. Nothing was changed.',
    why: 'Without a record on a host, only the machine that applied could undo the run, or say what is half done. In CI, that machine is gone after the job.',
    remedy:
      'The message has the reason of each host: the connection, a full disk, or the permissions of `~/.reconcile`. If these hosts are out of order for long, name others in `records` of the estate file.',
  },
  'records.not-kept': {
    severity: 'warning',
    summary: 'A host does not have the whole record of the run',
    means: 'A host of `records` accepted nothing, or accepted the begin of the record and not the end of it.',
    why: 'If the other hosts are lost, it is not known what this run did. To this host the run looks as if it had died.',
    remedy:
      'As long as another host has the record, you do not have to do anything: reconcile reads all of them, and the longest record counts. `reconcile doctor HOST` finds out why the host did not accept it.',
  },
  'records.unusable': {
    severity: 'error',
    summary: 'A record of a run cannot be used',
    means: 'A host keeps a record of a run that is damaged, was changed, or disappeared while it was read.',
    why: 'Everyone who can write to the folder could have changed it, so reconcile uses only records that match their own digests.',
    remedy:
      'Use the copy on another host, or on the machine that applied. If a host has a bad copy, remove the files of that run there: they are in `~/.reconcile`.',
  },
  'records.not-whole': {
    severity: 'error',
    summary: 'A host has only the summary of a run',
    means:
      'A host has no plan or no journal of the run. The records of an estate have 64 MiB on a host. If there is no more room, only the first and the last line of a run stay, and the wanted state.',
    why: 'Without the plan and the journal it is not known what to take back. So `undo` is not possible from here.',
    remedy:
      'Run `undo` on the machine that applied: it has the exact record. Or copy the files of the run from there, and name their folder with `--runs`.',
  },
} satisfies Findings<'records'>;
