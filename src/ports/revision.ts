import type { Finding } from '../core/finding.ts';

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
