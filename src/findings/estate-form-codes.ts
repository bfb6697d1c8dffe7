import { chapter } from '../core/declared.ts';
import type { Findings } from './finding-entry.ts';

/** The form of the estate file: its keys, the types of their values, and settings of the servers. */
export const estateForm = {
  'estate.yaml-syntax': {
    severity: 'error',
    summary: 'The file is not valid YAML',
    means: 'The file is not valid YAML at the line and column in the message.',
    why: 'The file cannot be trusted while a part of it cannot be read. Its keys and rules were not checked yet.',
    remedy:
      'Correct that place first. The usual causes are a colon or a hash in a value without quotes, lines with different indentation, and a bracket that is not closed.',
  },
  'estate.duplicate-key': {
    severity: 'error',
    summary: 'The same key appears twice',
    means:
      'The same key appears twice in one map of the file. Names of davadmin options that differ only in case are the same.',
    why: 'Only one of the two could count, and choosing one would be a guess. A host or a cohort that appears twice would silently lose one of its versions.',
    remedy: 'Remove one of the two, or rename it.',
  },
  'estate.unknown-key': {
    severity: 'error',
    summary: 'Unknown key',
    means: 'The file has a key that does not exist at this place.',
    why: 'An unknown key is usually a misspelled name, and it would have no effect.',
    remedy:
      'Use the suggested name, or move the key to where it belongs. `reconcile explain cs6.hosts` shows the keys that are allowed there. With `reconcile schema`, your editor can complete the keys.',
  },
  'estate.missing-key': {
    severity: 'error',
    summary: 'A key is missing',
    means: 'A required key is missing.',
    why: 'An address, a base or a password has no sensible default, so any value would be a guess.',
    remedy: 'Add the key. `reconcile explain KEY` describes it, with an example.',
  },
  'estate.wrong-type': {
    severity: 'error',
    summary: 'A value has the wrong type',
    means:
      'A value does not have the type that its key requires, for example a number instead of a text, or a text instead of a map.',
    why: 'YAML reads `yes`, `no`, `080` and `1.0` in unexpected ways. A value of the wrong type is therefore rejected and never converted.',
    remedy:
      'Write a value of the type in the message. Put a text that looks like a number or a boolean in double quotes.',
  },
  'estate.wrong-value': {
    severity: 'error',
    summary: 'A value is not allowed',
    means: 'A value is not one that its key allows, or the file uses another version of the language.',
    why: 'An unknown value could be ignored or misread on production servers.',
    remedy: 'Use one of the values in the message.',
  },
  'estate.wrong-form': {
    severity: 'error',
    summary: 'A value has the wrong form',
    means:
      'A value has the right type but not the form that its key requires, or a map or list has too few or too many entries.',
    why: 'The value is used unchanged in URLs, paths and commands. A wrong form would fail there or mean something else.',
    remedy: 'Use the form in the message. `reconcile explain KEY` shows an example.',
  },
  'estate.setting-value': {
    severity: 'error',
    summary: 'This setting cannot have this value',
    means: 'A setting has a value that it cannot have. The message names the allowed values.',
    why: 'It is not documented what the servers do with such a value. Some keys of ics.conf take "yes" and "no", others "y" and "n".',
    remedy: 'Write one of the allowed values, or `~` if the setting must not be set.',
  },
  'estate.setting-unknown': {
    severity: 'warning',
    summary: 'An unknown setting',
    means: 'reconcile does not know a setting. It manages the setting anyway.',
    why: 'The lists of known settings are not complete, so the name may be right. If it is misspelled, the server ignores a key of ics.conf, and davadmin refuses an option.',
    remedy: 'Compare the name with the documentation of the server. You can apply a plan despite this warning.',
  },
  'estate.unique-id-attribute': {
    severity: 'error',
    summary: 'The attribute that data is stored under cannot be changed',
    means: 'The `settings` of Calendar Server 7 set `davcore.uriinfo.permanentuniqueid`.',
    why: 'Calendar Server 7 stores the data of each account under this attribute. Changing it later loses the data of every account.',
    remedy: 'Remove it from `settings`, and set `directory.uniqueId.attribute` to the attribute that the server uses.',
    chapter: chapter.overview,
  },
} satisfies Findings<'estate'>;
