import type { HostConnection } from '../../../src/adapters/ssh/host-connection.ts';
import { HostPool, type SshSettings } from '../../../src/adapters/ssh/host-pool.ts';
import type { Access } from '../../../src/core/desired.ts';

/** A host of its own, for tests that need no other. */
export function openHost(name: string, access: Access, settings: SshSettings): HostConnection {
  return new HostPool(settings).open(name, access);
}
