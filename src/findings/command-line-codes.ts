import type { Findings } from './finding-entry.ts';

/** The command line, and the files and secrets on this machine. */
export const commandLine = {
  'file.unreadable': {
    severity: 'error',
    summary: 'A file cannot be read',
    means: 'A file that the command line names cannot be read.',
    why: 'Nothing can be checked or planned without it.',
    remedy:
      'Check the name, the folder that you run the command in, and the permissions. Without a name, `estate.yaml` is read.',
  },
  'file.no-estate': {
    severity: 'error',
    summary: 'There is no estate file',
    means: 'No file is named, and the current folder has no `estate.yaml`.',
    why: 'The estate file says what the servers must be. Without it there is nothing to compare them with.',
    remedy:
      'Change to the folder of the file, or name it: `-f FILE`, `-C FOLDER` or the variable RECONCILE_FILE. For a new estate, begin with `reconcile example > estate.yaml`.',
  },
  'file.no-revision': {
    severity: 'error',
    summary: 'Standard input has no earlier revision',
    means: 'An option names a git revision, and the estate file is read from standard input.',
    why: 'Git finds the earlier content of a file by its name. Standard input has no name.',
    remedy: 'Name the estate file instead of `-`.',
  },
  'file.unwritable': {
    severity: 'error',
    summary: 'A file cannot be written',
    means: 'A file that the command should write, such as the plan of `-o`, cannot be written.',
    why: 'A plan that was shown but not saved cannot be reviewed and then applied.',
    remedy:
      'Check that the folder exists, that you may write to it, and that the disk has space. Then run the command again.',
  },
  'page.not-ours': {
    severity: 'error',
    summary: 'The folder has pages that reconcile did not write',
    means:
      'The folder of `-o` or `--page` has a file with the name of one of the pages, but no record of earlier pages.',
    why: 'The pages would replace files that belong to something else.',
    remedy: 'Name an empty or a new folder. If the pages are old ones of reconcile, delete them first.',
  },
  'page.other-estate': {
    severity: 'error',
    summary: 'The folder has the pages of another estate',
    means: 'The record of earlier pages in the folder of `-o` or `--page` is of an estate with another name.',
    why: 'The pages and the trends of the other estate would be lost.',
    remedy: 'Name a folder for each estate. After an estate was renamed, delete `reconcile-pages.json` and the pages.',
  },
  'page.history-unreadable': {
    severity: 'error',
    summary: 'The record of earlier pages cannot be read',
    means:
      'The file `reconcile-pages.json` in the folder of `-o` or `--page` is damaged, or a newer version of reconcile wrote it.',
    why: 'It has the numbers of earlier days, which the trends are drawn from. Writing it again would lose them.',
    remedy: 'Restore the file. To begin again without the earlier numbers, delete it and the pages.',
  },
  'cli.unknown-target': {
    severity: 'error',
    summary: '--only or --except names nothing that is managed here',
    means: '`--only` or `--except` names something that is not a host, not a cohort, not a kind and not `directory`.',
    why: 'Otherwise a mistyped name of `--only` would plan nothing and look like success, and one of `--except` would change what you meant to leave alone.',
    remedy: 'Use the names in the file. `reconcile plan` without these options shows them.',
  },
  'cli.nothing-chosen': {
    severity: 'error',
    summary: '--only and --except together leave nothing',
    means: 'All that `--only` names is also among the names of `--except`, or everything is.',
    why: 'Such a plan would be empty and look like success.',
    remedy: 'Name less in `--except`, or more in `--only`.',
  },
  'cli.at-in-the-past': {
    severity: 'error',
    summary: 'The time of --at is in the past',
    means: '`plan --at` names a day or a time that is over.',
    why: 'The live state is that of now. What would have been planned on an earlier day with the state of now has no use, and looks like a record of that day.',
    remedy: 'Name today or a later day. What was done in the past is in the records: `reconcile runs`.',
  },
  'cli.only-on-saved-plan': {
    severity: 'error',
    summary: '--only, --except and --origin cannot be used with a saved plan',
    means: 'You gave `--only`, `--except` or `--origin` together with a saved plan.',
    why: 'A saved plan is applied whole, as it was reviewed. Without some of its parts it would be another plan than the one that was approved.',
    remedy: 'Make a smaller plan with `reconcile plan --only … -o plan.json` and have it reviewed.',
  },
  'cli.accept-alone': {
    severity: 'error',
    summary: '--accept cannot be combined with this',
    means: '`drift --accept` was given together with something that has no meaning for it.',
    why: '`--accept` reads the estate once and edits files. It does not repeat, notify or compare with another revision, and its output is text or JSON.',
    remedy: 'Use `drift --accept` with estate files, `--runs`, `--format text` or `json`, and `--yes` only.',
  },
  'cli.several-plans': {
    severity: 'error',
    summary: 'More than one saved plan',
    means: 'The command line of `reconcile apply` names more than one file that ends in `.json`.',
    why: 'Each saved plan was reviewed on its own. After the first plan, the estate is no longer the one that the second plan was made for.',
    remedy: 'Apply one plan, and make a new plan for the rest. To join the parts of one plan, use `reconcile merge`.',
  },
  'cli.signers-missing': {
    severity: 'error',
    summary: 'The trusted signers are not named',
    means: 'The command line requires signatures but does not say whose signatures count.',
    why: 'A person who forged the plan could also have chosen the file of signers that it names.',
    remedy: 'Name your own file: `--signers allowed_signers --require-signatures 2`.',
  },
  'cli.nobody-to-ask': {
    severity: 'error',
    summary: 'The command must ask, but there is no terminal',
    means: 'The command must ask for approval, and standard input is not a terminal.',
    why: 'Nothing is changed without approval, and a question without a terminal would hang a CI job.',
    remedy: 'Approve in advance with `--yes`, preferably for a saved plan that was reviewed.',
  },
  'cli.unknown-name': {
    severity: 'error',
    summary: 'There is nothing to explain by that name',
    means:
      'You asked `reconcile explain` for a name that is not a finding code, not a key of the file and not a known setting.',
    why: 'A page about something similar would mislead you, so similar names are listed instead.',
    remedy: 'Use one of the suggested names, or run `reconcile explain` without a name for the list of codes.',
  },
  'cli.unknown-host': {
    severity: 'error',
    summary: 'The file declares no such host',
    means:
      'You asked `reconcile why` about a host that the file does not declare, or tried to break the lock of such a host.',
    why: 'The settings of a host follow from its entry in the file, so a host without an entry has none. Locks are kept on the hosts that the file names.',
    remedy:
      'Use the name of the host under `cs6.hosts` or `cs7.hosts`, or `directory` for an attribute. `reconcile lock list` shows the names of locked hosts.',
  },
  'cli.unknown-setting': {
    severity: 'error',
    summary: 'There is no such setting',
    means:
      'You asked `reconcile why` about a key that looks like a misspelled name, or does not look like a key at all.',
    why: 'The answer "left alone" would be true, but it would mislead you.',
    remedy:
      'Use one of the suggested names. For a correctly spelled key that is not managed, the answer is "left alone".',
  },
  'cli.listen-without-every': {
    severity: 'error',
    summary: '--metrics-listen without --every',
    means: 'The command has the option `--metrics-listen`, but not `--every`.',
    why: 'The command would end after one check, before a collector could read the metrics.',
    remedy: 'Keep it running with `--every 15m`, or write the metrics to a file with `--metrics-file`.',
  },
  'cli.list-alone': {
    severity: 'error',
    summary: 'A list cannot be combined with notifications',
    means:
      'You gave `audit` a list (`--list`, or the format csv or jsonl), and an option that repeats, notifies or measures.',
    why: 'A list names every account. Notifications and metrics have only numbers, and a repeated check prints only what changed.',
    remedy: 'Run `reconcile audit --list not-good` as a command of its own.',
  },
  'secret.unavailable': {
    severity: 'error',
    summary: 'A secret is missing',
    means:
      'A secret is not where the file says. The variable is not set, the file cannot be read, or the command failed or printed nothing.',
    why: 'Without the secret, no login is possible. An empty secret is never sent: some directories treat it as an anonymous login and show too few entries.',
    remedy: 'Set the variable, check the file and its permissions, or run the command by hand as the same user.',
  },
} satisfies Findings<'file' | 'page' | 'cli' | 'secret'>;
