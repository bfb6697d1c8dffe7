import { targetId } from '../core/change.ts';
import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { suggestion } from '../estate/suggestion.ts';
import { targetsOf } from '../kinds/registry.ts';
import { exitCodes } from './exit-code.ts';
import { type CommonOptions, printFailure, reportingOf } from './output.ts';
import type { Connection, Outside, ReadConnection, ReadOutside } from './outside.ts';
import type { Trust } from './trusted-connections.ts';
import { withholdPorts } from './withheld-ports.ts';

/** A wanted state that was loaded with the warnings about it, or why it was not. */
export interface Loaded {
  /** Set where the files are not trusted about how targets are reached. */
  readonly trust?: Trust;
  readonly state?: DesiredState;
  /** The name of the estate, also where something else is wrong. */
  readonly name?: string;
  readonly findings: readonly Finding[];
}

/** Does something with an estate, over connections that are closed whatever happens; says what is wrong where it was not loaded. */
export function withEstate(
  loaded: Loaded,
  options: CommonOptions & { readonly only?: readonly string[] },
  outside: Outside,
  action: (state: DesiredState, connection: Connection, warnings: readonly Finding[]) => Promise<number>,
): Promise<number> {
  const open = (state: DesiredState) => outside.connect(state, outside.environment);
  return withEstateOver(open, loaded, options, outside, action);
}

/** The same over what `open` gives instead. */
export async function withEstateOver<C extends ReadConnection>(
  open: (state: DesiredState) => Promise<C>,
  { state, name, findings, trust }: Loaded,
  options: CommonOptions & { readonly only?: readonly string[] },
  outside: ReadOutside,
  action: (state: DesiredState, connection: C, warnings: readonly Finding[]) => Promise<number>,
): Promise<number> {
  const problems = state ? unknownTargets(state, options.only) : findings;
  if (!state || problems.length > 0) {
    return printFailure(problems, exitCodes.error, reportingOf(options, state?.name ?? name), outside);
  }
  const connection = await open(trust?.reachable ?? state);
  const used = trust ? { ...connection, ports: withholdPorts(connection.ports, trust) } : connection;
  try {
    return await action(state, used, findings);
  } finally {
    await connection.close();
  }
}

/** Names that `--only` does not know, each a mistake that would otherwise plan nothing. */
function unknownTargets(state: DesiredState, only: readonly string[] = []): readonly Finding[] {
  const targets = targetsOf(state);
  const known = [...new Set(targets.flatMap(t => [t.target, t.kind, targetId(t)]))];
  return only
    .filter(name => !known.includes(name))
    .map(name => ({
      severity: 'error',
      code: 'cli.unknown-target',
      summary: '--only names nothing that is managed here',
      detail: `"${name}" is no host, no kind and not "directory".${suggestion(name, known)}`,
    }));
}
