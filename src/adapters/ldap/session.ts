import { BindRequest, Control, ExtendedRequest } from 'ldapts';
import type { TargetProblem } from '../../core/finding.ts';
import type { Secret } from '../../ports/secret.ts';
import { connectWire } from './connect.ts';
import type { Endpoint } from './endpoint.ts';
import { directoryProblem } from './problem.ts';
import { readEntry } from './read-entry.ts';
import { ResultCode, resultWords } from './result-code.ts';
import type { Timing } from './timing.ts';
import { unreachable } from './unreachable.ts';
import type { Wire } from './wire.ts';
import { WireLost } from './wire-lost.ts';

const WHO_AM_I = '1.3.6.1.4.1.4203.1.11.3';
const PAGED_RESULTS = '1.2.840.113556.1.4.319';
/** Sun Directory Server and 389: only virtual attributes. */
const VIRTUAL_ONLY = '2.16.840.1.113730.3.4.19';

/** A connection that is logged in, and what is known of its server. */
export interface Session {
  readonly endpoint: Endpoint;
  readonly wire: Wire;
  /** The DN of the schema's entry. */
  readonly subschema?: string;
  /** Who the server says we are; nothing where it does not offer to say it. */
  readonly identity?: string;
  /**
   * The right to page, and the function that gives it back. Nothing where the server does not page, or while another
   * search pages: OpenLDAP keeps one cookie for each connection and would refuse the other search's next page.
   */
  claimPaging(): (() => void) | undefined;
  /** Whether the server pages at all. */
  readonly pages: boolean;
  /** The control that leaves real attributes out; nothing where the server knows none but these. */
  readonly virtualOnly?: Control;
  /** Whether a whole reading was refused for its size; the next then begin with pages. */
  readonly limits: { unpagedRefused: boolean };
}

/** Connects, logs in and asks what the server can do. Whatever fails, nothing stays open. */
export async function openSession(endpoint: Endpoint, password: Secret, timing: Timing): Promise<Session> {
  if (password.reveal() === '') {
    // RFC 4513, 5.1.2: a login with an empty password succeeds on many servers, as nobody.
    throw directoryProblem('directory.login-refused', `The password for ${endpoint.name} is empty.`);
  }
  const wire = await connectWire(endpoint, timing);
  const timer = setTimeout(() => wire.lose(`No answer to the login for ${timing.connect / 1000} s.`), timing.connect);
  try {
    await login(endpoint, wire, password);
    return await knowServer(endpoint, wire);
  } catch (error) {
    wire.close();
    throw error instanceof WireLost ? unreachable(endpoint, error) : error;
  } finally {
    clearTimeout(timer);
  }
}

/** Whether the server takes us for the one who logged in; where it cannot be asked, it is believed to. Rejects with WireLost. */
export async function isStillKnown(session: Session): Promise<boolean> {
  return session.identity === undefined || (await whoAmI(session.wire)) === session.identity;
}

/** The problem of a connection that is taken for somebody else's: nothing that was read over it counts. */
export function identityLost(endpoint: Endpoint): TargetProblem {
  return directoryProblem(
    'directory.identity-lost',
    `${endpoint.name}: the server takes this connection for somebody else, or for nobody.`,
    'Searches would show what that identity may see, so that nothing read is used. Start again.',
    'If it comes back: look for a proxy that mixes connections, or a changed or locked bind entry.',
  );
}

async function login(endpoint: Endpoint, wire: Wire, password: Secret): Promise<void> {
  const answer = await wire.exchange(
    messageId => new BindRequest({ messageId, dn: endpoint.bindDn, password: password.reveal() }),
  ).response;
  if (answer.status === ResultCode.success) {
    return;
  }
  // Should a server repeat the password in its words, it stops here.
  const errorMessage = answer.errorMessage.replaceAll(password.reveal(), '[secret]');
  const words = resultWords({ status: answer.status, errorMessage });
  if (answer.status === ResultCode.busy || answer.status === ResultCode.unavailable) {
    throw directoryProblem('directory.unreachable', `${endpoint.name}: ${words}`, 'Try again later.');
  }
  throw directoryProblem(
    'directory.login-refused',
    `${endpoint.name}: ${words}`,
    'Check bindDn and password. It is not tried again, so that the account is not locked.',
  );
}

async function knowServer(endpoint: Endpoint, wire: Wire): Promise<Session> {
  const wanted = ['supportedControl', 'supportedExtension', 'subschemaSubentry'];
  const { entry } = await readEntry(wire, '', wanted);
  const offers = (attribute: string, oid: string) => entry?.attributes.get(attribute)?.includes(oid) === true;
  const identity = offers('supportedextension', WHO_AM_I) ? await whoAmI(wire) : undefined;
  if (identity === '') {
    throw identityLost(endpoint);
  }
  const subschema = entry?.attributes.get('subschemasubentry')?.[0];
  const pages = offers('supportedcontrol', PAGED_RESULTS);
  let paging = false;
  return {
    endpoint,
    wire,
    ...(subschema === undefined ? {} : { subschema }),
    ...(identity === undefined ? {} : { identity }),
    ...(offers('supportedcontrol', VIRTUAL_ONLY) ? { virtualOnly: new Control(VIRTUAL_ONLY, { critical: true }) } : {}),
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

/** RFC 4532; `undefined` when the server does not say, an empty text for nobody. */
async function whoAmI(wire: Wire): Promise<string | undefined> {
  const answer = await wire.exchange(messageId => new ExtendedRequest({ messageId, oid: WHO_AM_I })).response;
  if (answer.status !== ResultCode.success) {
    return undefined;
  }
  return 'value' in answer ? (answer.value ?? '') : '';
}
