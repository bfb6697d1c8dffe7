import type { BerReader } from 'ldapts';
import type { LdapFilter } from '../../ldap/filter.ts';

const COMPARISONS = { 163: 'equal', 165: 'greater', 166: 'less', 168: 'approximate' } as const;

/** A person writes three levels; a limit keeps a hostile one from overflowing the stack. */
const DEEPEST = 100;

/** Reads a filter (RFC 4511, 4.5.1.7). Throws when it is none. */
export function readFilter(reader: BerReader, depth = 0): LdapFilter {
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
