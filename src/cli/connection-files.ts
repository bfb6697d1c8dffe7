import type { TargetConnection } from '../core/connection.ts';
import type { SecretReference } from '../core/desired.ts';
import { largestFile } from '../estate/decode.ts';
import type { NotRead } from '../estate/load-options.ts';
import type { FileThen, Revision } from '../ports/revision.ts';

type ReadNow = (path: string) => Uint8Array | NotRead;

/**
 * Files of the repository that a connection depends on, and that are not what they are in a revision: authorities, host keys,
 * secrets. A program of the repository is always among them, because what it loads besides cannot be known.
 */
export function changedFiles(connection: TargetConnection, revision: Revision, read: ReadNow): readonly string[] {
  const { files, programs } = localParts(connection);
  return [
    ...files.filter(path => revision.holds(path) && !isSame(revision.readFile(path, largestFile), read(path))),
    ...programs
      .filter(word => revision.holds(word) && isThere(read(word)))
      .map(word => `${word}, a program or file of the repository in a command`),
  ];
}

interface LocalParts {
  readonly files: readonly string[];
  /** Words of commands, of which some may be files. */
  readonly programs: readonly string[];
}

function localParts(connection: TargetConnection): LocalParts {
  if ('url' in connection) {
    const { ca, password } = connection;
    return join([secretParts(password), { files: ca === undefined ? [] : [ca], programs: [] }]);
  }
  const { knownHosts, identity, passphrase } = connection.access;
  const key = identity && 'path' in identity ? { files: [identity.path], programs: [] } : undefined;
  const secrets = [identity && !('path' in identity) ? identity : undefined, passphrase];
  return join([{ files: [knownHosts], programs: [] }, ...(key ? [key] : []), ...secrets.map(secretParts)]);
}

function secretParts(reference: SecretReference | undefined): LocalParts {
  if (!reference || 'env' in reference) return { files: [], programs: [] };
  return 'file' in reference ? { files: [reference.file], programs: [] } : { files: [], programs: reference.command };
}

function join(parts: readonly LocalParts[]): LocalParts {
  return { files: parts.flatMap(({ files }) => files), programs: parts.flatMap(({ programs }) => programs) };
}

function isSame(then: FileThen, now: Uint8Array | NotRead): boolean {
  return then instanceof Uint8Array && now instanceof Uint8Array && Buffer.compare(then, now) === 0;
}

function isThere(now: Uint8Array | NotRead): boolean {
  return now instanceof Uint8Array || now.reason !== 'there is no such file or folder';
}
