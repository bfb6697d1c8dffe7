import type { CodePage } from '../code-page.ts';

/** The command line. */
export const cliPages: readonly CodePage[] = [
  {
    code: 'cli.unknown-target',
    means: '`--only` names something that is no host, no kind and not `directory`.',
    why: 'A slip in the name would otherwise plan nothing and look like success.',
    remedy: 'Use the names of the file. `reconcile plan` without `--only` shows them.',
  },
  {
    code: 'cli.only-on-saved-plan',
    means: '`--only` was given together with a saved plan.',
    why: 'A saved plan is carried out as it was reviewed, whole: leaving parts out would make it another plan than the one that was agreed to.',
    remedy: 'Make a narrower plan with `reconcile plan --only … -o plan.json` and have that one reviewed.',
  },
  {
    code: 'cli.several-plans',
    means: 'The command line of `reconcile apply` names more than one file that ends in `.json`.',
    why: 'Each saved plan was reviewed alone. What the first one changes is not what the second one was made for.',
    remedy: 'Apply one, and make a new plan for the rest. Parts of one plan are joined by `reconcile merge`.',
  },
  {
    code: 'cli.signers-missing',
    means: 'The command line asks for signatures, and does not say whose count.',
    why: 'The file that a plan names could have been chosen by the person who forged the plan.',
    remedy: 'Name a file of your own: `--signers allowed_signers --require-signatures 2`.',
  },
  {
    code: 'cli.nobody-to-ask',
    means: 'The command has to ask before it goes on, and standard input is not a terminal.',
    why: 'Nothing is changed without an agreement, and a question that nobody sees would hang a CI job.',
    remedy: 'Agree beforehand with `--yes`, best on a saved plan that somebody has read.',
  },
  {
    code: 'cli.unknown-name',
    means:
      '`reconcile explain` was asked for a name that is no finding code, no key of the file and no setting it knows.',
    why: 'A page about something similar would mislead, so the names that come near are listed instead.',
    remedy:
      'Take one of the names that are suggested, or run `reconcile explain` without a name for the list of codes.',
  },
  {
    code: 'cli.unknown-host',
    means: '`reconcile why` was asked about a host that the file does not declare, or its lock is to be broken.',
    why: 'What must be set on a host follows from its entry in the file; without one nothing does. Locks are kept on the hosts that the file names.',
    remedy:
      'Use the name that the host has under `cs6.hosts` or `cs7.hosts`, or `directory` for an attribute. `reconcile lock list` shows the names of locked hosts.',
  },
  {
    code: 'cli.unknown-setting',
    means: '`reconcile why` was asked about a key that looks like a slip of a name it knows, or like no key at all.',
    why: 'To say that such a key is left alone would be true and would mislead.',
    remedy:
      'Take one of the names that are suggested. A key that is spelled right and is not managed is answered with "left alone".',
  },
  {
    code: 'cli.listen-without-every',
    means: '`reconcile drift` was given `--metrics-listen` and no `--every`.',
    why: 'It would end after one look, before anybody could ask it for the numbers.',
    remedy: 'Let it stay with `--every 15m`, or write the numbers to a file with `--metrics-file`.',
  },
];
