import { setTimeout as pause } from 'node:timers/promises';
import type { DesiredState } from '../core/desired.ts';
import type { HostWriter } from '../ports/host.ts';
import type { WritePorts } from '../ports/ports.ts';
import { openFreeBusy } from './free-busy/reader.ts';
import { openDirectory } from './ldap/directory.ts';
import { makeSecretSource } from './secret-source.ts';
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
  const hosts = new Map<string, HostWriter>(
    [...desired.cs6, ...desired.cs7].map(({ name, access }) => [name, pool.open(name, access)]),
  );
  const host = (name: string): HostWriter => {
    const found = hosts.get(name);
    if (!found) throw new Error(`no such host: ${name}`);
    return found;
  };
  return {
    ports: {
      host,
      directory: () => directory,
      freeBusy: () => freeBusy,
      pause: milliseconds => pause(milliseconds),
      elapsed: () => performance.now(),
      stopping: () => false,
    },
    close: async () => {
      await Promise.all([pool.close(), directory.close()]);
    },
  };
}
