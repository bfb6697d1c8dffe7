import type { ReadContext, WriteContext } from '../app/context.ts';
import type { Progress } from '../ports/progress.ts';
import type { Environment, Terminal } from './environment.ts';
import { type CommonOptions, printFindings } from './output.ts';

/** What use cases need that read: nothing in it can change a server. */
export function readContext(environment: Environment, options: CommonOptions): ReadContext {
  const { files, schemas, clock, variables, version, openRevision, connections, spans } = environment;
  return {
    ...{ files, schemas, clock, variables, version, openRevision },
    connections: { toRead: connections.toRead },
    progress: progressOn(environment.terminal, options, findings =>
      printFindings(findings, { ...options, format: 'text' }, environment),
    ),
    ...(spans && { spans }),
  };
}

/** What use cases need that write. */
export function writeContext(environment: Environment, options: CommonOptions): WriteContext {
  const { connections, claim, openJournal, checkSignature, terminal } = environment;
  const { onInterrupt } = terminal;
  return { ...readContext(environment, options), connections, claim, openJournal, checkSignature, onInterrupt };
}

/** Progress as the status of the terminal; notes on standard error. With `-q` errors only. */
function progressOn({ status, stderr }: Terminal, { quiet }: CommonOptions, warn: Progress['warn']): Progress {
  if (!quiet)
    return { show: message => status?.(message), end: () => status?.(), note: text => stderr(`${text}\n`), warn };
  const errorsOnly: Progress['warn'] = findings => {
    const errors = findings.filter(({ severity }) => severity === 'error');
    if (errors.length > 0) warn(errors);
  };
  return { show: () => {}, end: () => {}, note: () => {}, warn: errorsOnly };
}
