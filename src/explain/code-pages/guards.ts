import type { CodePage } from '../code-page.ts';

/** What one apply may not do, or not at this time, before it is allowed by number. */
export const guardPages: readonly CodePage[] = [
  {
    code: 'plan.too-many-restarts',
    means: 'More hosts would be restarted than `limits.restarts` lets pass.',
    why: 'While a host starts, its users are cut off. A change that reaches every host at once leaves none to fall back on.',
    remedy:
      'Change fewer hosts at a time with `--only`, raise `limits.restarts`, or allow this one run by its number with `reconcile apply --allow-restarts N`.',
  },
  {
    code: 'plan.accounts-fell',
    means:
      'The directory shows fewer accounts than the record of the last finished run says, by more than `limits.fewerAccounts`.',
    why: 'A directory that hides accounts from the login of `reconcile`, or a replica that is not filled yet, answers well and shows less. Limits that are shares would be shares of too few, and whoever is hidden would be left behind.',
    remedy:
      'Look for the accounts with `ldapsearch` and the same login. If they are gone for good, name the number that is there now with `reconcile apply --allow-accounts N`; the next record then has it. A reading of no accounts at all is always refused.',
  },
  {
    code: 'plan.outside-window',
    means:
      'Hosts would be changed while none of their change windows is open. In a plan it is a note, as of the time the live state was read; in an apply it refuses.',
    why: 'A change restarts the calendar server, and the window says when its users can do without. Changes in the directory have no window.',
    remedy:
      'Apply in the window: the message says when it opens next. Or allow it for this run by the number of hosts with `reconcile apply --allow-outside-window N`.',
  },
];

/** Saved plans: how long they hold, and who has signed them. */
export const savedPlanPages: readonly CodePage[] = [
  {
    code: 'plan.expired',
    means: 'The saved plan is older than `policy.planExpiry` lets it be, counted from when the live state was read.',
    why: 'Each step compares before it writes. What was reviewed as a whole was reviewed for the estate of that day.',
    remedy: 'Make a new one with `reconcile plan -o plan.json`, and have that one reviewed.',
  },
  {
    code: 'plan.from-the-future',
    means: 'The saved plan says that it was read more than 5 minutes later than it is now.',
    why: 'A plan with a later time would expire later than the policy allows.',
    remedy: 'Compare the clocks of both machines, and make a new plan with `reconcile plan -o plan.json`.',
  },
  {
    code: 'plan.other-files',
    means: 'The saved plan asks for something else than the estate files that it is to be carried out with.',
    why: 'A plan says what to change. How to connect, which programs to run and where files lie come from the estate files on this machine, so both must belong together.',
    remedy:
      'Name the files that the plan was made of with `-f`, from the same revision. Where the files are right, make a new plan. A wave that has gone on since the plan was made is a difference too.',
  },
  {
    code: 'plan.stray-step',
    means:
      'The saved plan, or the record of a run, names a step, an entry, a setting or a file that the estate files do not manage.',
    why: 'Such a plan was not made by this program from these files. Carrying it out could overwrite anything on a host.',
    remedy: 'Find out who wrote it. Make a new plan with `reconcile plan -o plan.json`.',
  },
  {
    code: 'plan.is-undo',
    means: 'The saved plan is the one that an undo was carried out with, from its record.',
    why: 'What an undo may take back depends on what is live and on the records of runs at that moment.',
    remedy: 'Take the run back with `reconcile undo RUN`.',
  },
  {
    code: 'plan.needs-signatures',
    means: 'Files of an estate are to be applied directly, where only signed plans may be.',
    why: 'Signers sign one plan. One that is made in the moment it is carried out was seen by none of them.',
    remedy: 'Save a plan with `reconcile plan -o plan.json`, have it signed, and apply that.',
  },
  {
    code: 'plan.signatures-missing',
    means:
      'Fewer different people have signed the plan than it takes. Two keys of one name are one, and so are two names of one key.',
    why: 'The policy says that nobody carries out a plan alone. `apply --require-signatures` says it where the policy could have been forged together with the plan.',
    remedy:
      'Have the others sign with the command of the message, and put their files beside the plan or name them with `--signature`.',
  },
  {
    code: 'plan.signature-bad',
    means:
      'A signature is not over this plan, not made for `reconcile-plan`, not by a key that the file of signers allows at this time, or damaged.',
    why: 'Somebody tried to sign something else, or the plan was exchanged after it was signed. It is not passed over, because nobody should miss it.',
    remedy: 'Compare the digest with what was signed. Have the plan signed anew, or take the file away.',
  },
  {
    code: 'plan.signature-unchecked',
    means: 'The program `ssh-keygen` is missing, too old for `-Y verify`, or did not answer in time.',
    why: 'Without it nobody knows whether the signature is good, and what is not checked does not count.',
    remedy: 'Apply the plan on a machine with OpenSSH 8.7 or later.',
  },
];
