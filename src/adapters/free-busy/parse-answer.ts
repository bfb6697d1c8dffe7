import type { BusyPeriod } from '../../ports/free-busy.ts';
import { type IcalComponent, type IcalProperty, ical } from './ical-library.ts';

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
