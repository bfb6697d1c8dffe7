import { chapter } from '../core/declared.ts';
import { nextCommands } from '../core/next-command.ts';
import type { Findings } from './finding-entry.ts';

/** The directory: the connection to it, and what it answers. */
export const directory = {
  'directory.url-invalid': {
    severity: 'error',
    summary: 'The URL is not that of a directory',
    means: '`directory.url` is not the URL of an LDAP server.',
    why: 'No connection to it is possible.',
    remedy: 'Write `ldaps://host:636`, or `ldap://host:389` with `startTls: true`.',
  },
  'directory.clear-text': {
    severity: 'error',
    summary: 'The password would cross the network in clear',
    next: nextCommands.doctor,
    means: '`directory.url` is an `ldap://` URL of another machine without `startTls`.',
    why: 'The password of an identity that may change every account would cross the network in readable form.',
    remedy: 'Use an `ldaps://` URL, or set `startTls: true`. Only a directory on this machine may be used without TLS.',
  },
  'directory.old-tls': {
    severity: 'warning',
    summary: 'An old TLS is allowed for the directory',
    means: '`directory.tls` allows a TLS version before 1.2, or short keys and old signatures.',
    why: 'Known attacks can read or change such a connection. The password of an identity that may change every account crosses it.',
    remedy:
      'Update the directory server, then remove the key. Until then, keep the server and reconcile on one protected network.',
  },
  'directory.ca-unreadable': {
    severity: 'error',
    summary: 'The authority file cannot be used',
    next: nextCommands.doctor,
    means: 'The file with the authority for TLS cannot be read, or holds no PEM certificate.',
    why: 'Without the authority, the certificate of the server cannot be checked. An unchecked server could be an impostor.',
    remedy:
      'Set `directory.tls.ca` to the PEM file of the authority that signed the certificate of the directory server.',
  },
  'directory.certificate-unusable': {
    severity: 'error',
    summary: 'The client certificate cannot be used',
    means:
      'The file of `directory.tls.certificate` or its key cannot be read, does not fit, has expired, or the key can be read by other users.',
    why: 'Without a usable certificate and key, the login would fail. A key that others can read lets them log in as this identity.',
    remedy: 'The message names the file and the cause. Make the key readable for its owner only: `chmod 600 FILE`.',
  },
  'directory.certificate-ending': {
    severity: 'warning',
    summary: 'The certificate of a directory server ends soon',
    means: 'The certificate of a directory server ends within 30 days, or has ended.',
    why: 'After that, reconcile refuses the connection: nothing can be read or written.',
    remedy: 'Renew the certificate of the server.',
  },
  'directory.login-incomplete': {
    severity: 'error',
    summary: 'The login in the directory is not complete',
    means:
      'The file states only one of `directory.bindDn` and `directory.password`, only one of `directory.tls.certificate` and `directory.tls.key`, or no login at all.',
    why: 'A login needs all of its parts. Without one, the directory would treat reconcile as anonymous and hide accounts.',
    remedy:
      'State `bindDn` and `password`. To log in with a certificate instead, leave both out and state `tls.certificate` and `tls.key`. Over `ldapi://` neither is needed: the server knows the user of the process.',
  },
  'directory.server-used': {
    severity: 'note',
    summary: 'One of several directory servers was used',
    means: '`directory.url` is a list. The message names the server that the whole run used.',
    why: 'A replica can lag behind the server that accepts changes. It helps to know which one was read.',
    remedy: 'You do not have to do anything. To prefer a server, put it first in `directory.url`.',
  },
  'directory.server-down': {
    severity: 'warning',
    summary: 'A directory server of the list cannot be used',
    means: 'A server of `directory.url` could not be reached, or refused the login.',
    why: 'A run uses another server of the list. Nothing is missing, but one server less is left.',
    remedy: 'The message names the cause. Repair the server, or remove it from `directory.url`.',
  },
  'directory.unreachable': {
    severity: 'error',
    summary: 'The directory cannot be reached',
    next: nextCommands.doctor,
    means:
      'reconcile could not connect to the directory. No server listens there, the name is unknown, TLS failed, or the server is busy.',
    why: 'Accounts that cannot be read never count as accounts in order.',
    remedy:
      'The message names the cause. Check the host and port in `directory.url`, the server and the firewall. For TLS errors, check `directory.tls.ca` and the name in the certificate.',
  },
  'directory.login-refused': {
    severity: 'error',
    summary: 'The directory refuses the login',
    next: nextCommands.doctor,
    means: 'The directory refused the login, or the password is empty.',
    why: 'reconcile does not try again, because many failed logins could lock the account.',
    remedy: 'Check `directory.bindDn` and the source of `directory.password`.',
  },
  'directory.password-expiring': {
    severity: 'warning',
    summary: 'The password for the directory must be changed soon',
    means:
      'At the login, the server said that the password will expire, has expired but still works for some logins, or must be changed.',
    why: 'Once the password is no longer accepted, nothing can be read or written, perhaps in the middle of a move. Each login with an expired password uses up one of the remaining logins. Every command logs in once, and once more for each lost connection.',
    remedy:
      'Set a new password for `directory.bindDn`, and store it where `directory.password` points to. The metrics of `drift` show the remaining seconds and logins.',
  },
  'directory.password-expired': {
    severity: 'error',
    summary: 'The password for the directory must be changed',
    next: nextCommands.doctor,
    means: 'The password has expired and is no longer accepted, or the server requires a new password first.',
    why: 'reconcile does not try again, because failed logins could lock the account.',
    remedy: 'Set a new password for `directory.bindDn`, and store it where `directory.password` points to.',
  },
  'directory.identity-lost': {
    severity: 'error',
    summary: 'The directory treats the connection as another identity',
    means:
      'The server no longer treats the connection as the identity that logged in, but as another one or as anonymous.',
    why: 'Another identity sees other entries, and accounts hidden from it would look missing. None of the answers are used.',
    remedy:
      'Run the command again. If the finding returns, look for a proxy that mixes connections, or for a bind entry that was changed or locked.',
  },
  'directory.connection-lost': {
    severity: 'error',
    summary: 'The connection to the directory is lost',
    next: nextCommands.doctor,
    means:
      'The connection to the directory ended during a search or a change, could not be opened again, or was lost several times in a row.',
    why: 'A search that ended early never counts as complete, and a change that was not sent did not happen. If an idle connection is lost, reconcile opens it again once, to the same address and as the same identity.',
    remedy:
      'Run the command again when the server answers. If the finding returns, look for an idle limit of the server, of a load balancer or of a firewall.',
  },
  'directory.other-server': {
    severity: 'error',
    summary: 'Another server answers instead of the directory',
    means:
      'The connection was lost, and another server now answers at the same address: its root entry or its certificate differs.',
    why: 'Another server may lag behind the one that was changed, so accounts would look as they were before.',
    remedy: 'Set `directory.url` to one server, not to a load balancer in front of several, and run the command again.',
  },
  'directory.write-missing': {
    severity: 'error',
    summary: 'The last confirmed change is no longer in the directory',
    means:
      'The connection was lost and opened again. The entry does not show the last change that the server had confirmed.',
    why: 'Either another server answers that lags behind, or someone else changed the entry. In both cases, further answers cannot be trusted.',
    remedy:
      'Set `directory.url` to one server and run the command again. The new plan starts from what the accounts have now.',
  },
  'directory.writes-elsewhere': {
    severity: 'error',
    summary: 'This directory server does not accept changes',
    means: 'The directory server is a replica that refers every change to another server.',
    why: 'reconcile tests this before it changes the first host, with a change that cannot take effect. Otherwise hosts would be restarted for accounts that cannot be moved.',
    remedy: 'Set `directory.url` to the server that accepts changes. The message names it if the replica does.',
  },
  'directory.writes-refused': {
    severity: 'error',
    summary: 'The directory refuses changes',
    means: 'The directory is read-only, or the bind entry may not change the attributes that the plan changes.',
    why: 'reconcile tests this before it changes the first host, with a change that cannot take effect: it deletes values that no entry has.',
    remedy: 'Grant the bind entry the rights, or set `directory.url` to a server that accepts changes.',
  },
  'directory.outcome-unknown': {
    severity: 'error',
    summary: 'It is not known whether a change took effect',
    means: 'A change was sent to the directory, and the connection ended before the answer arrived.',
    why: 'The change took effect completely or not at all, but reconcile does not know which.',
    remedy: 'Plan again. The entry then shows whether the change took effect.',
  },
  'directory.filter-invalid': {
    severity: 'error',
    summary: 'The filter is not an LDAP filter',
    means: 'A search filter is not a valid LDAP filter.',
    why: 'A filter that servers read in different ways could match the wrong accounts.',
    remedy: 'Correct the filter of `directory.accounts` or of the cohort (RFC 4515).',
  },
  'directory.base-missing': {
    severity: 'error',
    summary: 'The base of a search does not exist',
    means: 'The base of a search does not exist, or the bind entry may not see it.',
    why: 'A search below a missing entry finds no accounts, which is not the same as no differences.',
    remedy:
      'Correct `directory.base`, or the base of the account class or of the cohort. Otherwise let the bind entry see the base.',
  },
  'directory.referral': {
    severity: 'error',
    summary: 'The directory refers to another server',
    means: 'The server says that everything below a base is on another server.',
    why: 'reconcile does not follow referrals: the password would go to a server that you did not name.',
    remedy: 'Set `directory.url` to a server that holds the whole base, or use a base that this server holds.',
  },
  'directory.referral-entry': {
    severity: 'warning',
    summary: 'Entries below the base refer to another server',
    means:
      'Below the base are entries of the object class `referral`, or the server itself says that a part of the tree is on another server.',
    why: 'reconcile does not follow referrals: the password would go to a server that you did not name. It does not read the accounts behind these entries, but everything else below the base.',
    remedy:
      'If no accounts are behind them, you do not have to do anything. Otherwise set `directory.url` to a server that holds the whole base, or write a separate estate file for these accounts.',
  },
  'directory.not-checked': {
    severity: 'note',
    summary: 'Something about the directory was not checked',
    means: 'The server did not answer a question about itself, or `directory.bindDn` may not read the answer.',
    why: 'reconcile does not know whether this is in order. Nothing else depends on it.',
    remedy:
      'Check it with the command in the message, as an identity that may read it, or let `directory.bindDn` read it.',
  },
  'directory.index-missing': {
    severity: 'warning',
    summary: 'The directory lacks an index for an attribute used in searches for accounts',
    means:
      'The configuration of the directory server has no index for equality or presence of the unique id attribute or the local-user attribute.',
    why: 'Calendar Server 7 looks up every account by its unique id, and `reconcile` searches for both attributes. Without an index, the server reads all entries each time. If the server has a limit or requires indexes, it refuses the search.',
    remedy:
      'Add the index with the command in the message. On a server that others depend on, check the command first: building an index of a large directory takes minutes.',
  },
  'directory.uniqueness-not-enforced': {
    severity: 'note',
    summary: 'The directory does not keep the unique id unique',
    means:
      'The directory server does not enforce a unique value of the unique id attribute. In its configuration, neither the attribute uniqueness plug-in (Sun, 389) nor the unique overlay (OpenLDAP) covers the attribute.',
    why: 'Two accounts with one unique id share their calendars on Calendar Server 7. The directory ignores case; the database of Calendar Server 7 does not.',
    remedy:
      'Configure the plug-in or the overlay for the attribute. `reconcile audit` finds accounts that share a value now.',
  },
  'directory.search-incomplete': {
    severity: 'error',
    summary: 'A search ended before it was complete',
    means: 'The server ended a search with an error or at a limit, before it had sent every entry.',
    why: 'Accounts missing from the answer would look like accounts that do not exist, so the whole answer is discarded.',
    remedy:
      'Raise the size, look-through and time limits of the bind entry, grant it the right to search, and index the attributes of the filters. The message shows the settings.',
  },
  'directory.schema-unreadable': {
    severity: 'error',
    summary: 'The directory does not show its schema',
    means: 'The directory does not show its schema to the bind entry.',
    why: 'Without it, reconcile does not know which attributes and classes exist. A filter on an unknown attribute finds no account, or all accounts, without an error.',
    remedy: 'Let the bind entry read the root entry and the schema entry that it names.',
  },
  'directory.schema-missing': {
    severity: 'error',
    summary: "The directory's schema lacks an attribute or class to write",
    means:
      "The directory's schema lacks an attribute or object class that reconcile must write, or the class does not allow the attribute.",
    why: 'The directory would refuse every write, after the hosts had already been changed.',
    remedy:
      'Load the schema of Calendar Server 7 with comm_dssetup, or set `directory.uniqueId` and `directory.localUser` to the attributes and classes of this directory.',
    chapter: chapter.accounts,
  },
  'directory.class-missing': {
    severity: 'warning',
    summary: "The directory's schema lacks the object class of some accounts",
    means:
      'A filter of `directory.accounts`, perhaps the default one, uses an object class that the schema does not have.',
    why: 'No entry can have a class that the schema lacks, so the search finds nothing. Either there are no such accounts, or the filter has a mistake and leaves accounts out.',
    remedy:
      'If there are no such accounts, write `none` instead of the filter, as in `accounts: { groups: none }`. Otherwise correct the filter.',
  },
  'directory.no-accounts': {
    severity: 'error',
    summary: 'The directory has no accounts',
    means: 'No entry matches `directory.accounts` for this identity.',
    why: 'A wrong base or missing rights are far more likely than an estate without accounts, so an empty answer is never trusted.',
    remedy: 'Check `directory.base`, the filters and the read rights of the bind entry.',
  },
  'directory.filter-undefined': {
    severity: 'error',
    summary: 'The directory cannot evaluate a filter',
    means:
      'A filter of the file uses an attribute or an object class that the schema does not have, or a value that the attribute cannot have.',
    why: 'Filters and their opposites sort accounts into cohorts. A filter that the server cannot evaluate has no opposite: OpenLDAP finds no account for either, and other servers find none or all. Accounts would count as members of the wrong cohort.',
    remedy:
      'Correct the attribute, the class or the value. To test it, run `ldapsearch` with the filter: it finds no account either.',
  },
} satisfies Findings<'directory'>;
