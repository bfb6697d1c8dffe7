import type { DesiredDirectory, SecretReference } from '../../core/desired.ts';
import { TargetProblem } from '../../core/finding.ts';
import { hasCode } from '../../findings/catalogue.ts';
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
import { buildEndpoint, type Endpoint, ORDINARY_TIMING, type Timing } from './endpoint.ts';
import { LastingSession } from './lasting-session.ts';
import { modifyEntry, probeModify } from './modify.ts';
import { directoryProblem, printableLine, WireLost } from './problem.ts';
import { resultWords } from './result-code.ts';
import { searchEntries } from './search.ts';
import { openSession, type Session } from './session.ts';
import { readEntry } from './wire.ts';

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
  let used: Endpoint | undefined;
  const connect = async (address?: string) => {
    const endpoints = used ? [used] : endpointsOf(directory);
    password ??= resolve(directory.password);
    const secret = await password;
    const { endpoint, session } = await firstOf(endpoints, one => openSession(one, secret, timing, address));
    used = endpoint;
    return session;
  };
  return new LdapDirectory(new LastingSession(connect, timing));
}

function endpointsOf(directory: DesiredDirectory): readonly Endpoint[] {
  return [directory.url, ...directory.otherUrls].map(url => buildEndpoint({ ...directory, url }));
}

/** The first server that can be reached; the whole run stays with it. A login that was refused is no reason to ask another. */
async function firstOf(endpoints: readonly Endpoint[], open: (endpoint: Endpoint) => Promise<Session>) {
  const problems: TargetProblem[] = [];
  for (const endpoint of endpoints)
    try {
      return { endpoint, session: await open(endpoint) };
    } catch (error) {
      if (!(error instanceof TargetProblem) || !hasCode(error.finding, 'directory.unreachable')) throw error;
      problems.push(error);
    }
  const [only] = problems;
  if (only && problems.length === 1) throw only;
  throw directoryProblem('directory.unreachable', ...problems.flatMap(({ finding }) => finding.detail.split('\n')));
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
  'Without the schema, a filter on an unknown attribute finds no account (OpenLDAP) or all accounts (389) without an error.';

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
