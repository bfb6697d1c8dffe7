import { printableLine } from '../../core/printable.ts';
import { type BerCursor, NotBer, Tag } from './ber.ts';

const PAGED_RESULTS = '1.2.840.113556.1.4.319';

/** Sorting, persistent search and its changes: ldapts would parse them, and this program never asks for them. */
const UNASKED = new Set(['1.2.840.113556.1.4.473', '2.16.840.1.113730.3.4.3', '2.16.840.1.113730.3.4.7']);

const REFERRAL = 0xa3;

/** What a result may have behind its words: a bind its credentials, an extended operation a name and a value. */
const PARTS: Readonly<Record<number, readonly number[]>> = {
  [Tag.bindResponse]: [0x87],
  [Tag.extendedResponse]: [0x8a, 0x8b],
};

/** What ldapts drops of an answer: where a referral points, and the controls that came with it. */
export interface AnswerParts {
  readonly urls: readonly string[];
  /** The values by OID; a control without a value has an empty one. */
  readonly controls: ReadonlyMap<string, Buffer>;
}

/**
 * Goes through an answer other than an entry, with its controls, before ldapts's parser gets it: that takes a missing
 * result code for success and a cut cookie for the end of the pages, and loops on controls whose lengths lie. `cursor`
 * stands behind the message's number. Throws NotBer.
 */
export function checkAnswer(cursor: BerCursor): AnswerParts {
  const tag = cursor.peek() ?? 0;
  const outer = cursor.enter(tag);
  const urls = tag === Tag.searchReference ? readUrls(cursor) : checkResult(cursor, PARTS[tag] ?? []);
  cursor.leave(outer);
  return { urls, controls: cursor.more ? checkControls(cursor) : new Map() };
}

/** Steps over the controls of a message that ends with them, and returns their values. */
export function checkControls(cursor: BerCursor): ReadonlyMap<string, Buffer> {
  const controls = new Map<string, Buffer>();
  const outer = cursor.enter(Tag.controls);
  while (cursor.more) {
    const { type, value } = checkControl(cursor);
    controls.set(type, value);
  }
  cursor.leave(outer);
  return controls;
}

function readUrls(cursor: BerCursor): readonly string[] {
  const urls: string[] = [];
  do {
    urls.push(readOctets(cursor).toString('utf8'));
  } while (cursor.more);
  return urls;
}

/** The content is copied: the bytes of a message belong to its reader only until it returns. */
function readOctets(cursor: BerCursor): Buffer {
  const end = cursor.header(Tag.octets);
  const content = Buffer.from(cursor.bytes.subarray(cursor.at, end));
  cursor.at = end;
  return content;
}

/** LDAPResult (RFC 4511, 4.1.9); returns where a referral points. */
function checkResult(cursor: BerCursor, parts: readonly number[]): readonly string[] {
  let urls: readonly string[] = [];
  const status = cursor.unsigned(Tag.enumerated);
  cursor.skip(Tag.octets);
  cursor.skip(Tag.octets);
  while (cursor.more) {
    const tag = cursor.peek() ?? 0;
    // ldapts overlooks the controls behind a referral; no success has one.
    if (!parts.includes(tag) && !(tag === REFERRAL && status !== 0)) {
      throw new NotBer('a result with a part that it may not have');
    }
    if (tag === REFERRAL) {
      const outer = cursor.enter(tag);
      urls = readUrls(cursor);
      cursor.leave(outer);
    } else {
      cursor.skip(tag);
    }
  }
  return urls;
}

function checkControl(cursor: BerCursor): { readonly type: string; readonly value: Buffer } {
  const outer = cursor.enter(Tag.sequence);
  const type = readOctets(cursor).toString('latin1');
  let value: Buffer = Buffer.alloc(0);
  if (UNASKED.has(type)) {
    throw new NotBer('a control that nobody asked for');
  }
  if (cursor.peek() === Tag.boolean) {
    cursor.skip(Tag.boolean);
  }
  if (type === PAGED_RESULTS) {
    checkPage(cursor);
  } else if (cursor.more) {
    value = readOctets(cursor);
  }
  cursor.leave(outer);
  return { type, value };
}

/** The value of a page's control (RFC 2696). */
function checkPage(cursor: BerCursor): void {
  const outer = cursor.enter(Tag.octets);
  const page = cursor.enter(Tag.sequence);
  cursor.unsigned(Tag.integer);
  cursor.skip(Tag.octets);
  cursor.leave(page);
  cursor.leave(outer);
}

const NAMES: Readonly<Record<number, string>> = {
  0: 'success',
  1: 'operationsError',
  2: 'protocolError',
  3: 'timeLimitExceeded',
  4: 'sizeLimitExceeded',
  7: 'authMethodNotSupported',
  8: 'strongerAuthRequired',
  10: 'referral',
  11: 'adminLimitExceeded',
  12: 'unavailableCriticalExtension',
  13: 'confidentialityRequired',
  14: 'saslBindInProgress',
  16: 'noSuchAttribute',
  17: 'undefinedAttributeType',
  18: 'inappropriateMatching',
  19: 'constraintViolation',
  20: 'attributeOrValueExists',
  21: 'invalidAttributeSyntax',
  32: 'noSuchObject',
  33: 'aliasProblem',
  34: 'invalidDNSyntax',
  36: 'aliasDereferencingProblem',
  48: 'inappropriateAuthentication',
  49: 'invalidCredentials',
  50: 'insufficientAccessRights',
  51: 'busy',
  52: 'unavailable',
  53: 'unwillingToPerform',
  54: 'loopDetect',
  64: 'namingViolation',
  65: 'objectClassViolation',
  66: 'notAllowedOnNonLeaf',
  67: 'notAllowedOnRDN',
  68: 'entryAlreadyExists',
  69: 'objectClassModsProhibited',
  71: 'affectsMultipleDSAs',
  80: 'other',
  122: 'assertionFailed',
};

/** The result codes of RFC 4511 that decisions hang on. */
export const ResultCode = {
  success: 0,
  timeLimit: 3,
  sizeLimit: 4,
  authMethodNotSupported: 7,
  strongerAuth: 8,
  referral: 10,
  adminLimit: 11,
  confidentialityRequired: 13,
  noSuchAttribute: 16,
  constraintViolation: 19,
  valueExists: 20,
  noSuchObject: 32,
  invalidDnSyntax: 34,
  inappropriateAuthentication: 48,
  invalidCredentials: 49,
  insufficientAccess: 50,
  busy: 51,
  unavailable: 52,
  unwilling: 53,
  objectClassViolation: 65,
  assertionFailed: 122,
} as const;

const ENCRYPT = 'Use an ldaps:// url, or set startTls: true.';
const LIMIT = 'A limit for the bind entry was reached: raise it.';

/** What a result means to who runs this program, and what to do; of those codes that say something (RFC 4511, appendix A). */
const REMEDIES: Readonly<Record<number, string>> = {
  1: 'The server could not do it in this state, often because nobody is logged in any more: run the command again.',
  3: LIMIT,
  4: LIMIT,
  8: `The server wants a stronger login. ${ENCRYPT}`,
  10: 'This server has it from another one: name that one in directory.url.',
  11: LIMIT,
  12: 'The server does not know a control that the request needs.',
  13: `The server wants an encrypted connection. ${ENCRYPT}`,
  17: 'The schema of the server has no such attribute: load the schema of Calendar Server 7 (comm_dssetup).',
  19: 'A rule of the server forbids the value: that an attribute has one value, that a value is unique, or a plug-in.',
  21: 'The value does not have the syntax of the attribute in the schema of the server.',
  32: 'The entry does not exist, or this identity may not see it.',
  34: 'The server does not read the name as a DN: check its attributes and its commas.',
  48: 'This identity may not be used with this kind of login.',
  50: 'This identity lacks the right: grant it to the bind entry.',
  51: 'The server has too much to do: try again later.',
  52: 'The server is shutting down, or its database is off line: try again later.',
  53: 'The server does not do this: it is read-only, or one of its settings forbids it. Its log has the reason.',
  65: 'An object class of the entry does not allow the change, or needs what it takes away.',
  80: 'The server failed inside: its log has the reason.',
};

/** What a result means, and what to do about it; nothing where the code alone does not say. */
export function remedyOf(status: number): string | undefined {
  return REMEDIES[status];
}

/** More servers than that help nobody. */
const MOST_URLS = 5;

/** The part of every answer that says how it went. */
export interface ResultWords {
  readonly status: number;
  readonly errorMessage: string;
  readonly parts?: { readonly urls: readonly string[] };
}

/** `result 4 sizeLimitExceeded`, with the server's own words behind it where it has some, and where it refers to. */
export function resultWords({ status, errorMessage, parts }: ResultWords): string {
  const words = errorMessage === '' ? '' : `: ${printableLine(errorMessage)}`;
  const urls = (parts?.urls ?? []).slice(0, MOST_URLS).map(printableLine);
  const refers = urls.length === 0 ? '' : `, it refers to ${urls.join(' and ')}`;
  return `result ${status} ${NAMES[status] ?? 'unknown'}${words}${refers}`;
}
