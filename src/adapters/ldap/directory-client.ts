import { accountClasses, type DesiredDirectory, type SecretReference } from '../../core/desired.ts';
import { printableLine } from '../../core/printable.ts';
import { buildDirectorySchema, type DirectorySchema } from '../../ldap/schema.ts';
import type {
  DirectoryEntry,
  DirectoryQuery,
  DirectoryServer,
  DirectoryWriter,
  Modification,
  ModifyResult,
  PassedOver,
  PasswordState,
  WouldModify,
} from '../../ports/directory.ts';
import type { Secret } from '../../ports/secret.ts';
import { readClientCertificate } from './client-certificate.ts';
import { buildEndpoint, type Endpoint, ORDINARY_TIMING, type Timing } from './endpoint.ts';
import { LastingSession } from './lasting-session.ts';
import type { Login } from './login.ts';
import { modifyEntry, probeModify } from './modify.ts';
import { directoryProblem, WireLost } from './problem.ts';
import { resultWords } from './result-code.ts';
import { searchEntries } from './search.ts';
import { chooseServer, type Use } from './server-choice.ts';
import { nameOf, openSession, renewSession, type Session } from './session.ts';
import { readEntry } from './wire.ts';

/** The directory, over one connection at a time. */
export interface DirectoryConnection extends DirectoryWriter {
  /** Ends the connection, if there is one; what is under way fails. */
  close(): Promise<void>;
  /** Ends all use of this object, and hands its connection over to the next one; nothing where there is none that can be kept. */
  leave(): Promise<Session | undefined>;
}

/**
 * The directory over a connection that is opened by the first call; what becomes of it when it is lost, `LastingSession`
 * says. Of several servers `use` decides which is taken, and the connection stays with that one. Password and certificate are
 * looked up once. `timing` is for tests. `kept`: a connection of an earlier look at the same directory, which has to take the
 * login again before it is used.
 */
export function openDirectory(
  directory: DesiredDirectory,
  resolve: (ref: SecretReference) => Promise<Secret>,
  timing: Timing = ORDINARY_TIMING,
  use: Use = 'read',
  kept?: Session,
): DirectoryConnection {
  let rested = kept;
  const passedOver: PassedOver[] = [];
  let login: Promise<Login> | undefined;
  let used: Endpoint | undefined;
  const connect = async (address?: string) => {
    const endpoints = used ? [used] : endpointsOf(directory);
    login ??= resolveLogin(directory, resolve);
    const secrets = await login.catch(endKept);
    const again = await renewKept(secrets);
    if (again) return again;
    const bases = [...new Set(accountClasses(directory).map(({ base }) => base))];
    const choice = await chooseServer(endpoints, one => openSession(one, secrets, timing, address), bases, use);
    used = choice.session.endpoint;
    passedOver.push(...choice.passedOver);
    return choice.session;
  };
  const endKept = (problem: unknown) => {
    rested?.wire.close();
    throw problem;
  };
  /** Only the first server of several is kept: another one was the answer to a question of an earlier look. */
  const renewKept = async (secrets: Login) => {
    const [session, [endpoint]] = [rested, endpointsOf(directory)];
    rested = undefined;
    const again = session && endpoint && (await renewSession(endpoint, session, secrets, proofPatience));
    if (again) used = again.endpoint;
    return again;
  };
  const close = () => rested?.wire.close();
  return new LdapDirectory(new LastingSession(connect, timing), passedOver, close);
}

/** Milliseconds that a connection of an earlier look may take to answer; after it, another one is opened. */
const proofPatience = 5_000;

function endpointsOf(directory: DesiredDirectory): readonly Endpoint[] {
  return [directory.url, ...directory.otherUrls].map(url => buildEndpoint({ ...directory, url }));
}

/** Looks up password and certificate. Throws TargetProblem. */
export async function resolveLogin(
  { password, tls }: DesiredDirectory,
  resolve: (ref: SecretReference) => Promise<Secret>,
): Promise<Login> {
  const client = await readClientCertificate(tls, resolve);
  return { ...(password && { password: await resolve(password) }), ...(client && { client }) };
}

/** A directory over a session; `passedOver`: the servers that were asked before it. */
export class LdapDirectory implements DirectoryConnection {
  readonly #session: LastingSession;
  readonly #passedOver: readonly PassedOver[];
  readonly #closeKept: () => void;
  #schema: Promise<DirectorySchema> | undefined;

  constructor(session: LastingSession, passedOver: readonly PassedOver[], closeKept: () => void = () => {}) {
    this.#session = session;
    this.#passedOver = passedOver;
    this.#closeKept = closeKept;
  }

  async server(): Promise<DirectoryServer> {
    const { endpoint, identity = '' } = await this.#session.open();
    const name = nameOf(identity);
    return { url: endpoint.url, ...(name && { identity: printableLine(name) }), passedOver: this.#passedOver };
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

  async wouldModify(dn: string, attributes: readonly string[]): Promise<WouldModify> {
    const answer = await probeModify(this.#session, dn, attributes);
    const isAboutServer = answer.state === 'elsewhere' || (answer.state === 'refused' && answer.why !== 'rights');
    if (!isAboutServer) return answer;
    // No other server is used for the rest of this run, so that it has to be said what is with them.
    const others = this.#passedOver.map(({ url, detail }) => (detail.startsWith(url) ? detail : `${url}: ${detail}`));
    return { ...answer, detail: [answer.detail, ...others].join('\n') };
  }

  close(): Promise<void> {
    this.#closeKept();
    return this.#session.close();
  }

  async leave(): Promise<Session | undefined> {
    this.#closeKept();
    const session = await this.#session.leave();
    if (this.#passedOver.length === 0) return session;
    session?.wire.close();
    return undefined;
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
