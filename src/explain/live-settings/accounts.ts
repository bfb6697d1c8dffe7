import { chapter } from '../../core/chapter.ts';
import type { LiveSetting } from '../live-setting.ts';

const attribute = { place: 'an attribute of accounts in the directory' } as const;

/** What accounts carry in the directory. */
export const accountSettings: readonly LiveSetting[] = [
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
