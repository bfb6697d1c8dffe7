import type { ExamineContext, LocalContext, MailContext, ReadContext, WriteContext } from '../app/context.ts';
import type { Progress } from '../ports/progress.ts';
import type { Environment, Terminal } from './environment.ts';
import { type CommonOptions, printFindings } from './output.ts';

function localContext(environment: Environment, options: CommonOptions): LocalContext {
  const { files, schemas, clock, variables, version, openRevision, readProvenance, routes } = environment;
  return {
    ...{ files, schemas, clock, variables, version, openRevision, readProvenance, routes },
    progress: progressOn(environment.terminal, options, findings =>
      printFindings(findings, { ...options, format: 'text' }, environment),
    ),
  };
}

/** What use cases need that read: nothing in it can change a server. */
export function readContext(environment: Environment, options: CommonOptions): ReadContext {
  const { connections, spans } = environment;
  return {
    ...localContext(environment, options),
    connections: { toRead: connections.toRead },
    ...(spans && { spans }),
  };
}

/** What looking at the set-up of targets needs: nothing in it can change a server. */
export function examineContext(environment: Environment, options: CommonOptions): ExamineContext {
  const { toExamine } = environment.connections;
  return { ...localContext(environment, options), connections: { toExamine } };
}

/** What use cases need that read, and ask mail servers: nothing in it can change a server. */
export function mailContext(environment: Environment, options: CommonOptions): MailContext {
  const { toRead, toMail } = environment.connections;
  return { ...readContext(environment, options), connections: { toRead, toMail } };
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
