import { chapter } from '../core/declared.ts';
import type { Findings } from './finding-entry.ts';

/** Calendar Server 7. */
export const cs7 = {
  'cs7.no-configuration': {
    severity: 'error',
    summary: 'The configuration of Calendar Server 7 was not found',
    means: 'The folder of Calendar Server 7 has no `config/davserver.properties`.',
    why: 'Every installed host has that file, so this is the wrong folder. No server would read a domain map written there.',
    remedy: 'Set `cs7.hosts.NAME.home` to CalendarServer_home.',
    chapter: chapter.domainMap,
  },
  'cs7.unknown-start': {
    severity: 'error',
    summary: 'It is not known whether the container runs',
    means:
      'No process of the application server was found, asadmin does not report its domain, and no server answers at its address.',
    why: 'The plan needs this to decide between a start and a restart. Without it the decision would be a guess.',
    remedy:
      'Set one of the keys that the message lists: the file with the process number, the domain, your own restart commands, or `restart: never`.',
  },
  'cs7.unique-id-differs': {
    severity: 'error',
    summary: 'CS7 stores its data under another attribute',
    means:
      'The server option `davcore.uriinfo.permanentuniqueid` and the key `directory.uniqueId.attribute` name different attributes.',
    why: 'Calendar Server 7 stores its data under that attribute. Changing the option on a server with data loses the data, so reconcile never writes it.',
    remedy: 'Set `directory.uniqueId.attribute` to the attribute that the server uses.',
    chapter: chapter.overview,
  },
  'cs7.subject-attributes-short': {
    severity: 'warning',
    summary: 'A list of attributes lacks its usual entries',
    means: '`davcore.uriinfo.subjectattributes` lacks cn, icsStatus or mail. Every new installation has all three.',
    why: 'The command that the chapter prints for "add" replaces the whole list. After that, Calendar Server 7 no longer fetches attributes that it needs to look up any user.',
    remedy:
      'Compare the list with another host or with a backup of davserver.properties, and add the missing names. This is left to you, because reconcile cannot know which other names your site had.',
    chapter: chapter.subjectAttributes,
  },
  'cs7.option-unclear': {
    severity: 'warning',
    summary: 'The value of an option is not known',
    open: 'value',
    means:
      'The output of `davadmin config` for an option is not understood. `config/davserver.properties` does not help: it has another value, has no line for the option, or cannot be read.',
    why: 'Acting on a guess could overwrite a correct value. This option is left out of the plan; the rest of the host is planned.',
    remedy:
      'Run `./davadmin config -o NAME` in sbin and compare. To set the option, use `config modify` there: a value that davadmin prints is read. If the login may read davserver.properties, reconcile has a second source.',
  },
  'cs7.option-from-file': {
    severity: 'note',
    summary: 'An option was read from davserver.properties',
    means:
      'The output of `davadmin config` for an option is not understood, so the value comes from `config/davserver.properties`.',
    why: 'The output of davadmin is documented for one case only. davadmin writes this file, so its value counts.',
    remedy: 'You do not have to do anything.',
  },
  'cs7.backend-missing': {
    severity: 'warning',
    summary: 'The server does not have this back end',
    means: '`cs7.backends` has a name that the options of the server (`store.dav.NAME.*`) do not have.',
    why: 'The local-user attribute of an account holds the name of its back end. If no back end has that name, the account has no calendars. The form of those options is not documented, so this is only a warning.',
    remedy: 'Compare with `./davadmin backend list`. Then correct `cs7.backends` or add the back end.',
    chapter: chapter.accounts,
  },
} satisfies Findings<'cs7'>;

const grammar =
  'Each line has one parameter and starts in column 1. The name is in lower case, and the whole value is in double quotes. How the server reads anything else is not documented.';

/** A line of ics.conf that breaks the grammar: a warning, or a note where the plan fixes it. */
function brokenLine(means: string) {
  return {
    severity: ['warning', 'note'],
    summary: 'A line of ics.conf breaks the documented grammar',
    means,
    why: grammar,
    remedy:
      'If the line sets a managed key, the plan corrects it. Otherwise reconcile leaves it byte for byte: correct it by hand and restart the server.',
  } as const;
}

/** Calendar Server 6: its configuration, its calendars, and the software levels of both servers. */
export const cs6 = {
  'software.stated': {
    severity: 'note',
    summary: 'A software level is set in the file',
    means:
      'The estate file sets `patch` of a CS6 host or `release` of a CS7 host. That value counts, and the host is not asked.',
    why: 'Not every server reports its level. A stated level is right only as long as you keep it up to date.',
    remedy:
      'You do not have to do anything now. Change the key when you update the host, or remove it to have the host asked.',
    chapter: chapter.minimum,
  },
  'cs6.instances-unclear': {
    severity: 'error',
    summary: 'It is not known which processes are those of the managed server',
    means:
      'Processes of more than one Calendar Server 6 run on the host, and nothing shows which of them belong to the managed one.',
    why: 'The start time of its processes shows whether the server needs a restart. Processes of another instance would make that a guess, and the wrong server could count as running.',
    remedy:
      'Set `restart` of the host to your own commands; `status` must exit with 0 while the server runs. With `restart: never` you restart it yourself.',
  },
  'cs6.other-instance': {
    severity: 'note',
    summary: 'Another Calendar Server 6 runs on the host',
    means: 'The host also runs processes of Calendar Server 6 from another folder than the managed one.',
    why: 'They do not count as processes of the managed server. reconcile leaves them alone.',
    remedy:
      'If this is intended, you do not have to do anything. Otherwise set `sbin` of the host to the right folder.',
  },
  'cs6.cluster-restart': {
    severity: ['warning', 'error'],
    summary: 'A server under Sun Cluster needs its own restart commands',
    means: '`local.server.ha.enabled` is on in ics.conf, and the file does not say how to restart this server.',
    why: 'Sun Cluster treats a server stopped with stop-cal as failed. It would start it again or move it to another node. While no restart is planned, this is a warning.',
    remedy: 'Set `restart` of the host to the commands of the cluster, or to `never`.',
  },
  'software.patch-unknown': {
    severity: ['error', 'warning'],
    summary: 'The patch level of CS6 is not known',
    means:
      'The patch level of Calendar Server 6.3 could not be read. On Solaris, `showrev -p` and `patchadd -p` are missing, failed or took longer than `softwareTimeout`, or their listing does not have the core patch. On Red Hat, patches are RPMs without the number.',
    why: 'A server below the minimum does not understand the free/busy requests of Calendar Server 7. If the host has one of these commands, this is an error and the plan cannot be applied. If it has none, or runs Red Hat, this is a warning.',
    remedy: 'Check the level on the host and set `cs6.hosts.NAME.patch` to it. Then the host is not asked.',
    chapter: chapter.minimum,
  },
  'software.patch-too-low': {
    severity: 'error',
    summary: 'CS6 is not patched far enough',
    means: 'The core patch of Calendar Server 6.3 (121657, 121658 or 121659) is below `cs6.minimumPatch`.',
    why: 'The chapter names 37 in its steps and 44 under "Minimum Software Requirements". The default is 44, the safer of the two.',
    remedy: 'Install a later revision of the patch. If you know that a lower revision works, set `cs6.minimumPatch`.',
    chapter: chapter.minimum,
  },
  'software.version-unknown': {
    severity: 'warning',
    summary: 'The version of CS7 is not known',
    means:
      'The output of `davadmin version` contains no recognizable release of Calendar Server 7, or the command failed, is missing or took longer than `softwareTimeout`.',
    why: 'Coexistence needs Calendar Server 7 Update 1 or later. The form of that output is not documented, so this is a warning and not an error.',
    remedy: 'Check on the host that it is Update 1 or later, and set `cs7.hosts.NAME.release`.',
    chapter: chapter.minimum,
  },
  'software.version-too-low': {
    severity: 'error',
    summary: 'CS7 is too old',
    means: 'Calendar Server 7 is older than Update 1.',
    why: 'Releases before Update 1 have no WCAP, and the free/busy redirect of Calendar Server 6 leads to a WCAP address.',
    remedy: 'Update Calendar Server 7 first.',
    chapter: chapter.minimum,
  },
  'cs6.no-ics-conf': {
    severity: 'error',
    summary: 'ics.conf was not found',
    means: 'The file ics.conf is not in the documented places of the platform, or not at the path in `config`.',
    why: 'The installers and the guides name different places, and the one in the chapter is a placeholder.',
    remedy: 'Find the file on the host and set `cs6.hosts.NAME.config` to its path. Check `platform` too.',
    chapter: chapter.icsConf,
  },
  'cs6.anonymous-refused': {
    severity: 'warning',
    summary: 'Calendar Server 6 does not answer without a login',
    means:
      '`ics.conf` of a front end sets `service.http.allowanonymouslogin` to something other than `yes`. If the key is not set, this finding is not shown, because its default is not documented.',
    why: 'Calendar Server 7, users and `reconcile verify` ask for free/busy without a login. With this setting, the server may refuse them.',
    remedy:
      'Set it to `yes` under `settings` of the host, and run `reconcile verify`. If `verify` already works, you can keep the setting.',
  },
  'ics-conf.hash-comment': {
    severity: 'note',
    summary: 'A line of ics.conf begins with #',
    means: 'A line of ics.conf begins with `#` and contains something that looks like an assignment.',
    why: 'Comments begin with an exclamation mark; the Japanese edition of an older guide uses `#`. In both readings the line assigns nothing, so it is not a value and causes no change.',
    remedy: 'You do not have to do anything. Write `!` instead of `#` to leave no doubt.',
  },
  'ics-conf.wrapped': brokenLine(
    'A line of ics.conf ends after `=` or inside a value, and the next line has only the rest. The guides print long assignments like that.',
  ),
  'ics-conf.indented': brokenLine('A line of ics.conf does not begin in column 1.'),
  'ics-conf.unquoted': brokenLine('A line of ics.conf has its value without quotes, or in single quotes.'),
  'ics-conf.two-assignments': {
    ...brokenLine('A line of ics.conf holds two assignments.'),
    why: `${grammar} The example in the chapter prints two assignments on one line. If you paste it unchanged, autoprovisioning of resources stays on.`,
    chapter: chapter.icsConf,
  },
  'ics-conf.trailing-text': brokenLine('A line of ics.conf goes on after the closing quote.'),
  'ics-conf.upper-case-name': brokenLine('A line of ics.conf has a name that is not in lower case.'),
  'ics-conf.unclosed-quote': brokenLine(
    'A line of ics.conf has a quote that is not closed. This happens when a long value is broken over two lines.',
  ),
  'ics-conf.not-understood': brokenLine(
    'A line of ics.conf is neither a comment, which begins with an exclamation mark, nor an assignment.',
  ),
  'calendars.listing-unclear': {
    severity: 'warning',
    summary: 'Some calendars of a host may be unknown',
    open: 'value',
    means:
      '`cscal list` on a Calendar Server 6 host could not be run or failed, or its output may be incomplete. A line looks like a calendar but is not understood, the count is wrong, the output breaks off, or it differs each time.',
    why: 'A listed calendar exists, so its deletion can be planned. It is listed again by its owner before it is deleted. Only a complete listing proves that an account has no calendar; without one, an audit and the notes on moves back say that this is not known. The rest of the plan does not depend on it.',
    remedy:
      'Run `./cscal list` in sbin. Every calendar is a line `CALID: owner=… status=…`; a banner and a count may be printed too. Rename a calendar with an odd name, or delete it by its id. If the command is in another folder, set `cs6.hosts.NAME.sbin` to it.',
    chapter: chapter.migrated,
  },
  'calendars.no-owner': {
    severity: 'warning',
    summary: 'Calendars without an owner',
    means: 'A Calendar Server 6 host has calendars without a primary owner.',
    why: 'They may belong to a migrated account. Calendar Server 6 would then still treat that account as its own. Their owner is not known, so reconcile leaves them alone.',
    remedy: 'Find out who owns them. Then set the owner with `cscal modify`, or delete them by their ids.',
    chapter: chapter.migrated,
  },
  'calendars.owner-ambiguous': {
    severity: 'warning',
    summary: 'Calendars that may belong to several accounts',
    means:
      'The owner of calendars on a Calendar Server 6 host may be a migrated account or another one. The name also matches another account, is written in several ways, or matches a migrated account only in the part before its `@`.',
    why: 'Accounts of different domains can share a user id. The guides disagree about whether `cscal` minds the case of an owner. An owner may also have a domain that its account in the directory does not have. Deleting the calendars of the wrong person cannot be undone, so reconcile leaves them alone.',
    remedy:
      'Find out who owns the calendars. Set `icsCalendar` of the account to the owner that CS6 prints and plan again, or delete the calendars by hand. If an `icsCalendar` value names the calendar of another account, correct it.',
    chapter: chapter.migrated,
  },
  'calendars.hot-backup-missing': {
    severity: 'warning',
    summary: 'There is no hot backup of today',
    means:
      'The plan deletes calendars of migrated accounts on a Calendar Server 6 host. The folder in `hotBackup` has no backup of today, by the clock of that host, or cannot be listed.',
    why: 'Only a backup can restore what `cscal` deletes. `apply` looks again before its first deletion on the host, and deletes no calendar there without a backup. The rest of the plan is applied.',
    remedy:
      'Wait for the backup of the day, or find out why the server made none. If `hotBackup` names the wrong folder, correct it. If you rely on another backup, remove it.',
    chapter: chapter.migrated,
  },
  'calendars.no-copy': {
    severity: 'warning',
    summary: 'Calendars will be deleted, and no copy is known',
    means:
      'The plan deletes calendars of migrated accounts on a Calendar Server 6 host. The cohort has no `exportTo`, and the host has no `hotBackup`.',
    why: 'Only a backup can restore what `cscal` deletes, and reconcile does not know whether one exists.',
    remedy:
      'Set `hotBackup` of the host or of `cs6` to the folder of the daily hot backups, or `migrated.exportTo` of the cohort to a folder for copies. Without either, the calendars are still deleted once you allow it.',
    chapter: chapter.migrated,
  },
  'calendars.owners-unknown': {
    severity: 'warning',
    summary: 'The owners of calendars are not accounts',
    means:
      'A Calendar Server 6 host has calendars, but none of a migrated account. None of the owners that were looked up is the user id, group id or icsCalendar of an account.',
    why: 'An owner does not have to be a user id: some sites use numbers. In that case the calendars of migrated accounts are not found, and Calendar Server 6 still treats these accounts as its own.',
    remedy:
      'Compare an owner with its entry. Set `icsCalendar` of each migrated account to the owner that CS6 prints, or delete its calendars by hand. `reconcile audit` lists all calendars whose owner is not an account.',
    chapter: chapter.migrated,
  },
} satisfies Findings<'software' | 'cs6' | 'ics-conf' | 'calendars'>;
