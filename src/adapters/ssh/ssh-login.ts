import { readFile } from 'node:fs/promises';
import ssh2, { type ParsedKey } from 'ssh2';
import type { SecretReference } from '../../core/desired.ts';
import { printable } from '../../core/printable.ts';
import type { Secret } from '../../ports/secret.ts';
import type { Login } from './connect-host.ts';
import { type Hop, localPath } from './host-endpoint.ts';
import { HostFault } from './host-fault.ts';

/** What the adapter must be told by the one who starts it. */
export interface LoginSources {
  /** Looks a secret up: the path of the key, and its passphrase. */
  readonly secret: (reference: SecretReference) => Promise<Secret>;
  /** The socket of the SSH agent (SSH_AUTH_SOCK), asked when a host names no key. */
  readonly agent?: string;
}

/**
 * How to log in. An `identity` that is a secret reference gives the path of the key file, so `{env: SSH_KEY_FILE}` names the
 * variable that holds the path; one that gives the key itself (PEM text, as CI systems keep it) is taken as the key.
 */
export async function loadLogin({ identities, agent, passphrase: locked }: Hop, sources: LoginSources): Promise<Login> {
  const [identity] = identities;
  if (!identity) {
    if (agent === undefined) {
      const advice = 'Name a key file as ssh.identity, or start an SSH agent (SSH_AUTH_SOCK).';
      throw new HostFault('host.identity-unusable', `there is neither a key nor an agent.\n${advice}`);
    }
    return { agent };
  }
  const text = 'path' in identity ? localPath(identity.path) : (await sources.secret(identity)).reveal();
  const isKey = text.trimStart().startsWith('-----BEGIN ');
  const name = isKey ? 'the key' : printable(text.trim());
  const content = isKey ? text : await readKey(text.trim());
  const passphrase = locked && (await sources.secret(locked)).reveal().replace(/\r?\n$/, '');
  return { key: parseKey(name, content, passphrase) };
}

async function readKey(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new HostFault('host.identity-unusable', `the key file cannot be read: ${printable(reason)}`);
  }
}

/** The words of ssh2 never quote the key. */
function parseKey(name: string, content: string, passphrase: string | undefined): ParsedKey {
  const parsed: unknown = ssh2.utils.parseKey(content, passphrase);
  const key: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key instanceof Error || !isParsedKey(key)) {
    const reason = key instanceof Error ? key.message : 'it holds no key';
    throw new HostFault('host.identity-unusable', `${name}: ${reason}.\nAn encrypted key needs ssh.passphrase.`);
  }
  if (!key.isPrivateKey()) {
    throw new HostFault('host.identity-unusable', `${name} is a public key; the private one is needed.`);
  }
  return key;
}

function isParsedKey(key: unknown): key is ParsedKey {
  return typeof key === 'object' && key !== null && 'isPrivateKey' in key;
}
