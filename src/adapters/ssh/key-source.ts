import { open, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import ssh2, { type ParsedKey } from 'ssh2';
import { shellLine } from '../../core/next-command.ts';
import { messageOf, printable } from '../../core/printable.ts';
import { fingerprint, keyType } from './known-hosts.ts';
import { type OfferedKey, signWith, wireString } from './offered-key.ts';
import { readCertificate } from './ssh-certificate.ts';

/** What a file of `ssh.identity` or IdentityFile holds. */
export type KeyFile =
  /** A private key. `locked`: why it cannot sign, as a sentence; the same key of an agent may. */
  | { readonly holds: 'private'; readonly key: OfferedKey; readonly locked?: string }
  /** A public key: it selects the key of an agent. `key`: in wire form. */
  | { readonly holds: 'public'; readonly name: string; readonly key: Buffer };

/** Gets a passphrase: that of the file's configuration, or one that a person types. Nothing where there is neither. */
export type Passphrases = (
  name: string,
) => { readonly stated?: string; readonly ask?: () => Promise<string> } | undefined;

/** A key that cannot be used. The message names it, and ends with what to do. */
export class KeyFault extends Error {
  readonly missing: boolean;

  constructor(message: string, missing = false) {
    super(message);
    this.missing = missing;
  }
}

/** Reads a key file of this machine. A private one that others can read is refused, as by OpenSSH. Throws KeyFault. */
export async function readKeyFile(path: string, passphrases: Passphrases): Promise<KeyFile> {
  const name = printable(path);
  const beside = await readPublicKey(`${path}.pub`);
  const file = await readWithMode(path, name).catch((problem: unknown) => {
    // As for OpenSSH, the public half alone selects the key of an agent.
    if (problem instanceof KeyFault && problem.missing && beside) return beside;
    throw problem;
  });
  if (Buffer.isBuffer(file)) return { holds: 'public', name, key: file };
  const publicKey = readPublicLine(file.content);
  if (publicKey) return { holds: 'public', name, key: publicKey };
  refuseOpenMode(path, file);
  return privateKey(name, file.content, passphrases, beside);
}

/** As root any owner will do: root can change the mode. Else OpenSSH looks at one's own files only, and so does this. */
function refuseOpenMode(path: string, { mode, owner }: { readonly mode: number; readonly owner: number }): void {
  const user = process.getuid?.();
  if (user === undefined || (user !== 0 && user !== owner) || (mode & 0o077) === 0) return;
  const shown = (mode & 0o777).toString(8).padStart(4, '0');
  const advice = `    ${shellLine(['chmod', '600', printable(path)])}`;
  throw new KeyFault(
    `${printable(path)}: other users can read or write this private key (mode ${shown}), so it is not used.\n${advice}`,
  );
}

/** Takes a private key that is given as text. Throws KeyFault. */
export function keyFromText(content: string, passphrases: Passphrases): KeyFile {
  return privateKey('the key', content, passphrases, undefined);
}

/** The public key, or the certificate, of a `.pub` file, in wire form; nothing where there is none. */
export async function readPublicKey(path: string): Promise<Buffer | undefined> {
  return readFile(path, 'utf8').then(readPublicLine, () => undefined);
}

async function readWithMode(path: string, name: string): Promise<{ content: string; mode: number; owner: number }> {
  try {
    const file = await open(path);
    try {
      const { mode, uid } = await file.stat();
      return { content: await file.readFile('utf8'), mode, owner: uid };
    } finally {
      await file.close();
    }
  } catch (error) {
    const reason = messageOf(error);
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new KeyFault(`${name}: the key file cannot be read: ${reason}`, missing);
  }
}

function readPublicLine(text: string): Buffer | undefined {
  const [type = '', encoded = ''] = text.trim().split(/\s+/);
  const key = Buffer.from(encoded, 'base64');
  return type !== '' && keyType(key) === type ? key : undefined;
}

function privateKey(name: string, content: string, passphrases: Passphrases, beside: Buffer | undefined): KeyFile {
  const { stated, ask } = passphrases(name) ?? {};
  const opened = parse(content, stated);
  if (!(opened instanceof Error)) return { holds: 'private', key: readyKey(name, opened) };
  const open = publicPart(content) ?? beside;
  const advice = isLocked(content)
    ? 'An encrypted key needs ssh.passphrase, or an SSH agent that holds it.'
    : `If it is a private key, this command writes it in the form of OpenSSH:\n    ${shellLine(['ssh-keygen', '-p', '-f', name])}`;
  const locked = `${name}: ${opened.message}.\n${advice}`;
  if (!isLocked(content) || !open) throw new KeyFault(locked);
  const unlock = once(async () => {
    const key = ask && stated === undefined ? parse(content, await ask()) : opened;
    if (key instanceof Error) throw new Error(`it stays locked: ${key.message}`);
    return key;
  });
  const sign: OfferedKey['sign'] = async (data, algorithm) => signWith(await unlock(), data, algorithm);
  const key = { name, type: keyType(open), blob: open, fingerprint: fingerprint(open), sign };
  return { holds: 'private', key, ...((!ask || stated !== undefined) && { locked }) };
}

function readyKey(name: string, key: ParsedKey): OfferedKey {
  const blob = key.getPublicSSH();
  const sign: OfferedKey['sign'] = async (data, algorithm) => signWith(key, data, algorithm);
  return { name, type: keyType(blob), blob, fingerprint: fingerprint(blob), sign };
}

/** The words of ssh2 never quote the key. */
function parse(content: string, passphrase: string | undefined): ParsedKey | Error {
  const parsed: unknown = ssh2.utils.parseKey(content, passphrase);
  const key: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key instanceof Error) return key;
  return isParsedKey(key) && key.isPrivateKey() ? key : new Error('it holds no private key');
}

function isParsedKey(key: unknown): key is ParsedKey {
  return typeof key === 'object' && key !== null && 'isPrivateKey' in key;
}

function isLocked(content: string): boolean {
  return /^Proc-Type: 4,ENCRYPTED|^-----BEGIN ENCRYPTED/m.test(content) || openSshCipher(content) !== 'none';
}

/** What stands in front of the secret part of a key of OpenSSH (PROTOCOL.key): cipher, key derivation, its options, the public key. */
function openSshFields(content: string): readonly Buffer[] {
  const [, body = ''] = /^-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/m.exec(content) ?? [];
  const bytes = Buffer.from(body, 'base64');
  const fields: Buffer[] = [];
  for (let at = 15; fields.length < 4 && at + 4 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    fields.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length + (fields.length === 3 ? 4 : 0);
  }
  return fields;
}

function openSshCipher(content: string): string {
  return openSshFields(content)[0]?.toString() ?? 'none';
}

/** The public key of an encrypted key of OpenSSH: it stands there in clear text. */
function publicPart(content: string): Buffer | undefined {
  const key = openSshFields(content)[3];
  return key && keyType(key) !== '' ? key : undefined;
}

/** A success is kept, a failure is tried again. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= work();
    result.catch(() => {
      result = undefined;
    });
    return result;
  };
}

/** Numbers of the messages: draft-ietf-sshm-ssh-agent, 6.1. */
const agentMessage = { askIdentities: 11, identities: 12, askSignature: 13, signature: 14 };

/** Bytes of an answer, as for OpenSSH. */
const longest = 256 * 1024;

/** Milliseconds: a list comes at once; before a signature a person may have to confirm or to touch a token. */
const patience = { list: 5_000, signature: 60_000 };

/** RSA keys: the hash is a flag of the request (RFC 8332). */
const hashFlags: Readonly<Record<string, number>> = { 'rsa-sha2-256': 2, 'rsa-sha2-512': 4 };

/**
 * All keys and certificates of an agent, in its order. ssh2's own client of agents drops certificates and keys on tokens.
 * Rejects when the socket does not answer as an agent.
 */
export async function agentKeys(socket: string): Promise<readonly OfferedKey[]> {
  const answer = await request(socket, Buffer.from([agentMessage.askIdentities]), patience.list);
  if (answer.type !== agentMessage.identities) throw new Error('it does not list its keys');
  let at = 4;
  return Array.from({ length: answer.content.readUInt32BE(0) }, () => {
    const blob = readString(answer.content, at);
    const comment = readString(answer.content, at + 4 + blob.length);
    at += 8 + blob.length + comment.length;
    return agentKey(socket, Buffer.from(blob), `"${comment.toString()}" of the agent`);
  });
}

function agentKey(socket: string, blob: Buffer, name: string): OfferedKey {
  const plain = readCertificate(blob)?.key ?? blob;
  return {
    name,
    type: keyType(blob),
    blob,
    fingerprint: fingerprint(plain),
    sign: (data, algorithm) => signature(socket, blob, data, algorithm),
  };
}

async function signature(socket: string, blob: Buffer, data: Buffer, algorithm: string): Promise<Buffer> {
  const flags = Buffer.alloc(4);
  flags.writeUInt32BE(hashFlags[algorithm] ?? 0);
  const asked = Buffer.from([agentMessage.askSignature]);
  const message = Buffer.concat([asked, wireString(blob), wireString(data), flags]);
  const answer = await request(socket, message, patience.signature);
  if (answer.type !== agentMessage.signature) throw new Error('the agent refused to sign');
  const signed = readString(answer.content, 0);
  if (keyType(signed) !== algorithm)
    throw new Error(`the agent signed with ${keyType(signed)} instead of ${algorithm}`);
  return signed;
}

function readString(bytes: Buffer, at: number): Buffer {
  const end = at + 4 + bytes.readUInt32BE(at);
  if (end > bytes.length) throw new Error('it answers with a message that is cut off');
  return bytes.subarray(at + 4, end);
}

/** One question on a connection of its own. */
function request(
  path: string,
  message: Buffer,
  wait: number,
): Promise<{ readonly type: number; readonly content: Buffer }> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let received = Buffer.alloc(0);
    const end = (settle: () => void) => {
      settle();
      socket.destroy();
    };
    const fail = (reason: string) => end(() => reject(new Error(reason)));
    socket.setTimeout(wait, () => fail(`no answer in ${wait / 1000} s`));
    socket.on('error', error => fail(error.message));
    socket.on('close', () => fail('it closed the connection'));
    socket.on('data', chunk => {
      received = Buffer.concat([received, chunk]);
      const length = received.length < 4 ? 0 : received.readUInt32BE(0);
      if (length > longest) fail('it is no SSH agent');
      else if (length > 0 && received.length >= 4 + length)
        end(() => resolve({ type: received.readUInt8(4), content: received.subarray(5, 4 + length) }));
    });
    socket.write(wireString(message));
  });
}
