import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { dnKey } from '../../ldap/distinguished-name.ts';
import type { LabEntry } from '../directory-content.ts';
import type { DirectoryState } from './directory-state.ts';
import { createLabEntries, type StoredEntry } from './directory-state.ts';
import { createLabSchema } from './lab-schema.ts';
import { serveLdap } from './ldap-connection.ts';
import { createDirectoryFaults, type DirectoryEdit, type EmbeddedDirectoryFault } from './ldap-fault.ts';
import { modifyEntry } from './modify-entry.ts';

/** A directory that is to be served. */
export interface EmbeddedDirectoryOptions {
  /** Parents first. */
  readonly entries: Iterable<LabEntry>;
  /** `o=isp`. */
  readonly suffix: string;
  /** Who may log in, read everything but passwords, and modify. */
  readonly bindDn: string;
  readonly password: string;
  /** Another one, who sees passwords too; `cn=admin` below the suffix unless told, and without a password no login. */
  readonly adminDn?: string;
  readonly adminPassword?: string;
  /** A free one unless told. */
  readonly port?: number;
}

/** A directory that is served. */
export interface EmbeddedDirectory {
  /** `ldap://127.0.0.1:<port>`. */
  readonly url: string;
  setFault(fault: EmbeddedDirectoryFault): void;
  clearFaults(): void;
  /** An entry as it is now; attributes by their first names. */
  entry(dn: string): StoredEntry | undefined;
  /** Changes an entry as an administrator would beside the client. Throws when the schema forbids it. */
  modifyByHand(dn: string, edits: readonly DirectoryEdit[]): void;
  /** Ends it and its connections. */
  stop(): Promise<void>;
}

/**
 * Serves entries over LDAP on the loopback, in this process. It does what the client needs, as OpenLDAP does it: simple
 * bind, search with pages, modify, "Who am I?"; with the schema of the rehearsal, which every modify must fit. There is no
 * TLS, and no add, delete, rename or compare. Nobody who has not logged in sees more than the root entry.
 */
export async function startEmbeddedDirectory(options: EmbeddedDirectoryOptions): Promise<EmbeddedDirectory> {
  const schema = createLabSchema();
  const adminDn = options.adminDn ?? `cn=admin,${options.suffix}`;
  const entries = createLabEntries(options.entries, schema);
  const state: DirectoryState = { schema, entries, suffix: options.suffix, adminDn };
  const faults = createDirectoryFaults();
  const logins = [
    { dn: options.bindDn, password: options.password, admin: false },
    ...(options.adminPassword === undefined ? [] : [{ dn: adminDn, password: options.adminPassword, admin: true }]),
  ];
  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serveLdap(socket, { state, faults, logins });
  }).listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : options.port;
  return {
    url: `ldap://127.0.0.1:${port}`,
    setFault: faults.set,
    clearFaults: faults.clear,
    entry: dn => entries.get(dnKey(dn, schema) ?? ''),
    modifyByHand: (dn, edits) => modifyEntry(state, dn, edits, adminDn),
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) {
        socket.destroy();
      }
      await closed;
    },
  };
}
