import type { Environment } from './env-values.ts';

/** Why a file was not read, in words that end a sentence; `outside`: it does not lie where it has to. */
export interface NotRead {
  readonly reason: string;
  readonly outside?: true;
}

/**
 * Reads a file of this machine: its bytes, of a large one only some more than `limit`. With `below` only one that lies in
 * that folder or further down, wherever links lead, and that is no part of git's own records.
 */
export type FileReader = (path: string, limit: number, below?: string) => Uint8Array | NotRead;

/** What a file can depend on besides its text; handed in, because nothing here knows the process. */
export interface LoadOptions {
  readonly environment?: Environment;
  /** The day for which waves are asked, YYYY-MM-DD; left out, each wave is taken as it ends. */
  readonly day?: string;
  /** The variables that texts may ask for; left out, any. */
  readonly variables?: ReadonlySet<string> | undefined;
  /** Whether only how targets are reached is taken from the files, which may leave the rest out. */
  readonly connectionsOnly?: boolean;
  /** For the files that members stand in; left out, none can be read. */
  readonly readFile?: FileReader;
}
