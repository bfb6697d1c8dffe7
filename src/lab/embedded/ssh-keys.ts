import { timingSafeEqual } from 'node:crypto';
import ssh2, { type AuthContext, type ParsedKey } from 'ssh2';

/** A key pair in OpenSSH's formats. */
export interface SshKeyPair {
  /** As it stands in a file that a client names as its identity, or as a host's key. */
  readonly privateKey: string;
  /** As it stands in `authorized_keys`. */
  readonly publicKey: string;
}

/**
 * Makes an Ed25519 pair. ssh2 1.17.0 drops a leading zero byte of a key and so writes one pair in 256 that nobody can
 * read: such a pair is thrown away.
 */
export function createSshKeyPair(): SshKeyPair {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', {});
    const readable = [pair.private, pair.public].every(text => !(ssh2.utils.parseKey(text) instanceof Error));
    if (readable) return { privateKey: pair.private, publicKey: pair.public };
  }
}

/** The line of a known_hosts file for a host with this private key. */
export function knownHostsLine(address: string, port: number, hostKey: string): string {
  const key = parseKey(hostKey);
  const name = port === 22 ? address : `[${address}]:${port}`;
  return `${name} ${key.type} ${key.getPublicSSH().toString('base64')}`;
}

/** Judges a login: whoever holds the one key is let in, under any name. */
export function createLoginJudge(authorizedKey: string): (login: AuthContext) => void {
  const allowed = parseKey(authorizedKey);
  return login => {
    if (login.method === 'publickey' && isSameKey(login.key.data, allowed) && isProven(login, allowed)) {
      login.accept();
    } else {
      login.reject(['publickey']);
    }
  };
}

function isSameKey(offered: Buffer, allowed: ParsedKey): boolean {
  const known = allowed.getPublicSSH();
  return offered.length === known.length && timingSafeEqual(offered, known);
}

/** Without a signature the client only asks whether the key would do. */
function isProven(login: Extract<AuthContext, { method: 'publickey' }>, allowed: ParsedKey): boolean {
  const { blob, signature, hashAlgo } = login;
  return !signature || (blob !== undefined && allowed.verify(blob, signature, hashAlgo) === true);
}

function parseKey(text: string): ParsedKey {
  const parsed: unknown = ssh2.utils.parseKey(text);
  const key: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key instanceof Error || typeof key !== 'object' || key === null || !('getPublicSSH' in key)) {
    throw new Error(`not an SSH key: ${key instanceof Error ? key.message : 'nothing was found in it'}`);
  }
  return key as ParsedKey;
}
