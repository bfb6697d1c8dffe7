import { chapter } from '../core/declared.ts';
import type { Findings } from './finding-entry.ts';

/** Wanted states that cannot coexist, and differences that are ignored for a while. */
export const estateCoexistence = {
  'estate.domain-on-cs7': {
    severity: 'error',
    summary: 'A domain is mapped to the wrong side',
    means: 'A route of `domains` leads to a host of Calendar Server 7.',
    why: 'The domain map tells Calendar Server 7 whom to ask about accounts of Calendar Server 6. Here it would ask its own side, which does not know them.',
    remedy: 'Name a front end of Calendar Server 6; any one of them will do.',
    chapter: chapter.domainMap,
  },
  'estate.redirect-to-cs6': {
    severity: 'error',
    summary: 'The free/busy redirect points to the wrong side',
    means: '`freeBusyRedirect` names a host of Calendar Server 6.',
    why: 'Calendar Server 6 refers to that host for every account it does not know, and those are on Calendar Server 7.',
    remedy: 'Name a front end of Calendar Server 7; any one of them will do.',
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
      'An entry of `ignore` does not name one thing: for the directory it names no account, or for a host it names one.',
    why: 'An entry for the directory without `item` would leave that attribute of every account alone.',
    remedy: 'For `target: directory` name the DN of the one account in `item`; for a host leave `item` out.',
  },
  'estate.ignore-not-own': {
    severity: 'error',
    summary: 'Only own settings can be ignored',
    means: "An entry of `ignore` names a key of a host that is not one of the host's own `settings`.",
    why: 'What coexistence needs must hold on every host: one host that differs breaks free/busy or creates calendars on the wrong side. A key that is not managed is left alone without an entry.',
    remedy: 'Remove the entry, or correct its key.',
  },
  'ignore.away': {
    severity: ['note', 'warning'],
    summary: 'A host is away, as the file says',
    means: 'A host could not be read, and an entry of `ignore` with `key: all` says that it is away.',
    why: 'One dead host would keep every check incomplete. Nothing is known of its settings, so everything that needs every host, such as the first move of an account, waits for it.',
    remedy:
      'Bring the host back, or take it out of the file. After the day of the entry the check is incomplete again.',
  },
  'ignore.answers': {
    severity: 'note',
    summary: 'A host that the file calls away answers',
    means: 'An entry of `ignore` with `key: all` calls a host away, and the host answers.',
    why: 'It is planned like every other host. The next time that it does not answer, the entry would hide that until its day.',
    remedy: 'Remove the entry.',
  },
  'ignore.expired': {
    severity: ['warning', 'error'],
    summary: 'A difference is no longer ignored',
    means: 'An entry of `ignore` is past its last day, and the difference is planned again.',
    why: 'A difference that is left alone forever is not a decision. For two weeks after the day this is a warning, then an error that keeps plans from being applied.',
    remedy: 'Remove the entry, or give it another day once you have asked its owner.',
  },
} satisfies Findings<'estate' | 'ignore'>;
