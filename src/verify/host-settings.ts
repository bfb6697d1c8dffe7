import type { Change } from '../core/change.ts';
import type { ManagedTarget } from '../core/declared.ts';
import {
  type Answering,
  answeringHosts,
  type DesiredCs6Host,
  type DesiredCs7Host,
  type DesiredState,
  hostsOf,
} from '../core/desired.ts';
import { type Finding, type SourcePosition, TargetProblem } from '../core/finding.ts';
import type { Comparison } from '../core/plan.ts';
import { finding, hasCode } from '../findings/catalogue.ts';
import { nameOf, parseProcesses } from '../kinds/shared/service.ts';
import type { ReadPorts } from '../ports/ports.ts';
import { cs6BackEndProcesses, cs6Components, scheduleUrl } from '../products/cs6.ts';
import { processQueries } from '../products/product.ts';

/** The CS6 hosts that users talk to, and what is to be said about the others. */
interface FrontEnds {
  readonly hosts: readonly Answering<DesiredCs6Host>[];
  readonly findings: readonly Finding[];
}

/**
 * A back end runs CS6 without its HTTP server, and nobody asks it anything. A host that the domain map names is a front end,
 * and so is one whose processes cannot be told, or of which none runs.
 */
export async function frontEnds(state: DesiredState, ports: ReadPorts): Promise<FrontEnds> {
  const found = await Promise.all(
    answeringHosts(state, 'cs6').map(async host => ({
      host,
      back: !isRouted(host, state) && (await isBackEnd(host, ports)),
    })),
  );
  return {
    hosts: found.flatMap(({ host, back }) => (back ? [] : [host])),
    findings: found.flatMap(({ host, back }) => (back ? [leftOut(host)] : [])),
  };
}

function isRouted(host: Answering<DesiredCs6Host>, state: DesiredState): boolean {
  return hostsOf(state, 'cs7').some(({ domains }) => domains.some(({ url }) => url === scheduleUrl(host)));
}

async function isBackEnd({ name }: DesiredCs6Host, ports: ReadPorts): Promise<boolean> {
  try {
    const running = parseProcesses(name, await ports.host(name).query(processQueries.list));
    const names = running.map(nameOf);
    return cs6BackEndProcesses.some(one => names.includes(one)) && !names.includes(cs6Components.http);
  } catch (problem) {
    if (problem instanceof TargetProblem) return false;
    throw problem;
  }
}

function leftOut({ name, source }: DesiredCs6Host): Finding {
  return finding('verify.back-end', {
    detail: `${name} runs Calendar Server 6 without ${cs6Components.http}, and no line of the domain map leads to it: it is a back end.\nIf users connect to it, start its HTTP server.`,
    target: name,
    where: source,
  });
}

/** What reading the hosts showed, as far as they were read. */
export interface HostSettings {
  /** How a setting of a host differs from what it must be; nothing where it does not. */
  difference(host: string, key: string): Change | undefined;
  /**
   * `runs`: it is proved to run with what is on disk. `owed`: that is not proved, and a restart is planned. `unproved`: the
   * same without a plan, because restarts are not managed there or the host does not say when a file was changed.
   */
  service(host: string): 'runs' | 'owed' | 'stopped' | 'unproved';
  /** Whether all of a host that matters here was read. */
  known(host: DesiredCs6Host | DesiredCs7Host): boolean;
  findings(host: string): readonly Finding[];
  /** The line of the file that asks for a setting of a host. */
  source(host: string, key: string): SourcePosition | undefined;
}

/** The comparisons of the host kinds, with what those kinds look after, ready to be asked. */
export function hostSettings(comparisons: readonly Comparison[], managed: readonly ManagedTarget[] = []): HostSettings {
  const of = (host: string) => comparisons.filter(({ target }) => target === host);
  const changes = (host: string) => of(host).flatMap(one => [...one.changes]);
  return {
    difference: (host, key) => changes(host).find(change => change.action !== 'restart' && change.key === key),
    service(host) {
      const restart = changes(host).find(({ action }) => action === 'restart');
      if (restart) return restart.before === 'stopped' ? 'stopped' : 'owed';
      const services = of(host).filter(({ activates }) => activates !== undefined);
      const doubted = services.some(({ findings }) =>
        findings.some(
          one =>
            hasCode(one, 'host.no-change-time') ||
            hasCode(one, 'plan.restart-owed') ||
            hasCode(one, 'host.start-not-proved'),
        ),
      );
      return services.length === 0 || doubted ? 'unproved' : 'runs';
    },
    known(host) {
      const read = of(host.name);
      const needed = managed.filter(({ target }) => target === host.name);
      const whole = needed.every(({ kind }) => read.some(one => one.kind === kind));
      return read.length > 0 && whole && !read.some(({ unread }) => unread);
    },
    source: (host, key) =>
      managed
        .filter(({ target }) => target === host)
        .flatMap(({ declared }) => declared)
        .find(one => one.key === key)?.source,
    findings: host => of(host).flatMap(one => one.findings),
  };
}
