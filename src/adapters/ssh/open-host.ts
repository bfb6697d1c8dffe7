import type { Access } from '../../core/desired.ts';
import type { HostConnection } from './host-connection.ts';
import { HostPool, type SshSettings } from './host-pool.ts';

/** A host of its own, for one that needs no other. Several hosts share keys and jump hosts in a HostPool. */
export function openHost(name: string, access: Access, settings: SshSettings): HostConnection {
  return new HostPool(settings).open(name, access);
}
