import type { DesiredDirectory, SecretReference } from '../../core/desired.ts';
import type { DirectorySchema } from '../../ldap/schema.ts';
import type {
  DirectoryEntry,
  DirectoryQuery,
  DirectoryWriter,
  Modification,
  ModifyResult,
  PasswordState,
  WouldModify,
} from '../../ports/directory.ts';
import type { Secret } from '../../ports/secret.ts';
import { buildEndpoint } from './endpoint.ts';
import { LastingSession } from './lasting-session.ts';
import { modifyEntry } from './modify.ts';
import { probeModify } from './probe-modify.ts';
import { readSchema } from './read-schema.ts';
import { searchEntries } from './search.ts';
import { openSession } from './session.ts';
import { ORDINARY_TIMING, type Timing } from './timing.ts';

/** The directory, over one connection at a time. */
export interface DirectoryConnection extends DirectoryWriter {
  /** Ends the connection, if there is one; what is under way fails. */
  close(): Promise<void>;
}

/**
 * The directory over a connection that is opened by the first call; what becomes of it when it is lost, `LastingSession`
 * says. The password is looked up once. `timing` is for tests.
 */
export function openDirectory(
  directory: DesiredDirectory,
  resolve: (ref: SecretReference) => Promise<Secret>,
  timing: Timing = ORDINARY_TIMING,
): DirectoryConnection {
  let password: Promise<Secret> | undefined;
  const connect = async (address?: string) => {
    const endpoint = buildEndpoint(directory);
    password ??= resolve(directory.password);
    return openSession(endpoint, await password, timing, address);
  };
  return new LdapDirectory(new LastingSession(connect, timing));
}

class LdapDirectory implements DirectoryConnection {
  readonly #session: LastingSession;
  #schema: Promise<DirectorySchema> | undefined;

  constructor(session: LastingSession) {
    this.#session = session;
  }

  async password(): Promise<PasswordState> {
    return (await this.#session.open()).password;
  }

  schema(): Promise<DirectorySchema> {
    this.#schema ??= readSchema(this.#session);
    return this.#schema;
  }

  search(query: DirectoryQuery): AsyncIterable<DirectoryEntry> {
    return searchEntries(this.#session, query);
  }

  modify(dn: string, modifications: readonly Modification[]): Promise<ModifyResult> {
    return modifyEntry(this.#session, dn, modifications, () => this.schema());
  }

  wouldModify(dn: string, attributes: readonly string[]): Promise<WouldModify> {
    return probeModify(this.#session, dn, attributes);
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}
