import type { CodePage } from '../code-page.ts';

const sameRun =
  'Make all parts in one run: from one revision of the file, with one version of the program, and with the same number of parts.';

/** Parts of a plan, and how they are joined. */
export const partPages: readonly CodePage[] = [
  {
    code: 'part.unusable',
    means: 'A file that `merge` was given is no part that this version understands, or was changed or cut off.',
    why: 'What a part lacks would look as if it were in sync.',
    remedy: 'Make it again with `reconcile plan --shard i/n -o part.json`, with the version that joins it.',
  },
  {
    code: 'part.missing',
    means: 'Not all parts of a plan were given.',
    why: 'The hosts and accounts of a missing part would look as if they were in sync, and limits would count too few.',
    remedy: 'Look for the job that failed, and give the files of all parts to `merge`.',
  },
  {
    code: 'part.twice',
    means: 'Two files are the same part of a plan.',
    why: 'Its changes would count twice, and one of the two may be older than the other.',
    remedy: 'Give each part once. Two jobs may have been started with the same number.',
  },
  {
    code: 'part.other',
    means: 'Parts come from different files, versions of the program, or divisions.',
    why: 'They are no parts of one plan: an account could be in two of them, or in none.',
    remedy: `${sameRun} While a wave goes by dates, make them on one day.`,
  },
  {
    code: 'part.expired',
    means: 'A part was read longer ago than a plan holds (`policy.planExpiry`).',
    why: 'The estate may have moved on since, and the plan of it would be refused anyway.',
    remedy: sameRun,
  },
  {
    code: 'part.alone',
    means: '`--shard` was given together with an option that needs the whole plan.',
    why: 'What is planned, drift or over a limit is known when all parts are joined.',
    remedy: 'Leave the option out, and give `--report` and `--format` to `merge`.',
  },
];
