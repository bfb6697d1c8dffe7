import { isIP } from 'node:net';
import { Control, ExtendedRequest } from 'ldapts';
import { TargetProblem } from '../../core/finding.ts';
import { printableLine } from '../../core/printable.ts';
import { hasCode } from '../../findings/catalogue.ts';
import type { DirectoryEntry, PasswordState } from '../../ports/directory.ts';
import { connectWire } from './connect-directory.ts';
import type { Endpoint, Timing } from './endpoint.ts';
import { unreachable } from './endpoint.ts';
import { type Login, logIn } from './login.ts';
import { directoryProblem, WireLost } from './problem.ts';
import { ResultCode } from './result-code.ts';
import type { Wire } from './wire.ts';
import { readEntry } from './wire.ts';

const WHO_AM_I = '1.3.6.1.4.1.4203.1.11.3';
const PAGED_RESULTS = '1.2.840.113556.1.4.319';
/** Sun Directory Server and 389: only virtual attributes. */
const VIRTUAL_ONLY = '2.16.840.1.113730.3.4.19';
/** Entries that refer to other servers are entries like any other (RFC 3296). */
const MANAGE_DSA_IT = '2.16.840.1.113730.3.4.2';
/** Attributes of the root entry that tell one server from another; `netscapemdsuffix` of Sun's and 389 has host and port. */
const MARKS = ['namingContexts', 'vendorName', 'vendorVersion', 'netscapemdsuffix', 'subschemaSubentry'];

/** A connection that is logged in, and what is known of its server. */
export interface Session {
  readonly endpoint: Endpoint;
  readonly wire: Wire;
  /** The DN of the schema's entry. */
  readonly subschema?: string;
  /** Who the server says we are; nothing where it does not offer to say it. */
  readonly identity?: string;
  /** What the server said about the password. */
  readonly password: PasswordState;
  /** What tells its server from others, by the name of the mark, and the certificate with TLS. */
  readonly marks: ReadonlyMap<string, string>;
  /** Where the server was found. */
  readonly address: string;
  /**
   * The right to page, and the function that gives it back. Nothing where the server does not page, or while another
   * search pages: OpenLDAP keeps one cookie for each connection and would refuse the other search's next page.
   */
  claimPaging(): (() => void) | undefined;
  /** Whether the server pages at all. */
  readonly pages: boolean;
  /** The control that leaves real attributes out; nothing where the server knows none but these. */
  readonly virtualOnly?: Control;
  /** What every search carries. */
  readonly controls: readonly Control[];
  /** Whether a whole reading was refused for its size; the next then begin with pages. */
  readonly limits: { unpagedRefused: boolean };
}

/**
 * Connects, logs in once and asks what the server can do. Whatever fails, nothing stays open. `address`: where the server
 * was found before, for reaching the same one.
 */
export async function openSession(
  endpoint: Endpoint,
  login: Login,
  timing: Timing,
  address?: string,
): Promise<Session> {
  if (login.password?.reveal() === '') {
    // RFC 4513, 5.1.2: a login with an empty password succeeds on many servers, as nobody.
    throw directoryProblem('directory.login-refused', `The password for ${endpoint.name} is empty.`);
  }
  const wire = await connectWire(endpoint, timing, address, login.client);
  const timer = setTimeout(() => wire.lose(`No answer to the login for ${timing.connect / 1000} s.`), timing.connect);
  try {
    const state = await logIn(endpoint, wire, login);
    return await knowServer(endpoint, wire, state);
  } catch (error) {
    wire.close();
    throw error instanceof WireLost ? unreachable(endpoint, error) : error;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Logs in once more over a connection that was kept, and asks everything anew: what the server said before does not count. Nothing
 * where it does not answer within `patience` milliseconds; the connection is closed then. Throws TargetProblem where the login is refused.
 */
export async function renewSession(
  endpoint: Endpoint,
  { wire }: Session,
  login: Login,
  patience: number,
): Promise<Session | undefined> {
  const timer = setTimeout(() => wire.lose(`No answer for ${patience / 1000} s.`), patience);
  try {
    const state = await logIn(endpoint, wire, login);
    return await knowServer(endpoint, wire, state);
  } catch (error) {
    wire.close();
    // A second login would count against the account again.
    if (error instanceof TargetProblem && hasCode(error.finding, 'directory.login-refused')) throw error;
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

/** Whether the server takes us for the one who logged in; where it cannot be asked, it is believed to. Rejects with WireLost. */
export async function isStillKnown(session: Session): Promise<boolean> {
  return session.identity === undefined || (await whoAmI(session.wire)) === session.identity;
}

/** Gets any answer at all. Rejects with WireLost, at the latest after `patience` milliseconds. */
export async function awaitAnswer({ wire }: Session, patience: number): Promise<void> {
  const lose = () => wire.lose(`After a time without traffic there was no answer for ${patience / 1000} s.`);
  const timer = setTimeout(lose, patience);
  await readEntry(wire, '', ['1.1']).finally(() => clearTimeout(timer));
}

/** The problem of a connection that is taken for somebody else's: nothing that was read over it counts. */
export function identityLost(endpoint: Endpoint): TargetProblem {
  return directoryProblem(
    'directory.identity-lost',
    `${endpoint.name}: the server treats this connection as another identity, or as anonymous.`,
    'Searches would show what that identity may see, so no answer is used. Run the command again.',
    'If it happens again, look for a proxy that mixes connections, or a changed or locked bind entry.',
  );
}

async function knowServer(endpoint: Endpoint, wire: Wire, password: PasswordState): Promise<Session> {
  const { entry } = await readEntry(wire, '', ['supportedControl', 'supportedExtension', ...MARKS]);
  const offers = (attribute: string, oid: string) => entry?.attributes.get(attribute)?.includes(oid) === true;
  const identity = offers('supportedextension', WHO_AM_I) ? await whoAmI(wire) : undefined;
  if (identity === '') {
    throw identityLost(endpoint);
  }
  const subschema = entry?.attributes.get('subschemasubentry')?.[0];
  const pages = offers('supportedcontrol', PAGED_RESULTS);
  let paging = false;
  return {
    // Whom SASL EXTERNAL makes of a certificate only the server says.
    endpoint: endpoint.bindDn === undefined && identity ? { ...endpoint, name: namedAs(endpoint, identity) } : endpoint,
    wire,
    password,
    marks: marksOf(entry, wire.peer.certificate),
    // A name is looked up once; an address in the url is the place itself.
    address: isIP(endpoint.host) === 0 ? (wire.peer.address ?? endpoint.host) : endpoint.host,
    ...(subschema === undefined ? {} : { subschema }),
    ...(identity === undefined ? {} : { identity }),
    ...(offers('supportedcontrol', VIRTUAL_ONLY) ? { virtualOnly: new Control(VIRTUAL_ONLY, { critical: true }) } : {}),
    // Where it is ignored there are references, which do no harm: it need not be critical.
    controls: offers('supportedcontrol', MANAGE_DSA_IT) ? [new Control(MANAGE_DSA_IT)] : [],
    pages,
    limits: { unpagedRefused: false },
    claimPaging: () => {
      if (!pages || paging) {
        return undefined;
      }
      paging = true;
      return () => {
        paging = false;
      };
    },
  };
}

function namedAs({ url }: Endpoint, identity: string): string {
  return `${url} as ${printableLine(nameOf(identity))}`;
}

/** The name in an answer to Who am I (RFC 4513, 5.2.1.8): that of an entry where it is one. */
export function nameOf(identity: string): string {
  return identity.replace(/^dn:\s*/i, '');
}

function marksOf(root: DirectoryEntry | undefined, certificate: string | undefined): ReadonlyMap<string, string> {
  const marks = MARKS.map(
    name => [name, root?.attributes.get(name.toLowerCase())?.toSorted().join(' ') ?? ''] as const,
  );
  return new Map([...marks, ['certificate', certificate ?? ''] as const]);
}

/** RFC 4532; `undefined` when the server does not say, an empty text for nobody. */
async function whoAmI(wire: Wire): Promise<string | undefined> {
  const answer = await wire.exchange(messageId => new ExtendedRequest({ messageId, oid: WHO_AM_I })).response;
  if (answer.status !== ResultCode.success) {
    return undefined;
  }
  return 'value' in answer ? (answer.value ?? '') : '';
}
