import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import type { DirectoryTls, SecretReference } from '../../core/desired.ts';
import { TargetProblem } from '../../core/finding.ts';
import { shellLine } from '../../core/next-command.ts';
import { messageOf, printableLine } from '../../core/printable.ts';
import { Secret } from '../../ports/secret.ts';
import { directoryProblem } from './problem.ts';

/** The certificate that is shown to servers, and its private key, both PEM. */
export interface ClientCertificate {
  readonly certificate: string;
  readonly key: Secret;
}

/** Rights of group and others. */
const OTHERS = 0o077;

/**
 * Reads the client certificate that the file states, if there is one. Throws TargetProblem where it or its key cannot be used:
 * before anything is sent, because servers only say that they do not take it. Nothing of the key is in a message.
 */
export async function readClientCertificate(
  { certificate: path, key }: Pick<DirectoryTls, 'certificate' | 'key'>,
  resolve: (ref: SecretReference) => Promise<Secret>,
): Promise<ClientCertificate | undefined> {
  if (path === undefined || key === undefined) return undefined;
  const certificate = await readFile(path, 'utf8').catch((error: unknown) => {
    throw unusable(path, printableLine(messageOf(error)), 'directory.tls.certificate names a PEM file.');
  });
  const parsed = parseCertificate(path, certificate);
  const end = new Date(parsed.validTo);
  if (end.getTime() < Date.now()) throw unusable(path, `it expired on ${end.toISOString().slice(0, 10)}.`, 'Renew it.');
  const secret = 'env' in key ? await resolve(key) : await readKey(key.path);
  const place = 'env' in key ? `the variable ${key.env}` : key.path;
  if (!parsed.checkPrivateKey(parseKey(place, secret)))
    throw unusable(
      place,
      `it is not the key of the certificate ${printableLine(path)}.`,
      'Name the key of that certificate.',
    );
  return { certificate, key: secret };
}

function parseCertificate(path: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw unusable(path, printableLine(messageOf(error)), 'directory.tls.certificate names a PEM file.');
  }
}

/** The same file is looked at and read: nothing can take its place between the two. */
async function readKey(path: string): Promise<Secret> {
  const remedy = 'directory.tls.key names a PEM file with the private key.';
  try {
    const file = await open(path);
    try {
      const { mode } = await file.stat();
      if ((mode & OTHERS) !== 0) {
        const words = 'other users of this machine can read it, or replace it.';
        throw unusable(path, words, `Take their rights away:\n    ${shellLine(['chmod', '600', path])}`);
      }
      return new Secret(await file.readFile('utf8'));
    } finally {
      await file.close();
    }
  } catch (error) {
    throw error instanceof TargetProblem ? error : unusable(path, printableLine(messageOf(error)), remedy);
  }
}

function parseKey(place: string, key: Secret): KeyObject {
  try {
    return createPrivateKey(key.reveal());
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ERR_MISSING_PASSPHRASE')
      throw unusable(
        place,
        'the key is encrypted.',
        'Store it without a passphrase, in a file that only its owner can read.',
      );
    throw unusable(place, 'it holds no private key in PEM form.', 'directory.tls.key names the private key.');
  }
}

function unusable(place: string, reason: string, remedy: string): TargetProblem {
  return directoryProblem('directory.certificate-unusable', `${printableLine(place)}: ${reason}`, remedy);
}
