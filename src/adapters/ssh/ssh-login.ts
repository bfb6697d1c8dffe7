import type { SecretReference } from '../../core/desired.ts';
import { messageOf, printable } from '../../core/printable.ts';
import type { Secret } from '../../ports/secret.ts';
import { type Hop, localPath } from './host-endpoint.ts';
import { HostFault, quotePrompt } from './host-fault.ts';
import {
  agentKeys,
  KeyFault,
  type KeyFile,
  keyFromText,
  type Passphrases,
  readKeyFile,
  readPublicKey,
} from './key-source.ts';
import { fingerprint, keyType } from './known-hosts.ts';
import { type OfferedKey, plainType } from './offered-key.ts';
import { readCertificate } from './ssh-certificate.ts';

/** Asks a person at the terminal. `hidden`: what is typed is not shown. `signal` takes the question back. */
export type AskPerson = (
  question: string,
  options: { readonly hidden: boolean; readonly signal?: AbortSignal },
) => Promise<string>;

/** Where keys and answers of a login come from. */
export interface LoginSources {
  /** Looks a secret up: the path of a key, a passphrase, an answer. */
  readonly secret: (reference: SecretReference) => Promise<Secret>;
  /** Absent where there is no terminal. */
  readonly ask?: AskPerson;
}

/** All that a login to one sshd can use. */
export interface Login {
  /** In the order in which they are offered. */
  readonly keys: readonly OfferedKey[];
  /** Why further keys are not offered, each as a sentence. */
  readonly notes: readonly string[];
  /** Answers where the host asks for a password, and where it asks for something else; looked up when the host asks. */
  readonly password?: () => Promise<Secret>;
  readonly code?: () => Promise<Secret>;
  readonly ask?: AskPerson;
  /** How the host refused a secret: it is not sent a second time in this run. */
  refusal?: HostFault;
}

/** The logins of a run. A key is read and opened once (an encrypted one takes 0.2 s, blocking), and an agent asked once. */
export class KeyRing {
  readonly #sources: LoginSources;
  readonly #logins = new Map<string, Promise<Login>>();
  readonly #files = new Map<string, Promise<KeyFile>>();
  readonly #agents = new Map<string, Promise<readonly OfferedKey[]>>();

  constructor(sources: LoginSources) {
    this.#sources = sources;
  }

  /** How to log in to one sshd. Throws HostFault `host.identity-unusable` where there is nothing to log in with. */
  login(hop: Hop): Promise<Login> {
    return kept(this.#logins, JSON.stringify(hop), () => this.#load(hop));
  }

  async #load(hop: Hop): Promise<Login> {
    const notes: string[] = [];
    const agent = await this.#agent(hop, notes);
    const files = await this.#identities(hop, notes);
    const certificates = await this.#certificates(hop, notes);
    const keys = order(hop, agent, files, certificates, notes);
    const { ask, secret } = this.#sources;
    const { password, code } = hop;
    if (keys.length === 0 && !password && !code && !ask) throw nothingToOffer(notes);
    return {
      keys,
      notes,
      ...(password && { password: () => secret(password) }),
      ...(code && { code: () => secret(code) }),
      ...(ask && { ask }),
    };
  }

  async #agent({ agent }: Hop, notes: string[]): Promise<readonly OfferedKey[]> {
    if (agent === undefined) return [];
    try {
      const keys = await kept(this.#agents, agent, () => agentKeys(agent));
      if (keys.length === 0) notes.push(`The agent ${printable(agent)} holds no key.`);
      return keys;
    } catch (error) {
      notes.push(`The agent ${printable(agent)} cannot be used: ${messageOf(error)}.`);
      return [];
    }
  }

  async #identities(hop: Hop, notes: string[]): Promise<readonly KeyFile[]> {
    const missing: string[] = [];
    const one = async (identity: Hop['identities'][number]) => {
      try {
        return await this.#identity(hop, identity);
      } catch (error) {
        if (!(error instanceof KeyFault)) throw error;
        if (error.missing && hop.identities.length > 1 && 'path' in identity) missing.push(printable(identity.path));
        else notes.push(error.message);
        return undefined;
      }
    };
    const files = await Promise.all(hop.identities.map(one));
    if (missing.length > 0) notes.push(`These key files do not exist: ${missing.join(', ')}.`);
    return files.filter(file => file !== undefined);
  }

  /**
   * An `identity` that is a secret reference gives the path of the key file, so `{env: SSH_KEY_FILE}` names the variable that holds the
   * path; one that gives the key itself (PEM text, as CI systems keep it) is taken as the key.
   */
  async #identity({ passphrase }: Hop, identity: Hop['identities'][number]): Promise<KeyFile> {
    const text = 'path' in identity ? localPath(identity.path) : (await this.#sources.secret(identity)).reveal();
    const passphrases = await this.#passphrases(passphrase);
    if (text.trimStart().startsWith('-----BEGIN ')) return keyFromText(text, passphrases);
    return kept(this.#files, JSON.stringify([text.trim(), passphrase]), () => readKeyFile(text.trim(), passphrases));
  }

  async #passphrases(reference: SecretReference | undefined): Promise<Passphrases> {
    const { secret, ask } = this.#sources;
    const stated = reference && (await secret(reference)).reveal().replace(/\r?\n$/, '');
    return name => ({
      ...(stated !== undefined && { stated }),
      ...(ask && { ask: () => ask(`Passphrase of ${name}: `, { hidden: true }) }),
    });
  }

  async #certificates({ certificates, identities }: Hop, notes: string[]): Promise<readonly Buffer[]> {
    const named = certificates.map(localPath);
    const beside = identities.flatMap(one =>
      'path' in one ? [`${localPath(one.path).replace(/\.pub$/, '')}-cert.pub`] : [],
    );
    const read = await Promise.all([...named, ...beside].map(path => readPublicKey(path)));
    for (const [index, path] of named.entries()) {
      const blob = read[index];
      if (!blob || !readCertificate(blob)) notes.push(`${printable(path)}: it is no certificate that can be read.`);
    }
    return read.filter(blob => blob !== undefined);
  }
}

/** What is kept under a key, else made; a failure is not kept. */
function kept<T>(all: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const found = all.get(key) ?? make();
  all.set(key, found);
  found.catch(() => all.delete(key));
  return found;
}

/**
 * The order of OpenSSH: certificates of files, certificates of the agent, keys of the agent that the configuration names, its other
 * keys, keys of files only.
 */
function order(
  { identitiesOnly }: Hop,
  agent: readonly OfferedKey[],
  files: readonly KeyFile[],
  certificates: readonly Buffer[],
  notes: string[],
): readonly OfferedKey[] {
  const named = files.map(file => fingerprint(plainKey(file.holds === 'public' ? file.key : file.key.blob)));
  const isNamed = (key: OfferedKey) => named.includes(key.fingerprint);
  const [held, plain] = [agent.filter(isCertified), agent.filter(key => !isCertified(key))];
  const own = files.flatMap(file => (file.holds === 'private' ? [file] : []));
  const chosen = named.flatMap(print => plain.filter(key => key.fingerprint === print)).map(key => withFile(key, own));
  const alone = own.filter(({ key }) => !chosen.some(other => other.fingerprint === key.fingerprint));
  notes.push(...alone.flatMap(({ locked }) => locked ?? []), ...unheld(files, plain));
  const ready = alone.filter(({ locked }) => locked === undefined).map(({ key }) => key);
  const all = [
    ...certificates.flatMap(blob => certified(blob, [...chosen, ...ready, ...plain])),
    ...held.filter(key => !identitiesOnly || isNamed(key)),
    ...chosen,
    ...plain.filter(key => !identitiesOnly && !isNamed(key)),
    ...ready,
  ];
  const keys = [...new Map(all.map(key => [key.blob.toString('base64'), key])).values()];
  notes.push(...keys.flatMap(key => outOfTime(key, Date.now())));
  return keys;
}

/** The host decides by its own clock, so such a certificate is offered nevertheless. */
function outOfTime({ name, blob }: OfferedKey, now: number): readonly string[] {
  const { id, validAfter, validBefore } = readCertificate(blob) ?? { id: '', validAfter: 0n, validBefore: 0n };
  const second = BigInt(Math.floor(now / 1000));
  if (validBefore === 0n || (second >= validAfter && second < validBefore)) return [];
  const [word, limit] = second < validAfter ? ['from', validAfter] : ['until', validBefore];
  const when = new Date(Math.min(Number(limit) * 1000, 8.64e15)).toISOString().slice(0, 19);
  return [`${printable(name)}: the certificate ${quotePrompt(id)} is valid ${word} ${when}Z.`];
}

function isCertified({ type }: OfferedKey): boolean {
  return type !== plainType(type);
}

function plainKey(blob: Buffer): Buffer {
  return readCertificate(blob)?.key ?? blob;
}

/** A key of the agent that a file has as well: the file signs where the agent refuses. */
function withFile(key: OfferedKey, own: readonly { readonly key: OfferedKey; readonly locked?: string }[]): OfferedKey {
  const file = own.find(one => one.key.fingerprint === key.fingerprint && one.locked === undefined);
  if (!file) return key;
  return { ...key, sign: (...request) => key.sign(...request).catch(() => file.key.sign(...request)) };
}

/** The certificate with the key that it is for. */
function certified(blob: Buffer, keys: readonly OfferedKey[]): readonly OfferedKey[] {
  const print = fingerprint(plainKey(blob));
  const key = keys.find(one => one.fingerprint === print);
  return key ? [{ ...key, name: `${key.name} with its certificate`, type: keyType(blob), blob }] : [];
}

/** Public keys that select a key which no agent holds. */
function unheld(files: readonly KeyFile[], agent: readonly OfferedKey[]): readonly string[] {
  return files.flatMap(file => {
    if (file.holds === 'private') return [];
    const print = fingerprint(plainKey(file.key));
    if (agent.some(key => key.fingerprint === print)) return [];
    const advice = 'Add its private key to the agent, or name the private key file as ssh.identity.';
    return [`${file.name} is a public key, ${print}, and no SSH agent holds its private key.\n${advice}`];
  });
}

function nothingToOffer(notes: readonly string[]): HostFault {
  const advice = 'Name a key file as ssh.identity, or start an SSH agent (SSH_AUTH_SOCK).';
  const text = notes.length > 0 ? notes.join('\n') : `there is neither a key nor an agent.\n${advice}`;
  return new HostFault('host.identity-unusable', text);
}
