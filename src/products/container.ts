import type { DesiredCs7Host } from '../core/desired.ts';
import type { ProductCommand, QueryForm } from './product.ts';

type ContainerOf = Pick<DesiredCs7Host, 'container'>;

/** What holds of an application server that a Calendar Server runs in. Another one, such as WebLogic, is another row. */
export interface Container {
  /** The command that starts and stops it. */
  readonly command: string;
  /** Where it is installed. */
  readonly homes: readonly string[];
  /** Its domain, where the file names none. */
  readonly domain: string;
  /** Folders of its command. */
  readonly bin: readonly string[];
  /** Candidates for the file that holds its process number while it runs. */
  pidFiles(domain: string): readonly string[];
  stop(host: ContainerOf): ProductCommand;
  start(host: ContainerOf): ProductCommand;
  list(host: ContainerOf): ProductCommand;
  /** The line of a listing that is about a domain. */
  rowOf(listing: string, domain: string): string | undefined;
  /** Whether such a line says that the domain does not run. */
  isStopped(row: string): boolean;
  readonly queries: readonly QueryForm[];
}

const homes = ['/opt/glassfish3', '/opt/glassfish', '/opt/SUNWappserver', '/opt/sun/appserver'];

function asadmin({ container }: ContainerOf, ...words: readonly string[]): ProductCommand {
  return { words: ['./asadmin', ...words], directories: container.bin };
}

/** GlassFish, and Sun's application server before it, as their installers lay them: GlassFish_home/bin/asadmin. */
export const glassfish: Container = {
  command: 'asadmin',
  homes,
  domain: 'domain1',
  bin: homes.map(home => `${home}/bin`),
  pidFiles: domain =>
    homes.flatMap(home => [`${home}/glassfish/domains/${domain}/config/pid`, `${home}/domains/${domain}/config/pid`]),
  stop: host => asadmin(host, 'stop-domain', host.container.domain),
  start: host => asadmin(host, 'start-domain', host.container.domain),
  list: host => asadmin(host, 'list-domains'),
  rowOf: (listing, domain) =>
    listing
      .split('\n')
      .map(row => row.trim())
      .find(row => row.split(/\s+/)[0] === domain),
  isStopped: row => /\bnot running\b/.test(row),
  queries: [['./asadmin', 'list-domains']],
};
