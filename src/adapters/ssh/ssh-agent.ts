import { connect } from 'node:net';
import { fingerprint, keyType } from './known-hosts.ts';
import { type OfferedKey, wireString } from './offered-key.ts';
import { readCertificate } from './ssh-certificate.ts';

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
