import icalendar from 'ical.js';
import type { BusyPeriod } from '../../ports/free-busy.ts';
import { NoAnswer } from './http-exchange.ts';

/** RFC 5321: 64 for the name, 255 for the domain, and the sign between. */
const longest = 320;

/** Throws NoAnswer when a text is no mail address; of what stands in one only as much as matters here is looked at. */
export function requireMailAddress(mail: string): void {
  const at = mail.lastIndexOf('@');
  if (at < 1 || at === mail.length - 1 || mail.length > longest || /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(mail))
    throw new NoAnswer('no-address', `no mail address: ${mail === '' ? '(empty)' : mail}`);
}

/**
 * The calendar address of a mail address (RFC 6068). What is left unencoded ends neither a line nor a list of recipients,
 * so it can stand in a header and in iCalendar. Throws NoAnswer when it is no mail address at all.
 */
export function calendarAddress(mail: string): string {
  requireMailAddress(mail);
  const at = mail.lastIndexOf('@');
  return `mailto:${encode(mail.slice(0, at))}@${encode(mail.slice(at + 1))}`;
}

/** Whether a calendar address, as a server writes it, is that of a mail address. */
export function isAddressOf(mail: string, written: string): boolean {
  const bare = written
    .trim()
    .replace(/^<(.*)>$/, '$1')
    .replace(/^mailto:/i, '');
  return [bare, decode(bare)].some(one => one.toLowerCase() === mail.toLowerCase());
}

/** A plus sign is often part of a mail address and needs no code, and not every server decodes. */
function encode(part: string): string {
  return encodeURIComponent(part).replaceAll('%2B', '+').replaceAll('%24', '$');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The part of ical.js that is used here. */
interface IcalLibrary {
  /** jCal (RFC 7265): one component as such, several as a list of them. */
  parse(text: string): unknown;
  readonly Component: new (jCal: readonly unknown[]) => IcalComponent;
  /** Of one content line. */
  readonly Property: { fromString(text: string): IcalProperty };
  readonly Period: abstract new (...words: never) => IcalPeriod;
  readonly Duration: { fromString(text: string): { toSeconds(): number } };
}

/** A component such as VFREEBUSY; names in lower case. */
interface IcalComponent {
  readonly name: string;
  getAllSubcomponents(name: string): readonly IcalComponent[];
  getAllProperties(name: string): readonly IcalProperty[];
  /** As RFC 5545 writes it, escaped and folded, without the last line end. */
  toString(): string;
}

/** A property with all its values. */
interface IcalProperty {
  readonly type: string;
  getFirstValue(): unknown;
  getFirstParameter(name: string): string | undefined;
  getValues(): readonly unknown[];
}

/** A period: two times, or a time and a duration, as RFC 7265 writes them. */
interface IcalPeriod {
  toJSON(): readonly unknown[];
}

/**
 * ical.js, with types of our own: those it brings (2.2.1) do not compile for `nodenext`, where imports need extensions.
 */
export const ical = icalendar as IcalLibrary;

/** What an answer of get_freebusy holds. */
export interface ParsedAnswer {
  /** X-NSCP-WCAP-ERRNO, the first that is not 0; absent where there is none, a known fault of some servers. */
  readonly errno?: number;
  /** Whether there is a VFREEBUSY at all; without one nobody's times were told. */
  readonly told: boolean;
  readonly busy: readonly BusyPeriod[];
}

/** Reads an answer (RFC 5545; the errno is in the WCAP guide). Throws with a reason when it is not one whole VCALENDAR. */
export function parseAnswer(text: string): ParsedAnswer {
  const root = new ical.Component(parseText(text));
  if (root.name !== 'vcalendar') throw new Error('it is no VCALENDAR');
  const freeBusy = root.getAllSubcomponents('vfreebusy');
  const numbers = [root, ...freeBusy].flatMap(errnosOf);
  const errno = numbers.find(number => number !== 0) ?? numbers[0];
  return {
    ...(errno !== undefined && { errno }),
    told: freeBusy.length > 0,
    busy: freeBusy.flatMap(part => part.getAllProperties('freebusy')).flatMap(periodsOf),
  };
}

/** Of one line; the library's time grows with their square. */
const mostParameters = 1000;

/** The library gives one component as such, and several as a list of them. */
function parseText(text: string): unknown[] {
  const lines = text.replace(/\r?\n[ \t]/g, '').split('\n');
  if (lines.some(line => line.split(';').length > mostParameters)) throw new Error('a line with too many parameters');
  const parsed: unknown = ical.parse(text.trim());
  if (!Array.isArray(parsed) || typeof parsed[0] !== 'string') throw new Error('it is not one VCALENDAR');
  return parsed;
}

function errnosOf(component: IcalComponent): readonly number[] {
  return component.getAllProperties('x-nscp-wcap-errno').map(property => {
    const said = String(property.getFirstValue()).trim();
    if (!/^-?\d{1,9}$/.test(said)) throw new Error(`its errno is no number: ${said.slice(0, 40)}`);
    return Number(said);
  });
}

/** The periods of a FREEBUSY. RFC 5545, 3.2.9: no type means busy, and so does a type that is not known. Throws with a reason. */
export function periodsOf(property: IcalProperty): readonly BusyPeriod[] {
  if (String(property.getFirstParameter('fbtype') ?? 'BUSY').toUpperCase() === 'FREE') return [];
  if (property.type !== 'period') throw new Error('a FREEBUSY that has no periods');
  return property.getValues().map(periodOf);
}

/** Beyond this there are no dates. */
const latest = 8.64e15;

function periodOf(value: unknown): BusyPeriod {
  if (!(value instanceof ical.Period)) throw new Error('a FREEBUSY that has no period');
  const [from, to] = value.toJSON();
  const start = utc(from);
  const end = /^[+-]?P/.test(String(to)) ? start + ical.Duration.fromString(String(to)).toSeconds() * 1000 : utc(to);
  if (!(end >= start && end <= latest)) throw new Error(`a period that does not end after it begins: ${from}/${to}`);
  return { start, end };
}

/** The times of a FREEBUSY are in UTC (RFC 5545, 3.8.2.6); any other form is no time. */
function utc(time: unknown): number {
  const text = String(time);
  const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(moment)) throw new Error(`a time that is not in UTC: ${text.slice(0, 40)}`);
  return moment;
}
