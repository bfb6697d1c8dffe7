import { targetId } from '../core/change.ts';
import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { suggestion } from '../estate/suggestion.ts';
import { finding } from '../findings/catalogue.ts';
import { targetsOf } from '../kinds/registry.ts';
import type { ReadConnection } from '../ports/connections.ts';
import type { ReadContext, WriteContext } from './context.ts';
import { type Failure, failure } from './failure.ts';
import type { TrustedEstate } from './trusted-connections.ts';
import { withholdPorts } from './withheld-ports.ts';

/** An estate that is open: what it should be, the connections, and the warnings of its files. */
export interface OpenEstate<C extends ReadConnection> {
  readonly state: DesiredState;
  readonly connection: C;
  readonly warnings: readonly Finding[];
}

type Open<C extends ReadConnection> = (state: DesiredState) => Promise<C>;

/** Opens connections that read. */
export function toRead({ connections, variables }: Pick<ReadContext, 'connections' | 'variables'>) {
  return (state: DesiredState) => connections.toRead(state, variables);
}

/** Opens connections that write. */
export function toWrite({ connections, variables }: Pick<WriteContext, 'connections' | 'variables'>) {
  return (state: DesiredState) => connections.toWrite(state, variables);
}

/**
 * Does something with an estate that was loaded, over connections that are closed whatever happens. Fails where the files have
 * errors, or `only` names nothing that is managed.
 */
export async function withEstate<C extends ReadConnection, R>(
  open: Open<C>,
  { state, name, findings, trust }: TrustedEstate,
  only: readonly string[] | undefined,
  action: (estate: OpenEstate<C>) => Promise<R>,
): Promise<R | Failure> {
  const problems = state ? unknownTargets(state, only) : findings;
  if (!state || problems.length > 0) return failure(problems, state?.name ?? name);
  const connection = await open(trust?.reachable ?? state);
  const used = trust ? { ...connection, ports: withholdPorts(connection.ports, trust) } : connection;
  try {
    return await action({ state, connection: used, warnings: findings });
  } finally {
    await connection.close();
  }
}

/** Names that `only` does not know, each a mistake that would otherwise plan nothing. */
function unknownTargets(state: DesiredState, only: readonly string[] = []): readonly Finding[] {
  const targets = targetsOf(state);
  const known = [...new Set(targets.flatMap(t => [t.target, t.kind, targetId(t)]))];
  return only
    .filter(name => !known.includes(name))
    .map(name =>
      finding('cli.unknown-target', {
        detail: `"${name}" is no host, no kind and not "directory".${suggestion(name, known)}`,
      }),
    );
}
