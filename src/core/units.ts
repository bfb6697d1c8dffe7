/** A whole number as people read it: `4,812`. Many times faster than `toLocaleString`, which loads the rules of all languages. */
export function grouped(n: number): string {
  return String(n).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1 host`, `2 hosts`, `4,812 accounts`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${grouped(n)} ${wordFor(n, one, many)}`;
}

/** The word alone, where the number stands elsewhere. */
export function wordFor(n: number, one: string, many = `${one}s`): string {
  return n === 1 ? one : many;
}

/** Milliseconds of the units that a duration may be given in. */
const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `90s`, `15m`, `12h`, `7d` or `0s` in milliseconds; nothing where the text has another form. `$defs/duration` of the estate's schema has this form. */
export function parseDuration(text: string): number | undefined {
  const [, number, unit] = /^(0|[1-9]\d{0,5})([smhd])$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * units[unit as keyof typeof units];
}

/** The number in `25%` or `12.5%`; nothing where the text has another form. `$defs/share` of the estate's schema has this form. */
export function parsePercent(text: string): number | undefined {
  const [, number] = /^([1-9]?\d(?:\.\d+)?|100(?:\.0+)?)%$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number);
}

/** A duration or share out of a file that its schema has passed, or out of this program; another form is a bug of ours. */
export function known(parse: (text: string) => number | undefined, text: string): number {
  const value = parse(text);
  if (value === undefined) throw new Error(`no such form: ${text}`);
  return value;
}

/** A duration, as it was written and in milliseconds. */
export interface Duration {
  readonly text: string;
  readonly milliseconds: number;
}

/** The largest units that say a duration: `40 s`, `2 min 5 s`, `1 h 5 min`. */
export function durationText(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  const parts =
    minutes < 60 ? [`${minutes} min`, `${seconds % 60} s`] : [`${Math.floor(minutes / 60)} h`, `${minutes % 60} min`];
  return parts.filter(part => !part.startsWith('0 ')).join(' ');
}

/** How old a snapshot may be. Old enough for a long weekend; a reading older than that is of another estate. */
export const usualAge: Duration = { text: '7d', milliseconds: known(parseDuration, '7d') };
