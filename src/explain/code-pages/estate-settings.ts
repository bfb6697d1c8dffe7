import { chapter } from '../../core/chapter.ts';
import type { CodePage } from '../code-page.ts';

/** What may stand in the `settings` of all hosts of a side or of one host. */
export const estateSettingPages: readonly CodePage[] = [
  {
    code: 'estate.setting-value',
    means: 'A setting has a value that it cannot have; the message names the allowed ones.',
    why: 'Nobody documents what the servers make of such a value, and some keys of ics.conf take "yes" and "no" where others take "y" and "n".',
    remedy: 'Write one of the allowed values, or `~` where the setting is not to be set at all.',
  },
  {
    code: 'estate.setting-unknown',
    means: 'A setting is not among those of which something is known here. It is managed all the same.',
    why: 'The lists of known settings are not complete, so it may well be right. If it is misspelled, the server ignores the key of ics.conf, and davadmin refuses the option.',
    remedy:
      'Compare its name with the documentation of the server. The warning does not keep a plan from being applied.',
  },
  {
    code: 'estate.unique-id-attribute',
    means: 'The `settings` of Calendar Server 7 set `davcore.uriinfo.permanentuniqueid`.',
    why: 'Calendar Server 7 files the data of an account under this attribute, and changing it later loses the data of everybody.',
    remedy: 'Remove it from `settings`, and let `directory.uniqueId.attribute` say which attribute the server uses.',
    chapter: chapter.overview,
  },
];
