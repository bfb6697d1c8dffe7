import { BindRequest, Control } from 'ldapts';
import type { TargetProblem } from '../../core/finding.ts';
import type { PasswordState } from '../../ports/directory.ts';
import type { Secret } from '../../ports/secret.ts';
import type { Endpoint } from './endpoint.ts';
import type { Response } from './exchange.ts';
import { PASSWORD_POLICY, readPasswordState } from './password-state.ts';
import { directoryProblem } from './problem.ts';
import { readEntry } from './read-entry.ts';
import { ResultCode, resultWords } from './result-code.ts';
import type { Wire } from './wire.ts';

/** Answers to a server's own base entry that mean: first change the password. */
const SHUT_OUT: ReadonlySet<number> = new Set([
  ResultCode.strongerAuth,
  ResultCode.insufficientAccess,
  ResultCode.unwilling,
]);

/** Logs in, once: a refused login is never repeated, and every accepted one may use up a grace login. Rejects with WireLost. */
export async function logIn(endpoint: Endpoint, wire: Wire, password: Secret): Promise<PasswordState> {
  const answer = await wire.exchange(
    messageId =>
      new BindRequest({
        messageId,
        dn: endpoint.bindDn,
        password: password.reveal(),
        controls: [new Control(PASSWORD_POLICY)],
      }),
  ).response;
  const state = readPasswordState(answer.parts, Date.now());
  // Should a server repeat the password in its words, it stops here.
  const errorMessage = answer.errorMessage.replaceAll(password.reveal(), '[secret]');
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
  const again = 'It is not tried again, so that the account is not locked.';
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
