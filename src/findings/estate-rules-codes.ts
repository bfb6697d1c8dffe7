import { chapter } from '../core/declared.ts';
import type { Findings } from './finding-entry.ts';

/** How the parts of the estate file must fit together. */
export const estateRules = {
  'estate.host-named-twice': {
    severity: 'error',
    summary: 'Two hosts have the same name or address',
    means: 'Two hosts have the same name, or two hosts of one side have the same address and SSH port.',
    why: 'Plans, reports and `--only` use the name. Two entries for one machine would write the same files twice, and each would undo the changes of the other.',
    remedy: 'Use a different name for each host, and list each machine once on each side.',
  },
  'estate.unknown-host': {
    severity: 'error',
    summary: 'A host is not declared',
    means:
      'A route of `domains`, `freeBusyRedirect`, an entry of `ignore` or `records.hosts` names a host that the file does not declare.',
    why: 'The URLs that the two servers use for each other come from the hosts: `domains` names hosts of `cs6`, and `freeBusyRedirect` a host of `cs7`. An entry of `ignore` for a missing host has no effect.',
    remedy: 'Correct the name, or declare the host under `cs6.hosts` or `cs7.hosts`.',
    chapter: chapter.domainMap,
  },
  'estate.url-without-port': {
    severity: 'error',
    summary: 'A URL has no port',
    means: 'The `http` of a host has no port.',
    why: 'The chapter requires the port of the Calendar Server 7 host in the free/busy redirect URL. The lines of the domain map use the same value.',
    remedy: 'Write it as `http://host:port`, also where the port is 80 or 443.',
    chapter: chapter.icsConf,
  },
  'estate.http-missing': {
    severity: 'error',
    summary: 'A host needs http',
    means: '`domains` names a CS6 host, or `freeBusyRedirect` a CS7 host, that has no `http`.',
    why: 'The URL of that host goes into the domain map or into the redirect of CS6. Only hosts that receive no requests, such as pure back ends, need no `http`.',
    remedy: 'Add `http: "http://host:port"` to the host, or name a front end instead.',
  },
  'estate.restart-missing': {
    severity: 'error',
    summary: 'The restart commands are missing',
    means: 'A CS7 host runs in WebLogic, and the file does not say how to restart it.',
    why: 'WebLogic has no asadmin. Each site has its own scripts to start and stop it.',
    remedy: 'Set `restart` of the host or of `cs7` to your commands or to `never`.',
  },
  'estate.host-key-form': {
    severity: 'warning',
    summary: 'The host key is not a whole fingerprint',
    means: '`ssh.hostKey` is not a whole fingerprint, as `ssh-keygen -l` prints it.',
    why: 'A host with another fingerprint is refused, so an incomplete one matches no host.',
    remedy: 'Copy the whole fingerprint from the console of the host.',
  },
  'estate.release-form': {
    severity: 'error',
    summary: 'A release is not in a known form',
    means: '`release` of a CS7 host is not a release of Calendar Server 7 or 8 that includes the update.',
    why: 'If you set a release, the host is not asked. The update shows whether the server is new enough.',
    remedy: 'Write it as `davadmin version` prints it, such as `"7.0.4.14.0"`, or as `"7 Update 3"`.',
    chapter: chapter.minimum,
  },
  'estate.store-on-cs6': {
    severity: 'error',
    summary: 'A cohort on CS6 has a store',
    means: 'A cohort that stays on Calendar Server 6 names a store.',
    why: 'The store is the value of the attribute that makes an account local to Calendar Server 7. Accounts of Calendar Server 6 must not have it.',
    remedy: 'Remove `store` from the cohort. If its accounts should move, set `server: cs7`.',
    chapter: chapter.accounts,
  },
  'estate.store-missing': {
    severity: 'error',
    summary: 'A cohort on CS7 has no store',
    means: 'A cohort on Calendar Server 7 names no store.',
    why: 'The store becomes the value of the local-user attribute of its accounts. Without a value, the accounts would still count as users of Calendar Server 6.',
    remedy:
      'Add `store` with one of the names in `cs7.backends`. With a single back end, the name is `defaultbackend`.',
    chapter: chapter.accounts,
  },
  'estate.unknown-store': {
    severity: 'error',
    summary: 'A store is not declared',
    means: 'A cohort names a store that is not among `cs7.backends`.',
    why: 'An account on a back end that does not exist has no calendar on either server.',
    remedy: 'Correct the name, or add the back end to `cs7.backends` once it exists.',
    chapter: chapter.accounts,
  },
  'estate.rest-not-last': {
    severity: 'error',
    summary: 'The last cohort must take the rest',
    means: 'No cohort has `members: rest`, or the cohort that has it is not the last.',
    why: 'Every account must be in exactly one cohort. Without `rest`, some accounts could be in none. Above other cohorts, `rest` would take all their accounts.',
    remedy:
      'End the list with one cohort that has `members: rest`. Usually it holds the accounts that stay on Calendar Server 6.',
  },
  'estate.dn-syntax': {
    severity: 'error',
    summary: 'A DN is not well formed',
    means:
      'A text that should name an entry of the directory is not a DN. It can be a base, a group, a listed member, or the account of an entry of `ignore`.',
    why: 'The directory would refuse it during a run, and an account that an entry of `ignore` protects would not be recognized.',
    remedy:
      'Correct it at the character in the message. Inside a value, write a comma as `\\,` or `\\2C`. Blanks, case, the order within a component, OIDs and the way of writing a comma make no difference.',
  },
  'estate.filter-syntax': {
    severity: 'error',
    summary: 'An LDAP filter is not well formed',
    means: 'An LDAP filter in the file is not well formed. The message points to the character.',
    why: 'Servers treat a broken filter in different ways. If it matches too much or too little, the wrong accounts would move.',
    remedy:
      'Correct the filter (RFC 4515). Each condition needs its own parentheses. Write a special character in a value as a backslash with two hex digits.',
  },
  'estate.derived-key': {
    severity: 'error',
    summary: 'A setting already follows from the rest of the file',
    means: 'An entry of `settings` sets a key whose value already follows from the rest of the file.',
    why: 'The settings that coexistence needs are derived for every host in the same way. A second definition would sooner or later contradict the first.',
    remedy: 'Remove the entry. `reconcile why HOST KEY` shows which part of the file decides it.',
    chapter: chapter.icsConf,
  },
  'estate.secret-setting': {
    severity: 'error',
    summary: 'A secret in the file',
    means: 'An entry of `settings` sets a key that holds a password, according to its name.',
    why: 'The file is kept in git, and its values appear in plans. A password belongs in neither.',
    remedy: 'Remove it from the file and set it on the host by hand. Change the password if it was ever committed.',
  },
  'estate.secret-attribute': {
    severity: 'error',
    summary: 'An attribute that holds secrets',
    means: 'According to its name, the attribute for the unique id, for its copy or for the local user holds a secret.',
    why: 'The values of these attributes appear in plans, which many people read.',
    remedy: 'Use the attribute that Calendar Server 7 uses, such as `davUniqueId`, `nsUniqueId` or `davStore`.',
  },
  'estate.window-zone': {
    severity: 'error',
    summary: 'A time zone does not exist',
    means: 'A change window names a time zone that is not in the time zone database.',
    why: 'It would not be clear when the window is open. A mistake would shift it by hours.',
    remedy: 'Write a name such as `Europe/Berlin`, or `UTC`.',
  },
  'estate.window-empty': {
    severity: 'error',
    summary: 'A window ends when it begins',
    means: 'A change window begins and ends at the same time.',
    why: 'It could mean a whole day or no time at all.',
    remedy: 'For whole days, write `from: "00:00", to: "24:00"`. Otherwise correct one of the two times.',
  },
  'estate.probe-on-both-sides': {
    severity: 'error',
    summary: 'A probe account is listed for both sides',
    means: 'The same mail address is in `verify.probes.cs6` and in `verify.probes.cs7`.',
    why: 'An account is on one of the two servers. A probe for both sides would always fail on one of them.',
    remedy: 'Keep it only on the side of its cohort.',
    chapter: chapter.overview,
  },
} satisfies Findings<'estate'>;
