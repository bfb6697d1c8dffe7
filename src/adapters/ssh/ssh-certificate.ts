import { createPublicKey, verify } from 'node:crypto';
import ssh2 from 'ssh2';
import { fitsName, keyType } from './known-hosts.ts';
import { plainType, wireString } from './offered-key.ts';

/** An OpenSSH certificate (PROTOCOL.certkeys): a key with a statement about it that an authority signed. */
export interface SshCertificate {
  /** The plain public key, in wire form. */
  readonly key: Buffer;
  readonly kind: 'user' | 'host';
  readonly id: string;
  /** Users or host names; none: all. */
  readonly principals: readonly string[];
  /** Seconds since 1970; the second one no longer counts. */
  readonly validAfter: bigint;
  readonly validBefore: bigint;
  /** Restrictions that must be understood, by name. */
  readonly critical: readonly string[];
  /** The public key of the authority, in wire form. */
  readonly authority: Buffer;
  readonly signature: Buffer;
  /** What is signed. */
  readonly signed: Buffer;
}

/** How many strings the public key of a type has behind its name; an algorithm for the curve stands in front for ECDSA. */
const keyFields: Readonly<Record<string, number>> = {
  'ssh-ed25519': 1,
  'ssh-rsa': 2,
  'ecdsa-sha2-nistp256': 2,
  'ecdsa-sha2-nistp384': 2,
  'ecdsa-sha2-nistp521': 2,
  'sk-ssh-ed25519@openssh.com': 2,
  'sk-ecdsa-sha2-nistp256@openssh.com': 3,
};

/** Reads a certificate in wire form. Nothing where it is a plain key, of an unknown type, or cut off. */
export function readCertificate(blob: Buffer): SshCertificate | undefined {
  const type = plainType(keyType(blob));
  const fields = keyFields[type];
  if (fields === undefined || type === keyType(blob)) return undefined;
  try {
    return parse(blob, type, fields);
  } catch {
    return undefined;
  }
}

function parse(blob: Buffer, type: string, fields: number): SshCertificate {
  const reader = new Reader(blob);
  reader.string();
  reader.string();
  const parts = Array.from({ length: fields }, () => wireString(reader.string()));
  reader.skip(8);
  const kind = reader.number() === 2 ? 'host' : 'user';
  const id = reader.string().toString();
  const principals = new Reader(reader.string()).strings();
  const validAfter = reader.long();
  const validBefore = reader.long();
  const critical = new Reader(reader.string()).strings().filter((_, index) => index % 2 === 0);
  reader.string();
  reader.string();
  const authority = reader.string();
  const signed = blob.subarray(0, reader.at);
  const key = Buffer.concat([wireString(type), ...parts]);
  return {
    key,
    kind,
    id,
    principals,
    validAfter,
    validBefore,
    critical,
    authority,
    signature: reader.string(),
    signed,
  };
}

class Reader {
  readonly #bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  skip(length: number): void {
    this.at += length;
  }

  number(): number {
    this.at += 4;
    return this.#bytes.readUInt32BE(this.at - 4);
  }

  long(): bigint {
    this.at += 8;
    return this.#bytes.readBigUInt64BE(this.at - 8);
  }

  string(): Buffer {
    const end = this.number() + this.at;
    if (end > this.#bytes.length) throw new RangeError('the certificate is cut off');
    const content = this.#bytes.subarray(this.at, end);
    this.at = end;
    return content;
  }

  strings(): readonly string[] {
    const all: string[] = [];
    while (this.at < this.#bytes.length) all.push(this.string().toString());
    return all;
  }
}

/**
 * Why a host certificate does not prove the key of a host; nothing where it does. Whether its authority counts is not looked at.
 * `name`: the name of the host, without a port. `now`: milliseconds. The rules are those of OpenSSH.
 */
export function hostCertificateFault(certificate: SshCertificate, name: string, now: number): string | undefined {
  const { kind, principals, validAfter, validBefore, critical } = certificate;
  const second = BigInt(Math.floor(now / 1000));
  if (kind !== 'host') return 'it is the certificate of a user';
  if (second < validAfter || second >= validBefore) return 'it is not valid at this time';
  if (critical.length > 0) return `it has the restriction ${critical.join(', ')}`;
  if (principals.length > 0 && !principals.some(pattern => fitsName(pattern, name.toLowerCase())))
    return `it is for ${principals.join(', ')}`;
  return isSigned(certificate) ? undefined : 'its signature is wrong';
}

/** Bytes of one number of an ECDSA signature. */
const curveBytes: Readonly<Record<string, number>> = {
  'ecdsa-sha2-nistp256': 32,
  'ecdsa-sha2-nistp384': 48,
  'ecdsa-sha2-nistp521': 66,
};

const hashes: Readonly<Record<string, string | null>> = {
  'ssh-ed25519': null,
  'rsa-sha2-256': 'sha256',
  'rsa-sha2-512': 'sha512',
  'ecdsa-sha2-nistp256': 'sha256',
  'ecdsa-sha2-nistp384': 'sha384',
  'ecdsa-sha2-nistp521': 'sha512',
};

/** A signature that is malformed, or made with SHA-1, counts for none. */
function isSigned(certificate: SshCertificate): boolean {
  try {
    return verifies(certificate);
  } catch {
    return false;
  }
}

function verifies({ authority, signature, signed }: SshCertificate): boolean {
  const reader = new Reader(signature);
  const algorithm = reader.string().toString();
  const value = reader.string();
  const hash = hashes[algorithm];
  const expected = algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm;
  if (hash === undefined || keyType(authority) !== expected) return false;
  const parsed: unknown = ssh2.utils.parseKey(`${expected} ${authority.toString('base64')}`);
  if (typeof parsed !== 'object' || parsed === null || !('getPublicPEM' in parsed)) return false;
  const pem = (parsed as { getPublicPEM(): string }).getPublicPEM();
  const size = curveBytes[algorithm];
  const key = { key: createPublicKey(pem), dsaEncoding: 'ieee-p1363' as const };
  return verify(hash, signed, key, size === undefined ? value : plainNumbers(value, size));
}

/** The two numbers of an ECDSA signature side by side, each of the length of the curve. */
function plainNumbers(value: Buffer, size: number): Buffer {
  const reader = new Reader(value);
  return Buffer.concat(
    [reader.string(), reader.string()].map(number => {
      const padded = Buffer.alloc(size);
      const digits = number.subarray(Math.max(0, number.length - size));
      digits.copy(padded, size - digits.length);
      return padded;
    }),
  );
}
