import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDirectory } from '../../src/adapters/ldap/directory-client.ts';
import type { DesiredState } from '../../src/core/desired.ts';
import type { LabEntry } from '../../src/lab/directory-content.ts';
import type { ReadPorts } from '../../src/ports/ports.ts';
import { Secret } from '../../src/ports/secret.ts';
import { memoryPorts } from '../fakes/memory-ports.ts';
import { desiredOf } from '../kinds/cases.ts';
import { installed } from '../snapshot/support.ts';
import type { DirectoryServer } from './servers.ts';

/** An estate whose accounts are in a real directory, and whose hosts, just installed, are in memory. */
export interface MadeUpEstate {
  readonly base: DesiredState;
  ports(): ReadPorts;
  stop(): Promise<void>;
}

/** Starts the directory with these entries and what only its make understands, and logs in as its administrator. */
export async function startMadeUpEstate(server: DirectoryServer, entries: readonly LabEntry[]): Promise<MadeUpEstate> {
  const folder = mkdtempSync(join(tmpdir(), 'reconcile-made-up-'));
  const running = await server.start(folder, [...entries, ...server.peculiar]);
  const { url, adminDn: bindDn, adminPassword } = running;
  const chapter = desiredOf({ name: '', live: {}, changes: [] });
  const base = { ...chapter, directory: { ...chapter.directory, url, startTls: false, bindDn } };
  const directory = openDirectory(base.directory, async () => new Secret(adminPassword));
  return {
    base,
    ports: () => ({ ...memoryPorts(installed()).ports, directory: () => directory }),
    async stop() {
      await directory.close();
      await running.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
