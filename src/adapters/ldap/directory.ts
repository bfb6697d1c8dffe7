import type { DesiredDirectory, SecretReference } from '../../core/desired.ts';
import type {
  DirectoryEntry,
  DirectoryQuery,
  DirectorySchema,
  DirectoryWriter,
  Modification,
  ModifyResult,
} from '../../ports/directory.ts';
import type { Secret } from '../../ports/secret.ts';
import { buildEndpoint } from './endpoint.ts';
import { modifyEntry } from './modify.ts';
import { directoryProblem } from './problem.ts';
import { readSchema } from './read-schema.ts';
import { searchEntries } from './search.ts';
import { openSession, type Session } from './session.ts';
import { ORDINARY_TIMING, type Timing } from './timing.ts';

/** The directory over one connection. */
export interface DirectoryConnection extends DirectoryWriter {
  /** Ends the connection, if there is one; what is under way fails. */
  close(): Promise<void>;
}

/**
 * The directory over one connection, which is opened by the first call and never again: once it is lost, or was refused,
 * every call throws TargetProblem. `timing` is for tests.
 */
export function openDirectory(
  directory: DesiredDirectory,
  resolve: (ref: SecretReference) => Promise<Secret>,
  timing: Timing = ORDINARY_TIMING,
): DirectoryConnection {
  return new LdapDirectory(async () => {
    const endpoint = buildEndpoint(directory);
    return openSession(endpoint, await resolve(directory.password), timing);
  });
}

class LdapDirectory implements DirectoryConnection {
  readonly #connect: () => Promise<Session>;
  #session: Promise<Session> | undefined;
  #schema: Promise<DirectorySchema> | undefined;
  #closed = false;

  constructor(connect: () => Promise<Session>) {
    this.#connect = connect;
  }

  schema(): Promise<DirectorySchema> {
    this.#schema ??= this.#open().then(readSchema);
    return this.#schema;
  }

  search(query: DirectoryQuery): AsyncIterable<DirectoryEntry> {
    return searchEntries(() => this.#open(), query);
  }

  async modify(dn: string, modifications: readonly Modification[]): Promise<ModifyResult> {
    return modifyEntry(await this.#open(), dn, modifications, () => this.schema());
  }

  async close(): Promise<void> {
    this.#closed = true;
    const session = await this.#session?.catch(() => undefined);
    session?.wire.close();
  }

  /** A failure is kept too: trying a refused password again and again locks accounts. */
  async #open(): Promise<Session> {
    if (this.#closed) {
      throw directoryProblem('directory.connection-lost', 'The connection was closed by this program.');
    }
    this.#session ??= this.#connect();
    return this.#session;
  }
}
