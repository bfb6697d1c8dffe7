import { chapter } from '../core/declared.ts';
import type { Findings } from './finding-entry.ts';

/** Plans and the guards that keep one from being applied. */
export const plan = {
  'plan.restart-owed': {
    severity: ['warning', 'error'],
    summary: 'You must restart a server yourself',
    open: 'effect',
    means:
      'The file says `restart: never` for the host, and it is not proved that the server runs with the settings on disk.',
    why: 'Settings on disk take effect when the server starts. An apply cannot fix this, because it does not restart the server. A plan is refused if it has steps that need these settings in effect.',
    remedy: 'First change the host (`--only HOST`) and restart the server. Then plan again.',
  },
  'plan.not-json': {
    severity: 'error',
    summary: 'The plan file cannot be read',
    means: 'The saved plan is not JSON.',
    why: 'The file may be cut off, and half of a plan must not be applied.',
    remedy: 'Make a new plan with `reconcile plan -o plan.json`.',
  },
  'plan.unknown-format': {
    severity: 'error',
    summary: 'This version does not understand the plan file',
    means: 'The saved plan is JSON but not a plan that this version understands.',
    why: 'Another version made the plan, or this is another file. A plan that is only partly understood would be applied only partly. A plan of another version is accepted if all of it is understood. The plan names the version that made it as `tool`.',
    remedy: 'Make a new plan with the version that applies it.',
  },
  'plan.is-part': {
    severity: 'error',
    summary: 'The file is only a part of a plan',
    means: 'The file is a part of a plan, made by `plan --shard`.',
    why: 'A part does not contain the results of the other parts. Alone, it has neither the right order of steps nor the right numbers for limits.',
    remedy: 'Join all parts with `reconcile merge part1.json part2.json -o plan.json`, and apply the result.',
  },
  'plan.tampered': {
    severity: 'error',
    summary: 'The plan file was changed after it was made',
    means: 'The saved plan does not match its own digest.',
    why: 'The plan was edited after it was made, so an apply would not do what was reviewed.',
    remedy: 'Change the estate file, not the plan, and make a new plan.',
  },
  'plan.stale': {
    severity: 'error',
    summary: 'A file has changed since the plan was made',
    means: 'Someone edited a file on a host after the plan was made.',
    why: 'The plan is based on other content. Writing now could undo a recent change, so nothing was written to that file.',
    remedy: 'Make a new plan and check what changed.',
  },
  'plan.prerequisite-left-out': {
    severity: 'error',
    summary: 'A required step was left out',
    means:
      '`--only`, `--except` or `--origin` left out steps that the chosen ones are not safe without. They must be in effect before the chosen steps, or they must follow them.',
    why: 'Autoprovisioning must be off on every Calendar Server 6 host before an account moves. Accounts must have their attributes before Calendar Server 7 looks for them. The opposite order creates calendars on the wrong side. After a move, Calendar Server 7 must know its attribute and the domain map, or the two servers do not find the account. A server must be restarted after its configuration is written, or it runs with other settings than the files show.',
    remedy:
      'Use the command that the message prints: it has the smallest set of names that is safe, or with `--origin` it leaves out what is not. Or omit `--only`, `--except` and `--origin`.',
    chapter: chapter.overview,
  },
  'plan.left-out': {
    severity: 'note',
    summary: 'The plan is about a part of the estate',
    means:
      'The plan was narrowed with `--only`, `--except` or `--origin`. The message counts what else differs, or could not be read, and is not in the plan.',
    why: 'The exit code and the numbers of the report are about the chosen part only. Without this note, a part could be taken for the whole.',
    remedy: 'For the whole estate, omit `--only`, `--except` and `--origin`.',
  },
  'plan.at-date': {
    severity: 'note',
    summary: 'The plan is for another time',
    means:
      'The plan was made with `plan --at`. Waves and `ignore` entries count as of that time. For each host that would change, the message says whether its change window is open then, or when it opens next.',
    why: 'The live state was read now and can be another by then. So the plan shows what the file asks for, and it cannot be saved for an apply.',
    remedy: 'For a plan that can be applied, omit `--at`.',
  },
  'plan.at-not-for-apply': {
    severity: 'error',
    summary: 'A plan for another time cannot be applied',
    means: 'The plan was made with `plan --at`, so it can be neither saved nor applied.',
    why: 'An apply carries out what the file asks for today. A plan for a later day would move accounts before their wave.',
    remedy: 'Make a plan without `--at` when that day has come. For readers, write a report with `--report plan.html`.',
  },
  'plan.not-saved': {
    severity: 'warning',
    summary: 'The plan was not saved',
    means: '`plan -o` did not save the plan, because a target could not be read.',
    why: '`apply` refuses such a plan, because unknown facts about one target can make the changes of another one wrong.',
    remedy:
      'Make the target readable and plan again. If the target is away for some time, add an entry to `ignore` with `key: all` and a last day. Use `plan --except` to leave the target out; what depends on it is refused.',
  },
  'plan.moves-back': {
    severity: 'error',
    summary: 'Accounts would move back to CS6',
    means: 'Accounts that are on Calendar Server 7 would move back to Calendar Server 6.',
    why: 'A smaller wave, a deleted cohort or a changed filter can cause this as a side effect. CS6 lacks everything that these users entered on CS7. An account whose CS6 calendar was deleted is then in limbo, on neither side. No limit allows this, not even for one account.',
    remedy:
      'Check the accounts that the message names. Change the file so that they stay on Calendar Server 7, or allow exactly this number for one run with `reconcile apply --allow-moves-back N`.',
    chapter: chapter.overview,
  },
  'plan.too-many-moves': {
    severity: 'error',
    summary: 'Too many accounts would move to CS7',
    means: 'More accounts of a cohort would change sides than `limits.moves`, or its own `limit`, allows.',
    why: 'A filter that matches too much, or a file that was cut off, would separate users from their calendars.',
    remedy:
      'Check the accounts in the plan. Narrow the cohort, raise the limit, or allow this number for one run with `reconcile apply --allow-moves N`.',
  },
  'plan.too-many-restarts': {
    severity: 'error',
    summary: 'Too many hosts would be restarted',
    means: 'More hosts would be restarted than `limits.restarts` allows.',
    why: 'While a host restarts, its users cannot work. A change to every host at once leaves no host to fall back on.',
    remedy:
      'Change fewer hosts at a time with `--only` or `--except`, raise `limits.restarts`, or allow this number for one run with `reconcile apply --allow-restarts N`.',
  },
  'plan.accounts-fell': {
    severity: 'error',
    summary: 'The directory shows fewer accounts than before',
    means:
      'The directory shows fewer accounts than at the last finished run. The difference is larger than `limits.fewerAccounts`.',
    why: 'A directory that hides accounts from the login of `reconcile`, or a replica that is still being filled, answers without an error but shows fewer accounts. Limits in percent would then count too few accounts, and hidden accounts would be left behind.',
    remedy:
      'Look for the accounts with `ldapsearch` and the same login. If they are gone for good, confirm the present number with `reconcile apply --allow-accounts N`; the next record then has it. A directory without any accounts is always refused.',
  },
  'plan.outside-window': {
    severity: ['note', 'error'],
    summary: 'Hosts would be changed outside their window',
    means:
      'Hosts would be changed while none of their change windows is open. A plan shows this as a note, for the time when the live state was read. An apply refuses it.',
    why: 'A change restarts the calendar server, and the window says when its users can do without it. Changes in the directory have no window.',
    remedy:
      'Apply during the window; the message says when it opens next. Or allow this number of hosts for one run with `reconcile apply --allow-outside-window N`.',
  },
  'plan.deletes-not-allowed': {
    severity: 'error',
    summary: 'More calendars would be deleted than you allowed',
    means:
      'More accounts would lose their calendars on Calendar Server 6 than `--allow-deletes` or `limits.deletes` allows.',
    why: 'Deletions by cscal cannot be undone. The number on the command line confirms that you reviewed the plan. The limit in the file is the largest number that you can allow.',
    remedy:
      'Check the plan again. Allow its number, move fewer accounts at a time, or raise `limits.deletes` in a reviewed change.',
    chapter: chapter.migrated,
  },
} satisfies Findings<'plan'>;
