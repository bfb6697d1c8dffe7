/** A filter's syntax tree. Values are bytes, because RFC 4515 escapes are bytes, not characters. */
export type LdapFilter =
  | { readonly type: 'and' | 'or'; readonly parts: readonly LdapFilter[] }
  | { readonly type: 'not'; readonly part: LdapFilter }
  | { readonly type: 'present'; readonly attribute: string }
  | { readonly type: 'equal'; readonly attribute: string; readonly value: Uint8Array }
  | { readonly type: 'greater' | 'less' | 'approximate'; readonly attribute: string; readonly value: Uint8Array }
  /** The pieces between the asterisks: the first and the last may be empty, the others never are. */
  | { readonly type: 'substrings'; readonly attribute: string; readonly pieces: readonly Uint8Array[] }
  | {
      readonly type: 'extensible';
      readonly attribute?: string;
      readonly rule?: string;
      readonly dnAttributes: boolean;
      readonly value: Uint8Array;
    };

/** Why a text is not a filter; `offset` counts UTF-16 units from 0. */
export interface FilterProblem {
  readonly offset: number;
  readonly reason: string;
}

/** Thrown inside this file only: a parser without it would hand a problem through every level. */
class Flaw extends Error {
  readonly offset: number;

  constructor(offset: number, reason: string) {
    super(reason);
    this.offset = offset;
  }
}

const NAME = /^[A-Za-z][A-Za-z0-9-]*(?:;[A-Za-z0-9-]+)*$/;
const OID = /^\d+(?:\.\d+)+(?:;[A-Za-z0-9-]+)*$/;
const RULE = /^(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)$/;
/** A person writes three levels; a limit keeps a hostile text from overflowing the stack. */
const DEEPEST = 100;

/** `(attribute=value)` with the value escaped, so that it stands for itself whatever it holds. */
export function equals(attribute: string, value: string): string {
  return `(${checkedName(attribute)}=${escapeValue(value)})`;
}

/** `(attribute=*)`. */
export function present(attribute: string): string {
  return `(${checkedName(attribute)}=*)`;
}

/** `(attribute=*value)` with the value escaped. */
export function endsWith(attribute: string, value: string): string {
  return `(${checkedName(attribute)}=*${escapeValue(value)})`;
}

/** The opposite of a filter. */
export function not(filter: string): string {
  return `(!${filter})`;
}

/** All of the filters. None at all: every entry, in words that servers without RFC 4526 know too. */
export function and(...filters: readonly string[]): string {
  return filters.length > 1 ? `(&${filters.join('')})` : (filters[0] ?? present('objectClass'));
}

/** One of the filters. None at all: no entry. */
export function or(...filters: readonly string[]): string {
  return filters.length > 1 ? `(|${filters.join('')})` : (filters[0] ?? not(present('objectClass')));
}

/** The attributes a filter looks at, in lower case and without options; those named by OID are left out. */
export function attributesIn(text: string): readonly string[] {
  const parsed = parseFilter(text);
  return 'filter' in parsed ? [...new Set(namesIn(parsed.filter))] : [];
}

function namesIn(filter: LdapFilter): readonly string[] {
  switch (filter.type) {
    case 'and':
    case 'or':
      return filter.parts.flatMap(namesIn);
    case 'not':
      return namesIn(filter.part);
    default: {
      const name = filter.attribute?.split(';')[0]?.toLowerCase();
      return name === undefined || /^\d/.test(name) ? [] : [name];
    }
  }
}

/** Attributes by any of their names or OIDs, and object classes by their names. */
export interface FilterSubjects {
  readonly attributes: readonly string[];
  readonly objectClasses: readonly string[];
}

/**
 * The first thing in a filter that looks at one of the subjects, in whichever case and with whichever options: the attribute
 * as the filter writes it, or `objectClass=NAME`. A part that names no attribute, `(:rule:=value)`, looks at all of them.
 */
export function firstLookAt(filter: LdapFilter, subjects: FilterSubjects): string | undefined {
  switch (filter.type) {
    case 'and':
    case 'or':
      return filter.parts.map(part => firstLookAt(part, subjects)).find(found => found !== undefined);
    case 'not':
      return firstLookAt(filter.part, subjects);
    default: {
      const { attribute } = filter;
      if (attribute === undefined) return 'every attribute';
      const name = attribute.split(';')[0]?.toLowerCase() ?? '';
      if (subjects.attributes.some(one => one.toLowerCase() === name)) return attribute;
      return classLookAt(filter, subjects.objectClasses);
    }
  }
}

function classLookAt(filter: LdapFilter, objectClasses: readonly string[]): string | undefined {
  if (filter.type !== 'equal' && filter.type !== 'extensible') return undefined;
  const name = filter.attribute?.split(';')[0]?.toLowerCase();
  const value = Buffer.from(filter.value).toString();
  const isMeant = objectClasses.some(one => one.toLowerCase() === value.toLowerCase());
  return isMeant && (name === 'objectclass' || name === objectClassOid) ? `${filter.attribute}=${value}` : undefined;
}

/** RFC 4512, 3.3. */
const objectClassOid = '2.5.4.0';

/** The object classes a filter asks for, as it writes them, and whether it does so in a part that it takes the opposite of. */
export function classesIn(
  filter: LdapFilter,
  negated = false,
): readonly { readonly name: string; readonly negated: boolean }[] {
  switch (filter.type) {
    case 'and':
    case 'or':
      return filter.parts.flatMap(part => classesIn(part, negated));
    case 'not':
      return classesIn(filter.part, true);
    default:
      return isClassTest(filter) ? [{ name: Buffer.from(filter.value).toString(), negated }] : [];
  }
}

/** Whether no entry can match a filter where no entry has an object class that is not known. */
export function isHopeless(filter: LdapFilter, isKnown: (objectClass: string) => boolean): boolean {
  if (filter.type === 'and') return filter.parts.some(part => isHopeless(part, isKnown));
  if (filter.type === 'or') return filter.parts.every(part => isHopeless(part, isKnown));
  return isClassTest(filter) && !isKnown(Buffer.from(filter.value).toString());
}

function isClassTest(filter: LdapFilter): filter is Extract<LdapFilter, { readonly type: 'equal' }> {
  return filter.type === 'equal' && filter.attribute.toLowerCase() === 'objectclass';
}

/** What keeps a text from being one whole RFC 4515 filter; a text without a problem is safe to glue into `and(...)`. */
export function filterProblem(text: string): FilterProblem | undefined {
  const parsed = parseFilter(text);
  return 'problem' in parsed ? parsed.problem : undefined;
}

/** The syntax tree of a filter, or why it is none. */
export function parseFilter(text: string): { readonly filter: LdapFilter } | { readonly problem: FilterProblem } {
  try {
    const { filter, end } = parseAt(text, 0, 0);
    if (end < text.length) {
      throw new Flaw(end, `the filter ends here, but "${text.slice(end, end + 10)}" follows`);
    }
    return { filter };
  } catch (error) {
    if (error instanceof Flaw) {
      return { problem: { offset: error.offset, reason: error.message } };
    }
    throw error;
  }
}

function checkedName(attribute: string): string {
  if (!NAME.test(attribute)) {
    throw new RangeError(`not an attribute name: ${JSON.stringify(attribute)}`);
  }
  return attribute;
}

function escapeValue(value: string): string {
  return value.replace(/[\0()*\\]/g, char => `\\${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

interface Parsed {
  readonly filter: LdapFilter;
  readonly end: number;
}

function parseAt(text: string, start: number, depth: number): Parsed {
  if (text[start] !== '(') {
    throw new Flaw(
      start,
      start < text.length ? `"(" expected, not "${text[start]}"` : '"(" expected, but the text ends',
    );
  }
  if (depth > DEEPEST) {
    throw new Flaw(start, `nested deeper than ${DEEPEST} levels`);
  }
  const operator = text[start + 1];
  if (operator === '&' || operator === '|') {
    return parseList(text, start, depth, operator === '&' ? 'and' : 'or');
  }
  if (operator === '!') {
    const inner = parseAt(text, start + 2, depth + 1);
    return { filter: { type: 'not', part: inner.filter }, end: closed(text, inner.end) };
  }
  return parseItem(text, start + 1);
}

function parseList(text: string, start: number, depth: number, type: 'and' | 'or'): Parsed {
  const parts: LdapFilter[] = [];
  let at = start + 2;
  do {
    const part = parseAt(text, at, depth + 1);
    parts.push(part.filter);
    at = part.end;
  } while (text[at] === '(');
  return { filter: { type, parts }, end: closed(text, at) };
}

function closed(text: string, at: number): number {
  if (text[at] !== ')') {
    throw new Flaw(at, at < text.length ? `")" expected, not "${text[at]}"` : '")" is missing');
  }
  return at + 1;
}

function parseItem(text: string, start: number): Parsed {
  const stop = text.slice(start).search(/[()]/);
  const end = stop < 0 ? text.length : start + stop;
  const item = text.slice(start, end);
  const sign = item.indexOf('=');
  if (sign < 0) {
    throw new Flaw(start, 'attribute=value expected');
  }
  const filter = itemFilter(item.slice(0, sign), item.slice(sign + 1), start);
  // The value is looked at first: an unescaped "(" in it is the likelier mistake than a missing ")".
  if (text[end] === '(') {
    throw new Flaw(end, 'a "(" inside a value is written \\28');
  }
  return { filter, end: closed(text, end) };
}

const COMPARISONS = { '>': 'greater', '<': 'less', '~': 'approximate' } as const;

function itemFilter(left: string, right: string, start: number): LdapFilter {
  const valueAt = start + left.length + 1;
  if (left.includes(':')) {
    return extensible(left, right, start, valueAt);
  }
  const last = left.at(-1);
  if (last === '>' || last === '<' || last === '~') {
    const attribute = attributeAt(left.slice(0, -1), start);
    return { type: COMPARISONS[last], attribute, value: wholeValue(right, valueAt) };
  }
  const attribute = attributeAt(left, start);
  if (right === '*') {
    return { type: 'present', attribute };
  }
  return right.includes('*')
    ? { type: 'substrings', attribute, pieces: pieces(right, valueAt) }
    : { type: 'equal', attribute, value: wholeValue(right, valueAt) };
}

/** `attr:=v`, `attr:dn:=v`, `attr:rule:=v`, `attr:dn:rule:=v`, `:rule:=v`, `:dn:rule:=v`. */
function extensible(left: string, right: string, start: number, valueAt: number): LdapFilter {
  const [name = '', ...rest] = left.split(':');
  const dnAttributes = rest[0]?.toLowerCase() === 'dn' && rest.length > 1;
  const [rule = '', ...more] = dnAttributes ? rest.slice(1) : rest;
  const complete = rule === '' ? more.length === 0 && name !== '' : more.length === 1 && more[0] === '';
  if (!complete || (rule !== '' && !RULE.test(rule))) {
    throw new Flaw(start, `not an extensible match: "${left}="`);
  }
  return {
    type: 'extensible',
    ...(name === '' ? {} : { attribute: attributeAt(name, start) }),
    ...(rule === '' ? {} : { rule }),
    dnAttributes,
    value: wholeValue(right, valueAt),
  };
}

function attributeAt(name: string, offset: number): string {
  if (!NAME.test(name) && !OID.test(name)) {
    throw new Flaw(offset, name === '' ? 'an attribute name is missing' : `not an attribute name: "${name}"`);
  }
  return name;
}

function pieces(text: string, offset: number): readonly Uint8Array[] {
  const double = text.indexOf('**');
  if (double >= 0) {
    throw new Flaw(offset + double, 'two "*" side by side');
  }
  let at = offset;
  return text.split('*').map(piece => {
    const value = bytes(piece, at);
    at += piece.length + 1;
    return value;
  });
}

function wholeValue(text: string, offset: number): Uint8Array {
  const star = text.indexOf('*');
  if (star >= 0) {
    throw new Flaw(offset + star, 'a "*" inside a value is written \\2a');
  }
  return bytes(text, offset);
}

function bytes(text: string, offset: number): Uint8Array {
  const flaw = text.search(/\\(?![0-9A-Fa-f]{2})|\0/);
  if (flaw >= 0) {
    throw new Flaw(
      offset + flaw,
      'a "\\" needs two hexadecimal digits after it; itself it is written \\5c, a NUL \\00',
    );
  }
  const encoded = new TextEncoder().encode(text);
  const value: number[] = [];
  for (let at = 0; at < encoded.length; at += 1) {
    const byte = encoded[at] ?? 0;
    const escaped = byte === 0x5c;
    value.push(escaped ? Number.parseInt(String.fromCharCode(...encoded.subarray(at + 1, at + 3)), 16) : byte);
    at += escaped ? 2 : 0;
  }
  return Uint8Array.from(value);
}
