/** A time span; both ends in UTC, as iCalendar writes them: `20300107T090000Z`. */
export interface Period {
  readonly start: string;
  readonly end: string;
}

const UTC = /^\d{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3])[0-5]\d[0-5]\dZ$/;

/** Whether both ends are written as they should be, and in order. The form sorts like the time it stands for. */
export function isPeriod({ start, end }: Period): boolean {
  return UTC.test(start) && UTC.test(end) && start < end;
}

/** What of the periods lies inside the range, the earliest first. */
export function clipPeriods(periods: readonly Period[], range: Period): readonly Period[] {
  return periods
    .filter(({ start, end }) => start < range.end && end > range.start)
    .map(({ start, end }) => ({
      start: [start, range.start].toSorted().at(-1) ?? start,
      end: [end, range.end].toSorted().at(0) ?? end,
    }))
    .toSorted((a, b) => (a.start < b.start ? -1 : Number(a.start > b.start)));
}

/** `start/end`. */
export function renderPeriod({ start, end }: Period): string {
  return `${start}/${end}`;
}

/** The value of a FREEBUSY property: `start/end`, several with commas. Throws when it is anything else. */
export function readPeriods(value: string): readonly Period[] {
  return value.split(',').map(text => {
    const [start = '', end = ''] = text.trim().split('/');
    if (!isPeriod({ start, end })) throw new Error(`not a period: ${text.slice(0, 40)}`);
    return { start, end };
  });
}

/** A moment as iCalendar writes it. */
export function utcTime(moment: Date): string {
  return moment.toISOString().replace(/[-:]|\.\d+/g, '');
}
