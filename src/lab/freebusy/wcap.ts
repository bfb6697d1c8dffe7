import type { HttpAnswer } from './http-face.ts';
import { isPeriod, type Period, readPeriods, renderCalendar, renderPeriod, utcTime } from './icalendar.ts';

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Text as it stands inside an element; what XML cannot hold at all is left out. */
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[&<>"]/g, char => `&#${char.charCodeAt(0)};`);
}

/** An element with text in it. */
export function element(name: string, text: string): string {
  return `<${name}>${escapeXml(text)}</${name}>`;
}

/**
 * What stands between the tags of every element of this local name, whatever its prefix and attributes. Enough for answers whose
 * elements never hold one of their own name; an XML reader it is not.
 */
export function innerXml(xml: string, name: string): readonly string[] {
  const tag = `(?:[\\w.-]+:)?${name}`;
  return [...xml.matchAll(new RegExp(`<${tag}(?:\\s[^>]*)?>([\\s\\S]*?)</${tag}\\s*>`, 'g'))].map(
    found => found[1] ?? '',
  );
}

/** The text that an element's content stands for. */
export function xmlText(inner: string): string {
  return inner
    .split(/(<!\[CDATA\[[\s\S]*?\]\]>)/)
    .map(piece => (piece.startsWith('<![CDATA[') ? piece.slice(9, -3) : decodeText(piece)))
    .join('')
    .trim();
}

function decodeText(piece: string): string {
  return piece.replace(/<[^>]*>/g, '').replace(/&(#\d+|#x[0-9a-fA-F]+|\w+);/g, (whole, name: string) => {
    if (!name.startsWith('#')) return ENTITIES[name] ?? whole;
    const code = name[1] === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** What get_freebusy.wcap answers; with another number than 0 it has failed, and HTTP says 200 all the same. */
export interface WcapAnswer {
  readonly errno: number;
  readonly calid?: string;
  readonly email?: string;
  readonly range?: Period;
  readonly busy: readonly Period[];
  /** Why it failed; a real server leaves that to its log. */
  readonly detail?: string;
}

/** The documented numbers: no failure, no such calendar, and "failed for any reason". */
export const WCAP = { ok: 0, noCalendar: 29, failed: 39 } as const;

const DAY = 86_400_000;

/** The range of a question without one reaches as many days back and ahead. */
const USUAL_DAYS = 30;

/** A failure. */
export function wcapFailure(errno: number, detail: string): WcapAnswer {
  return { errno, busy: [], detail };
}

/** The range that is asked about. Throws when it is none. */
export function wcapRange(query: URLSearchParams): Period {
  const now = Date.now();
  const range = {
    start: query.get('dtstart') ?? utcTime(new Date(now - USUAL_DAYS * DAY)),
    end: query.get('dtend') ?? utcTime(new Date(now + USUAL_DAYS * DAY)),
  };
  if (!isPeriod(range)) throw new Error('dtstart and dtend are no period in UTC');
  return range;
}

/** The answer in the form that `fmt-out` names, iCalendar unless it names XML. */
export function renderWcap(answer: WcapAnswer, format: string | null): HttpAnswer {
  const xml = format === 'text/xml';
  const headers = { 'Content-Type': `${xml ? 'text/xml' : 'text/calendar'}; charset=utf-8` };
  return { status: 200, headers, body: xml ? renderXml(answer) : renderText(answer) };
}

/** Reads an answer in XML; nothing when it has no number, which is a known fault of some servers. */
export function readWcapXml(body: string): WcapAnswer | undefined {
  const errno = innerXml(body, 'X-NSCP-WCAP-ERRNO').map(xmlText).at(0);
  const detail = innerXml(body, 'X-LAB-DETAIL').map(xmlText).at(0);
  if (errno === undefined || !/^-?\d+$/.test(errno)) return undefined;
  const busy = innerXml(body, 'FB').flatMap(inner => readPeriods(xmlText(inner)));
  return { errno: Number(errno), busy, ...(detail === undefined ? {} : { detail }) };
}

/** The properties that both forms have. */
function properties({ errno, calid, email, range, detail }: WcapAnswer): readonly (readonly [string, string])[] {
  const all = [
    ['DTSTART', range?.start],
    ['DTEND', range?.end],
    ['X-NSCP-CALPROPS-RELATIVE-CALID', calid],
    ['X-SICS-EMAIL', email],
    ['X-NSCP-WCAP-ERRNO', String(errno)],
    ['X-LAB-DETAIL', detail],
  ] as const;
  return all.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
}

function renderXml(answer: WcapAnswer): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<iCalendar>',
    '<iCal version="2.0" METHOD="PUBLISH">',
    '<FREEBUSY>',
    ...properties(answer).map(([name, value]) => element(name, value)),
    ...answer.busy.map(period => `<FB FBTYPE="BUSY">${renderPeriod(period)}</FB>`),
    '</FREEBUSY>',
    '</iCal>',
    '</iCalendar>',
    '',
  ].join('\n');
}

function renderText(answer: WcapAnswer): string {
  return renderCalendar([
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'METHOD:PUBLISH',
    'BEGIN:VFREEBUSY',
    ...properties(answer).map(([name, value]) => `${name}:${value}`),
    ...answer.busy.map(period => `FREEBUSY;FBTYPE=BUSY:${renderPeriod(period)}`),
    'END:VFREEBUSY',
    'END:VCALENDAR',
  ]);
}
