import { chapter } from '../core/declared.ts';
import { allowedInWords, type KnownSetting, knownSetting } from '../products/known-setting.ts';
import { products } from '../products/products.ts';

/** Where a live setting is. */
type SettingPlace =
  | 'a key of ics.conf, on every Calendar Server 6 host'
  | 'a davadmin option, on every Calendar Server 7 host'
  | 'a file on every Calendar Server 7 host'
  | 'a file on every Calendar Server 6 host'
  | 'an attribute of accounts in the directory'
  | 'an object class of accounts in the directory';

/** What `reconcile explain` tells about something that is set on a server or in the directory. */
export interface LiveSetting {
  readonly name: string;
  readonly place: SettingPlace;
  readonly does: string;
  /** What reconcile sets it to, and why. */
  readonly wanted: string;
  /** What breaks where it is not so. */
  readonly without: string;
  readonly chapter?: string;
  /** Keys of the file that decide it. */
  readonly decidedBy: readonly string[];
}

const icsConf = {
  place: 'a key of ics.conf, on every Calendar Server 6 host',
  chapter: chapter.icsConf,
  decidedBy: ['cs6.hosts'],
} as const;

/** ics.conf, and what coexistence needs in it. */
const cs6Settings: readonly LiveSetting[] = [
  {
    name: 'ics.conf',
    place: 'a file on every Calendar Server 6 host',
    does: 'The configuration of Calendar Server 6, with one parameter on each line and its whole value in double quotes. The server reads it when it starts. If a parameter has several lines, the last one counts.',
    wanted:
      'The six keys that coexistence needs, and the keys in `settings` of the host. Existing lines are edited in place, and missing lines are added in a section at the end. Everything else stays byte for byte.',
    without: 'Calendar Server 6 would answer for accounts that have moved, or for no account of Calendar Server 7.',
    chapter: chapter.icsConf,
    decidedBy: ['cs6.hosts', 'cs6.hosts.*.config', 'cs6.hosts.*.settings'],
  },
  {
    ...icsConf,
    name: 'service.http.caldavcompatible',
    does: 'Lets Calendar Server 6 answer the iSchedule free/busy requests of Calendar Server 7.',
    wanted: 'Always "yes" on every host, because Calendar Server 7 may ask any front end.',
    without: 'Users of Calendar Server 7 see no free/busy of users who are still on Calendar Server 6.',
  },
  {
    ...icsConf,
    name: 'service.wcap.freebusy.redirecturl',
    does: 'The address that Calendar Server 6 returns for an invitee who is not in its own database.',
    wanted:
      'The `http` of the host that `freeBusyRedirect` names, followed by /davserver/wcap/get_freebusy.wcap. It must include the port, even 80 or 443. Any front end of Calendar Server 7 works.',
    without:
      'Users of Calendar Server 6 see no free/busy of users who have moved. If the address leads back to Calendar Server 6, requests loop.',
    decidedBy: ['freeBusyRedirect', 'cs7.hosts.*.http'],
  },
  {
    ...icsConf,
    name: 'local.autoprovision',
    does: 'Creates the default calendar of a user automatically. The default is "yes".',
    wanted: 'Always "no". Every host must run with it before the first account moves.',
    without:
      'Calendar Server 6 creates a calendar for a user who has moved, and then treats the user as its own. It answers with stale free/busy and keeps invitations to itself.',
  },
  {
    ...icsConf,
    name: 'user.invite.autoprovision',
    does: 'Creates a calendar when an invitation reaches a user who has none in the local database.',
    wanted: 'Always "no". Then an invitation is sent by mail (iMIP) and reaches Calendar Server 7.',
    without: 'The first invitation to a moved user creates a calendar on the old side, and the user never sees it.',
  },
  {
    ...icsConf,
    name: 'group.invite.autoprovision',
    does: 'Creates a calendar when an invitation reaches a group that has none in the local database.',
    wanted: 'Always "no". Then an invitation is sent by mail (iMIP).',
    without: 'The first invitation to a moved group creates a calendar for it on the old side.',
  },
  {
    ...icsConf,
    name: 'resource.invite.autoprovision',
    does: 'Creates a calendar when an invitation reaches a resource that has none in the local database.',
    wanted:
      'Always "no". Then an invitation is sent by mail (iMIP). The chapter prints this key on one line with another assignment, where its effect is uncertain. reconcile writes it on its own line.',
    without:
      'The first booking of a moved room creates a calendar for it on the old side, and the room is booked twice.',
  },
];

const option = {
  place: 'a davadmin option, on every Calendar Server 7 host',
} as const;

/** Options and files of Calendar Server 7. */
const cs7Settings: readonly LiveSetting[] = [
  {
    name: 'ischeduledomainmap.properties',
    place: 'a file on every Calendar Server 7 host',
    does: 'Defines which Calendar Server 6 host Calendar Server 7 asks for free/busy. Each mail domain has one line, `domain=URL`.',
    wanted:
      'One line for each entry of `domains`: the `http` of the host that it names, followed by /ischedule/. Other lines stay as they are. Every host gets the same lines and is restarted after a change.',
    without: 'Users of Calendar Server 7 see no free/busy of users of that domain who are still on Calendar Server 6.',
    chapter: chapter.domainMap,
    decidedBy: ['domains', 'cs6.hosts.*.http'],
  },
  {
    ...option,
    name: 'davcore.scheduling.localuserattr',
    does: 'Names the LDAP attribute whose presence makes an account local to Calendar Server 7. Without the option, every account in the directory counts as local.',
    wanted:
      'The attribute of `directory.localUser`, but only after the accounts have it. As soon as the option is set, every account without the attribute counts as one of Calendar Server 6.',
    without: 'Calendar Server 7 treats users of Calendar Server 6 as its own and answers with an empty calendar.',
    chapter: chapter.localUser,
    decidedBy: ['directory.localUser.attribute'],
  },
  {
    ...option,
    name: 'davcore.uriinfo.subjectattributes',
    does: 'The list of LDAP attributes that Calendar Server 7 fetches for an account.',
    wanted:
      'If the local-user attribute or the unique id is missing, it is added at the end, before the option that uses it is set. All other names are kept. `davadmin config modify` replaces the whole list, so the list is read first and read back.',
    without:
      'An attribute that is not fetched looks absent, so every account counts as one of Calendar Server 6. A list replaced by one name breaks look-ups of all users.',
    chapter: chapter.subjectAttributes,
    decidedBy: ['directory.localUser.attribute', 'directory.uniqueId.attribute'],
  },
  {
    ...option,
    name: 'davcore.uriinfo.permanentuniqueid',
    does: 'Names the LDAP attribute under which Calendar Server 7 stores the data of an account.',
    wanted:
      'reconcile compares it with `directory.uniqueId.attribute` and never writes it. A change on a server with data loses that data.',
    without: 'The server would look for other unique ids than those in the directory.',
    chapter: chapter.overview,
    decidedBy: ['directory.uniqueId.attribute'],
  },
];

const attribute = { place: 'an attribute of accounts in the directory' } as const;

/** What accounts carry in the directory. */
const accountSettings: readonly LiveSetting[] = [
  {
    ...attribute,
    name: 'davStore',
    does: 'The back end of Calendar Server 7 with the calendars of the account. If it is the local-user attribute, its presence makes the account local to Calendar Server 7.',
    wanted:
      'The `store` of the cohort on accounts of Calendar Server 7, and absent on those of Calendar Server 6. With a single back end, the value is defaultbackend. `directory.localUser.attribute` can name another attribute.',
    without:
      'A moved account without it counts as one of Calendar Server 6, which no longer knows it. An account of Calendar Server 6 with it is looked for on Calendar Server 7.',
    chapter: chapter.accounts,
    decidedBy: ['cohorts.*.store', 'cohorts.*.server', 'directory.localUser.attribute'],
  },
  {
    ...attribute,
    name: 'davUniqueId',
    does: 'Identifies an account on Calendar Server 7: in its database, in access control and in subscriptions. Case counts there, but not in LDAP.',
    wanted:
      'Present on every user, group and resource of both sides. If it is missing, it is copied from `directory.uniqueId.copyFrom`. It is never changed. The chapter requires it, but none of its steps adds it.',
    without: 'Calendar Server 7 cannot identify the account. If the value changes, the account loses its data.',
    chapter: chapter.overview,
    decidedBy: ['directory.uniqueId.attribute', 'directory.uniqueId.copyFrom'],
  },
  {
    ...attribute,
    name: 'nsUniqueId',
    does: 'The identifier that the directory server itself assigns to every entry. It changes when an entry is deleted and created again.',
    wanted: 'reconcile copies it to accounts without a unique id, and never writes it.',
    without: 'An account with neither this attribute nor a unique id is reported as `identity.nothing-to-copy`.',
    chapter: chapter.overview,
    decidedBy: ['directory.uniqueId.copyFrom'],
  },
  {
    name: 'davEntity',
    place: 'an object class of accounts in the directory',
    does: 'The auxiliary class that allows davUniqueId and davStore on an entry.',
    wanted:
      'Added to an account together with the first of the two attributes. `objectClass` of `directory.uniqueId` and `directory.localUser` can name another class.',
    without: 'The directory refuses the attributes.',
    chapter: chapter.accounts,
    decidedBy: ['directory.uniqueId.objectClass', 'directory.localUser.objectClass'],
  },
  {
    ...attribute,
    name: 'icsAllowedServiceAccess',
    does: 'Denies an account the login to Calendar Server 6. The chapter sets it to -http:all. The Schema Reference documents http as the value that denies the login, and says that it is ignored if icsStatus is set.',
    wanted:
      'On accounts of a cohort of Calendar Server 7 with `migrated.denyCs6Login`, the value of that key: -http:all for `true`. On all others it is left alone.',
    without:
      'A moved user who logs in to Calendar Server 6 by mistake sees an empty or an old calendar. With autoprovisioning off, no new calendar is created.',
    chapter: chapter.migrated,
    decidedBy: ['cohorts.*.migrated.denyCs6Login'],
  },
  {
    ...attribute,
    name: 'icsStatus',
    does: 'The state of an account for the calendar servers: active, inactive or deleted. Both servers read it.',
    wanted:
      'It is left alone. If you set it to inactive to keep a moved user from Calendar Server 6, the user is locked out of Calendar Server 7 too.',
    without: 'If Calendar Server 7 does not fetch it, see `cs7.subject-attributes-short`.',
    decidedBy: [],
  },
  {
    ...attribute,
    name: 'mail',
    does: 'The mail address of an account. Invitations between the two servers are sent by mail (iMIP). The domain of the address selects the line of the domain map.',
    wanted: 'It is left alone.',
    without: 'Users of the other side can neither invite nor look up an account without it.',
    chapter: chapter.workflow7,
    decidedBy: [],
  },
];

/** What coexistence turns on, and what reconcile says about it. */
export const liveSettings: readonly LiveSetting[] = [...cs6Settings, ...cs7Settings, ...accountSettings];

/** A setting of a server of which something is known, and which coexistence does not need. */
export interface FurtherSetting {
  readonly side: 'cs6' | 'cs7';
  readonly known: KnownSetting;
}

/** The page of a live setting; the case of its name does not matter. */
export function findLiveSetting(name: string): LiveSetting | undefined {
  return liveSettings.find(setting => setting.name.toLowerCase() === name.toLowerCase());
}

/** What is known of a further key of ics.conf or option of davadmin. */
export function findFurtherSetting(name: string): FurtherSetting | undefined {
  return Object.values(products)
    .flatMap(({ id, knownSettings }) => {
      const known = knownSetting(knownSettings, name);
      return known ? [{ side: id, known }] : [];
    })
    .at(0);
}

/** The names of all of them. */
export const settingNames: readonly string[] = [
  ...new Set(
    [...liveSettings, ...Object.values(products).flatMap(({ knownSettings }) => knownSettings)].map(
      setting => setting.name,
    ),
  ),
];

/** Which values a key takes and what holds while it is not set, as far as somebody says so. */
export function valuesInWords({ allowed, list, default: usual }: KnownSetting): string {
  const form = allowed ? allowedInWords(allowed) : list ? 'a list of words, separated by blanks' : 'any text';
  return `${form}${usual === undefined ? '' : `; "${usual}" if it is not set`}`;
}

/** How sure what is told of a key is. */
export function certaintyInWords({ sure, source }: KnownSetting): string {
  if (sure === 'documented') return source;
  return sure === 'inferred'
    ? `inferred from: ${source}`
    : 'common knowledge about the product, not confirmed by a document';
}
