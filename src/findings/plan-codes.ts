import { chapter } from '../core/declared.ts';
import type { Findings } from './finding-entry.ts';

/** Plans and the guards that keep one from being applied. */
export const plan = {
  'plan.restart-owed': {
    severity: ['warning', 'error'],
    summary: 'A restart is owed that the file leaves to you',
    open: 'effect',
    means: 'The file says `restart: never` of the host, and its server is not proved to run with what is on disk.',
    why: 'Settings on disk take effect when the server starts. reconcile does not restart it, so this is no difference that an apply could settle. A plan with steps that need these settings in effect is refused.',
    remedy: 'Change the host first (`--only HOST`), and restart the server yourself. Then plan again.',
  },
  'plan.not-json': {
    severity: 'error',
    summary: 'The plan file cannot be read',
    means: 'The saved plan is not JSON.',
    why: 'It may have been cut short on its way, and half of a plan must not be applied.',
    remedy: 'Make a new one with `reconcile plan -o plan.json`.',
  },
  'plan.unknown-format': {
    severity: 'error',
    summary: 'The plan file is not one this version understands',
    means: 'The saved plan is JSON but not a plan that this version understands.',
    why: 'It was made by another version, or it is another file. A plan that is understood in part would be carried out in part. A plan of another version is carried out where all of it is understood: the plan names the version that made it as `tool`.',
    remedy: 'Make a new one with the version that applies it.',
  },
  'plan.is-part': {
    severity: 'error',
    summary: 'A part of a plan is no plan',
    means: 'The file is a part of a plan, as `plan --shard` makes it.',
    why: 'A part knows nothing of what the others found: neither the order of the steps nor a limit holds for it alone.',
    remedy: 'Join all parts: `reconcile merge part1.json part2.json -o plan.json`, and apply that.',
  },
  'plan.tampered': {
    severity: 'error',
    summary: 'The plan file was changed after it was made',
    means: 'The saved plan does not match the digest that it carries.',
    why: 'It was edited after it was made, so that what would be carried out is not what was reviewed.',
    remedy: 'Make a new one. Change the estate file and not the plan.',
  },
  'plan.stale': {
    severity: 'error',
    summary: 'What the plan was made for has changed since',
    means: 'A file on a host was edited after the plan was made.',
    why: 'The plan was decided on other content. Writing now could undo a recent change, so nothing was written to that file.',
    remedy: 'Make a new plan and see what changed.',
  },
  'plan.prerequisite-left-out': {
    severity: 'error',
    summary: 'Something that has to come first was left out',
    means: '`--only` left out steps that must be in effect before the chosen ones.',
    why: 'Autoprovisioning must be off on every Calendar Server 6 host before an account moves, and accounts must carry their attributes before Calendar Server 7 looks for them. The other order creates calendars on the wrong side.',
    remedy: 'Name the targets that the message lists in `--only` too, or leave `--only` away.',
    chapter: chapter.overview,
  },
  'plan.not-saved': {
    severity: 'warning',
    summary: 'The plan was not saved',
    means: '`plan -o` did not save the plan, because a target could not be read.',
    why: '`apply` refuses such a plan: what is not known of one target may make the changes of another wrong.',
    remedy:
      'Make the target readable, or say in `ignore` with `key: all` until when it is away, and plan again. `plan --only` is for the targets that do not depend on it.',
  },
  'plan.moves-back': {
    severity: 'error',
    summary: 'Accounts would move back to CS6',
    means: 'Accounts that are on Calendar Server 7 would move back to Calendar Server 6.',
    why: 'A smaller wave, a cohort that was deleted from the file, or a changed filter does this as a side effect. CS6 has nothing that they entered on CS7, and an account whose CS6 calendar was deleted is in limbo after it: on neither side. No limit covers it, however few they are.',
    remedy:
      'Look at the accounts that the message names. Change the file so that they stay on Calendar Server 7, or allow exactly this for one run with `reconcile apply --allow-moves-back N`.',
    chapter: chapter.overview,
  },
  'plan.too-many-moves': {
    severity: 'error',
    summary: 'Too many accounts would move to CS7',
    means: 'More accounts of a cohort would change sides than `limits.moves`, or its own `limit`, lets pass.',
    why: 'A filter that matches too much, or a file that was cut short, would cut users off from their calendars.',
    remedy:
      'Look at the accounts in the plan. Narrow the cohort, raise the limit, or allow this one run by its number with `reconcile apply --allow-moves N`.',
  },
  'plan.too-many-restarts': {
    severity: 'error',
    summary: 'Too many hosts would be restarted',
    means: 'More hosts would be restarted than `limits.restarts` lets pass.',
    why: 'While a host starts, its users are cut off. A change that reaches every host at once leaves none to fall back on.',
    remedy:
      'Change fewer hosts at a time with `--only`, raise `limits.restarts`, or allow this one run by its number with `reconcile apply --allow-restarts N`.',
  },
  'plan.accounts-fell': {
    severity: 'error',
    summary: 'The directory shows fewer accounts than before',
    means:
      'The directory shows fewer accounts than the record of the last finished run says, by more than `limits.fewerAccounts`.',
    why: 'A directory that hides accounts from the login of `reconcile`, or a replica that is not filled yet, answers well and shows less. Limits that are shares would be shares of too few, and hidden accounts would be left behind.',
    remedy:
      'Look for the accounts with `ldapsearch` and the same login. If they are gone for good, name the present number with `reconcile apply --allow-accounts N`; the next record then has it. A reading of no accounts at all is always refused.',
  },
  'plan.outside-window': {
    severity: ['note', 'error'],
    summary: 'Hosts would be changed outside their window',
    means:
      'Hosts would be changed while none of their change windows is open. In a plan it is a note, as of the time the live state was read; in an apply it refuses.',
    why: 'A change restarts the calendar server, and the window says when its users can do without. Changes in the directory have no window.',
    remedy:
      'Apply in the window: the message says when it opens next. Or allow it for this run by the number of hosts with `reconcile apply --allow-outside-window N`.',
  },
  'plan.deletes-not-allowed': {
    severity: 'error',
    summary: 'More calendars would be deleted than were allowed',
    means:
      'More accounts would lose their calendars on Calendar Server 6 than `--allow-deletes` or `limits.deletes` says.',
    why: 'Nothing brings back what cscal deletes. The number on the command line says that the plan was reviewed; the limit in the file says how many may be allowed at all.',
    remedy:
      'Look at the plan again. Allow the number it says, move fewer accounts at a time, or raise `limits.deletes` in a reviewed change.',
    chapter: chapter.migrated,
  },
} satisfies Findings<'plan'>;
