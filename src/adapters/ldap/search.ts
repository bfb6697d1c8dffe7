import { type BerWriter, Filter, SearchFilter } from 'ldapts';
import { printableLine } from '../../core/printable.ts';
import { type LdapFilter, parseFilter } from '../../ldap/filter.ts';
import type { DirectoryEntry, DirectoryQuery } from '../../ports/directory.ts';
import { type LastingSession, MOST_IN_A_ROW } from './lasting-session.ts';
import { directoryProblem, WireLost } from './problem.ts';
import { lost, RunningSearch } from './running-search.ts';

type Tag = (typeof SearchFilter)[keyof typeof SearchFilter];

const TAGS = {
  and: SearchFilter.and,
  or: SearchFilter.or,
  not: SearchFilter.not,
  present: SearchFilter.present,
  equal: SearchFilter.equalityMatch,
  greater: SearchFilter.greaterOrEqual,
  less: SearchFilter.lessOrEqual,
  approximate: SearchFilter.approxMatch,
  substrings: SearchFilter.substrings,
  extensible: SearchFilter.extensibleMatch,
} as const satisfies Record<LdapFilter['type'], Tag>;

const OCTETS = 0x04;

/**
 * The filter in the form ldapts sends. Its own parser is not used: that reads the escape \c3\ab as two characters
 * instead of the UTF-8 of one, and knows neither attribute options nor OIDs as names.
 */
function filterMessage(text: string): Filter {
  const parsed = parseFilter(text);
  if ('problem' in parsed) {
    const { offset, reason } = parsed.problem;
    throw directoryProblem(
      'directory.filter-invalid',
      printableLine(text),
      `At character ${offset + 1}: ${printableLine(reason)}.`,
    );
  }
  return new FilterMessage(parsed.filter);
}

/** ldapts takes filters as objects of its class only. */
class FilterMessage extends Filter {
  override readonly type: Tag;
  readonly #filter: LdapFilter;

  constructor(filter: LdapFilter) {
    super();
    this.type = TAGS[filter.type];
    this.#filter = filter;
  }

  override toString(): string {
    return `(${this.#filter.type} filter)`;
  }

  protected override writeFilter(writer: BerWriter): void {
    writeContent(writer, this.#filter);
  }
}

function writeContent(writer: BerWriter, filter: LdapFilter): void {
  switch (filter.type) {
    case 'and':
    case 'or':
      for (const part of filter.parts) {
        new FilterMessage(part).write(writer);
      }
      return;
    case 'not':
      new FilterMessage(filter.part).write(writer);
      return;
    case 'present':
      for (const byte of Buffer.from(filter.attribute)) {
        writer.writeByte(byte);
      }
      return;
    case 'substrings':
      writer.writeString(filter.attribute);
      writePieces(writer, filter.pieces);
      return;
    case 'extensible':
      writeExtensible(writer, filter);
      return;
    default:
      writer.writeString(filter.attribute);
      writer.writeBuffer(Buffer.from(filter.value), OCTETS);
  }
}

function writePieces(writer: BerWriter, pieces: readonly Uint8Array[]): void {
  writer.startSequence();
  for (const [index, piece] of pieces.entries()) {
    if (piece.length > 0) {
      // initial [0], any [1], final [2]
      writer.writeBuffer(Buffer.from(piece), index === 0 ? 0x80 : index === pieces.length - 1 ? 0x82 : 0x81);
    }
  }
  writer.endSequence();
}

function writeExtensible(writer: BerWriter, filter: Extract<LdapFilter, { readonly type: 'extensible' }>): void {
  if (filter.rule !== undefined) {
    writer.writeString(filter.rule, 0x81);
  }
  if (filter.attribute !== undefined) {
    writer.writeString(filter.attribute, 0x82);
  }
  writer.writeBuffer(Buffer.from(filter.value), 0x83);
  if (filter.dnAttributes) {
    writer.writeBoolean(true, 0x84);
  }
}

/**
 * Streams a subtree; how, and how much of it is in memory, `RunningSearch` says. A search whose connection is lost begins
 * again over the next one while none of its entries has been handed out; after that it ends with TargetProblem, for the
 * rest of another search is not the rest of this one.
 */
export async function* searchEntries(
  lasting: LastingSession,
  query: DirectoryQuery,
): AsyncGenerator<DirectoryEntry, void, undefined> {
  const filter = filterMessage(query.filter);
  for (let attempt = 0; ; attempt += 1) {
    const session = await lasting.open();
    if (query.virtualOnly && session.virtualOnly === undefined) {
      return;
    }
    const search = new RunningSearch(session, query, filter);
    let begun = false;
    try {
      for (let batch = await search.buffer.take(); batch; batch = await search.buffer.take()) {
        begun = true;
        yield* batch;
      }
      lasting.worked();
      return;
    } catch (error) {
      if (!(error instanceof WireLost)) throw error;
      if (begun || attempt === MOST_IN_A_ROW || session.wire.lost?.final === true) {
        throw lost(session.endpoint, query, search.count, error);
      }
    } finally {
      search.stop();
    }
  }
}
