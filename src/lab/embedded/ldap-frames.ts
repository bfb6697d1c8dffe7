/** LDAP messages put together from what comes over a connection. */
export interface FrameReader {
  /** The messages that are complete now. Throws when what comes is not LDAP. */
  push(chunk: Buffer): readonly Buffer[];
}

/** Larger than any request; more than that is an attack or a mistake. */
const LARGEST = 16 * 1024 * 1024;

/** A reader for one connection. */
export function createFrameReader(): FrameReader {
  let rest: Buffer = Buffer.alloc(0);
  return {
    push: chunk => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const frames: Buffer[] = [];
      for (let length = frameLength(rest); length !== undefined && length <= rest.length; length = frameLength(rest)) {
        frames.push(rest.subarray(0, length));
        rest = rest.subarray(length);
      }
      return frames;
    },
  };
}

/** The length of the message that begins here, as soon as it can be told. */
function frameLength(bytes: Buffer): number | undefined {
  if (bytes.length > 0 && bytes[0] !== 0x30) {
    throw new Error('not an LDAP message');
  }
  const first = bytes[1];
  if (first === undefined) {
    return undefined;
  }
  const count = first & 0x80 ? first & 0x7f : 0;
  if (count > 4 || first === 0x80) {
    throw new Error('not a length of LDAP');
  }
  if (bytes.length < 2 + count) {
    return undefined;
  }
  const length = 2 + count + (count === 0 ? first : bytes.readUIntBE(2, count));
  if (length > LARGEST) {
    throw new Error('the message is too large');
  }
  return length;
}
