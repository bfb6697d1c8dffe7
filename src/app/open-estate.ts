import { targetId } from '../core/change.ts';
import type { DesiredState } from '../core/desired.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import { isPartChosen, type Narrowing } from '../core/plan.ts';
import { suggestion } from '../estate/own-settings.ts';
import { finding } from '../findings/catalogue.ts';
import { targetsOf } from '../kinds/registry.ts';
import type { DirectoryReader } from '../ports/directory.ts';
import type { FreeBusyReader } from '../ports/free-busy.ts';
import type { HostReader, RecordReader } from '../ports/host.ts';
import type { ReadConnection, ReadPorts } from '../ports/ports.ts';
import { type ExamineContext, type Failure, failure, type ReadContext, type WriteContext } from './context.ts';
import type { Trust, TrustedEstate } from './trusted-connections.ts';

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

/** Opens connections over which is looked how targets are set up. */
export function toExamine({ connections, variables }: Pick<ExamineContext, 'connections' | 'variables'>) {
  return (state: DesiredState) => connections.toExamine(state, variables);
}

/** Opens connections that write. */
export function toWrite({ connections, variables }: Pick<WriteContext, 'connections' | 'variables'>) {
  return (state: DesiredState) => connections.toWrite(state, variables);
}

/**
 * Does something with an estate that was loaded, over connections that are closed whatever happens. Fails where the files have
 * errors, and where a name of the narrowing is unknown, or all of them together choose nothing.
 */
export async function withEstate<C extends ReadConnection, R>(
  open: Open<C>,
  { state, name, findings, trust }: TrustedEstate,
  narrowing: Narrowing | undefined,
  action: (estate: OpenEstate<C>) => Promise<R>,
): Promise<R | Failure> {
  const problems = state ? narrowingProblems(state, narrowing ?? {}) : findings;
  if (!state || problems.length > 0) return failure(problems, state?.name ?? name);
  const connection = await open(trust?.reachable ?? state);
  const used = trust ? { ...connection, ports: withholdPorts(connection.ports, trust) } : connection;
  try {
    return await action({ state, connection: used, warnings: findings });
  } finally {
    await connection.close();
  }
}

/** Names that nothing managed has, and names that together choose nothing: such a plan would look like success. */
export function narrowingProblems(state: DesiredState, narrowing: Narrowing): readonly Finding[] {
  const targets = targetsOf(state);
  const known = [
    ...new Set([...targets.flatMap(t => [t.target, t.kind, targetId(t)]), ...state.cohorts.map(({ name }) => name)]),
  ];
  const unknown = (['only', 'except'] as const).flatMap(option =>
    (narrowing[option] ?? [])
      .filter(name => !known.includes(name))
      .map(name =>
        finding('cli.unknown-target', {
          detail: `--${option}: "${name}" is not a host, not a cohort, not a kind and not "directory".${suggestion(name, known)}`,
        }),
      ),
  );
  if (unknown.length > 0 || targets.some(target => isPartChosen(narrowing, target, state.cohorts))) return unknown;
  const words = (['only', 'except'] as const).flatMap(option =>
    narrowing[option]?.length ? [`--${option} ${narrowing[option].join(',')}`] : [],
  );
  return [finding('cli.nothing-chosen', { detail: `${words.join(' ')} leaves nothing to compare.` })];
}

/**
 * Ports that contact nothing which is withheld: asked for it, they say why, as if it could not be reached. For commands that
 * read: what is withheld has no function that writes.
 */
export function withholdPorts<P extends ReadPorts>(ports: P, { reachable, withheld }: Trust): P {
  const served = reachable.hosts.filter(({ name }) => !withheld.has(name));
  const mayAsk = (url: string) => served.some(({ http }) => url === http || url.startsWith(`${http}/`));
  return {
    ...ports,
    host: (name: string) => (withheld.has(name) ? noHost(name, withheld) : ports.host(name)),
    records: (name: string) => (withheld.has(name) ? noRecords(name, withheld) : ports.records(name)),
    directory: () => (withheld.has('directory') ? noDirectory(withheld) : ports.directory()),
    freeBusy: () => onlyAsking(mayAsk, ports.freeBusy()),
  };
}

type Withheld = Trust['withheld'];

function refuse(name: string, withheld: Withheld): TargetProblem {
  const finding = withheld.get(name);
  if (!finding) throw new Error(`${name} is not withheld`);
  return new TargetProblem(finding);
}

function noHost(name: string, withheld: Withheld): HostReader {
  const refused = () => Promise.reject(refuse(name, withheld));
  return { files: refused, query: refused, clock: refused, guard: refused, startRecord: refused };
}

function noRecords(name: string, withheld: Withheld): RecordReader {
  const refused = () => Promise.reject(refuse(name, withheld));
  return { runs: refused, runPart: refused };
}

function noDirectory(withheld: Withheld): DirectoryReader {
  return {
    server: () => Promise.reject(refuse('directory', withheld)),
    password: () => Promise.reject(refuse('directory', withheld)),
    schema: () => Promise.reject(refuse('directory', withheld)),
    // biome-ignore lint/correctness/useYield: there is nothing to find
    async *search() {
      throw refuse('directory', withheld);
    },
  };
}

const detail = 'it was not asked, because the trusted revision does not have this address';

function onlyAsking(mayAsk: (url: string) => boolean, reader: FreeBusyReader): FreeBusyReader {
  const refused = { state: 'failed', failure: 'unreachable', detail, hops: [] } as const;
  return {
    reach: async server => (mayAsk(server.http) ? reader.reach(server) : { state: 'silent', detail }),
    ask: async question => (mayAsk(question.http) ? reader.ask(question) : { state: 'failed', detail }),
    lookUp: async question => {
      const { redirect } = question;
      return mayAsk(question.http) && (redirect === undefined || mayAsk(redirect)) ? reader.lookUp(question) : refused;
    },
    schedule: async question => (mayAsk(question.url) ? reader.schedule(question) : refused),
  };
}
