import type { Findings } from './finding-entry.ts';

/** The command line, and the files and secrets on this machine. */
export const commandLine = {
  'file.unreadable': {
    severity: 'error',
    summary: 'A file cannot be read',
    means: 'A file that the command line names cannot be read.',
    why: 'Nothing can be checked or planned without it.',
    remedy:
      'Check the name, the folder the command runs in, and the permissions. Without a name `estate.yaml` is read.',
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
    means: 'A file that the command was to write, such as the plan of `-o`, cannot be written.',
    why: 'A plan that was shown but not saved cannot be applied as it was reviewed.',
    remedy:
      'Check that the folder exists, that you may write there, and that there is space left. Then run the command again.',
  },
  'cli.unknown-target': {
    severity: 'error',
    summary: '--only names nothing that is managed here',
    means: '`--only` names something that is no host, no kind and not `directory`.',
    why: 'A slip in the name would otherwise plan nothing and look like success.',
    remedy: 'Use the names of the file. `reconcile plan` without `--only` shows them.',
  },
  'cli.only-on-saved-plan': {
    severity: 'error',
    summary: '--only does not go with a saved plan',
    means: '`--only` was given together with a saved plan.',
    why: 'A saved plan is carried out as it was reviewed, whole: leaving parts out would make it another plan than the one that was agreed to.',
    remedy: 'Make a narrower plan with `reconcile plan --only … -o plan.json` and have that one reviewed.',
  },
  'cli.several-plans': {
    severity: 'error',
    summary: 'More than one saved plan',
    means: 'The command line of `reconcile apply` names more than one file that ends in `.json`.',
    why: 'Each saved plan was reviewed alone. What the first one changes is not what the second one was made for.',
    remedy: 'Apply one, and make a new plan for the rest. Parts of one plan are joined by `reconcile merge`.',
  },
  'cli.signers-missing': {
    severity: 'error',
    summary: 'Nobody is named whose signatures count',
    means: 'The command line asks for signatures, and does not say whose count.',
    why: 'The file that a plan names could have been chosen by the person who forged the plan.',
    remedy: 'Name a file of your own: `--signers allowed_signers --require-signatures 2`.',
  },
  'cli.nobody-to-ask': {
    severity: 'error',
    summary: 'There is no terminal to ask on',
    means: 'The command has to ask before it goes on, and standard input is not a terminal.',
    why: 'Nothing is changed without approval, and a question without a terminal would hang a CI job.',
    remedy: 'Agree beforehand with `--yes`, preferably on a saved plan that was reviewed.',
  },
  'cli.unknown-name': {
    severity: 'error',
    summary: 'There is nothing to explain by that name',
    means:
      '`reconcile explain` was asked for a name that is no finding code, no key of the file and no setting it knows.',
    why: 'A page about something similar would mislead, so the names that come near are listed instead.',
    remedy:
      'Take one of the names that are suggested, or run `reconcile explain` without a name for the list of codes.',
  },
  'cli.unknown-host': {
    severity: 'error',
    summary: 'The file declares no such host',
    means: '`reconcile why` was asked about a host that the file does not declare, or its lock is to be broken.',
    why: 'What must be set on a host follows from its entry in the file; without one nothing does. Locks are kept on the hosts that the file names.',
    remedy:
      'Use the name that the host has under `cs6.hosts` or `cs7.hosts`, or `directory` for an attribute. `reconcile lock list` shows the names of locked hosts.',
  },
  'cli.unknown-setting': {
    severity: 'error',
    summary: 'There is no such setting',
    means: '`reconcile why` was asked about a key that looks like a slip of a name it knows, or like no key at all.',
    why: 'To say that such a key is left alone would be true and would mislead.',
    remedy:
      'Take one of the names that are suggested. A key that is spelled right and is not managed is answered with "left alone".',
  },
  'cli.listen-without-every': {
    severity: 'error',
    summary: '--metrics-listen without --every',
    means: '`reconcile drift` was given `--metrics-listen` and no `--every`.',
    why: 'It would end after one look, before anybody could ask it for the numbers.',
    remedy: 'Let it stay with `--every 15m`, or write the numbers to a file with `--metrics-file`.',
  },
  'secret.unavailable': {
    severity: 'error',
    summary: 'A secret is not there',
    means:
      'A secret is not where the file says it is: the variable is not set, the file cannot be read, or the command failed or printed nothing.',
    why: 'Without the secret no login is possible. An empty one is never sent: some directories treat it as an anonymous login and show too little.',
    remedy: 'Set the variable, check the file and its permissions, or run the command by hand as the same user.',
  },
} satisfies Findings<'file' | 'cli' | 'secret'>;
