import { equals, or } from '../../ldap/filter.ts';
import { findAccount, firstValue, type LabAccount } from '../freebusy/directory.ts';
import { type LabCalendar, readCalendars } from './calendar-store.ts';
import { wholeCalid } from './cscal-select.ts';
import { type Cs6Server, defaultDomain } from './server.ts';

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
export function calidOf(server: Cs6Server, account: LabAccount): string {
  return wholeCalid(firstValue(account, 'icsCalendar') ?? idOf(account), defaultDomain(server));
}

/** The account as the owner of calendars. */
export function ownerOf(server: Cs6Server, account: LabAccount): string {
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
