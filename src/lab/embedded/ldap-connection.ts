import type { Socket } from 'node:net';
import { dnKey } from '../../ldap/distinguished-name.ts';
import { type DirectoryState, type Identity, WHO_AM_I } from './directory-state.ts';
import {
  AnswerTag,
  createFrameReader,
  createLdapSender,
  extendedMessage,
  Refusal,
  Result,
  resultMessage,
} from './ldap-answer.ts';
import type { DirectoryFaults } from './ldap-fault.ts';
import { type LdapRequest, type Operation, PAGED_RESULTS, readRequest } from './ldap-request.ts';
import { modifyEntry } from './modify-entry.ts';
import { type Cursors, searchMessages } from './search-entries.ts';

/** What a connection works with. */
export interface ConnectionSettings {
  readonly state: DirectoryState;
  readonly faults: DirectoryFaults;
  /** Who may log in, with the password of each. */
  readonly logins: readonly { readonly dn: string; readonly password: string; readonly admin: boolean }[];
}

/** RFC 4511, 4.4.1. */
const NOTICE_OF_DISCONNECTION = '1.3.6.1.4.1.1466.20036';

/** Serves one LDAP connection until it ends. */
export function serveLdap(socket: Socket, settings: ConnectionSettings): void {
  const frames = createFrameReader();
  const sender = createLdapSender(socket, settings.faults);
  const abandoned = new Set<number>();
  const session: Session = { identity: undefined, cursors: new Map() };
  const take = (request: LdapRequest) => {
    const { messageId, operation } = request;
    if (operation.type === 'unbind') {
      socket.destroySoon();
    } else if (operation.type === 'abandon') {
      abandoned.add(operation.messageId);
    } else {
      abandoned.delete(messageId);
      void sender.send(safeAnswers(request, settings, session), () => !socket.destroyed && !abandoned.has(messageId));
    }
  };
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  socket.on('data', chunk => {
    try {
      for (const request of frames.push(chunk).map(readRequest)) {
        later(settings.faults.get('slow')?.milliseconds, () => take(request));
      }
    } catch (error) {
      const words = error instanceof Error ? error.message : '';
      socket.end(extendedMessage(0, { code: Result.protocolError, words }, undefined, NOTICE_OF_DISCONNECTION));
    }
  });
}

interface Session {
  identity: Identity;
  readonly cursors: Cursors;
}

/** At once unless told otherwise: requests that are looked at in the same turn keep their order. */
function later(milliseconds: number | undefined, act: () => void): void {
  if (milliseconds === undefined) {
    act();
  } else {
    setTimeout(act, milliseconds);
  }
}

/** A refusal is an answer too, and so is whatever else goes wrong: the rehearsal goes on. */
function* safeAnswers(request: LdapRequest, settings: ConnectionSettings, session: Session): Iterable<Buffer> {
  try {
    if (request.controls.some(control => control.critical && control.oid !== PAGED_RESULTS)) {
      throw new Refusal(Result.unavailableCriticalExtension, 'critical control unavailable');
    }
    yield* answers(request, settings, session);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    const { code, matchedDn } = error instanceof Refusal ? error : { code: Result.other, matchedDn: '' };
    yield resultMessage(request.messageId, answerTag(request.operation), { code, words, matchedDn });
  }
}

function* answers(request: LdapRequest, settings: ConnectionSettings, session: Session): Iterable<Buffer> {
  const { messageId, operation } = request;
  const { state, faults } = settings;
  switch (operation.type) {
    case 'bind':
      session.identity = undefined;
      session.identity = logIn(operation, settings);
      yield resultMessage(messageId, AnswerTag.bind, { code: Result.success });
      return;
    case 'search':
      yield* searchMessages(request, operation, { state, faults, ...session });
      return;
    case 'modify':
      modify(operation, settings, session.identity);
      yield resultMessage(messageId, AnswerTag.modify, { code: Result.success });
      return;
    case 'extended':
      if (operation.oid !== WHO_AM_I) {
        throw new Refusal(Result.protocolError, 'unsupported extended operation');
      }
      yield extendedMessage(messageId, { code: Result.success }, session.identity ? `dn:${session.identity.dn}` : '');
      return;
    default:
      throw new Refusal(Result.unwilling, 'the rehearsal directory binds, searches and modifies only');
  }
}

/** Throws Refusal. A name without a password is a mistake that must not end as a login of nobody (RFC 4513, 5.1.2). */
function logIn(
  { dn, password }: Extract<Operation, { readonly type: 'bind' }>,
  { state, logins }: ConnectionSettings,
): Identity {
  if (password === undefined) {
    throw new Refusal(Result.authMethodNotSupported, 'simple bind only');
  }
  if (dn === '' && password === '') {
    return undefined;
  }
  if (password === '') {
    throw new Refusal(Result.unwilling, 'unauthenticated bind (DN with no password) disallowed');
  }
  const key = dnKey(dn, state.schema);
  const login = logins.find(one => dnKey(one.dn, state.schema) === key && one.password === password);
  if (!login) {
    throw new Refusal(Result.invalidCredentials);
  }
  return { dn: login.dn, admin: login.admin };
}

function modify(
  { dn, edits }: Extract<Operation, { readonly type: 'modify' }>,
  { state, faults }: ConnectionSettings,
  identity: Identity,
): void {
  if (!identity) {
    throw new Refusal(Result.insufficientAccess, 'anonymous may not modify');
  }
  const rival = faults.get('second-editor');
  if (rival && (rival.dn === undefined || dnKey(rival.dn, state.schema) === dnKey(dn, state.schema))) {
    faults.unset('second-editor');
    modifyEntry(state, dn, rival.edits, state.adminDn);
  }
  modifyEntry(state, dn, edits, identity.dn);
}

function answerTag(operation: Operation): number {
  switch (operation.type) {
    case 'bind':
      return AnswerTag.bind;
    case 'search':
      return AnswerTag.search;
    case 'modify':
      return AnswerTag.modify;
    case 'other':
      // The answer to add, delete, rename and compare has the next number; deleting is the one that is not constructed.
      return operation.tag === 0x4a ? 0x6b : operation.tag + 1;
    default:
      return AnswerTag.extended;
  }
}
