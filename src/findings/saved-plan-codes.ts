import type { Findings } from './finding-entry.ts';

const sameRun =
  'Make all parts in one run: from one revision of the file, with one version of the program, and with the same number of parts.';

/** Saved plans, and plans that are made in parts. */
export const savedPlan = {
  'plan.expired': {
    severity: 'error',
    summary: 'The plan is too old',
    means:
      'The saved plan is older than `policy.planExpiry` allows, counted from the time when the live state was read.',
    why: 'Each step compares before it writes. But the plan as a whole was reviewed for the estate of that day.',
    remedy: 'Make a new plan with `reconcile plan -o plan.json` and have it reviewed.',
  },
  'plan.from-the-future': {
    severity: 'error',
    summary: 'The time of the plan is in the future',
    means: 'According to the saved plan, the live state was read more than 5 minutes after the present time.',
    why: 'A plan with a later time would expire later than the policy allows.',
    remedy: 'Compare the clocks of both machines, and make a new plan with `reconcile plan -o plan.json`.',
  },
  'plan.other-files': {
    severity: 'error',
    summary: 'The plan was made from other files',
    means: 'The saved plan does not ask for the same state as the estate files that you apply it with.',
    why: 'A plan says what to change. The estate files on this machine say how to connect, which programs to run and where files are. So both must match.',
    remedy:
      'With `-f`, name the files that the plan was made from, in the same revision. If the files are right, make a new plan. A wave that has advanced since then is a difference too.',
  },
  'plan.stray-step': {
    severity: 'error',
    summary: 'The plan contains something that the files do not manage',
    means:
      'The saved plan, or the record of a run, names a step, an entry, a setting or a file that the estate files do not manage.',
    why: 'reconcile did not make this plan from these files. Applying it could overwrite anything on a host.',
    remedy: 'Find out who wrote it. Make a new plan with `reconcile plan -o plan.json`.',
  },
  'plan.is-undo': {
    severity: 'error',
    summary: 'The plan is the record of an undo',
    means: 'The saved plan comes from the record of an undo.',
    why: 'The live state and the records of runs at the time of an undo decide what it may undo.',
    remedy: 'Undo the run with `reconcile undo RUN`.',
  },
  'plan.needs-signatures': {
    severity: 'error',
    summary: 'Only a signed plan can be applied',
    means: 'You apply estate files directly, but the policy allows only signed plans.',
    why: 'Signers sign one plan. None of them has seen a plan that is made during the apply.',
    remedy: 'Save a plan with `reconcile plan -o plan.json`, have it signed, and apply it.',
  },
  'plan.signatures-missing': {
    severity: 'error',
    summary: 'Not enough people have signed the plan',
    means:
      'Fewer different people have signed the plan than required. Two keys with one name count as one person, as do two names with one key.',
    why: 'The policy sets how many people must sign. `apply --require-signatures` sets it if the policy could have been forged together with the plan.',
    remedy:
      'Have the others sign with the command in the message. Then put their files next to the plan, or name them with `--signature`.',
  },
  'plan.signature-bad': {
    severity: 'error',
    summary: 'A signature of the plan is not valid',
    means:
      'A signature is damaged, is for another plan or not for `reconcile-plan`, or uses a key that the file of signers does not allow at this time.',
    why: 'Something else was signed, or the plan was replaced after it was signed. This is an error so that you do not miss it.',
    remedy: 'Compare the digest with the signed text. Have the plan signed again, or remove the signature file.',
  },
  'plan.signature-unchecked': {
    severity: 'error',
    summary: 'A signature of the plan cannot be checked',
    means: 'The program `ssh-keygen` is missing, too old for `-Y verify`, or did not answer in time.',
    why: 'Without the program, the signature cannot be checked, and an unchecked signature does not count.',
    remedy: 'Apply the plan on a machine with OpenSSH 8.7 or later.',
  },
  'part.unusable': {
    severity: 'error',
    summary: 'A part of a plan cannot be used',
    means: 'A file given to `merge` is not a part that this version understands, or was changed or cut off.',
    why: 'Anything missing from a part would look as if it were in sync.',
    remedy: 'Make the part again with `reconcile plan --shard i/n -o part.json`, with the same version as `merge`.',
  },
  'part.missing': {
    severity: 'error',
    summary: 'A part of a plan is missing',
    means: 'You did not give all parts of a plan.',
    why: 'The hosts and accounts of a missing part would look as if they were in sync, and limits would count too few.',
    remedy: 'Look for the job that failed, and pass the files of all parts to `merge`.',
  },
  'part.twice': {
    severity: 'error',
    summary: 'A part of a plan was given twice',
    means: 'Two files are the same part of a plan.',
    why: 'Its changes would count twice, and one of the two may be older than the other.',
    remedy: 'Pass each part once. Perhaps two jobs were started with the same number.',
  },
  'part.other': {
    severity: 'error',
    summary: 'A part of another plan',
    means:
      'The parts come from different files, from different versions of the program, or from different numbers of parts.',
    why: 'They are not parts of one plan: an account could be in two of them or in none.',
    remedy: `${sameRun} If a wave depends on dates, make all parts on one day.`,
  },
  'part.expired': {
    severity: 'error',
    summary: 'A part of a plan is too old',
    means: 'The live state of a part was read longer ago than `policy.planExpiry` allows.',
    why: 'The estate may have changed since, and the joined plan would be refused anyway.',
    remedy: sameRun,
  },
  'part.alone': {
    severity: 'error',
    summary: 'A part of a plan does not support this option',
    means: 'You gave `--shard` together with an option that needs the whole plan.',
    why: 'Changes, drift and limits are known only when all parts are joined.',
    remedy: 'Omit the option. Use `--report` and `--format` with `merge`.',
  },
} satisfies Findings<'plan' | 'part'>;
