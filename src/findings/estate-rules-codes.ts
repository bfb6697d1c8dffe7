import { chapter } from '../core/declared.ts';
import type { Findings } from './finding-entry.ts';

/** How the parts of the estate file must fit together. */
export const estateRules = {
  'estate.host-named-twice': {
    severity: 'error',
    summary: 'Two hosts have the same name or address',
    means: 'Two hosts have the same name, or two hosts of one side have the same address and SSH port.',
    why: 'Plans, reports and `--only` go by the name. Two entries for one machine would write the same files twice, each undoing what the other expects.',
    remedy: 'Give each host its own name, and list each machine once on each side.',
  },
  'estate.unknown-host': {
    severity: 'error',
    summary: 'A host that is not declared',
    means:
      'A route of `domains`, `freeBusyRedirect` or an entry of `ignore` names a host that the file does not declare.',
    why: 'The URLs that the two servers use for each other are made from the hosts: `domains` leads to hosts of `cs6`, and `freeBusyRedirect` to a host of `cs7`. An entry of `ignore` for a host that does not exist leaves nothing alone.',
    remedy: 'Correct the name, or declare the host under `cs6.hosts` or `cs7.hosts`.',
    chapter: chapter.domainMap,
  },
  'estate.url-without-port': {
    severity: 'error',
    summary: 'A URL without its port',
    means: 'The `http` of a host has no port.',
    why: 'The chapter demands that the free/busy redirect URL includes the port of the Calendar Server 7 host. The same value makes the lines of the domain map.',
    remedy: 'Write it as `http://host:port`, also where the port is 80 or 443.',
    chapter: chapter.icsConf,
  },
  'estate.http-missing': {
    severity: 'error',
    summary: 'A host that is asked has no http',
    means:
      'A domain is routed to a CS6 host, or `freeBusyRedirect` names a CS7 host, and the file does not say where it answers.',
    why: 'Its URL goes into the domain map or into the redirect of CS6. Only hosts that nobody asks, such as pure back ends, need none.',
    remedy: 'Give the host `http: "http://host:port"`, or name a front end there.',
  },
  'estate.restart-missing': {
    severity: 'error',
    summary: 'Commands for a restart are missing',
    means: 'A CS7 host runs in WebLogic, and the file does not state how it is restarted.',
    why: 'WebLogic has no asadmin. The scripts that start and stop it are the own ones of each site.',
    remedy: 'State `restart` for the host or for `cs7`: your commands, or `never`.',
  },
  'estate.host-key-form': {
    severity: 'warning',
    summary: 'A host key that fits no host',
    means: '`ssh.hostKey` is not a whole fingerprint, as `ssh-keygen -l` prints it.',
    why: 'A host whose key does not have this fingerprint is refused.',
    remedy: 'Copy the fingerprint whole from the console of the host.',
  },
  'estate.release-form': {
    severity: 'error',
    summary: 'A release that cannot be read',
    means: '`release` of a CS7 host is not a release of Calendar Server 7 or 8 with its update.',
    why: 'A stated release counts, and the host is not asked. Whether the server is new enough follows from the update.',
    remedy: 'Write it as `davadmin version` prints it, such as `"7.0.4.14.0"`, or as `"7 Update 3"`.',
    chapter: chapter.minimum,
  },
  'estate.not-in-this-version': {
    severity: 'warning',
    summary: 'A key that this version does not carry out',
    means: 'The file uses a key of the language that this version reads and does not carry out.',
    why: 'The key would otherwise seem to have an effect.',
    remedy: 'Do as the message says, or take the key out.',
  },
  'estate.store-on-cs6': {
    severity: 'error',
    summary: 'A store for accounts of CS6',
    means: 'A cohort that stays on Calendar Server 6 names a store.',
    why: 'The store is the value of the attribute that makes an account one of Calendar Server 7. Accounts of Calendar Server 6 must not carry it.',
    remedy: 'Remove `store` from the cohort, or set `server: cs7` if its accounts are to move.',
    chapter: chapter.accounts,
  },
  'estate.store-missing': {
    severity: 'error',
    summary: 'A CS7 cohort without a store',
    means: 'A cohort on Calendar Server 7 names no store.',
    why: 'The store is the value that the local-user attribute of its accounts gets, and without a value the accounts would still count as users of Calendar Server 6.',
    remedy: 'Add `store` with one of the names in `cs7.backends`. With a single back end that is `defaultbackend`.',
    chapter: chapter.accounts,
  },
  'estate.unknown-store': {
    severity: 'error',
    summary: 'A store that is not declared',
    means: 'A cohort names a store that is not among `cs7.backends`.',
    why: 'An account that points to a back end that does not exist has no calendar on Calendar Server 7, and none on Calendar Server 6 either.',
    remedy: 'Correct the name, or add the back end to `cs7.backends` once it exists.',
    chapter: chapter.accounts,
  },
  'estate.rest-not-last': {
    severity: 'error',
    summary: 'The cohorts must end with one that takes the rest',
    means: 'No cohort has `members: rest`, or one that has it is not the last.',
    why: 'Every account must be in exactly one cohort. Without `rest` some accounts could be in none; above other cohorts it would take all their accounts.',
    remedy:
      'End the list with one cohort that has `members: rest`, as a rule the accounts that stay on Calendar Server 6.',
  },
  'estate.dn-syntax': {
    severity: 'error',
    summary: 'A DN that is not well formed',
    means:
      'A text that should name an entry of the directory is no DN, such as a base, a group, a listed member or the account of an entry of `ignore`.',
    why: 'The directory would refuse it in the middle of a run, and an account that an entry of `ignore` protects would not be recognized.',
    remedy:
      'Correct it at the character that the finding names. Within a value, a comma is written as `\\,` or `\\2C`. Blanks, case, the order within a component, OIDs and either way to write a comma make no difference.',
  },
  'estate.filter-syntax': {
    severity: 'error',
    summary: 'An LDAP filter that is not well formed',
    means: 'An LDAP filter of the file is not well formed; the message points to the character.',
    why: 'Servers treat a broken filter in different ways, and one that matches too much or too little would move the wrong accounts.',
    remedy:
      'Correct the filter (RFC 4515): each condition has its own parentheses, and special characters of a value are written as a backslash with two hex digits.',
  },
  'estate.derived-key': {
    severity: 'error',
    summary: 'A setting that follows from the rest of the file',
    means: 'An entry of `settings` sets a key that follows from the rest of the file.',
    why: 'What coexistence needs is derived for every host alike. A second place that says the same would one day say something else.',
    remedy: 'Remove the entry. `reconcile why HOST KEY` shows which part of the file decides it.',
    chapter: chapter.icsConf,
  },
  'estate.secret-setting': {
    severity: 'error',
    summary: 'A secret in the file',
    means: 'An entry of `settings` sets a key whose name says that it holds a password.',
    why: 'The file is kept in git and its values are shown in plans, and a password belongs in neither.',
    remedy: 'Remove it from the file, set it on the host by hand, and change the password if it was ever committed.',
  },
  'estate.secret-attribute': {
    severity: 'error',
    summary: 'An attribute that holds secrets',
    means:
      'The unique id, its copy, or the local-user attribute is an attribute whose name says that it holds a secret.',
    why: 'The values of these attributes are shown in plans, which many people read.',
    remedy: 'Name the attribute that Calendar Server 7 uses, such as `davUniqueId`, `nsUniqueId` or `davStore`.',
  },
  'estate.window-zone': {
    severity: 'error',
    summary: 'A time zone that does not exist',
    means: 'A change window names a time zone that the time zone database does not have.',
    why: 'It would not be clear when the window is open, and a mistake would move it by hours.',
    remedy: 'Write a name such as `Europe/Berlin`, or `UTC`.',
  },
  'estate.window-empty': {
    severity: 'error',
    summary: 'A window that ends when it begins',
    means: 'A change window ends at the time it begins.',
    why: 'One reader takes it for a whole day, and another for no time at all.',
    remedy: 'Write `from: "00:00", to: "24:00"` for whole days, or correct one of the two.',
  },
  'estate.probe-on-both-sides': {
    severity: 'error',
    summary: 'A probe account stands under both sides',
    means: 'A mail address stands under `verify.probes.cs6` and under `verify.probes.cs7`.',
    why: 'An account is on one of the two servers. A probe that is looked for on both would fail on one of them however well everything works.',
    remedy: 'Leave it under the side that its cohort has it on.',
    chapter: chapter.overview,
  },
} satisfies Findings<'estate'>;
