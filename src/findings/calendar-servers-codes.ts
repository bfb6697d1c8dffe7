import { chapter } from '../core/declared.ts';
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
    summary: 'Whether the container runs cannot be told',
    means:
      'No process of the application server was found. The command asadmin says nothing of its domain, and nothing answers at its address.',
    why: 'Whether a start or a restart is due follows from that. Without it that would be a guess.',
    remedy:
      'State in the file what the message lists: the file with the process number, the domain, your own commands for the restart, or `restart: never`.',
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
  'cs7.option-unclear': {
    severity: 'warning',
    summary: 'The value of an option is not known',
    open: 'value',
    means:
      'What `davadmin config` printed of an option is not understood, and `config/davserver.properties` does not settle it: it differs, has no line of the option, or cannot be read.',
    why: 'A value that is guessed may be written over a better one. Nothing is planned about this option; everything else on the host is.',
    remedy:
      'Run `./davadmin config -o NAME` in sbin by hand and compare. Where the option has to be set, set it there with `config modify`: a value that davadmin prints is read. Letting the login read davserver.properties gives a second witness.',
  },
  'cs7.option-from-file': {
    severity: 'note',
    summary: 'An option was read from davserver.properties',
    means:
      '`davadmin config` printed nothing of an option that is understood, and `config/davserver.properties` has it.',
    why: 'What davadmin prints is documented for one case only. The file is what davadmin writes, so its value counts.',
    remedy: 'Nothing has to be done.',
  },
  'cs7.backend-missing': {
    severity: 'warning',
    summary: 'A back end that the server does not name',
    means:
      '`cs7.backends` has a name that is not among the back ends in the options of the server (`store.dav.NAME.*`).',
    why: 'The local-user attribute of an account holds the name of its back end. With a name that no back end has, the account has no calendars. The form of those options is not documented, so this is a warning.',
    remedy: 'Compare with `./davadmin backend list`, and correct `cs7.backends` or add the back end.',
    chapter: chapter.accounts,
  },
} satisfies Findings<'cs7'>;

const grammar =
  'One parameter stands on each line, from column 1, with its name in lower case and its whole value in double quotes. What the server makes of anything else is not documented.';

/** A line of ics.conf that breaks the grammar: a warning, or a note where the plan fixes it. */
function brokenLine(means: string) {
  return {
    severity: ['warning', 'note'],
    summary: 'A line of ics.conf breaks the documented grammar',
    means,
    why: grammar,
    remedy:
      'Where the line decides a key that is managed, the plan corrects it. Otherwise it is left byte for byte: correct it by hand and restart the server.',
  } as const;
}

/** Calendar Server 6: its configuration, its calendars, and the software levels of both servers. */
export const cs6 = {
  'software.stated': {
    severity: 'note',
    summary: 'A software level is stated in the file',
    means:
      'The estate file has `patch` of a CS6 host or `release` of a CS7 host. It counts, and the host is not asked.',
    why: 'Not every server tells its level. A stated one stays true only as long as somebody keeps it so.',
    remedy: 'Nothing has to be done. Change the key when the host is updated, or take it out to have the host asked.',
    chapter: chapter.minimum,
  },
  'cs6.instances-unclear': {
    severity: 'error',
    summary: 'Whose processes these are cannot be told',
    means:
      'Processes of more than one Calendar Server 6 run on the host. Nothing tells which of them are of the one that is managed.',
    why: 'Whether a restart is due follows from the start of its own processes. With those of another instance that would be a guess, and the wrong server could count as running.',
    remedy:
      'State `restart` of the host with commands of your own, of which `status` ends with 0 while the server runs. With `restart: never` its restart is left to you.',
  },
  'cs6.other-instance': {
    severity: 'note',
    summary: 'Another Calendar Server 6 runs on the host',
    means: 'Processes of Calendar Server 6 run there that lie below another folder than the one that is managed.',
    why: 'They do not count as processes of the managed server, and nothing is done to them.',
    remedy: 'Nothing, where that is as it should be. Otherwise state the right folder in `sbin` of the host.',
  },
  'cs6.cluster-restart': {
    severity: ['warning', 'error'],
    summary: 'A server under Sun Cluster needs commands of its own',
    means: '`local.server.ha.enabled` is on in ics.conf, and the file does not state how this server is restarted.',
    why: 'Sun Cluster takes a server that is stopped by stop-cal for one that has failed. It would start it again, or move it to another node. As long as no restart is planned this is a warning.',
    remedy: 'State `restart` of the host with the commands of the cluster, or `restart: never`.',
  },
  'software.patch-unknown': {
    severity: ['error', 'warning'],
    summary: 'The patch level of CS6 is not known',
    means:
      'The patch level of Calendar Server 6.3 could not be read: `showrev -p` and `patchadd -p` are missing, failed or took longer than `softwareTimeout`, the core patch is not in the listing, or the platform is Red Hat, where patches are RPMs without the number.',
    why: 'A server below the minimum does not understand the free/busy requests of Calendar Server 7. Where the host could be asked, this keeps the plan from being applied; where it has no such command, and on Red Hat, it is a warning.',
    remedy: 'Check the level by hand and state it in `cs6.hosts.NAME.patch`. Then the host is not asked.',
    chapter: chapter.minimum,
  },
  'software.patch-too-low': {
    severity: 'error',
    summary: 'CS6 is not patched far enough',
    means: 'The core patch of Calendar Server 6.3 (121657, 121658 or 121659) is below `cs6.minimumPatch`.',
    why: 'The chapter names 37 in its steps and 44 under "Minimum Software Requirements". 44 is the safer of the two and is the default.',
    remedy: 'Install a later revision of the patch, or set `cs6.minimumPatch` if you know that a lower one will do.',
    chapter: chapter.minimum,
  },
  'software.version-unknown': {
    severity: 'warning',
    summary: 'The version of CS7 is not known',
    means:
      'What `davadmin version` printed holds no release of Calendar Server 7 that could be made out, or it failed, is missing, or took longer than `softwareTimeout`.',
    why: 'Coexistence needs Calendar Server 7 Update 1 or later. The form of that answer is not documented, so this is a warning and no error.',
    remedy: 'Check by hand that it is Update 1 or later, and state it in `cs7.hosts.NAME.release`.',
    chapter: chapter.minimum,
  },
  'software.version-too-low': {
    severity: 'error',
    summary: 'CS7 is too old',
    means: 'Calendar Server 7 is older than Update 1.',
    why: 'Before Update 1 there is no WCAP, and the free/busy redirect of Calendar Server 6 leads to a WCAP address.',
    remedy: 'Update Calendar Server 7 first.',
    chapter: chapter.minimum,
  },
  'cs6.no-ics-conf': {
    severity: 'error',
    summary: 'ics.conf was not found',
    means: 'There is no ics.conf in the documented places of the platform, or none where `config` says.',
    why: 'The installers and the guides name different places, and the one in the chapter is a placeholder.',
    remedy: 'Find the file on the host and name it in `cs6.hosts.NAME.config`. Check `platform` too.',
    chapter: chapter.icsConf,
  },
  'cs6.anonymous-refused': {
    severity: 'warning',
    summary: 'Calendar Server 6 answers nobody without a login',
    means:
      '`service.http.allowanonymouslogin` is set in `ics.conf` of a front end, and not to `yes`. Where it is not set nothing is said: its default is not documented.',
    why: 'Calendar Server 7, users and `reconcile verify` ask for free/busy without a login. With this setting they may be refused.',
    remedy:
      'Set it to `yes` under `settings` of the host, and run `reconcile verify`. If `verify` works as it is, the setting may stay.',
  },
  'ics-conf.hash-comment': {
    severity: 'note',
    summary: 'A line of ics.conf begins with #',
    means: 'A line of ics.conf begins with `#` and holds something that looks like an assignment.',
    why: 'Comments begin with an exclamation mark; the Japanese edition of an older guide has `#`. By either reading the line assigns nothing, so it neither counts as a value nor causes a change.',
    remedy: 'Nothing has to be done. Write `!` in place of `#` to leave no doubt.',
  },
  'ics-conf.wrapped': brokenLine(
    'A line of ics.conf ends behind `=` or within a value, and the next line holds only the rest. The guides print long assignments like that.',
  ),
  'ics-conf.indented': brokenLine('A line of ics.conf does not begin in column 1.'),
  'ics-conf.unquoted': brokenLine('A line of ics.conf has its value without quotes, or in single quotes.'),
  'ics-conf.two-assignments': {
    ...brokenLine('A line of ics.conf holds two assignments.'),
    why: `${grammar} The example in the chapter prints two on one line: pasted as it is, autoprovisioning of resources stays on.`,
    chapter: chapter.icsConf,
  },
  'ics-conf.trailing-text': brokenLine('A line of ics.conf goes on after the closing quote.'),
  'ics-conf.upper-case-name': brokenLine('A line of ics.conf has a name that is not in lower case.'),
  'ics-conf.unclosed-quote': brokenLine(
    'A line of ics.conf has a quote that is not closed, as happens when a long value was broken over two lines.',
  ),
  'ics-conf.not-understood': brokenLine(
    'A line of ics.conf is neither a comment, which begins with an exclamation mark, nor an assignment.',
  ),
  'calendars.listing-unclear': {
    severity: 'warning',
    summary: 'The calendars of a host are not all known',
    open: 'value',
    means:
      '`cscal list` on a Calendar Server 6 host could not be run or failed, or calendars may be missing from what it printed: a line looks like a calendar and is not understood, its count is wrong, it breaks off, or it differs each time.',
    why: 'A calendar that is listed exists, so its deletion can be planned; it is listed again by its owner before it is deleted. That an account has no calendar is shown only by a whole listing: without one, an audit and the notes on moves back say that it is not known. Nothing else of the plan depends on it.',
    remedy:
      'Run `./cscal list` in sbin by hand. Every calendar is a line `CALID: owner=… status=…`; a banner and a count may be printed too. Rename a calendar with an odd name, or delete it by its id. Where the command is elsewhere, name its folder in `cs6.hosts.NAME.sbin`.',
    chapter: chapter.migrated,
  },
  'calendars.no-owner': {
    severity: 'warning',
    summary: 'Calendars that nobody owns',
    means: 'A Calendar Server 6 host has calendars without a primary owner.',
    why: 'They may belong to a migrated account, and then Calendar Server 6 still takes that account for its own. Their owner is not known, so they are left alone.',
    remedy: 'Find out whose they are, and give them an owner with `cscal modify`, or delete them by their ids.',
    chapter: chapter.migrated,
  },
  'calendars.owner-ambiguous': {
    severity: 'warning',
    summary: 'Calendars that may belong to several accounts',
    means:
      'The owner of calendars on a Calendar Server 6 host may be a migrated account and also another one, its name is written in several ways, or only the part before its `@` is the name of a migrated account.',
    why: 'Accounts of different domains may share a user id, the books disagree on whether `cscal` minds the case of an owner, and an owner may have a domain that the directory does not give its account. The calendars of the wrong person would be gone for ever, so they are left alone.',
    remedy:
      'Find out whose the calendars are. Set `icsCalendar` of the account to the owner that CS6 prints and plan again, or delete them by hand. If an `icsCalendar` value names the calendar of another account, correct it.',
    chapter: chapter.migrated,
  },
  'calendars.hot-backup-missing': {
    severity: 'warning',
    summary: 'There is no hot backup of today',
    means:
      'Calendars of migrated accounts are to be deleted on a Calendar Server 6 host, and the folder in `hotBackup` has no backup of today by the clock of that host, or cannot be listed.',
    why: 'What `cscal` deletes cannot be brought back but from a backup. The apply looks again before its first deletion on the host, and deletes nothing there without one. Everything else of the plan is carried out.',
    remedy:
      'Wait for the backup of the day, or find out why the server made none. Correct `hotBackup` where it names another folder, or leave it out where you rely on another backup.',
    chapter: chapter.migrated,
  },
  'calendars.no-copy': {
    severity: 'warning',
    summary: 'Calendars are to be deleted, and no copy is known',
    means:
      'Calendars of migrated accounts are to be deleted on a Calendar Server 6 host. The cohort has no `exportTo`, and the host no `hotBackup`.',
    why: 'What `cscal` deletes cannot be brought back but from a backup, and whether there is one is not known.',
    remedy:
      'Name the folder of the daily hot backups in `hotBackup` of the host or of `cs6`, or a folder for copies in `migrated.exportTo` of the cohort. Without either the calendars are deleted all the same once you allow it.',
    chapter: chapter.migrated,
  },
  'calendars.owners-unknown': {
    severity: 'warning',
    summary: 'The owners of calendars are no accounts',
    means:
      'A Calendar Server 6 host has calendars, none of a migrated account, and none of the owners that were looked up is the user id, group id or icsCalendar of an account.',
    why: 'Owners need not be user ids: a site may have numbers in their place. Then the calendars of migrated accounts are not found, and Calendar Server 6 still takes these accounts for its own.',
    remedy:
      'Compare an owner with its entry. Set `icsCalendar` of each migrated account to the owner that CS6 prints, or delete its calendars by hand. `reconcile audit` lists all calendars whose owner is no account.',
    chapter: chapter.migrated,
  },
} satisfies Findings<'software' | 'cs6' | 'ics-conf' | 'calendars'>;
