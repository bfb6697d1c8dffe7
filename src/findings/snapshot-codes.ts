import type { Findings } from './finding-entry.ts';

/** Snapshots, and plans from them. */
export const snapshot = {
  'snapshot.not-in-it': {
    severity: 'error',
    summary: 'The snapshot does not hold what the file asks for',
    means:
      'The file asks for something that was not read when the snapshot was taken: a host, a setting, an attribute, a group.',
    why: 'A file that a pull request changed may ask for more than the file did from which the snapshot was taken. What was not read is not known to be absent, so the host or the directory counts as not read, and the plan as incomplete (exit code 4).',
    remedy:
      'Take a new snapshot where there are credentials: with the changed file, or with `--attribute`, `--group` and `--calendars` for what is to come. Comparisons that only the directory itself can make (greater, less, approximate, rules by name) are never in a snapshot.',
  },
  'snapshot.too-old': {
    severity: 'error',
    summary: 'The snapshot is too old',
    means: 'The snapshot was taken longer ago than `--max-age` lets pass, or its time is yet to come.',
    why: 'A plan from it would show differences that are long gone, and none that came since.',
    remedy: 'Have it taken more often, on a schedule, or raise `--max-age`, which is `7d` by default.',
  },
  'snapshot.unusable': {
    severity: 'error',
    summary: 'The snapshot cannot be used',
    means: 'The file is no whole snapshot: it was cut off or changed, is of another format, or is something else.',
    why: 'A part of a reading is never taken for the whole: accounts that are missing would look as if they were gone.',
    remedy: 'Take a new one with `reconcile snapshot -o live.jsonl.gz`, with the same version of the program.',
  },
  'snapshot.not-for-apply': {
    severity: 'error',
    summary: 'A plan from a snapshot is not for an apply',
    means: '`plan --live` was asked to save its plan for an apply.',
    why: 'Secrets are masked in a snapshot, it is older than it looks, and anyone who can change it can make a plan look harmless. A plan to apply has to be made from the servers.',
    remedy: 'Save a report instead (`--report`), and plan with `-o` in the job that has credentials.',
  },
  'snapshot.filter-untold': {
    severity: 'error',
    summary: 'A filter of the file cannot be followed without the directory',
    means:
      'A filter of the file makes a comparison that only the directory can make, or finds accounts whose values as they are seen do not fit it.',
    why: 'A plan from the snapshot evaluates the filters itself. Where that gives another answer than the directory, accounts would be in the wrong cohort, or in none.',
    remedy:
      'Use presence, equality and `*` in filters. Let the identity read the attributes of the filters, and name object classes that the entries themselves have.',
  },
  'snapshot.secret-attribute': {
    severity: 'error',
    summary: 'A snapshot never holds passwords',
    means: '`--attribute`, or a filter of the file, names an attribute that holds passwords by its name.',
    why: 'A snapshot is for places without credentials, and must not hold any.',
    remedy: 'Leave the attribute out, and write the filter without it.',
  },
} satisfies Findings<'snapshot'>;
