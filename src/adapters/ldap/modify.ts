import { randomUUID } from 'node:crypto';
import { Attribute, Change, ModifyRequest } from 'ldapts';
import { printableLine } from '../../core/printable.ts';
import type { DirectorySchema } from '../../ldap/schema.ts';
import type { Modification, ModifyResult, WouldModify } from '../../ports/directory.ts';
import type { Response } from './exchange.ts';
import type { LastingSession } from './lasting-session.ts';
import { directoryProblem, WireLost } from './problem.ts';
import { ResultCode, remedyOf, resultWords } from './result-code.ts';
import type { Session } from './session.ts';
import { readEntry } from './wire.ts';

/** An object class that every server with a schema knows (RFC 4512, 4.2), and that no account has. */
const NO_CLASS_OF_ACCOUNTS = 'subschema';

/** Answers that only a server gives which has looked at the entry in order to change it, after the rights to do so. */
const LOOKED: ReadonlySet<number> = new Set([ResultCode.success, ResultCode.noSuchAttribute]);

/** Answers that say that it does not take changes at the moment, or not from us. */
const REFUSES: ReadonlySet<number> = new Set([
  ResultCode.strongerAuth,
  ResultCode.insufficientAccess,
  ResultCode.busy,
  ResultCode.unavailable,
  ResultCode.unwilling,
]);

/**
 * Asks for a change that takes effect nowhere: values are to be deleted that no entry can have. A server that takes changes
 * looks at the rights, then at the entry, and answers that the values are not there; a replica or a database that is
 * read-only answers as it would to any change. No entry is changed either way, not even its time of modification.
 */
export async function probeModify(
  lasting: LastingSession,
  dn: string,
  attributes: readonly string[],
): Promise<WouldModify> {
  const session = await lasting.openToWrite(dn);
  try {
    const answer = await askForNothing(session, dn, attributes);
    lasting.worked();
    return answer;
  } catch (error) {
    if (!(error instanceof WireLost)) throw error;
    throw directoryProblem(
      'directory.connection-lost',
      session.endpoint.name,
      `${error.message} It was being asked whether it takes changes; nothing was changed.`,
    );
  }
}

/**
 * The same of a connection that was just opened, of an attribute that every entry has. `refused` for lack of `rights` says that
 * the server would take the change of another identity. Rejects with WireLost.
 */
export function takesChanges(session: Session, dn: string): Promise<WouldModify> {
  return askForNothing(session, dn, ['objectClass']);
}

async function askForNothing(session: Session, dn: string, attributes: readonly string[]): Promise<WouldModify> {
  const changes = attributes.map(deletionOfNothing);
  const answer = await session.wire.exchange(messageId => new ModifyRequest({ messageId, dn, changes })).response;
  return judged(answer, `${session.endpoint.name}: ${printableLine(dn)}: ${resultWords(answer)}`);
}

function deletionOfNothing(attribute: string): Change {
  const value = attribute.toLowerCase() === 'objectclass' ? NO_CLASS_OF_ACCOUNTS : `reconcile-${randomUUID()}`;
  return new Change({ operation: 'delete', modification: new Attribute({ type: attribute, values: [value] }) });
}

function judged(answer: Response, detail: string): WouldModify {
  const { status, parts } = answer;
  if (LOOKED.has(status)) {
    return { state: 'takes' };
  }
  if (status === ResultCode.referral) {
    return { state: 'elsewhere', urls: parts.urls.map(printableLine), detail };
  }
  if (!REFUSES.has(status)) {
    return { state: 'unknown', detail };
  }
  const why =
    status === ResultCode.insufficientAccess ? 'rights' : status === ResultCode.unwilling ? 'read-only' : 'other';
  return { state: 'refused', why, detail };
}

/** Answers that can only mean that the entry is not as it was when it was read. */
const CONFLICTS: ReadonlySet<number> = new Set([
  ResultCode.noSuchAttribute,
  ResultCode.valueExists,
  ResultCode.noSuchObject,
  ResultCode.assertionFailed,
]);

/** Answers to a second value for a single-valued attribute (OpenLDAP, 389), and to much else. */
const AMBIGUOUS: ReadonlySet<number> = new Set([ResultCode.constraintViolation, ResultCode.objectClassViolation]);

/**
 * Sends one modify, once. It tells the session what became of it: what the server confirmed has to be there when the
 * connection is opened again, and after a change without an answer no further one is sent. `schema` is asked for only
 * where the answer alone does not tell a conflict from a refusal.
 */
export async function modifyEntry(
  lasting: LastingSession,
  dn: string,
  modifications: readonly Modification[],
  schema: () => Promise<DirectorySchema>,
): Promise<ModifyResult> {
  const changes = modifications.map(toChange);
  const session = await lasting.openToWrite(dn);
  const answer = await sendModify(session, dn, changes, lasting);
  if (answer.status === ResultCode.success) {
    lasting.confirmed(dn, modifications);
    return { state: 'done' };
  }
  lasting.worked();
  const conflict =
    CONFLICTS.has(answer.status) ||
    (AMBIGUOUS.has(answer.status) && (await valueAppeared(session, dn, modifications, schema)));
  const words = `${printableLine(dn)}: ${resultWords(answer)}`;
  if (conflict) return { state: 'conflict', detail: words };
  const remedy = remedyOf(answer.status);
  return { state: 'refused', detail: remedy === undefined ? words : `${words.replace(/\.$/, '')}. ${remedy}` };
}

function toChange({ operation, attribute, values }: Modification): Change {
  if (values.length === 0) {
    // A delete without values would take away what nobody has looked at.
    throw new RangeError(`a modification of ${attribute} names no values`);
  }
  return new Change({ operation, modification: new Attribute({ type: attribute, values: [...values] }) });
}

async function sendModify(session: Session, dn: string, changes: Change[], lasting: LastingSession): Promise<Response> {
  try {
    return await session.wire.exchange(messageId => new ModifyRequest({ messageId, dn, changes })).response;
  } catch (error) {
    if (!(error instanceof WireLost)) {
      throw error;
    }
    if (!error.sent) {
      throw directoryProblem(
        'directory.connection-lost',
        session.endpoint.name,
        `${error.message} The change of ${printableLine(dn)} was not sent.`,
      );
    }
    lasting.leftOpen(session.endpoint, dn);
    throw directoryProblem(
      'directory.outcome-unknown',
      session.endpoint.name,
      `${printableLine(dn)}: ${error.message} The change was sent but not answered. It took effect completely or not at all.`,
      'Plan again. The entry then shows whether it took effect.',
    );
  }
}

/**
 * Whether an attribute that was to be added, and may have one value only, has one by now. Nothing else than somebody
 * else's write explains it: an attribute that one knows of is deleted in the same modify.
 */
async function valueAppeared(
  session: Session,
  dn: string,
  modifications: readonly Modification[],
  schema: () => Promise<DirectorySchema>,
): Promise<boolean> {
  const name = (modification: Modification) => modification.attribute.toLowerCase();
  const deleted = new Set(modifications.filter(one => one.operation === 'delete').map(name));
  const added = modifications.map(name).filter(attribute => !deleted.has(attribute));
  if (added.length === 0) {
    return false;
  }
  try {
    const { attributes } = await schema();
    const single = added.filter(attribute => attributes.get(attribute)?.singleValue === true);
    const { entry } = await readEntry(session.wire, dn, single.length > 0 ? single : ['1.1']);
    return single.some(attribute => entry?.attributes.has(attribute) === true);
  } catch {
    // The refusal itself is certain and is what gets told; a lost connection shows at the next call.
    return false;
  }
}
