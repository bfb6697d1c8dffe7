import { printableLine } from '../core/printable.ts';

/** What the schema says about the attributes in a name. */
export interface NamingRules {
  attribute(name: string): { readonly name: string; normalize(value: string): string } | undefined;
}

/** One `type=value` of a name; `binary` where the value is `#` and hexadecimal digits that spell no text. */
interface Assertion {
  readonly type: string;
  readonly value: string;
  readonly binary?: true;
}

type Components = readonly (readonly Assertion[])[];

/** Why a text is no name, and at which character, counted from 0. The reason quotes nothing of the text. */
export interface NameProblem {
  readonly offset: number;
  readonly reason: string;
}

/**
 * The one form of a name by which entries are found (RFC 4514): types by their first name, values as their matching rule
 * compares them, the parts of a component in order, every special character as `\2c`, so that a comma always parts two
 * components. Nothing when it is no name. The form is a name itself.
 */
export function dnKey(dn: string, rules: NamingRules): string | undefined {
  if (dn.trim() === '') return '';
  const components = parseName(dn);
  if ('reason' in components) return undefined;
  return components
    .map(assertions =>
      assertions
        .map(one => assertionKey(one, rules))
        .toSorted()
        .join('+'),
    )
    .join(',');
}

/** The form that all spellings of a name have in common where no schema is at hand; nothing when it is no name. */
export function plainKey(dn: string): string | undefined {
  return plainAlready.test(dn) ? dn.toLowerCase() : dnKey(dn, plainRules);
}

/** As most accounts of a million are named: nothing but the case is to be made one. */
const plainAlready = /^(?:(?:^|,)(?:uid|cn|ou|o|dc)=[\w.@'-]+(?: [\w.@'-]+)*)+$/i;

/** The same; what is no name stays itself, in lower case. */
export function nameKey(dn: string): string {
  return plainKey(dn) ?? dn.toLowerCase();
}

/** Whether two texts name one entry. */
export function sameName(a: string, b: string): boolean {
  return a === b || nameKey(a) === nameKey(b);
}

/** What all spellings of a member's name have in common: of a DN its form, of a uid its lower case. */
export function memberKey(name: string): string {
  return isWholeName(name) ? nameKey(name) : name.toLowerCase();
}

/** Whether the name of a member is a DN; otherwise it is a uid. */
export function isWholeName(name: string): boolean {
  return name.includes('=');
}

/** What is wrong with a text that should name an entry; nothing where it does. */
export function nameProblem(text: string): NameProblem | undefined {
  const parsed = parseName(text);
  return 'reason' in parsed ? parsed : undefined;
}

/** Whether an entry is `base` or below it. */
export function isBelow(dn: string, base: string): boolean {
  const [key, above] = [nameKey(dn), nameKey(base)];
  return key === above || above === '' || key.endsWith(`,${above}`);
}

/** The key of the entry above. */
export function parentKey(key: string): string {
  const comma = key.indexOf(',');
  return comma < 0 ? '' : key.slice(comma + 1);
}

/** The name of the entry above, as it is written; nothing for a name of one component. */
export function nameAbove(dn: string): string | undefined {
  if (!/[\\"]/.test(dn)) return /[,;](.*)$/s.exec(dn)?.[1];
  const comma = splitName(dn).find(({ end }) => end === ',' || end === ';');
  return comma && dn.slice(comma.offset + comma.text.length + 1);
}

/** The attributes and values that name an entry among its neighbours. */
export function namingValues(dn: string): readonly Assertion[] {
  return componentsOf(dn)[0] ?? [];
}

/** All attributes and values of a name. */
export function componentValues(dn: string): readonly Assertion[] {
  return componentsOf(dn).flat();
}

/** What an entry is called among its neighbours, for people: `cn=Smith, John`. What is no name stays itself. */
export function shortName(dn: string): string {
  const naming = namingValues(dn).map(({ type, value }) => `${type}=${value}`);
  return printableLine(naming.length > 0 ? naming.join('+') : dn);
}

/**
 * The same name as every server understands it, where it is written in the older way (quotes, `;`) or with other names of
 * attributes, which 389 does not know in a name.
 */
export function modernName(dn: string): string {
  const components = componentsOf(dn);
  const isModern = !/[";]/.test(dn) && components.flat().every(({ type }) => firstNameOf(type) === type.toLowerCase());
  if (isModern || components.length === 0) return dn;
  const written = ({ type, value, binary }: Assertion) => `${firstNameOf(type)}=${binary ? value : escapeValue(value)}`;
  return components.map(assertions => assertions.map(written).join('+')).join(',');
}

/** The first names of attributes that name entries (RFC 4519, RFC 4524), by their OIDs and other names. */
const firstNames: Readonly<Record<string, string>> = {
  '2.5.4.3': 'cn',
  commonname: 'cn',
  '2.5.4.4': 'sn',
  surname: 'sn',
  '2.5.4.5': 'serialnumber',
  '2.5.4.6': 'c',
  countryname: 'c',
  '2.5.4.7': 'l',
  localityname: 'l',
  '2.5.4.8': 'st',
  stateorprovincename: 'st',
  '2.5.4.9': 'street',
  streetaddress: 'street',
  '2.5.4.10': 'o',
  organizationname: 'o',
  '2.5.4.11': 'ou',
  organizationalunitname: 'ou',
  '2.5.4.42': 'givenname',
  gn: 'givenname',
  '0.9.2342.19200300.100.1.1': 'uid',
  userid: 'uid',
  '0.9.2342.19200300.100.1.3': 'mail',
  rfc822mailbox: 'mail',
  '0.9.2342.19200300.100.1.25': 'dc',
  domaincomponent: 'dc',
  '2.16.840.1.113730.3.1.542': 'nsuniqueid',
};

function firstNameOf(type: string): string {
  const name = type.toLowerCase();
  return firstNames[name] ?? name;
}

/** How names compare where no schema is at hand: forms of a character, case and repeated blanks do not count. */
const plainRules: NamingRules = { attribute: () => undefined };

function plainValue(value: string): string {
  const text = /^[\0-\x7f]*$/.test(value) ? value : value.normalize('NFKC');
  // RFC 4518 makes blanks of line ends and tabs too, and servers do not: what is two entries there must not become one here.
  return text.replace(/ +/g, ' ').replace(/^ | $/g, '').toLowerCase();
}

function assertionKey({ type, value, binary }: Assertion, rules: NamingRules): string {
  const rule = rules.attribute(type);
  const name = (rule?.name ?? firstNameOf(type)).toLowerCase();
  return `${name}=${binary ? value : escapeValue((rule?.normalize ?? plainValue)(value))}`;
}

function escapeValue(value: string): string {
  return value.replace(/[\\,+="<>;\0]|^[# ]| $/g, char => `\\${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function componentsOf(dn: string): Components {
  const parsed = parseName(dn);
  return 'reason' in parsed ? [] : parsed;
}

/** A piece between two characters that part components, and the character after it. */
interface Piece {
  readonly text: string;
  readonly offset: number;
  readonly end: string;
}

function parseName(text: string): Components | NameProblem {
  const components: Assertion[][] = [];
  let assertions: Assertion[] = [];
  for (const piece of splitName(text)) {
    const assertion = parseAssertion(piece.text);
    if ('reason' in assertion) return { offset: piece.offset + assertion.offset, reason: assertion.reason };
    assertions.push(assertion);
    if (piece.end === '+') continue;
    components.push(assertions);
    assertions = [];
  }
  return components;
}

/** Parts a name at each `,`, `;` and `+` that is neither escaped nor quoted. */
function splitName(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  const separators = /\\.|"(?:\\.|[^"\\])*"|[,;+]/gs;
  let start = 0;
  for (const { 0: end, index } of text.matchAll(separators)) {
    if (!/^[,;+]/.test(end)) continue;
    pieces.push({ text: text.slice(start, index), offset: start, end });
    start = index + 1;
  }
  return [...pieces, { text: text.slice(start), offset: start, end: '' }];
}

function parseAssertion(text: string): Assertion | NameProblem {
  const match = /^\s*(?:oid\.(?=\d))?([A-Za-z][\w-]*|\d+(?:\.\d+)+)\s*=\s*(.*)$/is.exec(text);
  const offset = text.length - text.trimStart().length;
  if (!match) return { offset, reason: 'a part of a name is an attribute, "=" and a value.' };
  const [, type = '', written = ''] = match;
  const value = parseValue(written);
  if ('reason' in value) return { ...value, offset: text.length - written.length + value.offset };
  return { type, ...value };
}

function parseValue(written: string): Omit<Assertion, 'type'> | NameProblem {
  if (written.startsWith('#')) return parseBinary(written.trimEnd());
  const plain = trimUnescaped(written);
  const isQuoted = plain.length > 1 && plain.startsWith('"') && plain.endsWith('"');
  const text = isQuoted ? plain.slice(1, -1) : plain;
  if (text === '') return { offset: 0, reason: 'the value is missing.' };
  const wrong = [...text.matchAll(escapes)].find(([found]) => found === '"' || found === '\\');
  if (!wrong) return { value: unescapeValue(text) };
  return {
    offset: wrong.index + (isQuoted ? 1 : 0),
    reason:
      wrong[0] === '"'
        ? 'a double quote stands around a whole value, or is written \\".'
        : 'a backslash stands before a special character or two hexadecimal digits.',
  };
}

/** What a backslash may stand before; one that stands alone, and a double quote, are found as such. */
const escapes = /\\(?:[0-9a-f]{2}|[ "#+,;<=>\\])|[\\"]/gis;

/** A blank at the end counts only when it is escaped. */
function trimUnescaped(written: string): string {
  const trimmed = written.trimEnd();
  let start = trimmed.length;
  while (trimmed[start - 1] === '\\') start--;
  return (trimmed.length - start) % 2 === 1 ? written.slice(0, trimmed.length + 1) : trimmed;
}

/** `\2c` is a byte, `\,` a character. */
function unescapeValue(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/((?:\\[0-9a-f]{2})+)|\\(.)/gis, (_, hex: string | undefined, char: string) =>
    hex === undefined ? char : (textOf(Buffer.from(hex.replaceAll('\\', ''), 'hex')) ?? hex.toLowerCase()),
  );
}

/** The text of some bytes; nothing where they are none. */
function textOf(bytes: Buffer): string | undefined {
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) ? text : undefined;
}

/** Tags of the string types of ASN.1, in which directories keep names, and of a plain octet string. */
const stringTags: readonly number[] = [0x04, 0x0c, 0x13, 0x14, 0x16];

/** `#` and a value in BER: the same as its text where it is a short string, otherwise as it is. */
function parseBinary(written: string): Omit<Assertion, 'type'> | NameProblem {
  const [, hex] = /^#((?:[0-9a-f]{2})+)$/i.exec(written) ?? [];
  if (hex === undefined) return { offset: 0, reason: 'after "#" there are pairs of hexadecimal digits only.' };
  const [tag = 0, length, ...rest] = Buffer.from(hex, 'hex');
  const text =
    stringTags.includes(tag) && length === rest.length && length < 128 ? textOf(Buffer.from(rest)) : undefined;
  return text ? { value: text } : { value: written.toLowerCase(), binary: true };
}
