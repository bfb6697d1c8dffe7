import type { ReadContext, WriteContext } from '../app/context.ts';
import type { Progress } from '../ports/progress.ts';
import type { Environment, Terminal } from './environment.ts';
import { type CommonOptions, endProgress, printFindings } from './output.ts';

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

/** Progress in one line, on a terminal only; notes on standard error everywhere. */
function progressOn(terminal: Terminal, { quiet }: CommonOptions, warn: Progress['warn']): Progress {
  if (quiet)
    return {
      show: () => {},
      end: () => {},
      note: () => {},
      warn: findings => {
        const errors = findings.filter(({ severity }) => severity === 'error');
        if (errors.length > 0) warn(errors);
      },
    };
  return {
    show: message => {
      if (terminal.stderrIsTerminal) terminal.stderr(`\r\u001b[K${message}`);
    },
    end: () => endProgress(terminal),
    note: text => {
      endProgress(terminal);
      terminal.stderr(`${text}\n`);
    },
    warn: findings => {
      endProgress(terminal);
      warn(findings);
    },
  };
}
