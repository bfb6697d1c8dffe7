import { chapter } from '../../core/chapter.ts';
import type { CodePage } from '../code-page.ts';

/** Software levels. */
export const softwarePages: readonly CodePage[] = [
  {
    code: 'software.patch-unknown',
    means:
      'The patch level of Calendar Server 6.3 could not be told: the core patch is not in the listing, or the platform is Red Hat, where patches are RPMs without the number.',
    why: 'A server below the minimum does not understand the free/busy requests of Calendar Server 7. On Solaris this keeps the plan from being applied; on Red Hat it is a warning.',
    remedy: 'Check the level by hand and state it in `cs6.hosts.NAME.patch`.',
    chapter: chapter.minimum,
  },
  {
    code: 'software.patch-too-low',
    means: 'The core patch of Calendar Server 6.3 (121657, 121658 or 121659) is below `cs6.minimumPatch`.',
    why: 'The chapter names 37 in its steps and 44 under "Minimum Software Requirements". 44 is the safer of the two and is the default.',
    remedy: 'Install a later revision of the patch, or set `cs6.minimumPatch` if you know that a lower one will do.',
    chapter: chapter.minimum,
  },
  {
    code: 'software.version-unknown',
    means: 'What `davadmin version` printed holds no version of Calendar Server 7 that could be made out.',
    why: 'Coexistence needs Calendar Server 7 Update 1 or later. The form of that answer is not documented, so this is a warning and no error.',
    remedy: 'Check by hand that it is Update 1 or later.',
    chapter: chapter.minimum,
  },
  {
    code: 'software.version-too-low',
    means: 'Calendar Server 7 is older than Update 1.',
    why: 'Before Update 1 there is no WCAP, and the free/busy redirect of Calendar Server 6 leads to a WCAP address.',
    remedy: 'Update Calendar Server 7 first.',
    chapter: chapter.minimum,
  },
];

/** Calendar Server 6 hosts. */
export const cs6Pages: readonly CodePage[] = [
  {
    code: 'cs6.no-ics-conf',
    means: 'There is no ics.conf in the documented places of the platform, or none where `config` says.',
    why: 'The installers and the guides name different places, and the one in the chapter is a placeholder.',
    remedy: 'Find the file on the host and name it in `cs6.hosts.NAME.config`. Check `platform` too.',
    chapter: chapter.icsConf,
  },
];

const grammar =
  'One parameter stands on each line, from column 1, with its name in lower case and its whole value in double quotes. What the server makes of anything else is not documented.';
const mending =
  'Where the line decides a key that is managed, the plan mends it. Otherwise it is left byte for byte: mend it by hand and restart the server.';

function brokenLine(problem: string, means: string): CodePage {
  return { code: `ics-conf.${problem}`, means, why: grammar, remedy: mending };
}

/** Lines of ics.conf that break its grammar. */
export const icsConfPages: readonly CodePage[] = [
  brokenLine('indented', 'A line of ics.conf does not begin in column 1.'),
  brokenLine('unquoted', 'A line of ics.conf has its value without quotes, or in single quotes.'),
  {
    ...brokenLine('two-assignments', 'A line of ics.conf holds two assignments.'),
    why: `${grammar} The example in the chapter prints two on one line: pasted as it is, autoprovisioning of resources stays on.`,
    chapter: chapter.icsConf,
  },
  brokenLine('trailing-text', 'A line of ics.conf goes on after the closing quote.'),
  brokenLine('upper-case-name', 'A line of ics.conf has a name that is not in lower case.'),
  brokenLine(
    'unclosed-quote',
    'A line of ics.conf has a quote that is not closed, as happens when a long value was broken over two lines.',
  ),
  brokenLine(
    'not-understood',
    'A line of ics.conf is neither a comment, which begins with an exclamation mark, nor an assignment.',
  ),
];
