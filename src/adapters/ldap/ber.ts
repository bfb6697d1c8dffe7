/** Thrown for bytes that are not the BER of RFC 4511; the message is ours, without anything from outside. */
export class NotBer extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'NotBer';
  }
}

/** The tags of RFC 4511 that are looked at. */
export const Tag = {
  boolean: 0x01,
  integer: 0x02,
  octets: 0x04,
  enumerated: 0x0a,
  sequence: 0x30,
  set: 0x31,
  bindResponse: 0x61,
  searchEntry: 0x64,
  searchDone: 0x65,
  modifyResponse: 0x67,
  searchReference: 0x73,
  extendedResponse: 0x78,
  controls: 0xa0,
} as const;

/**
 * Walks over elements without copying. It never leaves the element it stands in: a length that reaches beyond is
 * refused, so that nothing cut or forged can pass for something shorter.
 */
export class BerCursor {
  readonly bytes: Buffer;
  at: number;
  /** Where the element it stands in ends. */
  end: number;

  constructor(bytes: Buffer, at: number, end: number) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /** Whether anything is left in the element it stands in. */
  get more(): boolean {
    return this.at < this.end;
  }

  /** The tag that comes next, and nothing at the end. */
  peek(): number | undefined {
    return this.at < this.end ? this.bytes[this.at] : undefined;
  }

  /** Steps to the content of the next element, which must have that tag, and returns where it ends. */
  header(tag: number): number {
    if (this.at >= this.end || this.bytes[this.at] !== tag) {
      throw new NotBer(`where 0x${tag.toString(16)} belongs stands something else`);
    }
    let length = this.bytes[this.at + 1] ?? 0;
    this.at += 2;
    if (length > 0x7f) {
      length = this.#longLength(length & 0x7f);
    }
    const end = this.at + length;
    if (end > this.end) {
      throw new NotBer('a length reaches beyond what it is part of');
    }
    return end;
  }

  /** Goes into the next element; `leave` with what it returns goes back out. */
  enter(tag: number): number {
    const outer = this.end;
    this.end = this.header(tag);
    return outer;
  }

  /** Leaves an element, of which nothing may be left. */
  leave(outer: number): void {
    if (this.at !== this.end) {
      throw new NotBer('an element has more parts than it may');
    }
    this.end = outer;
  }

  /** Steps over an element. */
  skip(tag: number): void {
    this.at = this.header(tag);
  }

  /** A whole number that is not negative and fits into four bytes. */
  unsigned(tag: number): number {
    const end = this.header(tag);
    const length = end - this.at;
    if (length < 1 || length > 4) {
      throw new NotBer('a number of no sensible size');
    }
    const value = this.bytes.readIntBE(this.at, length);
    if (value < 0) {
      throw new NotBer('a number below zero');
    }
    this.at = end;
    return value;
  }

  #longLength(size: number): number {
    // Zero stands for an end that comes later, which LDAP forbids (RFC 4511, 5.1).
    if (size < 1 || size > 4 || this.at + size > this.end) {
      throw new NotBer('a length of no sensible size');
    }
    const length = this.bytes.readUIntBE(this.at, size);
    this.at += size;
    return length;
  }
}
