import type { LabAccount } from '../freebusy/directory.ts';
import { changeCalendars, type LabCalendar } from './calendar-store.ts';
import { calidOf, type Found, ownerOf } from './find-calendar.ts';
import { type Cs6Server, isYes } from './server.ts';

/** What makes a server look for somebody's calendar. */
export type Occasion = 'asked' | 'invited';

/**
 * Which parameters let an account get a calendar it does not have; one that says yes is enough
 * (Calendar Server 6.3 Administration Guide, appendix E). That of users' invitations is in no book and is named by chapter 10
 * only; that `local.autoprovision`, the one for users' default calendars, is heeded whatever the occasion is the careful assumption.
 *
 * | | asked about | invited |
 * |---|---|---|
 * | user | local.autoprovision | local.autoprovision, user.invite.autoprovision |
 * | group | | group.invite.autoprovision |
 * | resource | | resource.invite.autoprovision |
 */
const KEYS: Readonly<Record<string, Readonly<Record<Occasion, readonly string[]>>>> = {
  icscalendargroup: { asked: [], invited: ['group.invite.autoprovision'] },
  icscalendarresource: { asked: [], invited: ['resource.invite.autoprovision'] },
  icscalendaruser: {
    asked: ['local.autoprovision'],
    invited: ['local.autoprovision', 'user.invite.autoprovision'],
  },
};

/**
 * The calendar that was found; else one that is made on the spot, where ics.conf allows it. This is the accident that chapter 10
 * warns of: an account of Calendar Server 7 becomes one of this server too, and stays one until its calendar is deleted.
 */
export async function calendarFor(
  server: Cs6Server,
  occasion: Occasion,
  { account, calendar }: Found,
): Promise<LabCalendar | undefined> {
  if (calendar !== undefined || account === undefined) return calendar;
  const classes = (account.attributes.get('objectclass') ?? []).map(name => name.toLowerCase());
  const keys = Object.entries(KEYS).find(([name]) => classes.includes(name))?.[1][occasion] ?? [];
  return keys.some(key => isYes(server, key)) ? await create(server, account) : undefined;
}

async function create(server: Cs6Server, account: LabAccount): Promise<LabCalendar> {
  const made: LabCalendar = { calid: calidOf(server, account), owner: ownerOf(server, account) };
  await changeCalendars(server.prefix, server.facts.data, calendars =>
    calendars.some(one => one.calid === made.calid) ? calendars : [...calendars, made],
  );
  return made;
}
