import { chapter } from '../../core/chapter.ts';
import type { LiveSetting } from '../live-setting.ts';

const icsConf = {
  place: 'a key of ics.conf, on every Calendar Server 6 host',
  chapter: chapter.icsConf,
  decidedBy: ['cs6.hosts'],
} as const;

/** ics.conf, and what coexistence needs in it. */
export const cs6Settings: readonly LiveSetting[] = [
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
