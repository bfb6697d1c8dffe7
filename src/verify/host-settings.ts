import type { Change } from '../core/change.ts';
import type { ManagedTarget } from '../core/declared.ts';
import type { DesiredCs6Host, DesiredCs7Host } from '../core/desired.ts';
import type { Finding, SourcePosition } from '../core/finding.ts';
import type { Comparison } from '../core/plan.ts';
import { hasCode } from '../findings/catalogue.ts';

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
  const changes = (host: string) => of(host).flatMap(one => one.changes);
  return {
    difference: (host, key) => changes(host).find(change => change.action !== 'restart' && change.key === key),
    service(host) {
      const restart = changes(host).find(({ action }) => action === 'restart');
      if (restart) return restart.before === 'stopped' ? 'stopped' : 'owed';
      const services = of(host).filter(({ activates }) => activates !== undefined);
      const doubted = services.some(({ findings }) => findings.some(one => hasCode(one, 'host.no-change-time')));
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
