import { count } from '../../core/count.ts';
import { TargetProblem } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';

const SUMMARIES = {
  'host.unreachable': 'The host cannot be reached',
  'host.no-answer': 'The host did not answer in time',
  'host.connection-lost': 'The connection to the host was lost',
  'host.closed': 'The connection to the host was already closed',
  'host.key-unknown': 'The host key is not in the known_hosts file',
  'host.key-mismatch': 'The host key is not the one in the known_hosts file',
  'host.key-revoked': 'The host key is revoked in the known_hosts file',
  'host.known-hosts-unreadable': 'The known_hosts file cannot be read',
  'host.no-common-algorithm': 'The host offers only algorithms that are switched off here',
  'host.login-refused': 'The host refused the login',
  'host.identity-unusable': 'The private key cannot be used',
  'host.jump-invalid': 'A jump host is not of the form user@host:port',
  'host.session-refused': 'The host refused to start a command',
  'host.unexpected-output': 'The answer cannot be read',
  'host.answer-too-large': 'The answer is too large',
  'host.words-refused': 'The command or path cannot be sent to a shell',
  'host.command-unusable': 'The command is there but cannot be run',
  'host.file-unreadable': 'A file is there but cannot be read',
  'host.file-torn': 'A file keeps changing while it is read',
  'host.file-changed': 'The file is no longer the one that was read',
  'host.file-locked': 'Another run is writing the file',
  'host.file-link': 'The file is a symbolic link',
  'host.file-not-written': 'The file could not be written',
  'host.state-folder': 'The folder for locks and watchdogs on the host cannot be used',
  'host.lock-lost': 'The lock of the host is no longer held by this run',
  'host.still-at-work': 'A command of this run or its watchdog is still at work on the host',
  'host.watchdog-running': 'A watchdog of an earlier run is still waiting on the host',
  'host.watchdog-not-started': 'The watchdog could not be started on the host',
  'host.watchdog-acted': 'The watchdog has put the host back',
} as const;

/** The finding codes of this adapter. */
export type HostProblemCode = keyof typeof SUMMARIES;

/** What went wrong, as long as it is not known which host it counts for: a jump host serves several. */
export class HostFault extends Error {
  readonly code: HostProblemCode;
  readonly detail: string;

  constructor(code: HostProblemCode, detail: string) {
    super(`${code}: ${detail}`);
    this.name = 'HostFault';
    this.code = code;
    this.detail = detail;
  }
}

/** A fault as the problem of one host. */
export function toProblem(target: string, fault: HostFault): TargetProblem {
  const summary = SUMMARIES[fault.code];
  return new TargetProblem({
    severity: 'error',
    code: fault.code,
    summary,
    detail: `${target}: ${fault.detail}`,
    target,
  });
}

/** What a host printed, for a message: at most ten lines, each marked, so that it cannot pass for a line of ours. */
export function quoteHost(output: string | Buffer): string {
  const lines = printable(output.toString()).trim().split('\n');
  const marked = lines.slice(0, 10).map(line => `  > ${line.slice(0, 300)}`);
  return lines.length > 10
    ? [...marked, `  > (${count(lines.length - 10, 'more line')})`].join('\n')
    : marked.join('\n');
}
