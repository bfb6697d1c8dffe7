import type { Privilege } from '../../core/desired.ts';
import { describeEndpoint, type Endpoint } from './host-endpoint.ts';
import { HostFault, type HostProblemCode, quoteHost } from './host-fault.ts';
import type { Verdict } from './privilege.ts';

/** What a host said instead of starting the command. */
export interface Refusal {
  readonly endpoint: Endpoint;
  readonly privilege: Privilege;
  readonly said: string;
  readonly code: number | undefined;
  /** The password was sent. */
  readonly answered: boolean;
}

interface Reading {
  readonly pattern: RegExp;
  /** It comes after the password was accepted, if there was one. */
  readonly accepted?: boolean;
  /** It means that only where no password was sent. */
  readonly unanswered?: boolean;
  readonly code: HostProblemCode;
  readonly why: (refusal: Refusal) => string;
}

/** The words of sudo, doas, su and pam_faillock, in English because LC_ALL says so. The first that fits counts. */
const READINGS: readonly Reading[] = [
  {
    pattern: /account (?:is|has been) locked|account.{0,40}expired/i,
    code: 'host.privilege-refused',
    why: ({ privilege, endpoint }) =>
      `the account that ${privilege.by} checks is locked or has expired there. Unlock ${privilege.by === 'su' ? privilege.as : endpoint.user}; reconcile does not try again by itself.`,
  },
  {
    pattern: /account management error|account validation failure/i,
    accepted: true,
    code: 'host.privilege-refused',
    why: ({ privilege, endpoint }) =>
      `${privilege.by} accepted the password, but not the account of ${endpoint.user}. Look at the account rules of /etc/pam.d/${privilege.by}, and whether the account has expired.`,
  },
  {
    pattern: /password is required|authentication required|a terminal is required|no askpass program/i,
    unanswered: true,
    code: 'host.privilege-no-password',
    why: asksInVain,
  },
  {
    pattern: /not in the sudoers|is not allowed to|may not run|operation not permitted/i,
    accepted: true,
    code: 'host.privilege-refused',
    why: ({ privilege, endpoint }) =>
      `${privilege.by} does not let ${endpoint.user} run /bin/sh as ${privilege.as}. ${RULES[privilege.by]}`,
  },
  {
    pattern: /unknown user|user \S+ does not exist|no passwd entry|unknown id/i,
    code: 'host.privilege-refused',
    why: ({ privilege }) => `the host has no user ${privilege.as}. Correct ssh.privilege.as.`,
  },
  {
    pattern: /timed out reading password/i,
    code: 'host.privilege-no-answer',
    why: ({ privilege }) => `${privilege.by} did not get its answer in time.`,
  },
];

function asksInVain({ privilege }: Omit<Refusal, 'code'>): string {
  return `${privilege.by} asks for a password, and the file states none. State ssh.privilege.password, or allow the command without a password.`;
}

/** What an administrator changes so that it is allowed. */
const RULES: Readonly<Record<Privilege['by'], string>> = {
  sudo: 'Add a rule for /bin/sh to sudoers (visudo).',
  doas: 'Add a rule to /etc/doas.conf, such as "permit LOGIN as USER".',
  su: 'Look at /etc/pam.d/su, or at /etc/default/su.',
  pfexec: 'Assign a rights profile that runs /bin/sh with uid=0 (usermod -P).',
};

/** Patterns that mean a wrong password, once one was sent. */
const WRONG =
  /sorry|try again|incorrect password|authentication fail|permission denied|password is required|no password was provided/i;

/** Why the command did not start, and what that says of the password. */
export function judgeRefusal(refusal: Refusal): { readonly fault: HostFault; readonly verdict: Verdict } {
  const { said, code, answered } = refusal;
  const fits = ({ pattern, unanswered }: Reading) => pattern.test(said) && !(unanswered && answered);
  const reading = code === 127 ? undefined : READINGS.find(fits);
  if (reading) {
    const fault = becomeFault(reading.code, refusal, reading.why(refusal));
    return { fault, verdict: reading.accepted ? 'accepted' : answered ? fault : 'unknown' };
  }
  const fault = answered && WRONG.test(said) ? wrongFault(refusal) : endedFault(refusal);
  // Words that nobody knows may mean a wrong password as well.
  return { fault, verdict: answered && code !== undefined ? fault : 'unknown' };
}

function endedFault(refusal: Refusal): HostFault {
  const { code, privilege, endpoint } = refusal;
  const { by } = privilege;
  const why =
    code === 127
      ? `the host has no ${by} that ${endpoint.user} can run. Install it, or state another ssh.privilege.by.`
      : `${by} ended${code === undefined ? '' : ` with code ${code}`} before it started anything.`;
  return becomeFault('host.privilege-refused', refusal, why);
}

/** The password was not accepted. */
export function wrongFault(refusal: Omit<Refusal, 'code'>): HostFault {
  const { by, as } = refusal.privilege;
  const whose = by === 'su' ? as : refusal.endpoint.user;
  const why = `${by} did not accept the password (ssh.privilege.password), which must be that of ${whose}. It was sent once, and is not sent again, so that the account is not locked.`;
  return becomeFault('host.privilege-wrong-password', refusal, why);
}

/** It asks, and there is nothing to say. */
export function askedFault(refusal: Omit<Refusal, 'code'>): HostFault {
  return becomeFault('host.privilege-no-password', refusal, asksInVain(refusal));
}

/** Nothing that is known came. */
export function silentFault(refusal: Omit<Refusal, 'code'>, wait: number): HostFault {
  const { by } = refusal.privilege;
  const heard = refusal.said.trim() === '' ? 'said nothing' : 'asked nothing that is known here';
  const after = refusal.answered ? 'After the password was sent, it' : 'It';
  const why = `${by} did not start the command in ${wait / 1000} s. ${after} ${heard}. If that is how it asks for the password, state a part of that text as ssh.privilege.prompt.`;
  return becomeFault('host.privilege-no-answer', refusal, why);
}

/** The command runs as another user than the one that was asked for. */
export function otherUserFault(refusal: Omit<Refusal, 'code'>): HostFault {
  const { by, as } = refusal.privilege;
  const rule = by === 'pfexec' ? `\n${RULES.pfexec}` : '';
  const why = `after ${by}, the commands do not run as ${as}. Nothing was run there.${rule}`;
  return becomeFault('host.privilege-no-effect', refusal, why);
}

function becomeFault(code: HostProblemCode, { endpoint, said }: Omit<Refusal, 'code'>, why: string): HostFault {
  const quoted = said.trim() === '' ? '' : `\n${quoteHost(said.replaceAll('\r', ''))}`;
  return new HostFault(code, `${describeEndpoint(endpoint)}: ${why}${quoted}`);
}
