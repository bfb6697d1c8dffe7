import type { DesiredDirectory, SecretReference } from '../../core/desired.ts';
import { buildDirectorySchema, type DirectorySchema } from '../../ldap/schema.ts';
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
import { buildEndpoint, ORDINARY_TIMING, type Timing } from './endpoint.ts';
import { LastingSession } from './lasting-session.ts';
import { modifyEntry, probeModify } from './modify.ts';
import { directoryProblem, printableLine, WireLost } from './problem.ts';
import { readEntry } from './read-entry.ts';
import { resultWords } from './result-code.ts';
import { searchEntries } from './search.ts';
import { openSession, type Session } from './session.ts';

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

const REMEDY =
  'Without the schema a filter on an unknown attribute finds nobody (OpenLDAP) or everybody (389) without an error.';

/** Reads the schema the server says it uses; begins again over the next connection when one is lost. */
async function readSchema(lasting: LastingSession): Promise<DirectorySchema> {
  for (;;) {
    const session = await lasting.open();
    try {
      return await readSchemaOf(session);
    } catch (error) {
      // `open` ends this: it opens only so many connections in a row.
      if (!(error instanceof WireLost)) throw error;
    }
  }
}

async function readSchemaOf(session: Session): Promise<DirectorySchema> {
  const { endpoint, subschema } = session;
  if (subschema === undefined) {
    throw directoryProblem(
      'directory.schema-unreadable',
      `${endpoint.name}: the root entry has no subschemaSubentry that this bind entry may read.`,
      REMEDY,
    );
  }
  const { entry, answer } = await readEntry(session.wire, subschema, ['attributeTypes', 'objectClasses']);
  const types = entry?.attributes.get('attributetypes') ?? [];
  const classes = entry?.attributes.get('objectclasses') ?? [];
  if (types.length === 0 || classes.length === 0) {
    const words = answer.status === 0 ? 'no definitions that this bind entry may read' : resultWords(answer);
    throw directoryProblem(
      'directory.schema-unreadable',
      `${endpoint.name}`,
      `${printableLine(subschema)}: ${words}.`,
      REMEDY,
    );
  }
  return buildDirectorySchema(types, classes);
}
