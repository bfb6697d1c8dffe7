import { TargetProblem } from '../../src/core/finding.ts';
import { finding } from '../../src/findings/catalogue.ts';
import type {
  DirectoryEntry,
  DirectoryQuery,
  DirectoryWriter,
  Modification,
  ModifyResult,
} from '../../src/ports/directory.ts';
import type { ModelProgram } from './model-program.ts';

/** An entry: names of attributes are in lower case. */
export interface ModelEntry {
  readonly dn: string;
  attributes: Record<string, readonly string[]>;
}

/** What a directory holds. */
export interface DirectoryData {
  entries: ModelEntry[];
  /** What a replica still holds that has fallen behind. */
  stale: ModelEntry[] | undefined;
  reversed: boolean;
}

/** A write as it took effect, with the entry as it was before. */
export interface DirectoryWrite {
  readonly program: ModelProgram;
  readonly before: ModelEntry;
  readonly after: ModelEntry;
}

const calendarAttributes: Readonly<Record<string, string>> = {
  davstore: 'daventity',
  davuniqueid: 'daventity',
};

const single: ReadonlySet<string> = new Set(['davstore', 'davuniqueid', 'nsuniqueid']);

/** A directory as a program sees it over one connection. */
export function directoryPort(
  data: DirectoryData,
  program: ModelProgram,
  { lags, wrote, takes }: { readonly lags: boolean; wrote(write: DirectoryWrite): void; takes(): number },
): DirectoryWriter {
  const call = <T>(name: string, writes: boolean, effect: () => T) =>
    program.call({ target: 'directory', name, writes, asks: false }, takes(), effect);
  const entries = () => (lags ? (data.stale ?? data.entries) : data.entries);
  return {
    server: () => call('server', false, () => ({ url: 'ldaps://ds1.example.com:636', passedOver: [] })),
    password: async () => ({}),
    schema: async () => schema,
    async *search(query) {
      const found = await call('search', false, () => find(query, entries(), data.reversed));
      yield* found;
    },
    modify: (dn, modifications) => call('modify', true, () => modify(data, dn, modifications, program, wrote)),
    wouldModify: () => call('wouldModify', false, () => ({ state: 'takes' as const })),
  };
}

function normal(dn: string): string {
  return dn
    .split(',')
    .map(part => part.trim().toLowerCase())
    .join(',');
}

function find(query: DirectoryQuery, entries: readonly ModelEntry[], reversed: boolean): readonly DirectoryEntry[] {
  const base = normal(query.base);
  const fits = parseFilter(query.filter);
  if (query.base === '') return [{ dn: '', attributes: new Map([['vendorname', ['Model']]]) }];
  if (!entries.some(({ dn }) => normal(dn) === base))
    throw new TargetProblem(
      finding('directory.base-missing', { detail: `${query.base} does not exist`, target: 'directory' }),
    );
  const inScope = ({ dn }: ModelEntry) => {
    const name = normal(dn);
    if (query.scope === 'base') return name === base;
    if (query.scope === 'one') return name.slice(name.indexOf(',') + 1) === base;
    return name === base || name.endsWith(`,${base}`);
  };
  const found = entries.filter(entry => inScope(entry) && fits(entry.attributes));
  return (reversed ? found.toReversed() : found).map(entry => shown(entry, query.attributes));
}

function shown({ dn, attributes }: ModelEntry, wanted: readonly string[]): DirectoryEntry {
  const names = wanted.map(name => name.toLowerCase());
  const kept = Object.entries(attributes).filter(([name, values]) => names.includes(name) && values.length > 0);
  return { dn, attributes: new Map(kept) };
}

type Fits = (attributes: Readonly<Record<string, readonly string[]>>) => boolean;

/** RFC 4515, as far as the program sends it; an own reading of it. */
function parseFilter(text: string): Fits {
  let at = 0;
  const one = (): Fits => {
    at++;
    const sign = text[at];
    if (sign === '&' || sign === '|' || sign === '!') {
      at++;
      const parts: Fits[] = [];
      while (text[at] === '(') parts.push(one());
      at++;
      if (sign === '!') return entry => !parts[0]?.(entry);
      return sign === '&' ? entry => parts.every(part => part(entry)) : entry => parts.some(part => part(entry));
    }
    const end = text.indexOf(')', at);
    const [, name = '', value = ''] = /^([^=]*)=(.*)$/.exec(text.slice(at, end)) ?? [];
    at = end + 1;
    return test(name.toLowerCase(), value);
  };
  return one();
}

function test(name: string, value: string): Fits {
  const values = (entry: Readonly<Record<string, readonly string[]>>) =>
    (entry[name] ?? []).map(one => one.toLowerCase());
  if (value === '*') return entry => values(entry).length > 0;
  const pieces = value
    .split('*')
    .map(piece =>
      piece
        .replace(/\\([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
        .toLowerCase(),
    );
  if (pieces.length === 1) return entry => values(entry).includes(pieces[0] ?? '');
  if (pieces.length === 2)
    return entry => values(entry).some(one => one.startsWith(pieces[0] ?? '') && one.endsWith(pieces[1] ?? ''));
  throw new Error(`not in this model: (${name}=${value})`);
}

function modify(
  data: DirectoryData,
  dn: string,
  modifications: readonly Modification[],
  program: ModelProgram,
  wrote: (write: DirectoryWrite) => void,
): ModifyResult {
  const entry = data.entries.find(one => normal(one.dn) === normal(dn));
  if (!entry) return { state: 'conflict', detail: '32 noSuchObject' };
  const draft: Record<string, readonly string[]> = { ...entry.attributes };
  for (const { operation, attribute, values } of modifications) {
    const name = attribute.toLowerCase();
    const has = draft[name] ?? [];
    const known = (value: string) => has.some(one => one.toLowerCase() === value.toLowerCase());
    if (operation === 'add' && values.some(known)) return { state: 'conflict', detail: '20 attributeOrValueExists' };
    if (operation === 'delete' && !values.every(known)) return { state: 'conflict', detail: '16 noSuchAttribute' };
    const gone = new Set(values.map(value => value.toLowerCase()));
    draft[name] = operation === 'add' ? [...has, ...values] : has.filter(value => !gone.has(value.toLowerCase()));
  }
  const refused = violation(draft);
  if (refused) return { state: 'refused', detail: refused };
  const before = structuredClone(entry);
  entry.attributes = draft;
  wrote({ program, before, after: entry });
  return { state: 'done' };
}

function violation(draft: Readonly<Record<string, readonly string[]>>): string | undefined {
  const classes = (draft['objectclass'] ?? []).map(name => name.toLowerCase());
  for (const [name, values] of Object.entries(draft)) {
    const needs = calendarAttributes[name];
    if (values.length > 1 && single.has(name)) return `19 constraintViolation: ${name} has a single value`;
    if (values.length > 0 && needs !== undefined && !classes.includes(needs)) return `65 objectClassViolation: ${name}`;
  }
  return undefined;
}

const schema = {
  attributes: new Map(
    [
      ...['davstore', 'davuniqueid', 'nsuniqueid', 'objectclass', 'departmentnumber', 'uid', 'mail', 'icsstatus'],
      ...['icsallowedserviceaccess', 'groupid', 'icscalendar', 'cn', 'o'],
    ].map(name => [name, { singleValue: single.has(name) }] as const),
  ),
  objectClasses: new Map([
    ['daventity', { auxiliary: true, may: ['davstore', 'davuniqueid'], must: [] }],
    ['icscalendaruser', { auxiliary: true, may: ['icsstatus', 'icsallowedserviceaccess'], must: [] }],
    ['icscalendargroup', { auxiliary: true, may: ['icsstatus', 'groupid'], must: [] }],
    ['icscalendarresource', { auxiliary: true, may: ['icsstatus'], must: [] }],
  ]),
};
