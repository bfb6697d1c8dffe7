import { type Audit, auditEstate } from '../audit/audit.ts';
import type { AuditReport } from '../core/report.ts';
import { exitCodes, readingExitCode, worstExitCode } from '../core/report.ts';
import type { Failure, ReadContext } from './context.ts';
import { toRead, withEstate } from './open-estate.ts';
import { loadTrusted, type TrustRequest } from './trusted-connections.ts';

/** Which estate is to be audited. */
export interface AuditRequest extends TrustRequest {
  readonly files: readonly string[];
}

/** The counts of an audit, and the rows of its lists, which are read from the directory when they are asked for. */
export interface Audited {
  readonly report: AuditReport;
  readonly rows: Audit['rows'];
}

/** Checks every account against the truth table; changes nothing. `use` gets the audit while the directory can be asked. */
export async function withAudit<R>(
  request: AuditRequest,
  context: ReadContext,
  use: (audited: Audited) => Promise<R>,
): Promise<R | Failure> {
  const { files } = request;
  const loaded = await loadTrusted(files, request, context);
  return withEstate(toRead(context), loaded, undefined, async ({ state, connection, warnings }) => {
    const readAt = context.clock.now();
    const { progress } = context;
    const audit = await auditEstate({ state, warnings, readAt, ports: connection.ports, progress: progress.show });
    progress.end();
    const report = { command: 'audit', exitCode: exitCodeOf(audit), ...audit.facts, files } as const;
    return use({ report, rows: audit.rows });
  });
}

function exitCodeOf({ facts: { classes, unread, hosts } }: Audit): number {
  const differs = classes.some(({ name }) => name !== 'unknown');
  const unknown = classes.some(({ name }) => name === 'unknown');
  const read = readingExitCode(unread.length, hosts.length + 1, differs);
  return worstExitCode([read, ...(unknown ? [exitCodes.incomplete] : [])]);
}
