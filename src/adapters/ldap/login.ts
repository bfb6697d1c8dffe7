import { BindRequest, Control } from 'ldapts';
import type { TargetProblem } from '../../core/finding.ts';
import type { PasswordState } from '../../ports/directory.ts';
import type { Secret } from '../../ports/secret.ts';
import { BerCursor, NotBer, Tag } from './ber.ts';
import type { ClientCertificate } from './client-certificate.ts';
import type { Endpoint } from './endpoint.ts';
import type { Response } from './exchange.ts';
import { directoryProblem } from './problem.ts';
import type { AnswerParts } from './result-code.ts';
import { ResultCode, resultWords } from './result-code.ts';
import type { Wire } from './wire.ts';
import { readEntry } from './wire.ts';

/** Password policy, as request and as answer (draft-behera-ldap-password-policy, 6). */
const PASSWORD_POLICY = '1.3.6.1.4.1.42.2.27.8.5.1';

/** Sun Directory Server and 389 send these unasked: the password has expired; it expires in so many seconds. */
const EXPIRED = '2.16.840.1.113730.3.4.4';

const EXPIRING = '2.16.840.1.113730.3.4.5';

const WARNING = 0xa0;

const ERROR = 0x81;

const SECONDS_LEFT = 0x80;

const GRACE_LEFT = 0x81;

/** Errors of the policy's answer that say something about the password of a login. */
const ERRORS = { expired: 0, locked: 1, mustChange: 2 } as const;

/** What a server says about the password of a login, at `now` (milliseconds since 1970). */
export function readPasswordState({ controls }: AnswerParts, now: number): PasswordState {
  const policy = readPolicy(controls.get(PASSWORD_POLICY));
  const announced = controls.get(EXPIRING)?.toString('latin1') ?? '';
  const seconds = policy.secondsLeft ?? (/^\d{1,10}$/.test(announced) ? Number(announced) : undefined);
  const mustChange = policy.error === ERRORS.mustChange;
  const expired = policy.error === ERRORS.expired || policy.graceLogins !== undefined;
  return {
    ...(seconds === undefined ? {} : { expiresAt: now + seconds * 1000 }),
    ...(policy.graceLogins === undefined ? {} : { graceLogins: policy.graceLogins }),
    ...(mustChange ? { mustChange } : {}),
    // The older control says the same of a password that only has to be changed.
    ...(expired || (controls.has(EXPIRED) && !mustChange) ? { expired: true } : {}),
    ...(policy.error === ERRORS.locked ? { locked: true } : {}),
  };
}

interface Policy {
  readonly secondsLeft?: number;
  readonly graceLogins?: number;
  readonly error?: number;
}

/** An answer that is not as the draft has it says nothing; the login itself is not doubted for it. */
function readPolicy(value: Buffer | undefined): Policy {
  if (value === undefined) {
    return {};
  }
  try {
    return readSequence(new BerCursor(value, 0, value.length));
  } catch (error) {
    if (error instanceof NotBer) {
      return {};
    }
    throw error;
  }
}

function readSequence(cursor: BerCursor): Policy {
  let policy: Policy = {};
  cursor.enter(Tag.sequence);
  while (cursor.more) {
    const tag = cursor.peek() ?? 0;
    if (tag === WARNING) {
      const outer = cursor.enter(tag);
      const kind = cursor.peek();
      const count = cursor.unsigned(kind === GRACE_LEFT ? GRACE_LEFT : SECONDS_LEFT);
      cursor.leave(outer);
      policy = { ...policy, ...(kind === GRACE_LEFT ? { graceLogins: count } : { secondsLeft: count }) };
    } else {
      policy = { ...policy, error: cursor.unsigned(ERROR) };
    }
  }
  return policy;
}

/** Answers to a server's own base entry that mean: first change the password. */
const SHUT_OUT: ReadonlySet<number> = new Set([
  ResultCode.strongerAuth,
  ResultCode.insufficientAccess,
  ResultCode.unwilling,
]);

/** With what to log in: a password, or else SASL EXTERNAL as the certificate or the user of this process. */
export interface Login {
  readonly password?: Secret;
  /** Is shown to the server whatever the login is. */
  readonly client?: ClientCertificate;
}

/** Logs in, once: a refused login is never repeated, and every accepted one may use up a grace login. Rejects with WireLost. */
export async function logIn(endpoint: Endpoint, wire: Wire, { password }: Login): Promise<PasswordState> {
  const answer = await wire.exchange(messageId =>
    password === undefined
      ? new BindRequest({ messageId, mechanism: 'EXTERNAL' })
      : new BindRequest({
          messageId,
          dn: endpoint.bindDn ?? '',
          password: password.reveal(),
          controls: [new Control(PASSWORD_POLICY)],
        }),
  ).response;
  const state = readPasswordState(answer.parts, Date.now());
  // Should a server repeat the password in its words, it stops here.
  const errorMessage = password ? answer.errorMessage.replaceAll(password.reveal(), '[secret]') : answer.errorMessage;
  const words = `${endpoint.name}: ${resultWords({ status: answer.status, errorMessage })}`;
  if (answer.status !== ResultCode.success) {
    throw refused(answer, words, state);
  }
  if (state.mustChange) {
    await expectLetIn(endpoint, wire);
  }
  return state;
}

function refused({ status }: Response, words: string, state: PasswordState): TargetProblem {
  if (status === ResultCode.busy || status === ResultCode.unavailable) {
    return directoryProblem('directory.unreachable', words, 'Try again later.');
  }
  const again = 'reconcile does not try again, because failed logins could lock the account.';
  if (state.expired) {
    return directoryProblem('directory.password-expired', words, `Set a new password for the bind entry. ${again}`);
  }
  const why = state.locked
    ? 'The account is locked: unlock it, or wait until its lockout ends.'
    : 'Check bindDn and password.';
  return directoryProblem('directory.login-refused', words, `${why} ${again}`);
}

/** With a password that has to be changed first some servers answer nothing else, and some do. */
async function expectLetIn({ base, name }: Endpoint, wire: Wire): Promise<void> {
  const { answer } = await readEntry(wire, base, ['1.1']);
  if (SHUT_OUT.has(answer.status)) {
    throw directoryProblem(
      'directory.password-expired',
      `${name}: the password was set by an administrator and has to be changed before anything else; ${resultWords(answer)}`,
      'Change the password as the bind entry itself, once.',
    );
  }
}
