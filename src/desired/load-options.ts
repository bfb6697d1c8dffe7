import type { Environment } from './env-values.ts';

/** Reads a file of this machine: its bytes, of a large one only some more than `limit`; or why it cannot, in words that end a sentence. */
export type FileReader = (path: string, limit: number) => Uint8Array | { readonly reason: string };

/** What a file can depend on besides its text; handed in, because nothing here knows the process. */
export interface LoadOptions {
  readonly environment?: Environment;
  /** The day for which waves are asked, YYYY-MM-DD; left out, each wave is taken as it ends. */
  readonly day?: string;
  /** For the files that members stand in; left out, none can be read. */
  readonly readFile?: FileReader;
}
