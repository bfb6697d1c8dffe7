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
    does: 'The configuration of Calendar Server 6: one parameter on each line, with its whole value in double quotes. It is read when the server starts, and of several lines for one parameter the last one counts.',
    wanted:
      'The six keys that coexistence needs, and those in `settings` of the host. A line is edited in place, a missing one is added in a section at the end, and all else stays byte for byte.',
    without: 'Calendar Server 6 would answer for accounts that have moved, or for none of Calendar Server 7.',
    chapter: chapter.icsConf,
    decidedBy: ['cs6.hosts', 'cs6.hosts.*.config', 'cs6.hosts.*.settings'],
  },
  {
    ...icsConf,
    name: 'service.http.caldavcompatible',
    does: 'Lets Calendar Server 6 answer the iSchedule free/busy requests that Calendar Server 7 sends it.',
    wanted: 'Always "yes", on every host: Calendar Server 7 may ask any front end.',
    without: 'Users of Calendar Server 7 see no free/busy of users who are still on Calendar Server 6.',
  },
  {
    ...icsConf,
    name: 'service.wcap.freebusy.redirecturl',
    does: 'The address that Calendar Server 6 returns for an invitee who is not in its own database.',
    wanted:
      'The `http` of the host that `freeBusyRedirect` names, followed by /davserver/wcap/get_freebusy.wcap. The port must be in it, also where it is 80 or 443; any front end of Calendar Server 7 will do.',
    without:
      'Users of Calendar Server 6 see no free/busy of users who have moved. A loop arises where it leads back to Calendar Server 6.',
    decidedBy: ['freeBusyRedirect', 'cs7.hosts.*.http'],
  },
  {
    ...icsConf,
    name: 'local.autoprovision',
    does: 'Creates the default calendar of a user by itself. The default is "yes".',
    wanted: 'Always "no", and running so on every host before the first account moves.',
    without:
      'Calendar Server 6 creates a calendar for somebody who has moved, and from then on takes him for one of its own: it answers with stale free/busy and keeps invitations to itself.',
  },
  {
    ...icsConf,
    name: 'user.invite.autoprovision',
    does: 'Creates a calendar when an invitation reaches a user who has none in the local database.',
    wanted: 'Always "no": an invitation by mail (iMIP) is sent instead, and reaches Calendar Server 7.',
    without: 'The first invitation to a moved user creates a calendar on the old side, and the user never sees it.',
  },
  {
    ...icsConf,
    name: 'group.invite.autoprovision',
    does: 'Creates a calendar when an invitation reaches a group that has none in the local database.',
    wanted: 'Always "no": an invitation by mail (iMIP) is sent instead.',
    without: 'The first invitation to a moved group creates a calendar for it on the old side.',
  },
  {
    ...icsConf,
    name: 'resource.invite.autoprovision',
    does: 'Creates a calendar when an invitation reaches a resource that has none in the local database.',
    wanted:
      'Always "no": an invitation by mail (iMIP) is sent instead. The chapter prints it on one line with another assignment, and pasted so it has no sure effect; it gets a line of its own.',
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
    does: 'Tells Calendar Server 7 which Calendar Server 6 to ask for free/busy: one line for each mail domain, `domain=URL`.',
    wanted:
      'One line for each entry of `domains`: the `http` of the host it names, followed by /ischedule/. Other lines stay as they are. Every host gets the same, and is restarted after a change.',
    without: 'Users of Calendar Server 7 see no free/busy of users of that domain who are still on Calendar Server 6.',
    chapter: chapter.domainMap,
    decidedBy: ['domains', 'cs6.hosts.*.http'],
  },
  {
    ...option,
    name: 'davcore.scheduling.localuserattr',
    does: 'Names the LDAP attribute whose presence makes an account local to Calendar Server 7. Without the option every account that is found in the directory is taken for local.',
    wanted:
      'The attribute of `directory.localUser`, after the accounts carry it: the moment the option is set, every account without the attribute counts as one of Calendar Server 6.',
    without: 'Calendar Server 7 takes users of Calendar Server 6 for its own, and answers with an empty calendar.',
    chapter: chapter.localUser,
    decidedBy: ['directory.localUser.attribute'],
  },
  {
    ...option,
    name: 'davcore.uriinfo.subjectattributes',
    does: 'The list of LDAP attributes that Calendar Server 7 fetches of an account.',
    wanted:
      'The local-user attribute and the unique id are added at its end where they are missing, before the option that makes use of them; all other names are kept. `davadmin config modify` replaces the whole list, so it is read first and read back.',
    without:
      'An attribute that is not fetched looks as if it were absent: every account then counts as one of Calendar Server 6. A list that was replaced by one name breaks look-ups for everybody.',
    chapter: chapter.subjectAttributes,
    decidedBy: ['directory.localUser.attribute', 'directory.uniqueId.attribute'],
  },
  {
    ...option,
    name: 'davcore.uriinfo.permanentuniqueid',
    does: 'Names the LDAP attribute that Calendar Server 7 files the data of an account under.',
    wanted:
      'It is compared with `directory.uniqueId.attribute` and never written: a change on a server that holds data loses that data.',
    without: 'The unique ids in the directory would not be those that the server looks for.',
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
    does: 'The back end of Calendar Server 7 that holds the calendars of the account. Its presence makes the account local to Calendar Server 7, where it is the local-user attribute.',
    wanted:
      'The `store` of the cohort on accounts of Calendar Server 7, and absent on those of Calendar Server 6. With a single back end the value is defaultbackend. `directory.localUser.attribute` can name another attribute.',
    without:
      'A moved account without it counts as one of Calendar Server 6, which knows it no longer. An account of Calendar Server 6 that has it is looked for on Calendar Server 7.',
    chapter: chapter.accounts,
    decidedBy: ['cohorts.*.store', 'cohorts.*.server', 'directory.localUser.attribute'],
  },
  {
    ...attribute,
    name: 'davUniqueId',
    does: 'The identifier that Calendar Server 7 knows an account by in its database, in access control and in subscriptions. Its case counts there, and does not count in LDAP.',
    wanted:
      'Present on every user, group and resource of both sides: copied from `directory.uniqueId.copyFrom` where it is missing, and never changed. The chapter demands it, and no step of it adds it.',
    without:
      'Calendar Server 7 cannot tell the account apart, and a value that changes cuts the account off from its data.',
    chapter: chapter.overview,
    decidedBy: ['directory.uniqueId.attribute', 'directory.uniqueId.copyFrom'],
  },
  {
    ...attribute,
    name: 'nsUniqueId',
    does: 'The identifier that the directory server itself gives every entry. It changes when an entry is deleted and made anew.',
    wanted: 'It is read, as the value that a missing unique id gets, and never written.',
    without: 'An account that has neither it nor a unique id is reported as `identity.nothing-to-copy`.',
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
    does: 'Denies an account the login to Calendar Server 6. The chapter sets it to -http:all; the schema reference documents http as the value that denies, and says that it is ignored where icsStatus is set.',
    wanted:
      'On accounts of a cohort of Calendar Server 7 whose `migrated` section has `denyCs6Login`, the value it says: -http:all for `true`. On all others it is left alone.',
    without:
      'A moved user who logs in to Calendar Server 6 by mistake meets an empty or an old calendar. With autoprovisioning off no new calendar is created.',
    chapter: chapter.migrated,
    decidedBy: ['cohorts.*.migrated.denyCs6Login'],
  },
  {
    ...attribute,
    name: 'icsStatus',
    does: 'The state of an account for the calendar servers: active, inactive or deleted. Both servers read it.',
    wanted:
      'It is left alone. Setting it to inactive to keep a moved user from Calendar Server 6 would lock the user out of Calendar Server 7 too.',
    without: 'Where it is not fetched by Calendar Server 7, see `cs7.subject-attributes-short`.',
    decidedBy: [],
  },
  {
    ...attribute,
    name: 'mail',
    does: 'The mail address of an account. Invitations between the two servers are sent by mail (iMIP), and the domain of the address decides which line of the domain map is used.',
    wanted: 'It is left alone.',
    without: 'An account without it can be neither invited nor looked up from the other side.',
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
  const form = allowed ? allowedInWords(allowed) : list ? 'a list of words, parted by blanks' : 'any text';
  return `${form}${usual === undefined ? '' : `; "${usual}" while it is not set`}`;
}

/** How sure what is told of a key is. */
export function certaintyInWords({ sure, source }: KnownSetting): string {
  if (sure === 'documented') return source;
  return sure === 'inferred'
    ? `follows from: ${source}`
    : 'common knowledge of the product; no document at hand says so';
}
