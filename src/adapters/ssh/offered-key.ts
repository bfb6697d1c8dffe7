import ssh2, { type Client, type ParsedKey } from 'ssh2';
import protocolUtilities from 'ssh2/lib/protocol/utils.js';

/** A key that can be offered to a host: that of a file, or one that an agent keeps; with or without a certificate. */
export interface OfferedKey {
  /** For messages: `~/.ssh/id_ed25519`, `"ops@laptop" of the agent`. */
  readonly name: string;
  /** `ssh-ed25519`, `ssh-rsa-cert-v01@openssh.com` */
  readonly type: string;
  /** The public key or the certificate, in wire form. */
  readonly blob: Buffer;
  /** Of the public key, also where a certificate is offered. */
  readonly fingerprint: string;
  /** Signs with an algorithm (`rsa-sha2-256`); the signature is in wire form. Rejects with the reason in a sentence. */
  readonly sign: (data: Buffer, algorithm: string) => Promise<Buffer>;
}

/** Why a key that the host accepts could not sign: that costs this key only. */
export class SigningFault extends Error {}

/** A string of RFC 4251: its length in four bytes, then it. */
export function wireString(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** The type of the key that a certificate is for; of a plain key its own. */
export function plainType(type: string): string {
  const [, base] = /^(.*)-cert-v01@openssh\.com$/.exec(type) ?? [];
  if (base === undefined) return type;
  return base.startsWith('sk-') ? `${base}@openssh.com` : base;
}

/** Signs with the private key of a file. ssh2 gives some signatures as OpenSSL has them, not as SSH wants them. */
export function signWith(key: ParsedKey, data: Buffer, algorithm: string): Buffer {
  const hash = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' }[algorithm];
  const signed: unknown = hash === undefined ? key.sign(data) : key.sign(data, hash);
  const signature = Buffer.isBuffer(signed) ? protocolTools.convertSignature(signed, key.type) : undefined;
  if (!Buffer.isBuffer(signature)) throw new Error('this key cannot sign');
  return Buffer.concat([wireString(algorithm), wireString(signature)]);
}

/** The attempt with one key, as ssh2 wants it: it chooses the algorithm of an RSA key, and `speakForKeys` does the rest. */
export function publicKeyMethod(
  username: string,
  key: OfferedKey,
): { type: 'publickey'; username: string; key: ParsedKey } {
  return { type: 'publickey', username, key: new Carrier(key).asKey() };
}

/** What becomes of the keys that a client offers. */
export interface KeyEvents {
  /** The host is asked whether it would accept the key. */
  offered(key: OfferedKey): void;
  /** It would, and gets a signature. */
  signed(key: OfferedKey): void;
  /** It would, and there is no signature. */
  unsigned(key: OfferedKey, reason: string): void;
}

/**
 * Lets a client offer keys of any kind. ssh2 1.17.0 cannot offer a certificate (it names the algorithm of the certificate inside the
 * signature as well, where OpenSSH wants that of the key), drops what an agent has besides plain keys, and forgets after the key of an
 * agent that the host accepted it and wants more. So the two messages of RFC 4252, 7 are made here. It reaches into ssh2, whose
 * version is therefore exact; test/adapters/ssh/login.test.ts holds it against a real sshd. Call it after `connect`.
 */
export function speakForKeys(client: Client, events: KeyEvents): void {
  const protocol = protocolOf(client);
  protocol.authPK = (user, carrier, named, callback) => {
    const signNow = typeof named === 'function' ? named : callback;
    if (!(carrier instanceof Carrier)) throw new Error('only keys of this module are offered');
    const { key } = carrier;
    const algorithm = typeof named === 'string' ? named : plainType(key.type);
    if (!signNow) {
      events.offered(key);
      send(protocol, requestFor(user, key, algorithm, false));
      return;
    }
    const request = requestFor(user, key, algorithm, true);
    const data = Buffer.concat([wireString(protocol._kex.sessionID), request]);
    const sign = async () => {
      const signature = await key.sign(data, algorithm);
      events.signed(key);
      send(protocol, Buffer.concat([request, wireString(signature)]));
    };
    sign().catch((problem: unknown) => {
      carrier.failure = new SigningFault(problem instanceof Error ? problem.message : String(problem));
      events.unsigned(key, carrier.failure.message);
      // ssh2 asks the carrier for a signature, gets the failure, and goes on to the next attempt.
      signNow(data, () => undefined);
    });
  };
}

/** RFC 4252, 7, up to the signature. For a certificate the algorithm is that of the certificate. */
function requestFor(user: string, { type, blob }: OfferedKey, algorithm: string, signed: boolean): Buffer {
  const shown = type === plainType(type) ? algorithm : type.replace(/^ssh-rsa(?=-)/, algorithm);
  return Buffer.concat([
    Buffer.from([userAuthRequest]),
    ...[user, 'ssh-connection', 'publickey'].map(wireString),
    Buffer.from([signed ? 1 : 0]),
    wireString(shown),
    wireString(blob),
  ]);
}

/** The certificates of hosts that ssh2 can ask for: those of RSA keys have another name in the handshake than in the certificate. */
const hostCertificates = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'].map(
  type => `${type}-cert-v01@openssh.com`,
);

/** Lets a client ask the host for a certificate of its key and for nothing else. Call it after `connect`. */
export function askForCertificate(client: Client): void {
  const protocol = protocolOf(client);
  const { kex, cs, sc } = protocol._offer.lists;
  const texts = ({ cipher, mac, compress, lang }: Lists) => ({
    cipher: cipher.buffer,
    mac: mac.buffer,
    compress: compress.buffer,
    lang: lang.buffer,
  });
  protocol._offer = new protocol._offer.constructor({
    kex: kex.buffer,
    serverHostKey: hostCertificates,
    cs: texts(cs),
    sc: texts(sc),
  });
}

/** SSH_MSG_USERAUTH_REQUEST (RFC 4250). */
const userAuthRequest = 50;

/** The parts of ssh2's protocol object that are used. */
interface Protocol {
  authPK(user: string, key: unknown, algorithm?: string | SignCallback, sign?: SignCallback): void;
  readonly _kex: { readonly sessionID: Buffer };
  readonly _authsQueue: string[];
  _offer: Offer;
  readonly _packetRW: {
    readonly write: { readonly allocStart: number; alloc(length: number): Buffer; finalize(packet: Buffer): Buffer };
  };
}

/** One of the lists of a handshake. */
interface List {
  readonly buffer: Buffer;
}

interface Lists {
  readonly cipher: List;
  readonly mac: List;
  readonly compress: List;
  readonly lang: List;
}

/** What a client offers for the handshake. */
interface Offer {
  readonly lists: { readonly kex: List; readonly cs: Lists; readonly sc: Lists };
  constructor: new (lists: object) => Offer;
}

type SignCallback = (data: Buffer, send: (signature: Buffer) => void) => void;

const protocolTools = protocolUtilities as {
  sendPacket(protocol: Protocol, packet: Buffer): void;
  convertSignature(signature: Buffer, type: string): Buffer | undefined;
};

function protocolOf(client: Client): Protocol {
  return (client as unknown as { readonly _protocol: Protocol })._protocol;
}

function send(protocol: Protocol, content: Buffer): void {
  const { write } = protocol._packetRW;
  const at = write.allocStart;
  const packet = write.alloc(content.length);
  packet.set(content, at);
  protocol._authsQueue.push('publickey');
  protocolTools.sendPacket(protocol, write.finalize(packet));
}

/** What passes for a parsed private key in ssh2: its own check of that looks at a property that only its keys have. */
class Carrier {
  readonly key: OfferedKey;
  readonly type: string;
  failure: Error | undefined;

  constructor(key: OfferedKey) {
    this.key = key;
    this.type = plainType(key.type);
  }

  asKey(): ParsedKey {
    return this as unknown as ParsedKey;
  }

  isPrivateKey(): boolean {
    return true;
  }

  getPublicSSH(): Buffer {
    return this.key.blob;
  }

  sign(): Error {
    return this.failure ?? new SigningFault('nothing was signed');
  }
}

Object.setPrototypeOf(Carrier.prototype, parsedKey());

/** Any key of ssh2. */
function parsedKey(): object {
  const blob = Buffer.concat([wireString('ssh-ed25519'), wireString(Buffer.alloc(32))]);
  const parsed: unknown = ssh2.utils.parseKey(`ssh-ed25519 ${blob.toString('base64')}`);
  if (typeof parsed !== 'object' || parsed === null || parsed instanceof Error) throw new Error('ssh2 parses no key');
  return parsed;
}
