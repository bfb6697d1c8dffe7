import type { Findings } from './finding-entry.ts';

const sameRun =
  'Make all parts in one run: from one revision of the file, with one version of the program, and with the same number of parts.';

/** Saved plans, and plans that are made in parts. */
export const savedPlan = {
  'plan.expired': {
    severity: 'error',
    summary: 'The plan is too old',
    means: 'The saved plan is older than `policy.planExpiry` lets it be, counted from when the live state was read.',
    why: 'Each step compares before it writes. What was reviewed as a whole was reviewed for the estate of that day.',
    remedy: 'Make a new one with `reconcile plan -o plan.json`, and have that one reviewed.',
  },
  'plan.from-the-future': {
    severity: 'error',
    summary: 'The plan was read later than now',
    means: 'The saved plan says that it was read more than 5 minutes later than it is now.',
    why: 'A plan with a later time would expire later than the policy allows.',
    remedy: 'Compare the clocks of both machines, and make a new plan with `reconcile plan -o plan.json`.',
  },
  'plan.other-files': {
    severity: 'error',
    summary: 'The plan was made of other files',
    means: 'The saved plan asks for something else than the estate files that it is to be carried out with.',
    why: 'A plan says what to change. How to connect, which programs to run and where files lie come from the estate files on this machine, so both must belong together.',
    remedy:
      'Name the files that the plan was made of with `-f`, from the same revision. Where the files are right, make a new plan. A wave that has gone on since the plan was made is a difference too.',
  },
  'plan.stray-step': {
    severity: 'error',
    summary: 'The plan has something in it that the files do not manage',
    means:
      'The saved plan, or the record of a run, names a step, an entry, a setting or a file that the estate files do not manage.',
    why: 'Such a plan was not made by this program from these files. Carrying it out could overwrite anything on a host.',
    remedy: 'Find out who wrote it. Make a new plan with `reconcile plan -o plan.json`.',
  },
  'plan.is-undo': {
    severity: 'error',
    summary: 'The plan takes a run back',
    means: 'The saved plan is the one that an undo was carried out with, from its record.',
    why: 'What an undo may take back depends on what is live and on the records of runs at that moment.',
    remedy: 'Take the run back with `reconcile undo RUN`.',
  },
  'plan.needs-signatures': {
    severity: 'error',
    summary: 'Only a signed plan is carried out',
    means: 'Files of an estate are to be applied directly, where only signed plans may be.',
    why: 'Signers sign one plan. One that is made in the moment it is carried out was seen by none of them.',
    remedy: 'Save a plan with `reconcile plan -o plan.json`, have it signed, and apply that.',
  },
  'plan.signatures-missing': {
    severity: 'error',
    summary: 'The plan is not signed by enough people',
    means:
      'Fewer different people have signed the plan than it takes. Two keys of one name are one, and so are two names of one key.',
    why: 'The policy says that a plan needs more than one person. `apply --require-signatures` says it where the policy could have been forged together with the plan.',
    remedy:
      'Have the others sign with the command of the message, and put their files beside the plan or name them with `--signature`.',
  },
  'plan.signature-bad': {
    severity: 'error',
    summary: 'A signature of the plan is not good',
    means:
      'A signature is not over this plan, not made for `reconcile-plan`, not by a key that the file of signers allows at this time, or damaged.',
    why: 'Something else was signed, or the plan was replaced after it was signed. It is an error, so that it is not missed.',
    remedy: 'Compare the digest with what was signed. Have the plan signed anew, or take the file away.',
  },
  'plan.signature-unchecked': {
    severity: 'error',
    summary: 'A signature of the plan cannot be checked',
    means: 'The program `ssh-keygen` is missing, too old for `-Y verify`, or did not answer in time.',
    why: 'Without it the signature cannot be checked, and an unchecked signature does not count.',
    remedy: 'Apply the plan on a machine with OpenSSH 8.7 or later.',
  },
  'part.unusable': {
    severity: 'error',
    summary: 'A part of a plan cannot be used',
    means: 'A file that `merge` was given is no part that this version understands, or was changed or cut off.',
    why: 'What a part lacks would look as if it were in sync.',
    remedy: 'Make it again with `reconcile plan --shard i/n -o part.json`, with the version that joins it.',
  },
  'part.missing': {
    severity: 'error',
    summary: 'A part of a plan is missing',
    means: 'Not all parts of a plan were given.',
    why: 'The hosts and accounts of a missing part would look as if they were in sync, and limits would count too few.',
    remedy: 'Look for the job that failed, and give the files of all parts to `merge`.',
  },
  'part.twice': {
    severity: 'error',
    summary: 'A part of a plan is there twice',
    means: 'Two files are the same part of a plan.',
    why: 'Its changes would count twice, and one of the two may be older than the other.',
    remedy: 'Give each part once. Two jobs may have been started with the same number.',
  },
  'part.other': {
    severity: 'error',
    summary: 'A part of another plan',
    means: 'Parts come from different files, versions of the program, or divisions.',
    why: 'They are no parts of one plan: an account could be in two of them, or in none.',
    remedy: `${sameRun} While a wave goes by dates, make them on one day.`,
  },
  'part.expired': {
    severity: 'error',
    summary: 'A part of a plan is too old',
    means: 'A part was read longer ago than a plan holds (`policy.planExpiry`).',
    why: 'The estate may have moved on since, and the plan of it would be refused anyway.',
    remedy: sameRun,
  },
  'part.alone': {
    severity: 'error',
    summary: 'A part of a plan takes no such option',
    means: '`--shard` was given together with an option that needs the whole plan.',
    why: 'What is planned, drift or over a limit is known when all parts are joined.',
    remedy: 'Leave the option out, and give `--report` and `--format` to `merge`.',
  },
} satisfies Findings<'plan' | 'part'>;
