import type { DesiredDirectory, SecretReference } from '../../core/desired.ts';
import type { DirectoryProbe } from '../../ports/directory.ts';
import type { Secret } from '../../ports/secret.ts';
import { connectWire } from './connect-directory.ts';
import { LdapDirectory, resolveLogin } from './directory-client.ts';
import { buildEndpoint, ORDINARY_TIMING, shownUrl, type Timing } from './endpoint.ts';
import { LastingSession } from './lasting-session.ts';
import { takesChanges } from './modify.ts';
import { directoryProblem, WireLost } from './problem.ts';
import { openSession, type Session } from './session.ts';

/** Each server of the directory by itself, in the order of the file. Nothing is connected or looked up before it is asked for. */
export function probeDirectory(
  directory: DesiredDirectory,
  resolve: (ref: SecretReference) => Promise<Secret>,
  timing: Timing = ORDINARY_TIMING,
): readonly DirectoryProbe[] {
  let login: ReturnType<typeof resolveLogin> | undefined;
  const resolved = () => {
    login ??= resolveLogin(directory, resolve);
    return login;
  };
  return [directory.url, ...directory.otherUrls].map(url => probeServer({ ...directory, url }, resolved, timing));
}

function probeServer(
  directory: DesiredDirectory,
  login: () => ReturnType<typeof resolveLogin>,
  timing: Timing,
): DirectoryProbe {
  const connect = async (address?: string) => openSession(buildEndpoint(directory), await login(), timing, address);
  const lasting = new LastingSession(connect, timing);
  const reader = new LdapDirectory(lasting, []);
  return {
    url: shownUrl(directory.url),
    server: () => reader.server(),
    password: () => reader.password(),
    schema: () => reader.schema(),
    search: query => reader.search(query),
    close: () => reader.close(),
    reach: () => reach(directory, login, timing),
    takesChanges: dn => ask(lasting, session => takesChanges(session, dn)),
  };
}

/** A server that asks for a certificate gets one where there is one; a certificate that cannot be read is a fact of the login. */
async function reach(directory: DesiredDirectory, login: () => ReturnType<typeof resolveLogin>, timing: Timing) {
  const endpoint = buildEndpoint(directory);
  const client = directory.tls.certificate === undefined ? undefined : (await login().catch(() => undefined))?.client;
  const wire = await connectWire(endpoint, timing, undefined, client);
  const { encryption: tls, peer } = wire;
  wire.close();
  return { address: peer.address ?? endpoint.host, ...(tls && { tls }) };
}

/** Over the session; a connection that is lost meanwhile gives no fact. */
async function ask<T>(lasting: LastingSession, question: (session: Session) => Promise<T>): Promise<T> {
  const session = await lasting.open();
  try {
    return await question(session);
  } catch (error) {
    if (!(error instanceof WireLost)) throw error;
    throw directoryProblem('directory.connection-lost', session.endpoint.name, error.message);
  }
}
