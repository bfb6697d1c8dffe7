import { chapter } from '../core/declared.ts';
import type { Findings } from './finding-entry.ts';

/** The form of the estate file: its keys, the types of their values, and settings of the servers. */
export const estateForm = {
  'estate.yaml-syntax': {
    severity: 'error',
    summary: 'The file is not valid YAML',
    means: 'The file is not valid YAML at the line and column that are named.',
    why: 'Nothing of the file can be trusted while a part of it cannot be read, so its keys and rules were not checked yet.',
    remedy:
      'Correct that place first. The usual causes are a colon or a hash in a value that has no quotes, lines that are indented unlike each other, and a bracket that is not closed.',
  },
  'estate.duplicate-key': {
    severity: 'error',
    summary: 'The same key stands twice',
    means:
      'The same key stands twice in one map of the file. Names of davadmin options that differ in case only are the same.',
    why: 'Only one of the two could count, and which one would be a guess. A host or a cohort that is written twice would silently lose one of its versions.',
    remedy: 'Remove one of the two, or give it a name of its own.',
  },
  'estate.unknown-key': {
    severity: 'error',
    summary: 'A key that means nothing here',
    means: 'A key stands where the language of the file has no such key.',
    why: 'A key that means nothing is most often a slip in a name, and what it was meant to say would not happen.',
    remedy:
      'Take the name that is suggested, or move the key to where it belongs. `reconcile explain cs6.hosts` shows what is allowed there, and an editor completes the keys from `reconcile schema`.',
  },
  'estate.missing-key': {
    severity: 'error',
    summary: 'A key is missing',
    means: 'A key that has no default is missing.',
    why: 'Any substitute would be a guess: an address, a base or a password has no sensible default.',
    remedy: 'Add the key. `reconcile explain KEY` shows what it holds, with an example.',
  },
  'estate.wrong-type': {
    severity: 'error',
    summary: 'A value of the wrong type',
    means:
      'A value is of another type than its key asks for, such as a number where a text belongs or a text where a map belongs.',
    why: 'YAML reads `yes`, `no`, `080` and `1.0` in ways that surprise, so a value of the wrong type is refused and never converted.',
    remedy:
      'Write the type that the message names. A text that looks like a number or a boolean goes in double quotes.',
  },
  'estate.wrong-value': {
    severity: 'error',
    summary: 'A value that is not allowed',
    means: 'A value is not among those that its key allows, or the file is of another version of the language.',
    why: 'An unknown value would be ignored or misread, on production servers.',
    remedy: 'Take one of the values that the message lists.',
  },
  'estate.wrong-form': {
    severity: 'error',
    summary: 'A value of the wrong form',
    means:
      'A value has the right type but not the form its key asks for, or a map or list has too few or too many entries.',
    why: 'The value is used as it is in URLs, paths and commands: a wrong form would fail there, or mean something else.',
    remedy: 'Write it in the form that the message names. `reconcile explain KEY` shows an example.',
  },
  'estate.setting-value': {
    severity: 'error',
    summary: 'A value that this setting cannot have',
    means: 'A setting has a value that it cannot have; the message names the allowed ones.',
    why: 'What the servers do with such a value is not documented, and some keys of ics.conf take "yes" and "no" where others take "y" and "n".',
    remedy: 'Write one of the allowed values, or `~` where the setting is not to be set at all.',
  },
  'estate.setting-unknown': {
    severity: 'warning',
    summary: 'A setting of which nothing is known here',
    means: 'A setting is not among those of which something is known here. It is managed all the same.',
    why: 'The lists of known settings are not complete, so it may well be right. If it is misspelled, the server ignores the key of ics.conf, and davadmin refuses the option.',
    remedy:
      'Compare its name with the documentation of the server. The warning does not keep a plan from being applied.',
  },
  'estate.unique-id-attribute': {
    severity: 'error',
    summary: 'The attribute that data is filed under is never changed',
    means: 'The `settings` of Calendar Server 7 set `davcore.uriinfo.permanentuniqueid`.',
    why: 'Calendar Server 7 files the data of an account under this attribute, and changing it later loses the data of everybody.',
    remedy: 'Remove it from `settings`, and let `directory.uniqueId.attribute` say which attribute the server uses.',
    chapter: chapter.overview,
  },
} satisfies Findings<'estate'>;
