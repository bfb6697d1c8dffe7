import type { Findings } from './finding-entry.ts';

/** Snapshots, and plans from them. */
export const snapshot = {
  'snapshot.not-in-it': {
    severity: 'error',
    summary: 'The snapshot lacks something that the file asks for',
    means:
      'The file asks for something that was not read when the snapshot was taken: a host, a setting, an attribute or a group.',
    why: 'A pull request can change the file to ask for more than the snapshot contains. Something that was not read may still exist. So the host or the directory counts as not read, and the plan as incomplete (exit code 4).',
    remedy:
      'Take a new snapshot in a job with credentials: with the changed file, or with `--attribute`, `--group` and `--calendars` for planned changes. A snapshot never supports comparisons that only the directory itself can make: greater, less, approximate, or rules by name.',
  },
  'snapshot.too-old': {
    severity: 'error',
    summary: 'The snapshot is too old',
    means: 'The snapshot is older than `--max-age` allows, or its time is in the future.',
    why: 'A plan from it would show differences that no longer exist, and miss new ones.',
    remedy: 'Take snapshots more often, on a schedule, or raise `--max-age`, which is `7d` by default.',
  },
  'snapshot.unusable': {
    severity: 'error',
    summary: 'The snapshot cannot be used',
    means: 'The file is not a complete snapshot. It was cut off or changed, has another format, or is something else.',
    why: 'A part of a snapshot never counts as the whole: missing accounts would look as if they were gone.',
    remedy: 'Take a new snapshot with `reconcile snapshot -o live.jsonl.gz` and the same version of the program.',
  },
  'snapshot.not-for-apply': {
    severity: 'error',
    summary: 'A plan from a snapshot cannot be applied',
    means: 'You asked `plan --live` to save its plan for an apply.',
    why: 'A snapshot masks secrets, is older than it looks, and anyone who can change it can make a plan look harmless. A plan for an apply must come from the servers.',
    remedy: 'Save a report instead (`--report`), and run `plan -o` in the job that has credentials.',
  },
  'snapshot.filter-untold': {
    severity: 'error',
    summary: 'Only the directory can evaluate a filter of the file',
    means:
      'A filter of the file makes a comparison that only the directory can make. Or the directory finds accounts whose visible values do not match the filter.',
    why: 'A plan from a snapshot evaluates the filters itself. If the result differs from that of the directory, accounts would be in the wrong cohort or in none.',
    remedy:
      'Use presence, equality and `*` in filters. Let the bind entry read the attributes of the filters, and use object classes that the entries themselves have.',
  },
  'snapshot.secret-attribute': {
    severity: 'error',
    summary: 'A snapshot never contains passwords',
    means: '`--attribute`, or a filter of the file, names an attribute that holds passwords, according to its name.',
    why: 'A snapshot is for jobs without credentials, so it must not contain any.',
    remedy: 'Omit the attribute, and write the filter without it.',
  },
} satisfies Findings<'snapshot'>;
