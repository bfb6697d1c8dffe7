import { setTimeout as pause } from 'node:timers/promises';
import type { DesiredState } from '../core/desired.ts';
import type { WritePorts } from '../ports/ports.ts';
import { openFreeBusy } from './free-busy/reader.ts';
import { openDirectory } from './ldap/directory.ts';
import { openMail } from './mail/client.ts';
import { makeSecretSource } from './secret-source.ts';
import type { HostConnection } from './ssh/host-connection.ts';
import { HostPool } from './ssh/host-pool.ts';

/** The ports of an estate over SSH and LDAP: one connection a host and one to the directory, opened when first used. */
export function connect(
  desired: DesiredState,
  environment: Readonly<Record<string, string | undefined>>,
): { readonly ports: WritePorts; close(): Promise<void> } {
  const secret = makeSecretSource(environment);
  const agent = environment['SSH_AUTH_SOCK'];
  const pool = new HostPool({ secret, ...(agent && { agent }) });
  const directory = openDirectory(desired.directory, secret);
  const freeBusy = openFreeBusy(Date.now());
  const hosts = new Map<string, HostConnection>(
    [...desired.cs6, ...desired.cs7].map(({ name, access }) => [name, pool.open(name, access)]),
  );
  const host = (name: string): HostConnection => {
    const found = hosts.get(name);
    if (!found) throw new Error(`no such host: ${name}`);
    return found;
  };
  const addresses = new Map([...desired.cs6, ...desired.cs7].map(({ name, access }) => [name, access.address]));
  const mail = openMail(name => ({
    address: addresses.get(name) ?? name,
    dial: (server, port, wait) => host(name).dial(server, port, wait),
  }));
  return {
    ports: {
      host,
      directory: () => directory,
      freeBusy: () => freeBusy,
      mail: () => mail,
      pause: milliseconds => pause(milliseconds),
      elapsed: () => performance.now(),
      stopping: () => false,
    },
    close: async () => {
      await Promise.all([pool.close(), directory.close()]);
    },
  };
}
