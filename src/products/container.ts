import type { ContainerType, DesiredCs7Host } from '../core/desired.ts';
import type { ProductCommand } from './product.ts';

/** Where an application server that Calendar Server runs in has its things. */
interface ContainerPlaces {
  /** Folders of asadmin. */
  readonly bin: readonly string[];
  /** Candidates for the file that holds its process number while it runs. */
  pidFiles(domain: string): readonly string[];
}

const homes3 = ['/opt/glassfish3', '/opt/glassfish'];

/** GlassFish 3 as its installer lays it: the process number stands in config/pid of the domain. */
const glassfish3: ContainerPlaces = {
  bin: homes3.map(home => `${home}/bin`),
  pidFiles: domain =>
    homes3.flatMap(home => [`${home}/glassfish/domains/${domain}/config/pid`, `${home}/domains/${domain}/config/pid`]),
};

const domains2 = ['/var/opt/SUNWappserver', '/var/opt/sun/appserver', '/opt/SUNWappserver', '/opt/sun/appserver'];

/** GlassFish 2, which is Sun Java System Application Server 9.1: as packages of Solaris and Linux, or as a file based installation. */
const glassfish2: ContainerPlaces = {
  bin: [
    '/opt/SUNWappserver/appserver/bin',
    '/opt/sun/appserver/bin',
    '/opt/SUNWappserver/bin',
    '/opt/sun/appserver/appserver/bin',
  ],
  pidFiles: domain => domains2.map(folder => `${folder}/domains/${domain}/config/.__com_sun_appserv_pid`),
};

/** WebLogic has no asadmin: its commands are the site's own, which the file states. */
const weblogic: ContainerPlaces = { bin: [], pidFiles: () => [] };

const places: Readonly<Record<ContainerType, ContainerPlaces>> = { glassfish3, glassfish2, weblogic };

/** The domain that asadmin makes when it is installed. */
export const usualDomain = 'domain1';

/** The places of an application server; where the file does not say which it is, those of GlassFish 3 and 2. */
export function containerPlaces(type: ContainerType | undefined): ContainerPlaces {
  if (type !== undefined) return places[type];
  return {
    bin: [...glassfish3.bin, ...glassfish2.bin],
    pidFiles: domain => [...glassfish3.pidFiles(domain), ...glassfish2.pidFiles(domain)],
  };
}

/** A command of asadmin, which is run in its folder. */
export function asadmin({ container }: Pick<DesiredCs7Host, 'container'>, ...words: readonly string[]): ProductCommand {
  return { words: ['./asadmin', ...words], directories: container.bin };
}

/** The names of the domains that `asadmin list-domains` says something of. */
export function domainNames(listing: string): readonly string[] {
  return [...domainStates(listing).keys()].filter(name => /^\w[\w.-]*$/.test(name));
}

/**
 * What `asadmin list-domains` says of a domain; nothing where it says something else. It prints `domain1 running` and
 * `domain1 not running`, or `Name: domain1 Status: Not running` (3.1.2), the latter with more behind `Running`.
 */
export function domainState(listing: string, domain: string): 'running' | 'stopped' | undefined {
  return domainStates(listing).get(domain);
}

/** The first row that says something of a domain counts. */
function domainStates(listing: string): ReadonlyMap<string, 'running' | 'stopped'> {
  const states = new Map<string, 'running' | 'stopped'>();
  for (const row of listing.split('\n')) {
    const [, name = '', state = ''] = /^\s*(?:name:\s*)?(\S+)\s+(?:status:\s*)?(.*)$/is.exec(row) ?? [];
    if (states.has(name)) continue;
    if (/\bnot\s+running\b|\bstopped\b/i.test(state)) states.set(name, 'stopped');
    else if (/\brunning\b/i.test(state)) states.set(name, 'running');
  }
  return states;
}
