/** A line of `ls -ln` with a full time. */
export interface ListLine {
  readonly mode: string;
  readonly owner: string;
  /** Milliseconds since 1970, with the fraction that the host gave. */
  readonly modified: number;
  readonly name: string;
}

const LINE =
  /^([-dlpsbcD][-rwxsStTlL]{9}\S?)\s+\d+\s+(\d+)\s+(\d+)\s+\d+\s+(\d{4})-(\d\d)-(\d\d)\s+(\d\d):(\d\d):(\d\d)(\.\d+)?\s+(?:([+-])(\d\d)(\d\d)\s+)?(.*)$/;

/** Reads a line; nothing when it is not of that form. Without a zone it is UTC, which the scripts ask for. */
export function parseListLine(line: string): ListLine | undefined {
  const match = LINE.exec(line);
  if (!match) {
    return undefined;
  }
  const [, mode = '', user, group, year, month, day, hour, minute, second, fraction, sign, zoneHour, zoneMinute] =
    match;
  const local = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const offset = (Number(zoneHour ?? 0) * 60 + Number(zoneMinute ?? 0)) * (sign === '-' ? -60_000 : 60_000);
  const modified = local - offset + Number(`0${fraction ?? ''}`) * 1000;
  return { mode, owner: `${user}:${group}`, modified, name: match[14] ?? '' };
}

const NAMED = /^([-dlpsbcD][-rwxsStTlL]{9}\S?)\s+\d+\s+(\d+)\s+(\d+)\s/;

/** Reads mode and owner alone, which stand in every line of `ls -ln`. */
export function parseRights(line: string): Pick<ListLine, 'mode' | 'owner'> | undefined {
  const [, mode, user, group] = NAMED.exec(line) ?? [];
  return mode === undefined ? undefined : { mode, owner: `${user}:${group}` };
}

/** Reads what `date -u '+%Y%m%d%H%M%S'` prints. */
export function parseClock(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text.trim());
  if (!match) {
    return undefined;
  }
  const [year = 0, month = 0, day, hour, minute, second] = match.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
