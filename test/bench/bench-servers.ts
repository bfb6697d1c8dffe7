import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endServer, launchServer, type TestDirectory } from '../servers/directory-server.ts';
import { startDs389 } from '../servers/ds389.ts';
import { startSlapd } from '../servers/slapd.ts';
import { benchAccounts } from './bench-accounts.ts';

/** A server with the accounts of the bench, as durable as it is unless told: what is confirmed is on the disk. */
export interface BenchServer {
  readonly make: 'slapd' | '389';
  readonly users: number;
  readonly directory: TestDirectory;
  stop(): Promise<void>;
}

/** The makes of servers, each with its loader. */
export const benchServers = { slapd: startBenchSlapd, '389': startBenchDs389 } as const;

async function startBenchSlapd(users: number): Promise<BenchServer> {
  const folder = mkdtempSync(join(tmpdir(), 'reconcile-bench-slapd-'));
  const database = ['index departmentNumber eq', 'index davStore pres,eq', 'index davUniqueId pres'];
  const fast = await startSlapd(folder, { entries: benchAccounts(users), database });
  await fast.stop();
  rmSync(join(folder, 'content.ldif'));
  const { child, directory } = await restartDurably(fast);
  return {
    make: 'slapd',
    users,
    directory,
    async stop() {
      await endServer(child, 'SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Tests run without waiting for the disk; that would flatter whoever changes much. */
async function restartDurably(
  fast: TestDirectory,
): Promise<{ readonly child: ChildProcess; readonly directory: TestDirectory }> {
  const configuration = join(fast.folder, 'slapd.conf');
  const text = readFileSync(configuration, 'utf8');
  writeFileSync(configuration, text.replace(/^dbnosync\n/m, ''));
  const child = await launchServer(
    ['/usr/sbin/slapd', '-f', configuration, '-h', `${fast.url}/`, '-d', '0'],
    fast.port,
  );
  return { child, directory: { ...fast, pid: child.pid ?? 0 } };
}

async function startBenchDs389(users: number): Promise<BenchServer> {
  const folder = mkdtempSync(join(tmpdir(), 'reconcile-bench-389-'));
  const directory = await startDs389(folder, {
    entries: benchAccounts(users),
    indexes: { departmentNumber: ['eq'], davStore: ['eq', 'pres'], davUniqueId: ['pres'] },
    configuration: {
      'cn=bdb,cn=config,cn=ldbm database,cn=plugins,cn=config': {
        'nsslapd-db-durable-transaction': 'on',
        'nsslapd-dbcachesize': '200000000',
      },
      'cn=userroot,cn=ldbm database,cn=plugins,cn=config': { 'nsslapd-cachememsize': String(1_000_000_000) },
    },
  });
  return {
    make: '389',
    users,
    directory,
    async stop() {
      await directory.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
