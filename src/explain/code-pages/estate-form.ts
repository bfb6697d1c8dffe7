import type { CodePage } from '../code-page.ts';

/** The file as YAML, and as the schema wants it. */
export const estateFormPages: readonly CodePage[] = [
  {
    code: 'estate.yaml-syntax',
    means: 'The file is not valid YAML at the line and column that are named.',
    why: 'Nothing of the file can be trusted while a part of it cannot be read, so its keys and rules were not checked yet.',
    remedy:
      'Mend that place first. The usual causes are a colon or a hash in a value that has no quotes, lines that are indented unlike each other, and a bracket that is not closed.',
  },
  {
    code: 'estate.duplicate-key',
    means:
      'The same key stands twice in one map of the file. Names of davadmin options that differ in case only are the same.',
    why: 'Only one of the two could count, and which one would be a guess. A host or a cohort that is written twice would silently lose one of its versions.',
    remedy: 'Remove one of the two, or give it a name of its own.',
  },
  {
    code: 'estate.unknown-key',
    means: 'A key stands where the language of the file has no such key.',
    why: 'A key that means nothing is most often a slip in a name, and what it was meant to say would not happen.',
    remedy:
      'Take the name that is suggested, or move the key to where it belongs. `reconcile explain cs6.hosts` shows what is allowed there, and an editor completes the keys from `reconcile schema`.',
  },
  {
    code: 'estate.missing-key',
    means: 'A key that has no default is missing.',
    why: 'Nothing could stand in for it without a guess: an address, a base or a password has no sensible default.',
    remedy: 'Add the key. `reconcile explain KEY` shows what it holds, with an example.',
  },
  {
    code: 'estate.wrong-type',
    means:
      'A value is of another type than its key asks for, such as a number where a text belongs or a text where a map belongs.',
    why: 'YAML reads `yes`, `no`, `080` and `1.0` in ways that surprise, so a value of the wrong type is refused and never converted.',
    remedy:
      'Write the type that the message names. A text that looks like a number or a boolean goes in double quotes.',
  },
  {
    code: 'estate.wrong-value',
    means: 'A value is not among those that its key allows, or the file is of another version of the language.',
    why: 'A value that nobody knows would be passed over or misread, on production servers.',
    remedy: 'Take one of the values that the message lists.',
  },
  {
    code: 'estate.wrong-form',
    means:
      'A value has the right type but not the form its key asks for, or a map or list has too few or too many entries.',
    why: 'The value is used as it is in URLs, paths and commands: a wrong form would fail there, or mean something else.',
    remedy: 'Write it in the form that the message names. `reconcile explain KEY` shows an example.',
  },
];
