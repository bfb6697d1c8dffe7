import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type {
  DesiredCohort,
  DesiredCs6Host,
  DesiredCs7Host,
  DesiredDirectory,
  DesiredState,
} from '../../src/core/desired.ts';
import { loadEstate } from '../../src/estate/load.ts';
import type { Memory } from '../fakes/memory-ports.ts';

/** A test case of a kind, as a data file has it. */
export interface KindCase {
  readonly name: string;
  /** Laid over the estate of `examples/chapter.yaml`. */
  readonly desired?: {
    readonly cs6?: Partial<DesiredCs6Host>;
    readonly cs7?: Partial<DesiredCs7Host>;
    readonly directory?: Partial<DesiredDirectory>;
    readonly cohorts?: readonly DesiredCohort[];
  };
  readonly live: Memory;
  readonly changes: readonly Record<string, unknown>[];
  readonly findings?: readonly string[];
  /** The commands that one reading asks, where the case counts them. */
  readonly asked?: readonly string[];
  /** The live state after the changes; the same as before where it is left out. */
  readonly written?: Memory;
}

/** The schema of the estate file. */
export const estateSchema: object = JSON.parse(readFileSync('schemas/estate.schema.json', 'utf8'));

/** The cases of one kind. */
export function casesOf(kind: string): readonly KindCase[] {
  return parse(readFileSync(`test/kinds/${kind}.yaml`, 'utf8'));
}

const { state } = loadEstate('examples/chapter.yaml', readFileSync('examples/chapter.yaml', 'utf8'), estateSchema);

/** The desired state of a case. */
export function desiredOf({ desired }: KindCase): DesiredState {
  if (!state) throw new Error('examples/chapter.yaml is not valid');
  return {
    ...state,
    directory: { ...state.directory, ...desired?.directory },
    hosts: state.hosts.map(host =>
      host.product === 'cs6' ? { ...host, ...desired?.cs6 } : { ...host, ...desired?.cs7 },
    ),
    cohorts: desired?.cohorts ?? state.cohorts,
  };
}
