import { createHmac, randomBytes } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf, printable } from '../../core/printable.ts';
import { type Endpoint, localPath } from './host-endpoint.ts';
import { HostFault } from './host-fault.ts';
import {
  fingerprint,
  judgeKey,
  type KeyVerdict,
  type KnownHostLine,
  keyType,
  knownHostName,
  parseKnownHosts,
} from './known-hosts.ts';

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
 * All lines of the known_hosts files of a host. A missing file is none, as for OpenSSH, unless the estate file states it: throws
 * HostFault `host.known-hosts-unreadable`.
 */
export async function readKnownHosts(endpoint: Endpoint): Promise<readonly KnownHostLine[]> {
  const { knownHosts, knownHostsStated = false } = endpoint;
  const read = async (path: string) => parseKnownHosts(await readOne(localPath(path), knownHostsStated), path);
  return (await Promise.all(knownHosts.map(read))).flat();
}

async function readOne(path: string, stated: boolean): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (!stated && isMissing(error)) return '';
    const reason = messageOf(error);
    const why =
      'Without it, no host can be distinguished from an impostor. `doctor --trust HOST` creates it with the first key.';
    throw new HostFault('host.known-hosts-unreadable', `${reason}\n${why}`);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
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
