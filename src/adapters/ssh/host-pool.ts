import pLimit from 'p-limit';
import type { Access } from '../../core/desired.ts';
import { actAs } from './become-dialog.ts';
import { connectHop, type HopRequest, lookAtHostKey } from './connect-host.ts';
import { HostConnection } from './host-connection.ts';
import { DEFAULT_LIMITS, type Hop, type SshLimits } from './host-endpoint.ts';
import { HostFault } from './host-fault.ts';
import { HostRoutes, type Route, type RouteSettings } from './host-route.ts';
import type { ShownHostKey } from './known-hosts.ts';
import { KnownHostsFiles } from './known-hosts-files.ts';
import type { Link } from './link.ts';
import { type HostPrivilege, Passwords } from './privilege.ts';
import { ProxyCommand } from './proxy-command.ts';
import { KeyRing, type LoginSources } from './ssh-login.ts';

/** What the adapter needs from outside; it looks at no environment itself. */
export interface SshSettings extends LoginSources, RouteSettings {
  readonly limits?: Partial<SshLimits>;
  /** Many scripts are going to be run on each host. */
  readonly shellsAhead?: boolean;
}

/** All hosts of a run: keys are parsed once, and hosts behind the same jump hosts share the connection to them. */
export class HostPool {
  readonly #settings: SshSettings;
  readonly #limits: SshLimits;
  readonly #keys: KeyRing;
  readonly #routes: HostRoutes;
  readonly #jumps = new Map<string, { readonly link: Promise<Link>; readonly openedAt: number }>();
  /** Those that are not trusted any more, and that others may still use. */
  readonly #oldJumps: Promise<Link>[] = [];
  readonly #hosts = new Set<HostConnection>();
  readonly #passwords: Passwords;
  /** Each hop takes its turn by itself: no login waits for another one while it holds a turn. */
  readonly #logins: ReturnType<typeof pLimit>;
  readonly #knownHosts = new KnownHostsFiles();

  constructor(settings: SshSettings) {
    this.#settings = settings;
    this.#keys = new KeyRing(settings);
    this.#routes = new HostRoutes(settings);
    this.#limits = { ...DEFAULT_LIMITS, ...settings.limits };
    this.#logins = pLimit(this.#limits.logins);
    this.#passwords = new Passwords(settings.secret, this.#limits.privilege);
  }

  /** One host. Nothing is connected before the first request. */
  open(name: string, access: Access): HostConnection {
    const privilege = access.privilege && this.#passwords.privilegeOf(access.privilege);
    const host = new HostConnection(
      name,
      since => this.#connect(access, privilege, since),
      this.#limits,
      this.#settings.shellsAhead,
    );
    this.#hosts.add(host);
    return host;
  }

  /** Closes every host, then the jump hosts. */
  async close(): Promise<void> {
    await Promise.all([...this.#hosts].map(host => host.close()));
    const open = [...this.#jumps.values()].map(({ link }) => link);
    const jumps = await Promise.allSettled([...this.#oldJumps, ...open]);
    for (const jump of jumps.toReversed()) {
      if (jump.status === 'fulfilled') {
        jump.value.close();
      }
    }
  }

  /** Lets what is asked next of every host prove its connection first. */
  rest(): void {
    for (const host of this.#hosts) host.rest();
  }

  async #connect(access: Access, privilege: HostPrivilege | undefined, since: number): Promise<Link> {
    const { hops: route } = await this.#routes.to(access);
    let through: Link | undefined;
    for (const index of route.keys()) {
      if (index > 0) through = await this.#jumpTo(route.slice(0, index), through, since);
    }
    const link = await this.#hop(route.at(-1), through);
    try {
      if (privilege) await actAs(link, privilege);
      return link;
    } catch (fault) {
      link.close();
      throw fault;
    }
  }

  /** The connection to the jump host at the end of a route, opened once and forgotten when it ends. */
  #jumpTo(route: readonly Hop[], through: Link | undefined, since = 0): Promise<Link> {
    const key = JSON.stringify(route);
    const open = this.#jumps.get(key);
    if (open && open.openedAt >= since) return open.link;
    if (open) this.#oldJumps.push(open.link);
    const link = this.#hop(route.at(-1), through);
    const jump = { link, openedAt: performance.now() };
    this.#jumps.set(key, jump);
    const forget = () => {
      if (this.#jumps.get(key) === jump) this.#jumps.delete(key);
    };
    link.then(opened => opened.onEnd(forget), forget);
    return link;
  }

  async #hop(hop: Hop | undefined, through: Link | undefined): Promise<Link> {
    if (!hop) {
      throw new Error('a route has at least one hop');
    }
    const login = await this.#keys.login(hop);
    return this.#logins(() => this.#approach(hop, through, approach => connectHop({ ...approach, login })));
  }

  /** Makes ready for one hop and does something there; a fault says what its ProxyCommand said. */
  async #approach<Result>(
    hop: Hop,
    through: Link | undefined,
    use: (approach: Omit<HopRequest, 'login'>) => Promise<Result>,
  ): Promise<Result> {
    const { endpoint, proxyCommand, connectTimeout: connect = this.#limits.connect } = hop;
    const knownHosts = endpoint.hostKey === undefined ? await this.#knownHosts.linesOf(endpoint) : [];
    const { hostKeyAlgorithms } = hop;
    const limits = { ...this.#limits, connect };
    const approach = { endpoint, knownHosts, limits, ...(hostKeyAlgorithms && { hostKeyAlgorithms }) };
    if (proxyCommand === undefined) return use({ ...approach, ...(through && { through }) });
    const command = new ProxyCommand(proxyCommand, this.#settings.variables ?? {});
    return use({ ...approach, through: command }).catch(async (error: unknown) => {
      throw error instanceof HostFault ? await command.explain(error) : error;
    });
  }

  /** The way to a host. Opens no connection. */
  route(access: Access): Promise<Route> {
    return this.#routes.to(access);
  }

  /**
   * The key that a host shows, over the route that its connections take. A jump host whose key is not known comes first: nobody
   * logs in to it, so what is behind it cannot be seen.
   */
  async showHostKey(access: Access): Promise<ShownHostKey> {
    const { hops: route } = await this.#routes.to(access);
    let through: Link | undefined;
    for (const [index, hop] of route.entries()) {
      // A stated file that is missing gets its first line with this key.
      const endpoint = { ...hop.endpoint, knownHostsStated: false };
      const shown = await this.#approach({ ...hop, endpoint }, through, lookAtHostKey);
      if (shown.verdict.state !== 'known' || index === route.length - 1) return shown;
      through = await this.#jumpTo(route.slice(0, index + 1), through);
    }
    throw new Error('a route has at least one hop');
  }
}
