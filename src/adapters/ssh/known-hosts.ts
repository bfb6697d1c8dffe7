import { createHash, createHmac, randomBytes } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf, printable } from '../../core/printable.ts';
import { type Endpoint, localPath } from './host-endpoint.ts';
import { HostFault } from './host-fault.ts';
import { fitsPattern } from './ssh-config.ts';

/** The key that a host shows, with what the known_hosts files say about it. */
export interface ShownHostKey {
  readonly endpoint: Endpoint;
  /** In wire form. */
  readonly key: Buffer;
  readonly verdict: KeyVerdict;
  /** `ssh-ed25519` */
  readonly type: string;
  /** As `ssh-keygen -l` prints it: `SHA256:…`. */
  readonly fingerprint: string;
  /** The known_hosts file that `trustHostKey` adds a line to. */
  readonly file: string;
}

/** A key that a host showed. */
export function shownHostKey(endpoint: Endpoint, key: Buffer, verdict: KeyVerdict): ShownHostKey {
  const file = endpoint.knownHosts[0] ?? '~/.ssh/known_hosts';
  return { endpoint, key, verdict, type: keyType(key), fingerprint: fingerprint(key), file: localPath(file) };
}

/**
 * Adds a line for a key that a person has compared. It is one write at the end of the file, as ssh does it: the rest of the file,
 * its mode and its owner stay, and a line that ssh adds at the same time is not lost. The name is hashed where another line of the
 * file is. A missing file is created for its owner only, as is its folder. Throws HostFault: for a key that the files refuse, and
 * for a file that cannot be written.
 */
export async function trustHostKey({ endpoint, key, verdict, file }: ShownHostKey): Promise<void> {
  if (verdict.state === 'known') return;
  if (verdict.state !== 'unknown') {
    throw new HostFault('host.key-mismatch', 'a key that contradicts the known_hosts file is not added to it.');
  }
  try {
    await append(file, existing => knownHostsLine(existing, endpoint, key));
  } catch (error) {
    const reason = messageOf(error);
    throw new HostFault('host.known-hosts-unreadable', `no line can be added: ${reason}`);
  }
  const now = judgeKey(parseKnownHosts(await readFile(file, 'utf8'), file), endpoint, key);
  if (now.state !== 'known') {
    const advice =
      'Look at the last line of the file: another program writes to it, or a pattern in it excludes the host.';
    throw new HostFault('host.known-hosts-unreadable', `${printable(file)} does not have the key now.\n${advice}`);
  }
}

async function append(file: string, line: (existing: string) => string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, 'a+', 0o600);
  try {
    const existing = await handle.readFile('utf8');
    const gap = existing === '' || existing.endsWith('\n') ? '' : '\n';
    await handle.write(`${gap}${line(existing)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function knownHostsLine(existing: string, endpoint: Endpoint, key: Buffer): string {
  const name = knownHostName(endpoint);
  const shown = /^(@\S+\s+)?\|1\|/m.test(existing) ? hashed(name) : name;
  return `${shown} ${keyType(key)} ${key.toString('base64')}`;
}

function hashed(name: string): string {
  const salt = randomBytes(20);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

/** A usable line of a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). */
export interface KnownHostLine {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly marker?: '@revoked' | '@cert-authority';
  /** Names, addresses and globs, split at commas; a hashed name stands alone. */
  readonly names: readonly string[];
  readonly type: string;
  readonly key: Buffer;
}

/** What a known_hosts file says about a key that a host showed. */
export type KeyVerdict =
  | { readonly state: 'known' }
  /** The file states another fingerprint (`hostKey`). */
  | { readonly state: 'not-stated' }
  /** `types`: the key types that are known for the host instead. `authority`: the line of a certificate authority. */
  | { readonly state: 'unknown'; readonly types: readonly string[]; readonly authority?: KnownHostLine }
  | { readonly state: 'mismatch' | 'revoked'; readonly line: KnownHostLine };

/** The lines that hold a key; comments and lines that ssh would pass over are left out. */
export function parseKnownHosts(text: string, file: string): readonly KnownHostLine[] {
  return text.split(/\r?\n/).flatMap((line, index) => parseLine(line, file, index + 1) ?? []);
}

/** The key types known for a host, in the order of the file: what to ask the host for first. */
export function knownKeyTypes(lines: readonly KnownHostLine[], place: KnownPlace): readonly string[] {
  const plain = linesFor(lines, place).filter(line => line.marker === undefined);
  return [...new Set(plain.map(line => line.type))];
}

/** The lines of the authorities that vouch for a host, where no line has a key of the host itself. A revoked one vouches for nothing. */
export function authoritiesOf(lines: readonly KnownHostLine[], place: KnownPlace): readonly KnownHostLine[] {
  const matching = [...linesFor(lines, place), ...linesFor(lines, { ...place, port: 22 })];
  if (matching.some(line => line.marker === undefined)) return [];
  const revoked = matching.filter(line => line.marker === '@revoked');
  const isRevoked = ({ key }: KnownHostLine) => revoked.some(line => line.key.equals(key));
  return matching.filter(line => line.marker === '@cert-authority' && !isRevoked(line));
}

/**
 * Judges the key that a host showed. A revoked key is refused also where another line knows it. As for OpenSSH, a line without the
 * port knows the key as well, but contradicts none.
 */
export function judgeKey(lines: readonly KnownHostLine[], place: KnownPlace, key: Buffer): KeyVerdict {
  const matching = linesFor(lines, place);
  const revoked = matching.find(line => line.marker === '@revoked' && line.key.equals(key));
  if (revoked) {
    return { state: 'revoked', line: revoked };
  }
  const plain = matching.filter(line => line.marker === undefined);
  if (plain.some(line => line.key.equals(key))) {
    return { state: 'known' };
  }
  const other = plain.find(line => line.type === keyType(key));
  if (other) {
    return { state: 'mismatch', line: other };
  }
  if (place.port !== 22 && place.knownAs === undefined) {
    const without = judgeKey(lines, { ...place, port: 22 }, key);
    if (without.state === 'known' || without.state === 'revoked') return without;
  }
  const [authority] = authoritiesOf(lines, place);
  const types = [...new Set(plain.map(line => line.type))];
  return { state: 'unknown', types, ...(authority && { authority }) };
}

/** The type that a public key in wire form names at its start: `ssh-ed25519`. */
export function keyType(key: Buffer): string {
  return key.length < 4 ? '' : key.toString('latin1', 4, 4 + key.readUInt32BE(0));
}

/** As `ssh-keygen -l` prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** Where a host is, or the name under which the files have it (HostKeyAlias): that one goes without a port. */
export interface KnownPlace {
  readonly address: string;
  readonly port: number;
  readonly knownAs?: string;
}

/** The name that a host has in the file: a port other than 22 belongs to it. */
export function knownHostName({ address, port, knownAs }: KnownPlace): string {
  return (knownAs ?? (port === 22 ? address : `[${address}]:${port}`)).toLowerCase();
}

function parseLine(text: string, file: string, line: number): KnownHostLine | undefined {
  const fields = text.trim().split(/[ \t]+/);
  const first = fields[0] ?? '';
  if (first === '' || first.startsWith('#')) {
    return undefined;
  }
  const marker = first === '@revoked' || first === '@cert-authority' ? first : undefined;
  const [names, type, encoded] = marker ? fields.slice(1) : fields;
  if ((first.startsWith('@') && !marker) || !names || !type || !encoded) {
    return undefined;
  }
  // Node passes over what is no base64, and OpenSSH over the line.
  const key = Buffer.from(/^[A-Za-z0-9+/]+={0,2}$/.test(encoded) ? encoded : '', 'base64');
  return keyType(key) === type
    ? { file, line, names: names.split(','), type, key, ...(marker && { marker }) }
    : undefined;
}

function linesFor(lines: readonly KnownHostLine[], place: KnownPlace): readonly KnownHostLine[] {
  const name = knownHostName(place);
  return lines.filter(line => matchesName(line.names, name));
}

/** Whether one of the names and patterns of a line fits a name. One negated pattern that fits outweighs every other. */
export function matchesName(patterns: readonly string[], name: string): boolean {
  if (patterns.some(pattern => pattern.startsWith('!') && fits(pattern.slice(1), name))) {
    return false;
  }
  return patterns.some(pattern => !pattern.startsWith('!') && fits(pattern, name));
}

function fits(pattern: string, name: string): boolean {
  return pattern.startsWith('|') ? fitsHash(pattern, name) : fitsName(pattern, name);
}

/** Whether a name fits a pattern of OpenSSH (`*`, `?`); case does not matter in the pattern, and the name is in lower case. */
export function fitsName(pattern: string, name: string): boolean {
  return fitsPattern(pattern.toLowerCase(), name);
}

function fitsHash(pattern: string, name: string): boolean {
  const [, version, salt = '', hash = ''] = pattern.split('|');
  const digest = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64');
  return version === '1' && digest === hash;
}
