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
import { ResultCode, remedyOf, resultWords } from './result-code.ts';
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
    throw refused(answer, words, state, password !== undefined);
  }
  if (state.mustChange) {
    await expectLetIn(endpoint, wire);
  }
  return state;
}

/** Reasons for a refusal that servers put into their words: 389 and Sun in English, Active Directory as `data 775`. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/Exceed password retry limit|\bdata 775\b/i, 'The account is locked: unlock it, or wait until its lockout ends.'],
  [/Account inactivated|\bdata 533\b/i, 'The account is disabled: enable it.'],
  [/\bdata 525\b/i, 'The server knows no such entry: check bindDn.'],
  [/\bdata 530\b/i, 'The account may not log in at this time of the day.'],
  [/\bdata 531\b/i, 'The account may not log in from this machine.'],
  [/\bdata 701\b/i, 'The account has expired: extend it.'],
];

/** The same by the result code, for those that say more than that the login is refused. */
const BY_CODE: ReadonlyMap<number, string> = new Map([
  [ResultCode.authMethodNotSupported, 'The server does not offer this kind of login.'],
  [ResultCode.strongerAuth, remedyOf(ResultCode.strongerAuth) ?? ''],
  [ResultCode.confidentialityRequired, remedyOf(ResultCode.confidentialityRequired) ?? ''],
  [ResultCode.noSuchObject, 'The server knows no such entry: check bindDn.'],
  [ResultCode.invalidDnSyntax, 'bindDn is not a DN to this server: check its attributes and its commas.'],
  [
    ResultCode.inappropriateAuthentication,
    'The entry has no password, or may not log in with one: set one, or use another bindDn.',
  ],
]);

const CERTIFICATE = `The server takes the certificate, or the user of this process, for no identity. Map it to an entry (authz-regexp of OpenLDAP, certmap.conf and nsslapd-ldapimaptoentries of 389), or check directory.tls.certificate.`;

/** A password that has to be changed before anything else, in the words of 389 and of Active Directory. */
const EXPIRED_WORDS = /password expired|\bdata (532|773)\b/i;

function refused(
  { status, errorMessage }: Response,
  words: string,
  state: PasswordState,
  hasPassword: boolean,
): TargetProblem {
  if (status === ResultCode.busy || status === ResultCode.unavailable) {
    return directoryProblem('directory.unreachable', words, 'Try again later.');
  }
  const again = 'reconcile does not try again, because failed logins could lock the account.';
  if (state.expired || (hasPassword && EXPIRED_WORDS.test(errorMessage))) {
    return directoryProblem('directory.password-expired', words, `Set a new password for the bind entry. ${again}`);
  }
  const locked = state.locked ? 'The account is locked: unlock it, or wait until its lockout ends.' : undefined;
  const said = REASONS.find(([pattern]) => pattern.test(errorMessage))?.[1];
  const why = locked ?? said ?? (hasPassword ? (BY_CODE.get(status) ?? 'Check bindDn and password.') : CERTIFICATE);
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
