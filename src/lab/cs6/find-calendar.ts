import { equals, or } from '../../ldap/filter.ts';
import { findAccount, firstValue, type LabAccount } from '../freebusy/calendar-directory.ts';
import { changeCalendars, type LabCalendar, readCalendars } from './calendar-store.ts';
import { type Cs6Server, defaultDomain, isYes } from './cs6-layout.ts';
import { wholeCalid } from './cscal-commands.ts';

/** What makes a server look for somebody's calendar. */
type Occasion = 'asked' | 'invited';

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

/** What is known of somebody who is asked about or invited. */
export interface Found {
  /** Their entry, where there is a directory and it has one. */
  readonly account?: LabAccount;
  /** Their calendar. That one exists is all that makes somebody an account of this server (chapter 10, overview). */
  readonly calendar?: LabCalendar;
}

const ATTRIBUTES = ['mail', 'uid', 'icsCalendar', 'groupid', 'objectClass'];

/** By mail address: the directory says which calendar is theirs; without its help the calendar's id or owner does. */
export async function findByMail(server: Cs6Server, mail: string): Promise<Found> {
  const account = await lookUp(server, equals('mail', mail));
  const names = account === undefined ? [] : [calidOf(server, account), ownerOf(server, account)];
  return found(account, pick(server, [...names, mail]));
}

/** By calendar id, which needs no domain where `service.defaultdomain` gives it. */
export async function findByCalid(server: Cs6Server, calid: string): Promise<Found> {
  const whole = wholeCalid(calid, defaultDomain(server));
  const calendar = readCalendars(server.prefix, server.facts.data).find(one => one.calid === whole);
  if (calendar !== undefined) return { calendar };
  const [user = ''] = calid.split('@');
  const ids = [...new Set([calid, whole, user])];
  return found(await lookUp(server, or(equals('uid', user), ...ids.map(id => equals('icsCalendar', id)))), undefined);
}

/** The id of an account's default calendar: as its entry says, else its user id. */
function calidOf(server: Cs6Server, account: LabAccount): string {
  return wholeCalid(firstValue(account, 'icsCalendar') ?? idOf(account), defaultDomain(server));
}

/** The account as the owner of calendars. */
function ownerOf(server: Cs6Server, account: LabAccount): string {
  return wholeCalid(idOf(account), defaultDomain(server));
}

function idOf(account: LabAccount): string {
  return firstValue(account, 'uid') ?? firstValue(account, 'groupid') ?? '';
}

async function lookUp({ face }: Cs6Server, filter: string): Promise<LabAccount | undefined> {
  return face.directory === undefined ? undefined : await findAccount(face.directory, filter, ATTRIBUTES);
}

/** The calendar with one of these ids, else one that somebody of these names owns; default calendars come first. */
function pick(server: Cs6Server, names: readonly string[]): LabCalendar | undefined {
  const wanted = new Set(names.filter(name => name !== '').map(name => name.toLowerCase()));
  const calendars = readCalendars(server.prefix, server.facts.data).toSorted((a, b) => rank(a) - rank(b));
  const owner = (one: LabCalendar) => wholeCalid(one.owner, defaultDomain(server)).toLowerCase();
  return calendars.find(one => wanted.has(one.calid.toLowerCase())) ?? calendars.find(one => wanted.has(owner(one)));
}

function rank(calendar: LabCalendar): number {
  return calendar.calid.includes(':') ? 1 : 0;
}

function found(account: LabAccount | undefined, calendar: LabCalendar | undefined): Found {
  return { ...(account === undefined ? {} : { account }), ...(calendar === undefined ? {} : { calendar }) };
}
