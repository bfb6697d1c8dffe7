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

/**
 * Goes through an answer other than an entry, with its controls, before ldapts's parser gets it: that takes a missing
 * result code for success and a cut cookie for the end of the pages, and loops on controls whose lengths lie. `cursor`
 * stands behind the message's number. Throws NotBer.
 */
export function checkAnswer(cursor: BerCursor): void {
  const tag = cursor.peek() ?? 0;
  const outer = cursor.enter(tag);
  if (tag === Tag.searchReference) {
    checkReference(cursor);
  } else {
    checkResult(cursor, PARTS[tag] ?? []);
  }
  cursor.leave(outer);
  if (cursor.more) {
    checkControls(cursor);
  }
}

/** Steps over the controls of a message that ends with them. */
export function checkControls(cursor: BerCursor): void {
  const outer = cursor.enter(Tag.controls);
  while (cursor.more) {
    checkControl(cursor);
  }
  cursor.leave(outer);
}

function checkReference(cursor: BerCursor): void {
  do {
    cursor.skip(Tag.octets);
  } while (cursor.more);
}

/** LDAPResult (RFC 4511, 4.1.9). */
function checkResult(cursor: BerCursor, parts: readonly number[]): void {
  const status = cursor.unsigned(Tag.enumerated);
  cursor.skip(Tag.octets);
  cursor.skip(Tag.octets);
  while (cursor.more) {
    const tag = cursor.peek() ?? 0;
    // ldapts overlooks the controls behind a referral; no success has one.
    if (!parts.includes(tag) && !(tag === REFERRAL && status !== 0)) {
      throw new NotBer('a result with a part that it may not have');
    }
    cursor.skip(tag);
  }
}

function checkControl(cursor: BerCursor): void {
  const outer = cursor.enter(Tag.sequence);
  const end = cursor.header(Tag.octets);
  const type = cursor.bytes.toString('latin1', cursor.at, end);
  cursor.at = end;
  if (UNASKED.has(type)) {
    throw new NotBer('a control that nobody asked for');
  }
  if (cursor.peek() === Tag.boolean) {
    cursor.skip(Tag.boolean);
  }
  if (type === PAGED_RESULTS) {
    checkPage(cursor);
  } else if (cursor.more) {
    cursor.skip(Tag.octets);
  }
  cursor.leave(outer);
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
