import { type Command, InvalidArgumentError, Option } from 'commander';
import { listNames } from '../audit/list-formats.ts';
import { parseDuration } from '../core/units.ts';
import { defaultFile } from '../ports/local-files.ts';
import { addNotifyOptions, addWatchOptions, notifyHelp, watchHelp } from './notify-options.ts';
import { addReportOptions, addTrustOption, dateOf, names, repeated, wholeNumber } from './options.ts';

/** The limits that a command lifts by number. */
const allowances = {
  moves: 'allow this many moves to CS7, although the limit of the file is lower',
  'moves-back': 'allow this many moves back to CS6, which no limit of the file covers',
  deletes: 'allow deleting the CS6 calendars of this many accounts; undo cannot bring them back',
  restarts: 'allow restarting this many hosts, although the limit of the file is lower',
  accounts: 'continue with fewer accounts than before: the number that exists now',
  'outside-window': 'allow changing this many hosts outside their window',
} as const;

/** Gives a command that carries something out `--yes`, and the options that lift limits by number. */
export function addAgreement(command: Command, limits: readonly (keyof typeof allowances)[]): Command {
  command.option('-y, --yes', 'do not ask before applying');
  for (const name of limits) command.option(`--allow-${name} <n>`, allowances[name], wholeNumber(0));
  return command;
}

const runNoticesHelp = `
Notifications:
  They are sent at the end: when changes were made, when the command failed or
  was refused or interrupted, and when a gate closed. If there was nothing to
  do, only --ping is called. "reconcile schema run-event" describes the JSON.
${notifyHelp}`;

/** Gives a command that carries something out the options that say who hears of its end. */
export function addRunNotices(command: Command): Command {
  return addNotifyOptions(command, 'at the end').addHelpText('after', runNoticesHelp);
}

/** The options of `apply` that no other command has. */
export function addApplyOptions(command: Command): Command {
  return addRunNotices(
    addAgreement(command, ['moves', 'moves-back', 'deletes', 'restarts', 'accounts', 'outside-window']),
  )
    .addOption(repeated('--signature <file>', 'a signature of the saved plan'))
    .option(
      '--connections <file>',
      'with --signers: take hosts and logins from this file, for a signed plan without its estate files',
    )
    .option('--signers <file>', 'accept the signers in this OpenSSH allowed_signers file only, whatever the plan says')
    .option('--require-signatures <n>', 'require this many signers, whatever the plan says', wholeNumber(1));
}

const listHelp = `
For audit, 0 means that every account is good. 2 means that an account is not.

Lists:
  --list takes states (good-cs6, good-cs7, split-brain, limbo, unknown), the
  names of problems that the report prints, "not-good" and "all". The text
  report prints the list below the counts. The JSON report has it as "list".
  With csv or jsonl the output is the list alone: every account that is not
  good, unless --list names others. The other formats have no list.

  csv follows RFC 4180, in UTF-8. A field that begins with = + - @, a tab or a
  carriage return gets a ' in front, so that no spreadsheet takes it for a
  formula. Several values are separated by "; ", and problems by a space.

  With -o the list goes to the file, and the counts are printed as text.
${watchHelp}

Notifications:
  They are sent when the number of accounts with a problem changes, and when
  something cannot be read or can be read again. They name no account.
  "reconcile schema audit-event" describes the JSON.
${notifyHelp}`;

/** Gives a command the options of `audit` besides the common ones. */
export function addAuditOptions(command: Command): Command {
  return addWatchOptions(addTrustOption(addReportOptions(command, { formats: ['csv', 'jsonl'] })))
    .addOption(names('--list <name,...>', 'list the accounts with these states or problems', listNames))
    .addHelpText('after', listHelp);
}

const doctorHelp = `
For doctor, 0 means that nothing fails. 4 means that a target fails, and 1 that
every target does.

Targets and files:
  A word that ends in .yaml or .yml, has a slash, or is -, is an estate file.
  Every other word is a host of the file, or "directory". Without one, all are
  checked.`;

function hostKey(text: string): string {
  if (/^SHA256:[A-Za-z0-9+/]{43}$/.test(text)) return text;
  throw new InvalidArgumentError('Expected a fingerprint as ssh-keygen -l prints it: SHA256: and 43 characters.');
}

/** The arguments and options of `doctor` besides the common ones. */
export function addDoctorOptions(command: Command): Command {
  return addReportOptions(command)
    .argument('[target|file...]', 'hosts, "directory", and estate files (default: every target of the file)')
    .option('--trust <host>', 'show the host key of this host, ask, and add it to known_hosts; examine nothing')
    .addOption(repeated('--fingerprint <sha256>', 'with --trust: add this key without asking, and no other', hostKey))
    .addHelpText('after', doctorHelp);
}

const driftHelp = `${watchHelp}

Notifications:
  They are sent when drift appears, changes or ends, and when something cannot
  be read or can be read again. "reconcile schema drift-event" describes the
  JSON. While the command stays it remembers what it sent. --state keeps that
  for the next call.
${notifyHelp}

  OTEL_EXPORTER_OTLP_ENDPOINT and the other OpenTelemetry variables turn on
  traces.

Accepting:
  --accept takes TARGET:KEY as the report shows them: a host or "directory", and
  a setting, a mail domain or an attribute. The file is edited in place, so that
  it asks for the live value. The command shows the diff, and plans the edited
  file before it writes. "all" accepts every difference, and asks first.
  For --accept, 0 means that the file was written. 3 means that it was not, and
  the message says why.`;

/** The options of `drift` that no other command has. */
export function addDriftOptions(command: Command): Command {
  return addWatchOptions(
    addTrustOption(command)
      .addOption(names('--accept <target:key,...>', 'edit the file so that it asks for these live values; or "all"'))
      .option('-y, --yes', 'with --accept all: do not ask before writing')
      .option('--page <folder>', 'after each check, write the pages of the command page to this folder'),
  ).addHelpText('after', driftHelp);
}

const pageHelp = `
The pages are files for any web server: no script, no login. They show how
everything stands now, the runs with their plans and results, and the trends.

Without --names no page has the name of an account, a DN or a mail address of an
account. Hosts, settings, cohorts, commits and who applied are always shown.

The folder keeps the numbers of earlier days in reconcile-pages.json. Pages of
runs that are in no record any more are removed. No other file is touched. If
the folder has an index.html of something else, nothing is written.

For page, 0 means that the pages were written and everything was read. 4 means
that they were written, and say what could not be read. Differences do not
change the exit code.`;

/** Gives a command the options of `page` besides the common ones. */
export function addPageOptions(command: Command): Command {
  return addTrustOption(command)
    .requiredOption('-o, --output <folder>', 'the folder that gets the pages; index.html is the first one')
    .option('--names', 'show the names of accounts, and the full text of every finding')
    .addHelpText('after', pageHelp);
}

const snapshotHelp = `
A snapshot holds what a plan reads: ics.conf, the domain map, the options and
the process list of each host. Of each account it holds the attributes that the
plan and the filters of the file need. Passwords in files of hosts are masked.
Passwords in the directory are never read.

A snapshot holds the names and mail addresses of all accounts. Protect it like
the estate file.

A later plan may need more than today's file reads. Read it now: --attribute for
new filters, --group for new cohorts, --calendars before calendars are deleted.

For snapshot, 0 means that the snapshot is whole. 4 means that a host could not
be read. A plan from such a snapshot says so.`;

/** Gives a command the options of `snapshot` besides the common ones. */
export function addSnapshotOptions(command: Command): Command {
  return addTrustOption(command)
    .requiredOption(
      '-o, --output <file>',
      'the file to write, JSON lines packed with gzip: live.jsonl.gz; - for standard output',
    )
    .addOption(names('--attribute <name,...>', 'read these attributes of accounts as well, for later filters'))
    .addOption(repeated('--group <dn>', 'read this group as well, for a later cohort'))
    .option('--calendars', 'list the calendars of every CS6 host, even if the file deletes none')
    .addHelpText('after', snapshotHelp);
}

const verifyHelp = `
For verify, 0 means that everything works and 2 that something fails. 4 means
that something could not be tested.

If a server uses https with a certificate of your own authority, set
NODE_EXTRA_CA_CERTS to the PEM file of that authority.
${watchHelp}

Notifications:
  They are sent when free/busy begins to fail, fails in another way or works
  again, and when something cannot be tested or can be tested again. They name
  the accounts of failed look-ups. "reconcile schema verify-event" describes the
  JSON.
${notifyHelp}`;

/** Gives a command the options of `verify` besides the common ones. */
export function addVerifyOptions(command: Command): Command {
  return addWatchOptions(addTrustOption(addReportOptions(command)))
    .addOption(repeated('--probe <mail>', 'test this account, on the server that the directory has it on'))
    .option('--mail', 'send one trial message as well, to verify.mail.to and to no other address')
    .addHelpText('after', verifyHelp);
}

const importHelp = `
For import, 0 means that the file was written and everything is in sync. 2 means
that it was written, and coexistence needs changes. 3 means that something is to
be decided, or that a file would be overwritten: then no file is written. 4
means that a target could not be read. No server is changed.

Without a terminal, import asks nothing: it lists all that is to be decided,
each with the option that decides it, and the whole command line with these.

--set takes any key of the file, with dots, and its value as YAML on one line:
  --set cs6.platform=redhat
  --set 'ssh.privilege={ by: sudo, as: root }'
The command explain shows what a key means. A relative path in a value is
relative to the estate file.`;

/** The options of `import` besides the common ones. */
export function addImportOptions(command: Command): Command {
  return command
    .addOption(names('--cs6 <host,...>', 'hosts of Calendar Server 6.3: names of ~/.ssh/config, or user@host:port'))
    .addOption(names('--cs7 <host,...>', 'hosts of Calendar Server 7'))
    .addOption(repeated('--ldap <url>', 'the directory: ldaps://host:636, or ldap://host:389 with StartTLS'))
    .option('--bind-dn <dn>', 'the entry to log in with in the directory')
    .option('--password-env <name>', 'the environment variable with its password')
    .option('--password-file <file>', 'the file with its password')
    .option('--password-command <words>', 'the command that prints its password')
    .option('--davadmin-file <path>', 'the file on the CS7 hosts with the password of davadmin')
    .option('--redirect <host>', 'the CS7 host that CS6 refers to')
    .addOption(repeated('--map <domain=host>', 'the CS6 host that CS7 asks about a mail domain'))
    .addOption(repeated('--set <key=value>', 'a key of the file and its value; it wins over what is found'))
    .addOption(names('--adopt <key,...>', 'take these settings of the hosts into the file, or "all"'))
    .option('--coverage', 'list what of each target is managed, and what is not')
    .option('-o, --output <file>', 'the estate file to write', defaultFile)
    .option('--overwrite', 'replace files that exist')
    .addHelpText('after', importHelp);
}

/** Gives `runs` the options that choose among the runs. */
export function addRunFilters(command: Command): Command {
  return command
    .addOption(
      new Option('--since <time>', 'begun since then: a day (UTC), a time with its zone, or 12h, 7d ago').argParser(
        text => parseDuration(text) ?? dateOf(text),
      ),
    )
    .option('--by <name>', 'carried out by this login, or by this user of any machine')
    .option('--target <name>', 'that were to change this host, or "directory"');
}
