import { chapter } from '../core/declared.ts';
import type { Findings } from './finding-entry.ts';

/** The directory: the connection to it, and what it answers. */
export const directory = {
  'directory.url-invalid': {
    severity: 'error',
    summary: 'The URL is not one of a directory',
    means: '`directory.url` is not the URL of an LDAP server.',
    why: 'No connection to it is possible.',
    remedy: 'Write `ldaps://host:636`, or `ldap://host:389` with `startTls: true`.',
  },
  'directory.clear-text': {
    severity: 'error',
    summary: 'The password would cross the network in clear',
    means: '`directory.url` is an `ldap://` URL of another machine without `startTls`.',
    why: 'The password of an identity that may change every account would cross the network readable for all.',
    remedy: 'Use an `ldaps://` URL, or set `startTls: true`. Only a directory on this machine may be asked in clear.',
  },
  'directory.ca-unreadable': {
    severity: 'error',
    summary: 'The authority file cannot be used',
    means: 'The file with the authority for TLS cannot be read, or holds no PEM certificate.',
    why: 'Without the authority the certificate of the server cannot be checked, and an unchecked server could be anybody.',
    remedy:
      'Name in `directory.tls.ca` the PEM file of the authority that signed the certificate of the directory server.',
  },
  'directory.unreachable': {
    severity: 'error',
    summary: 'The directory cannot be reached',
    means:
      'No connection to the directory could be made: nothing listens there, the name is unknown, TLS failed, or the server is busy.',
    why: 'Accounts that cannot be read are never taken for accounts that are in order.',
    remedy:
      'The message names the cause. Check host and port of `directory.url`, the server itself, the firewall, and for TLS errors `directory.tls.ca` and the name in the certificate.',
  },
  'directory.login-refused': {
    severity: 'error',
    summary: 'The directory refuses the login',
    means: 'The directory refused the login, or the password is empty.',
    why: 'It is not tried again, so that the account is not locked by many failed logins.',
    remedy: 'Check `directory.bindDn` and where `directory.password` comes from.',
  },
  'directory.password-expiring': {
    severity: 'warning',
    summary: 'The password for the directory has to be changed soon',
    means:
      'The server said at the login that the password will expire, has expired and is still accepted for some logins, or has to be changed.',
    why: 'The day it is no longer accepted nothing can be read or written, perhaps in the middle of a move. Each login with an expired password uses up one of those that are left, and every command logs in once, and once more for each connection that it lost.',
    remedy:
      'Set a new password for `directory.bindDn`, and put it where `directory.password` points to. `drift` has the seconds and the logins that are left in its metrics.',
  },
  'directory.password-expired': {
    severity: 'error',
    summary: 'The password for the directory has to be changed',
    means:
      'The password has expired and is no longer accepted, or the server demands that it is changed before anything else.',
    why: 'It is not tried again, so that the account is not locked.',
    remedy: 'Set a new password for `directory.bindDn`, and put it where `directory.password` points to.',
  },
  'directory.identity-lost': {
    severity: 'error',
    summary: 'The directory no longer knows who is asking',
    means: 'The server treats the connection as that of another identity than the one that logged in, or as anonymous.',
    why: 'Another identity sees other entries: accounts that are hidden from it would look as if they did not exist. Nothing that was read is used.',
    remedy:
      'Start again. If it comes back, look for a proxy that mixes connections, or a bind entry that was changed or locked.',
  },
  'directory.connection-lost': {
    severity: 'error',
    summary: 'The connection to the directory is lost',
    means:
      'The connection to the directory ended in the middle of a search or a change, or could not be opened again, or was lost several times in a row.',
    why: 'A search that ended early is never taken for a whole one, and a change that was not sent did not happen. A connection that was idle when it was lost is opened again: to the same address, once, as the same identity.',
    remedy:
      'Run it again when the server answers. If it comes back, look for idle limits of the server, a load balancer or a firewall.',
  },
  'directory.other-server': {
    severity: 'error',
    summary: 'Another server answers in the place of the directory',
    means:
      'The connection was lost, and at the same address another server answers: its root entry or its certificate differs.',
    why: 'Another server may lag behind the one that was written to: accounts would look as they were before.',
    remedy: 'Name one server in `directory.url`, not a load balancer in front of several, and run it again.',
  },
  'directory.write-missing': {
    severity: 'error',
    summary: 'The last confirmed change is no longer in the directory',
    means:
      'The connection was lost and opened again, and the last change that the server had confirmed is not what the entry shows now.',
    why: 'Either another server answers that lags behind, or someone else changed the entry. In both cases what would be read next cannot be relied on.',
    remedy:
      'Name one server in `directory.url`, and run it again: what the accounts have now decides what is left to do.',
  },
  'directory.writes-elsewhere': {
    severity: 'error',
    summary: 'This directory server takes no changes',
    means: 'The directory server is a replica: it refers every change to another server.',
    why: 'It is asked before the first host is touched, with a change that cannot take effect: hosts that are restarted for accounts that cannot be moved are restarted for nothing.',
    remedy: 'Set `directory.url` to the server that takes changes. The message names it where the replica does.',
  },
  'directory.writes-refused': {
    severity: 'error',
    summary: 'The directory refuses changes',
    means: 'The directory is read-only, or the bind entry may not change the attributes that the plan changes.',
    why: 'It is asked before the first host is touched, with a change that cannot take effect: it deletes values that no entry has.',
    remedy: 'Give the bind entry the rights, or set `directory.url` to a server that takes changes.',
  },
  'directory.outcome-unknown': {
    severity: 'error',
    summary: 'It is not known whether a change took effect',
    means: 'A change was sent to the directory, and the connection ended before the answer came.',
    why: 'The change took effect as a whole or not at all. Which of the two is not known here.',
    remedy: 'Plan again: what the entry holds then tells which.',
  },
  'directory.filter-invalid': {
    severity: 'error',
    summary: 'The filter is not an LDAP filter',
    means: 'A search filter is not an LDAP filter.',
    why: 'A filter that servers read in different ways could match the wrong accounts.',
    remedy: 'Correct the filter of `directory.accounts` or of the cohort (RFC 4515).',
  },
  'directory.base-missing': {
    severity: 'error',
    summary: 'The base of a search does not exist',
    means: 'The base of a search does not exist, or the bind entry may not see it.',
    why: 'A search below an entry that does not exist finds no accounts, and that is not the same as no differences.',
    remedy: 'Correct `directory.base`, the base of the account class or of the cohort, or let the bind entry see it.',
  },
  'directory.referral': {
    severity: 'error',
    summary: 'The directory refers to another server',
    means: 'The server answers that everything below a base is on another server.',
    why: 'Referrals are not followed: the password would be sent to a server that you did not name.',
    remedy: 'Name in `directory.url` a server that holds the whole base, or name a base that this one holds.',
  },
  'directory.referral-entry': {
    severity: 'warning',
    summary: 'Entries below the base refer to another server',
    means:
      'Below the base are entries (object class `referral`) that stand for a part of the tree on another server, or the server says that such a part is elsewhere.',
    why: 'Referrals are not followed: the password would be sent to a server that you did not name. So accounts behind these entries are not looked at. Everything else below the base is read whole.',
    remedy:
      'If no accounts are behind them, nothing has to be done. Otherwise set `directory.url` to a server that holds the whole base, or give these accounts an estate file of their own.',
  },
  'directory.not-checked': {
    severity: 'note',
    summary: 'Something about the directory was not checked',
    means: 'The server did not answer a question about itself, or `directory.bindDn` may not read the answer.',
    why: 'It is not known whether this is in order, so nothing is said about it. Nothing else depends on it.',
    remedy:
      'Check it by hand with the command of the message, as an identity that may read it, or let `directory.bindDn` read it.',
  },
  'directory.index-missing': {
    severity: 'warning',
    summary: 'The directory has no index for an attribute that accounts are searched by',
    means:
      'The configuration of the directory server has no index for equality or presence of the unique id attribute or the local-user attribute.',
    why: 'Calendar Server 7 looks up every account by its unique id, and `reconcile` searches for both attributes. Without an index the server goes through all entries each time, and with a limit or a demand for indexes it refuses.',
    remedy:
      'Add the index: the message has the command. Check it by hand first on a server that others depend on; building an index of a large directory takes minutes.',
  },
  'directory.uniqueness-not-enforced': {
    severity: 'note',
    summary: 'The directory does not keep the unique id unique',
    means:
      'The configuration of the directory server can be read, and neither the attribute uniqueness plug-in (Sun, 389) nor the unique overlay (OpenLDAP) covers the unique id attribute.',
    why: 'Two accounts with one unique id share their calendars on Calendar Server 7. Case does not count in the directory, and does in the database of Calendar Server 7.',
    remedy:
      'Configure the plug-in or the overlay for the attribute. `reconcile audit` finds accounts that share a value today.',
  },
  'directory.search-incomplete': {
    severity: 'error',
    summary: 'A search ended before it was complete',
    means: 'The server ended a search with an error or at a limit, before every entry had come.',
    why: 'Accounts that are missing from the answer look like accounts that do not exist, so none of the answer is used.',
    remedy:
      'Lift the size, look-through and time limits of the bind entry, give it the right to search, and index the attributes of the filters. The message shows the settings.',
  },
  'directory.schema-unreadable': {
    severity: 'error',
    summary: 'The directory does not show its schema',
    means: 'The directory does not show its schema to the bind entry.',
    why: 'Without it the existence of attributes and classes is not known, and a filter on an unknown attribute finds no account or all accounts without an error.',
    remedy: 'Let the bind entry read the root entry and the schema entry it names.',
  },
  'directory.schema-missing': {
    severity: 'error',
    summary: "The directory's schema does not know what is to be written",
    means:
      "The directory's schema lacks the attribute or the object class that is to be written, or the class does not allow the attribute.",
    why: 'Every write would be refused, after the hosts had already been changed.',
    remedy:
      'Load the schema of Calendar Server 7 with comm_dssetup, or name the attribute and class that this directory has in `directory.uniqueId` and `directory.localUser`.',
    chapter: chapter.accounts,
  },
  'directory.class-missing': {
    severity: 'warning',
    summary: "The directory's schema lacks the object class of some accounts",
    means:
      'A filter of `directory.accounts`, which may be the default one, asks for an object class that the schema does not have.',
    why: 'No entry can have a class that the schema lacks, so the search for it finds nothing. It may be that there are no such accounts, or that the filter has a slip: then accounts are left out.',
    remedy:
      'State `none` in the place of the filter where there are no such accounts, as in `accounts: { groups: none }`. Otherwise correct the filter.',
  },
  'directory.no-accounts': {
    severity: 'error',
    summary: 'The directory has no accounts',
    means: 'No entry matches `directory.accounts` for this identity.',
    why: 'An estate without a single account is far less likely than a wrong base or missing rights, so a reading of nothing is never trusted.',
    remedy: 'Check `directory.base`, the filters, and what the bind entry may read.',
  },
  'directory.filter-undefined': {
    severity: 'error',
    summary: 'A filter that the directory cannot evaluate',
    means:
      'A filter of the file names an attribute or an object class that the schema does not have, or a value the attribute cannot have.',
    why: 'Accounts are sorted into cohorts by filters and their opposites. What a server cannot evaluate has no opposite: OpenLDAP finds no account either way, other servers find none or all, and accounts would count as members of the wrong cohort.',
    remedy: 'Correct the attribute, the class or the value. `ldapsearch` with the same filter finds no account either.',
  },
} satisfies Findings<'directory'>;
