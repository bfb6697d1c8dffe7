import { chapter } from '../core/chapter.ts';
import type { Findings } from './finding-entry.ts';

/** Calendar Server 7. */
export const cs7 = {
  'cs7.no-configuration': {
    severity: 'error',
    summary: 'The configuration of Calendar Server 7 was not found',
    means: 'There is no `config/davserver.properties` in the folder of Calendar Server 7.',
    why: 'That file exists on every installed host, so its absence shows that the folder is the wrong one. No server would read a domain map that is written there.',
    remedy: 'Name CalendarServer_home in `cs7.hosts.NAME.home`.',
    chapter: chapter.domainMap,
  },
  'cs7.unknown-start': {
    severity: 'error',
    summary: 'When the container was started cannot be told',
    means: 'The command asadmin says that the container runs, and no process has the number in its process file.',
    why: 'Whether a restart is due follows from the start of the process and the age of the configuration. Without the process that would be a guess.',
    remedy:
      'Name the file with the process number in `cs7.container.pidFile`, or set `cs7.container.restart: never` and restart the container yourself.',
  },
  'cs7.unique-id-differs': {
    severity: 'error',
    summary: 'CS7 files its data under another attribute',
    means:
      '`davcore.uriinfo.permanentuniqueid` of the server names another attribute than `directory.uniqueId.attribute`.',
    why: 'Calendar Server 7 files its data under that attribute. Changing the option on a server that holds data loses the data, so reconcile never writes it.',
    remedy: 'Set `directory.uniqueId.attribute` to what the server uses.',
    chapter: chapter.overview,
  },
  'cs7.subject-attributes-short': {
    severity: 'warning',
    summary: 'A list of attributes lost its usual members',
    means:
      '`davcore.uriinfo.subjectattributes` lacks one of cn, icsStatus and mail, which every installation starts with.',
    why: 'The command that the chapter prints for "add" replaces the whole list. Calendar Server 7 then no longer fetches what every look-up needs, for all users.',
    remedy:
      'Compare the list with another host or a backup of davserver.properties, and put back what is missing. Which names a site had besides cannot be known, so reconcile does not guess them.',
    chapter: chapter.subjectAttributes,
  },
} satisfies Findings<'cs7'>;
