import { chapter } from '../../core/chapter.ts';
import type { CodePage } from '../code-page.ts';

/** Files that are read and written on this machine, and plans. */
export const filePages: readonly CodePage[] = [
  {
    code: 'file.unreadable',
    means: 'A file that the command line names cannot be read.',
    why: 'Nothing can be checked or planned without it.',
    remedy:
      'Check the name, the folder the command runs in, and the permissions. Without a name `estate.yaml` is read.',
  },
  {
    code: 'file.unwritable',
    means: 'A file that the command was to write, such as the plan of `-o`, cannot be written.',
    why: 'A plan that was shown but not saved cannot be applied as it was reviewed.',
    remedy:
      'Check that the folder exists, that you may write there, and that there is space left. Then run the command again.',
  },
];

/** Plans: saved ones, stale ones, narrowed ones. */
export const planPages: readonly CodePage[] = [
  {
    code: 'plan.not-json',
    means: 'The saved plan is not JSON.',
    why: 'It may have been cut short on its way, and half of a plan must not be applied.',
    remedy: 'Make a new one with `reconcile plan -o plan.json`.',
  },
  {
    code: 'plan.unknown-format',
    means: 'The saved plan is JSON but not a plan that this version understands.',
    why: 'It was made by another version, or it is another file. A plan that is understood in part would be carried out in part. A plan of another version is carried out where all of it is understood: the version that made it stands in it as `tool`.',
    remedy: 'Make a new one with the version that applies it.',
  },
  {
    code: 'plan.is-part',
    means: 'The file is a part of a plan, as `plan --shard` makes it.',
    why: 'A part knows nothing of what the others found: neither the order of the steps nor a limit holds for it alone.',
    remedy: 'Join all parts: `reconcile merge part1.json part2.json -o plan.json`, and apply that.',
  },
  {
    code: 'plan.tampered',
    means: 'The saved plan does not match the digest that it carries.',
    why: 'It was edited after it was made, so that what would be carried out is not what was reviewed.',
    remedy: 'Make a new one. Change the estate file and not the plan.',
  },
  {
    code: 'plan.stale',
    means: 'A file on a host was edited after the plan was made.',
    why: 'The plan was decided on other content. Writing now could undo what somebody has just done, so that nothing was written to that file.',
    remedy: 'Make a new plan and see what changed.',
  },
  {
    code: 'plan.prerequisite-left-out',
    means: '`--only` left out steps that must be in effect before the chosen ones.',
    why: 'Autoprovisioning must be off on every Calendar Server 6 host before an account moves, and accounts must carry their attributes before Calendar Server 7 looks for them. The other order creates calendars on the wrong side.',
    remedy: 'Name the targets that the message lists in `--only` too, or leave `--only` away.',
    chapter: chapter.overview,
  },
  {
    code: 'plan.not-saved',
    means: '`plan -o` did not save the plan, because a target could not be read.',
    why: '`apply` refuses such a plan: what is not known of one target may make the changes of another wrong.',
    remedy:
      'Make the target readable, or say in `ignore` with `key: all` until when it is away, and plan again. `plan --only` is for the targets that do not depend on it.',
  },
  {
    code: 'plan.moves-back',
    means: 'Accounts that are on Calendar Server 7 would move back to Calendar Server 6.',
    why: 'A smaller wave, a cohort that was deleted from the file, or a changed filter does this as a side effect. CS6 has nothing that they entered on CS7, and an account whose CS6 calendar was deleted is in limbo after it: on neither side. No limit covers it, however few they are.',
    remedy:
      'Look at the accounts that the message names. Change the file so that they stay on Calendar Server 7, or allow exactly this for one run with `reconcile apply --allow-moves-back N`.',
    chapter: chapter.overview,
  },
  {
    code: 'plan.too-many-moves',
    means: 'More accounts of a cohort would change sides than `limits.moves`, or its own `limit`, lets pass.',
    why: 'A filter that matches too much, or a file that was cut short, would cut users off from their calendars.',
    remedy:
      'Look at the accounts in the plan. Narrow the cohort, raise the limit, or allow this one run by its number with `reconcile apply --allow-moves N`.',
  },
];

/** Secrets. */
export const secretPages: readonly CodePage[] = [
  {
    code: 'secret.unavailable',
    means:
      'A secret is not where the file says it is: the variable is not set, the file cannot be read, or the command failed or printed nothing.',
    why: 'Without the secret nobody can log in. An empty one is never sent: some directories take it as a login of nobody and show too little.',
    remedy: 'Set the variable, check the file and its permissions, or run the command by hand as the same user.',
  },
];
