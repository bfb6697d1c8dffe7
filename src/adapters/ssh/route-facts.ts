import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import type { RouteFact } from '../../core/connection.ts';
import type { Access, Host } from '../../core/desired.ts';
import type { RouteParts, Variables } from '../../ports/ports.ts';
import { localPath } from './host-endpoint.ts';
import { HostFault, toProblem } from './host-fault.ts';
import { HostRoutes } from './host-route.ts';
import { linesOf, readSshConfig } from './ssh-config.ts';
import { hasWildcard } from './ssh-config-file.ts';

/** Every value of the way to a host, with where it comes from. Opens no connection. Throws a TargetProblem. */
export async function factsOf(
  { name, access }: Pick<Host, 'name' | 'access'>,
  variables: Variables,
): Promise<readonly RouteFact[]> {
  try {
    return (await new HostRoutes(settingsOf(variables)).to(access)).facts;
  } catch (fault) {
    throw fault instanceof HostFault ? toProblem(name, fault) : fault;
  }
}

function settingsOf(variables: Variables) {
  const agent = variables['SSH_AUTH_SOCK'];
  return { variables, ...(agent && { agent }) };
}

/** What of this machine the way to a host depends on. Runs nothing: not even an OpenSSH client. */
export async function partsOf(access: Access, variables: Variables): Promise<RouteParts> {
  try {
    const { files, folders } = configParts(access);
    const { hops } = await new HostRoutes({ ...settingsOf(variables), isAlone: true }).to(access);
    const ofHops = hops.flatMap(({ identities, certificates, endpoint: { knownHosts } }) => [
      ...identities.flatMap(identity => ('path' in identity ? [identity.path, `${identity.path}-cert.pub`] : [])),
      ...certificates,
      ...knownHosts,
    ]);
    const programs = hops.flatMap(({ proxyCommand = '' }) => proxyCommand.split(/[\s"'`=;|&()<>,]+/).filter(Boolean));
    return { files: [...new Set([...files, ...ofHops].map(localPath))], folders, programs };
  } catch (fault) {
    if (!(fault instanceof HostFault)) throw fault;
    return { files: [], folders: [], programs: [], unclear: fault.detail.split('\n')[0] ?? '' };
  }
}

/** The files of the configuration of OpenSSH, and the folders that it includes files of. */
function configParts({ config }: Access): Pick<RouteParts, 'files' | 'folders'> {
  if (config === 'none') return { files: [], folders: [] };
  const files = readSshConfig(config && localPath(config.path), userInfo().homedir);
  const lines = linesOf(files);
  const patterns = lines.flatMap(line => line.patterns);
  const included = lines.flatMap(line => line.included);
  return {
    files: [...[...files, ...included].map(({ path }) => path), ...patterns.filter(path => !hasWildcard(path))],
    folders: patterns.filter(hasWildcard).map(folderOf),
  };
}

/** The last folder of a pattern that has no wildcard in its path. */
function folderOf(pattern: string): string {
  const folder = dirname(pattern);
  return hasWildcard(folder) ? folderOf(folder) : folder;
}
