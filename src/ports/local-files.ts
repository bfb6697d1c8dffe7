import type { Finding, Provenance } from '../core/finding.ts';

/** The estate file where none is named. */
export const defaultFile = 'estate.yaml';

/** The name of a file that is standard input. */
export const standardInput = '-';

/** The name of a file to write that is standard output. */
export const standardOutput = '-';

/** What a file was in a revision, or why that cannot be had; `absent`: the revision has no such file. */
export type FileThen = Uint8Array | { readonly reason: string; readonly absent?: true; readonly outside?: true };

/** A commit of a git repository. */
export interface Revision {
  /** The whole id of the commit. */
  readonly id: string;
  /** The day it was committed, YYYY-MM-DD, UTC. */
  readonly day: string;
  /**
   * A file as it was then, named as one names it now; one outside the repository has no revisions, and is as it is
   * now, where it lies below `below`.
   */
  readonly readFile: (path: string, limit: number, below?: string) => FileThen;
  /** Whether a path lies in the repository, wherever links of its folder lead; such a file is part of what somebody pushed. */
  readonly holds: (path: string) => boolean;
  /** The commit it was made on; nothing before the first; or the finding that a shallow clone does not have it. */
  readonly parent: () => Revision | Finding | undefined;
}

/** Finds a revision by any name git knows, in the repository that `beside` is a file of; or says why there is none. */
export type OpenRevision = (name: string, beside: string) => Revision | Finding;

/** Says who runs this, and which commit these estate files are from. */
export type ReadProvenance = (files: readonly string[]) => Provenance;

/** What a file is now, or why it was not read, in words that end a sentence; `outside`: it does not lie where it has to. */
export type FileNow = Uint8Array | { readonly reason: string; readonly outside?: true };

/** Files of the machine that the program runs on. What cannot be read or written rejects with the error of the system. */
export interface LocalFiles {
  /** Reads a file; with a limit, at most one byte more than that. */
  readonly read: (path: string, limit?: number) => Promise<Uint8Array>;
  /** The bytes of a file that may be long, in pieces. */
  readonly readPieces: (path: string) => AsyncIterable<Uint8Array>;
  /** The last bytes of a file that may be long. */
  readonly readEnd: (path: string, limit: number) => Promise<Uint8Array>;
  /**
   * Reads a regular file at once: the content of a pipe or a device differs each time. With `below`, only a file in that folder
   * or further down, wherever links lead.
   */
  readonly readRegular: (path: string, limit: number, below?: string) => FileNow;
  /** The bytes of a file that was packed with gzip; throws with a code that begins with `Z_` where it was not, or is cut off. */
  readonly readPacked: (path: string) => AsyncIterable<Uint8Array>;
  /** A file from the root of the git repository that it lies in, as code hosts call it; in none, as it is written. */
  readonly pathInRepository: (file: string) => string;
  /** The names in a folder; none where the folder is missing. */
  readonly list: (folder: string) => Promise<readonly string[]>;
  /** Writes a file with the permissions that the umask leaves. */
  readonly write: (path: string, text: string) => Promise<void>;
  /**
   * Writes a file whole or not at all, and makes its folder where that is missing. A file that is there keeps its permissions; a
   * new one has those that the umask leaves.
   */
  readonly replace: (path: string, text: string) => Promise<void>;
  /** Whether a file is there; rejects where `replace` would not be allowed to write it, or where its folder is missing. */
  readonly mayReplace: (path: string) => Promise<boolean>;
  /** Writes a file for its owner only, whole or not at all; a long text in pieces. */
  readonly writePrivate: (path: string, text: string | Iterable<string>) => Promise<void>;
  /** Removes a file; one that is missing is no error. */
  readonly remove: (path: string) => Promise<void>;
  /** Writes text packed with gzip, for its owner only; the file exists once it is whole. */
  readonly writePacked: (path: string, text: AsyncIterable<string>) => Promise<void>;
}

/** The JSON Schemas that are shipped with the program. */
export interface Schemas {
  readonly estate: object;
  readonly plan: object;
  /** The schema of a name, read when it is needed. */
  readonly read: (name: string) => object;
}
