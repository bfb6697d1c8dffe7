import { join } from 'node:path';
import type { DesiredState } from '../core/desired.ts';
import type { ReadPorts, Variables } from '../ports/ports.ts';
import type { LocalContext } from './context.ts';
import type { RunRecords } from './known-runs.ts';
import { openLocalRecords } from './local-records.ts';

/** What says where the records of an estate are. */
export type RecordedEstate = Pick<DesiredState, 'name' | 'records'>;

/** Where the local records of an estate's runs are kept: the named folder, or where a system keeps what programs remember (XDG base directories). */
export function runsFolder(
  named: string | undefined,
  estate: string,
  { variables }: { readonly variables: Variables },
): string {
  if (named !== undefined) return named;
  const home = variables['XDG_STATE_HOME'] || join(variables['HOME'] ?? '.', '.local/state');
  return join(home, 'reconcile', encodeURIComponent(estate));
}

/** Looks for the records of an estate's runs: here, and with `ports` on its hosts. */
export async function openRunRecords(
  { runs }: { readonly runs?: string | undefined },
  { name }: RecordedEstate,
  _ports: Pick<ReadPorts, 'records'> | undefined,
  context: Pick<LocalContext, 'files' | 'schemas' | 'variables'>,
): Promise<RunRecords> {
  return openLocalRecords(runsFolder(runs, name, context), context);
}
