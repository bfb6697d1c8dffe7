import { chapter } from '../core/declared.ts';
import type { Findings } from './finding-entry.ts';

/** Wanted states that cannot coexist, and differences that are ignored for a while. */
export const estateCoexistence = {
  'estate.domain-on-cs7': {
    severity: 'error',
    summary: 'A domain is mapped to the wrong side',
    means: 'A route of `domains` leads to a host of Calendar Server 7.',
    why: 'Calendar Server 7 uses the domain map to find the server to ask about accounts of Calendar Server 6. Here it would ask its own side, which does not know them.',
    remedy: 'Use any front end of Calendar Server 6.',
    chapter: chapter.domainMap,
  },
  'estate.redirect-to-cs6': {
    severity: 'error',
    summary: 'The free/busy redirect points to the wrong side',
    means: '`freeBusyRedirect` names a host of Calendar Server 6.',
    why: 'Calendar Server 6 refers to that host for every account that it does not know. Those accounts are on Calendar Server 7.',
    remedy: 'Use any front end of Calendar Server 7.',
    chapter: chapter.icsConf,
  },
  'estate.loop': {
    severity: 'error',
    summary: 'Both sides have the same address',
    means: 'A host of Calendar Server 6 and one of Calendar Server 7 have the same `http` address.',
    why: 'One address is answered by one server. A redirect to it would come back to where it began, and no free/busy would ever be found.',
    remedy: 'Correct one of the two. Where both run on one machine they have different ports.',
    chapter: chapter.workflow6,
  },
  'estate.ignore-too-wide': {
    severity: 'error',
    summary: 'An entry of ignore does not name one thing',
    means:
      'An entry of `ignore` does not name exactly one thing. For the directory it names no account, or for a host it names an account.',
    why: 'An entry for the directory without `item` would ignore that attribute on every account.',
    remedy: 'For `target: directory`, set `item` to the DN of the account. For a host, remove `item`.',
  },
  'estate.ignore-not-own': {
    severity: 'error',
    summary: 'Only your own settings can be ignored',
    means: "An entry of `ignore` names a key of a host that is not one of the host's own `settings`.",
    why: 'Every host needs the settings of coexistence: one different host breaks free/busy or creates calendars on the wrong side. A key that is not managed is left alone without an entry.',
    remedy: 'Remove the entry, or correct its key.',
  },
  'ignore.away': {
    severity: ['note', 'warning'],
    summary: 'A host is away, as the file says',
    means: 'A host could not be read, and an entry of `ignore` with `key: all` says that it is away.',
    why: 'Without the entry, one dead host would make every check incomplete. Its settings are not known, so steps that need every host, such as the first move of an account, wait for it.',
    remedy:
      'Bring the host back, or remove it from the file. After the last day of the entry, the check is incomplete again.',
  },
  'ignore.answers': {
    severity: 'note',
    summary: 'A host that should be away answers',
    means: 'An entry of `ignore` with `key: all` says that a host is away, but the host answers.',
    why: 'The host is planned like every other host. If it stops answering again, the entry would hide that until its last day.',
    remedy: 'Remove the entry.',
  },
  'ignore.expired': {
    severity: ['warning', 'error'],
    summary: 'A difference is no longer ignored',
    means: 'The last day of an entry of `ignore` is over, so the difference is planned again.',
    why: 'A difference should not be ignored forever without a new decision. For two weeks after the day this is a warning. After that it is an error, and plans cannot be applied.',
    remedy: 'Remove the entry, or set a new day after you have asked its owner.',
  },
} satisfies Findings<'estate' | 'ignore'>;
