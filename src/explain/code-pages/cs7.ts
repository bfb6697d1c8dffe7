import { chapter } from '../../core/chapter.ts';
import type { CodePage } from '../code-page.ts';

/** Calendar Server 7 hosts. */
export const cs7Pages: readonly CodePage[] = [
  {
    code: 'cs7.no-configuration',
    means: 'There is no `config/davserver.properties` in the folder of Calendar Server 7.',
    why: 'That file exists on every installed host, so its absence shows that the folder is the wrong one. A domain map written there would be read by nobody.',
    remedy: 'Name CalendarServer_home in `cs7.hosts.NAME.home`.',
    chapter: chapter.domainMap,
  },
  {
    code: 'cs7.unknown-start',
    means: 'The command asadmin says that the container runs, and no process has the number in its process file.',
    why: 'Whether a restart is owed is told by comparing the start of the process with the age of the configuration. Without the process that would be a guess.',
    remedy:
      'Name the file with the process number in `cs7.container.pidFile`, or set `cs7.container.restart: never` and restart the container yourself.',
  },
  {
    code: 'cs7.unique-id-differs',
    means:
      '`davcore.uriinfo.permanentuniqueid` of the server names another attribute than `directory.uniqueId.attribute`.',
    why: 'Calendar Server 7 files its data under that attribute. Changing the option on a server that holds data loses the data, so reconcile never writes it.',
    remedy: 'Set `directory.uniqueId.attribute` to what the server uses.',
    chapter: chapter.overview,
  },
  {
    code: 'cs7.subject-attributes-short',
    means:
      '`davcore.uriinfo.subjectattributes` lacks one of cn, icsStatus and mail, which every installation starts with.',
    why: 'The command that the chapter prints for "add" replaces the whole list. Calendar Server 7 then no longer fetches what every look-up needs, for all users.',
    remedy:
      'Compare the list with another host or a backup of davserver.properties, and put back what is missing. Which names a site had besides cannot be known, so reconcile does not guess them.',
    chapter: chapter.subjectAttributes,
  },
];

/** Accounts in the directory. */
export const accountPages: readonly CodePage[] = [
  {
    code: 'identity.nothing-to-copy',
    means: 'An account has no unique id, and the attribute to copy it from is missing too.',
    why: 'Every user, group and resource must carry the unique id, on both sides: Calendar Server 7 knows an account by nothing else.',
    remedy: 'Give the account a value, or name in `directory.uniqueId.copyFrom` an attribute that every account has.',
    chapter: chapter.overview,
  },
  {
    code: 'cohort.member-missing',
    means: 'A cohort lists a name that is neither the uid nor the DN of an account.',
    why: 'A slip in a list leaves somebody on the wrong side without a word.',
    remedy: 'Correct the name or take it out. A DN must be written as the directory writes it.',
    chapter: chapter.accounts,
  },
  {
    code: 'cohort.no-mail',
    means: 'An account has no mail address.',
    why: 'Free/busy and invitations between the two sides go by mail address, so that nobody on the other side can reach it.',
    remedy: 'Give the account a mail attribute in the directory.',
    chapter: chapter.workflow7,
  },
  {
    code: 'cohort.domain-unmapped',
    means: 'An account that stays on Calendar Server 6 has an address in a mail domain that `domains` does not have.',
    why: 'Calendar Server 7 finds the server to ask by the domain of the address. Without a line for it the account has no free/busy for anybody on Calendar Server 7.',
    remedy: 'Add the domain to `domains`, with a Calendar Server 6 front end to ask.',
    chapter: chapter.domainMap,
  },
];
