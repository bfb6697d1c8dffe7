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

/** One property of a component; parameters are not looked at. */
export interface ContentLine {
  /** In capitals. */
  readonly name: string;
  readonly value: string;
}

/** A component of an iCalendar text, such as VCALENDAR or VFREEBUSY. */
export interface Component {
  /** In capitals. */
  readonly name: string;
  readonly lines: readonly ContentLine[];
  readonly parts: readonly Component[];
}

interface OpenComponent extends Component {
  readonly lines: ContentLine[];
  readonly parts: Component[];
}

const LINE = /^([A-Za-z0-9-]+)(?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)*:(.*)$/;

const FOLD_AT = 73;

/** Reads a text that is one whole VCALENDAR (RFC 5545); as much of the grammar as free/busy needs. Throws when it is none. */
export function readCalendar(text: string): Component {
  const root: OpenComponent = { name: '', lines: [], parts: [] };
  const open = [root];
  for (const raw of unfold(text)) {
    const line = readLine(raw);
    const innermost = open.at(-1) ?? root;
    if (line.name === 'BEGIN') open.push(begin(innermost, line.value));
    else if (line.name === 'END') end(open, line.value);
    else innermost.lines.push(line);
  }
  const [calendar, ...more] = root.parts;
  if (open.length > 1 || more.length > 0 || root.lines.length > 0 || calendar?.name !== 'VCALENDAR')
    throw new Error('not one whole VCALENDAR');
  return calendar;
}

/** The first value of a property. */
export function firstOf(component: Component, name: string): string | undefined {
  return component.lines.find(line => line.name === name)?.value;
}

/** Every value of a property. */
export function valuesOf(component: Component, name: string): readonly string[] {
  return component.lines.filter(line => line.name === name).map(line => line.value);
}

/** Content lines as they are sent: folded, with the line ends that iCalendar wants. */
export function renderCalendar(lines: readonly string[]): string {
  return lines.map(line => `${fold(line)}\r\n`).join('');
}

function unfold(text: string): readonly string[] {
  return text
    .replace(/\r?\n[ \t]/g, '')
    .split(/\r?\n/)
    .filter(line => line !== '');
}

function readLine(raw: string): ContentLine {
  const [, name, value] = LINE.exec(raw) ?? [];
  if (name === undefined || value === undefined) throw new Error(`not a content line: ${raw.slice(0, 40)}`);
  return { name: name.toUpperCase(), value };
}

function begin(parent: OpenComponent, name: string): OpenComponent {
  const component: OpenComponent = { name: name.trim().toUpperCase(), lines: [], parts: [] };
  parent.parts.push(component);
  return component;
}

function end(open: OpenComponent[], name: string): void {
  if (open.length < 2 || open.pop()?.name !== name.trim().toUpperCase()) throw new Error(`END:${name} ends nothing`);
}

/** Whole characters stay whole: a line has at most 75 bytes. */
function fold(line: string): string {
  const rows: string[] = [''];
  let bytes = 0;
  for (const char of line.replace(/[\r\n]/g, ' ')) {
    const size = Buffer.byteLength(char);
    if (bytes + size > FOLD_AT) rows.push('');
    bytes = bytes + size > FOLD_AT ? size : bytes + size;
    rows[rows.length - 1] += char;
  }
  return rows.join('\r\n ');
}
