import { BerReader } from 'ldapts';
import type { LdapFilter } from '../../ldap/filter.ts';
import type { DirectoryEdit } from './ldap-fault.ts';

const COMPARISONS = { 163: 'equal', 165: 'greater', 166: 'less', 168: 'approximate' } as const;

/** A person writes three levels; a limit keeps a hostile one from overflowing the stack. */
const DEEPEST = 100;

/** Reads a filter (RFC 4511, 4.5.1.7). Throws when it is none. */
function readFilter(reader: BerReader, depth = 0): LdapFilter {
  const tag = present(reader.readSequence());
  const end = reader.offset + reader.length;
  if (end > reader.buffer.length || depth > DEEPEST) {
    throw new Error('not a filter');
  }
  switch (tag) {
    case 0xa0:
    case 0xa1:
      return { type: tag === 0xa0 ? 'and' : 'or', parts: readParts(reader, end, depth) };
    case 0xa2:
      return { type: 'not', part: readFilter(reader, depth + 1) };
    case 0xa3:
    case 0xa5:
    case 0xa6:
    case 0xa8: {
      const attribute = present(reader.readString());
      return { type: COMPARISONS[tag], attribute, value: present(reader.readString(0x04, true)) };
    }
    case 0xa4:
      return readSubstrings(reader);
    case 0x87: {
      const attribute = reader.buffer.toString('utf8', reader.offset, end);
      reader.offset = end;
      return { type: 'present', attribute };
    }
    case 0xa9:
      return readExtensible(reader, end);
    default:
      throw new Error('such a filter is not known');
  }
}

function present<T>(value: T | null): T {
  if (value === null) {
    throw new Error('the filter ends too soon');
  }
  return value;
}

function readParts(reader: BerReader, end: number, depth: number): readonly LdapFilter[] {
  const parts: LdapFilter[] = [];
  while (reader.offset < end) {
    parts.push(readFilter(reader, depth + 1));
  }
  return parts;
}

/** As `ldap/filter` has them: an empty piece at the start or end where the value may begin or end with anything. */
function readSubstrings(reader: BerReader): LdapFilter {
  const attribute = present(reader.readString());
  reader.readSequence(0x30);
  const end = reader.offset + reader.length;
  let initial: Buffer = Buffer.alloc(0);
  let final: Buffer = Buffer.alloc(0);
  const inner: Buffer[] = [];
  while (reader.offset < end) {
    const tag = present(reader.peek());
    const piece = present(reader.readString(tag, true));
    if (tag === 0x80) {
      initial = piece;
    } else if (tag === 0x82) {
      final = piece;
    } else {
      inner.push(piece);
    }
  }
  return { type: 'substrings', attribute, pieces: [initial, ...inner, final] };
}

function readExtensible(reader: BerReader, end: number): LdapFilter {
  const optional = (tag: number) =>
    reader.offset < end && reader.peek() === tag ? present(reader.readString(tag)) : undefined;
  const rule = optional(0x81);
  const attribute = optional(0x82);
  const value = present(reader.readString(0x83, true));
  const dnAttributes = reader.offset < end && reader.peek() === 0x84 && present(reader.readString(0x84, true))[0] !== 0;
  return {
    type: 'extensible',
    ...(attribute !== undefined && { attribute }),
    ...(rule !== undefined && { rule }),
    dnAttributes,
    value,
  };
}

/*
 * ldapts' own request classes are not used to read: its search request takes derefAliases from the scope, its presence
 * filter reads from the wrong place, and controls are only read from answers. Its BER reader is sound.
 */

/** What a search asks for. */
export interface SearchOperation {
  readonly type: 'search';
  readonly base: string;
  readonly scope: 'base' | 'one' | 'sub';
  /** 0: no limit. */
  readonly sizeLimit: number;
  readonly filter: LdapFilter;
  readonly attributes: readonly string[];
}

/** What a client asks for. */
export type Operation =
  /** Without a password it is not a simple bind. */
  | { readonly type: 'bind'; readonly dn: string; readonly password?: string }
  | { readonly type: 'unbind' }
  | SearchOperation
  | { readonly type: 'modify'; readonly dn: string; readonly edits: readonly DirectoryEdit[] }
  | { readonly type: 'extended'; readonly oid: string }
  | { readonly type: 'abandon'; readonly messageId: number }
  | { readonly type: 'other'; readonly tag: number };

/** A control beside a request. */
export interface RequestControl {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Buffer;
}

/** A whole request. */
export interface LdapRequest {
  readonly messageId: number;
  readonly operation: Operation;
  readonly controls: readonly RequestControl[];
}

/** The control of RFC 2696. */
export const PAGED_RESULTS = '1.2.840.113556.1.4.319';

const SCOPES = ['base', 'one', 'sub'] as const;

const EDITS = ['add', 'delete', 'replace'] as const;

const CONTROLS = 0xa0;

/** Reads one message. Throws when it is none. */
export function readRequest(frame: Buffer): LdapRequest {
  const reader = new BerReader(frame);
  reader.readSequence(0x30);
  const messageId = needed(reader.readInt());
  const tag = needed(reader.readSequence());
  const end = reader.offset + reader.length;
  const operation = readOperation(reader, tag, end);
  reader.offset = end;
  return { messageId, operation, controls: reader.peek() === CONTROLS ? readControls(reader) : [] };
}

/** Reads the value of a paged-results control. */
export function readPageControl(value: Buffer): { readonly size: number; readonly cookie: string } {
  const reader = new BerReader(value);
  reader.readSequence(0x30);
  return { size: needed(reader.readInt()), cookie: reader.readString() ?? '' };
}

/** What must be there, else the message is none. */
export function needed<T>(value: T | null): T {
  if (value === null) {
    throw new Error('the message ends too soon');
  }
  return value;
}

function readOperation(reader: BerReader, tag: number, end: number): Operation {
  switch (tag) {
    case 0x60:
      return readBind(reader);
    case 0x42:
      return { type: 'unbind' };
    case 0x63:
      return readSearch(reader);
    case 0x66:
      return readModify(reader);
    case 0x77:
      return { type: 'extended', oid: needed(reader.readString(0x80)) };
    case 0x50:
      return { type: 'abandon', messageId: reader.buffer.readIntBE(reader.offset, end - reader.offset) };
    default:
      return { type: 'other', tag };
  }
}

function readBind(reader: BerReader): Operation {
  reader.readInt();
  const dn = needed(reader.readString());
  return reader.peek() === 0x80
    ? { type: 'bind', dn, password: needed(reader.readString(0x80)) }
    : { type: 'bind', dn };
}

function readSearch(reader: BerReader): SearchOperation {
  const base = needed(reader.readString());
  const scope = SCOPES[needed(reader.readEnumeration())] ?? 'sub';
  reader.readEnumeration();
  const sizeLimit = needed(reader.readInt());
  reader.readInt();
  reader.readBoolean();
  const filter = readFilter(reader);
  const attributes = readList(reader, () => needed(reader.readString()));
  return { type: 'search', base, scope, sizeLimit, filter, attributes };
}

function readModify(reader: BerReader): Operation {
  const dn = needed(reader.readString());
  const edits = readList(reader, () => {
    reader.readSequence(0x30);
    const operation = EDITS[needed(reader.readEnumeration())];
    if (!operation) {
      throw new Error('such a change is not known');
    }
    reader.readSequence(0x30);
    const attribute = needed(reader.readString());
    return { operation, attribute, values: readList(reader, () => needed(reader.readString())) };
  });
  return { type: 'modify', dn, edits };
}

function readControls(reader: BerReader): readonly RequestControl[] {
  return readList(reader, end => {
    reader.readSequence(0x30);
    const controlEnd = Math.min(end, reader.offset + reader.length);
    const oid = needed(reader.readString());
    const critical = reader.offset < controlEnd && reader.peek() === 0x01 && reader.readBoolean() === true;
    const value = reader.offset < controlEnd ? needed(reader.readString(0x04, true)) : Buffer.alloc(0);
    return { oid, critical, value };
  });
}

/** Everything inside a sequence or set. */
function readList<T>(reader: BerReader, readOne: (end: number) => T): readonly T[] {
  needed(reader.readSequence());
  const end = reader.offset + reader.length;
  const list: T[] = [];
  while (reader.offset < end) {
    list.push(readOne(end));
  }
  return list;
}
