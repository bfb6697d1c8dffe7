import { randomUUID } from 'node:crypto';
import { Attribute, Change, ModifyRequest } from 'ldapts';
import type { WouldModify } from '../../ports/directory.ts';
import type { Response } from './exchange.ts';
import type { LastingSession } from './lasting-session.ts';
import { printableLine } from './printable-line.ts';
import { directoryProblem } from './problem.ts';
import { ResultCode, resultWords } from './result-code.ts';
import { WireLost } from './wire-lost.ts';

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
  const changes = attributes.map(deletionOfNothing);
  try {
    const answer = await session.wire.exchange(messageId => new ModifyRequest({ messageId, dn, changes })).response;
    lasting.worked();
    return judged(answer, `${session.endpoint.name}: ${printableLine(dn)}: ${resultWords(answer)}`);
  } catch (error) {
    if (!(error instanceof WireLost)) throw error;
    throw directoryProblem(
      'directory.connection-lost',
      session.endpoint.name,
      `${error.message} It was being asked whether it takes changes; nothing was changed.`,
    );
  }
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
