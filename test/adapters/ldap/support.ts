import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { type DirectoryConnection, openDirectory } from '../../../src/adapters/ldap/directory-client.ts';
import type { Timing } from '../../../src/adapters/ldap/endpoint.ts';
import type { DesiredDirectory, DirectoryTls } from '../../../src/core/desired.ts';
import { type Finding, TargetProblem } from '../../../src/core/finding.ts';
import type { LabEntry } from '../../../src/lab/directory-content.ts';
import type { DirectoryEntry } from '../../../src/ports/directory.ts';
import { Secret } from '../../../src/ports/secret.ts';
import type { TestDirectory } from '../../servers/directory-server.ts';
import { type Ds389Options, startDs389 } from '../../servers/ds389.ts';
import { type Slapd, type SlapdOptions, startSlapd } from '../../servers/slapd.ts';

/** What a test says about the directory it connects to. */
export interface Target {
  readonly url: string;
  readonly otherUrls?: readonly string[];
  /** Without it the login is SASL EXTERNAL. */
  readonly bindDn?: string;
  readonly password?: string;
  readonly startTls?: boolean;
  readonly ca?: string;
  readonly tls?: DirectoryTls;
  readonly timing?: Timing;
  readonly use?: 'read' | 'write';
}

/** Of tests that wait for the end of it: they do not wait for a minute. */
export const IMPATIENT: Timing = { connect: 1000, silence: 400, fresh: 1000 };

/** Of all others: a machine that is busy is no server that is silent. */
export const UNHURRIED: Timing = { connect: 30_000, silence: 30_000, fresh: 1000 };

/** A folder below the temporary one that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'reconcile-ldap-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A server for one test. */
export async function slapdForTest(options?: SlapdOptions): Promise<Slapd> {
  const slapd = await startSlapd(temporaryFolder(), options);
  onTestFinished(() => slapd.kill());
  return slapd;
}

/** The makes of server that the adapter is tested against. */
export const makes = ['slapd', '389'] as const;

/** One of them. */
export type Make = (typeof makes)[number];

/** What is loaded, and what each make is told besides. */
export interface DirectoryOptions {
  readonly entries?: Iterable<LabEntry>;
  readonly slapd?: SlapdOptions;
  readonly ds389?: Ds389Options;
}

/** A server of one make for one test. */
export async function directoryForTest(make: Make, options: DirectoryOptions = {}): Promise<TestDirectory> {
  const directory = await start(make, temporaryFolder(), options);
  onTestFinished(() => directory.kill());
  return directory;
}

/** A server of one make for all tests of the block it is asked for in; they leave it as it is. */
export function sharedDirectory(make: Make, options: () => DirectoryOptions = () => ({})): () => TestDirectory {
  let folder = '';
  let directory: TestDirectory | undefined;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'reconcile-ldap-'));
    directory = await start(make, folder, options());
  });
  afterAll(async () => {
    await directory?.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    if (directory === undefined) throw new Error('asked for before the tests run');
    return directory;
  };
}

/** Starts a server again that was killed, on its folder and port. */
export async function againForTest(make: Make, { folder, port }: TestDirectory): Promise<TestDirectory> {
  const directory = await start(make, folder, { slapd: { port }, ds389: { port } });
  onTestFinished(() => directory.kill());
  return directory;
}

function start(make: Make, folder: string, { entries, slapd, ds389 }: DirectoryOptions): Promise<TestDirectory> {
  const loaded = entries === undefined ? {} : { entries };
  return make === 'slapd' ? startSlapd(folder, { ...slapd, ...loaded }) : startDs389(folder, { ...ds389, ...loaded });
}

/** A connection that is closed after the test. */
export function connectionForTest(target: Target): DirectoryConnection {
  const resolve = () => Promise.resolve(new Secret(target.password ?? ''));
  const connection = openDirectory(desiredDirectory(target), resolve, target.timing, target.use);
  onTestFinished(() => connection.close());
  return connection;
}

/** The settings that lead to a target. */
export function desiredDirectory(target: Target): DesiredDirectory {
  const source = { file: 'estate.yaml', line: 1 };
  const accounts = { base: 'o=isp', filter: '(objectClass=*)' };
  return {
    url: target.url,
    otherUrls: target.otherUrls ?? [],
    startTls: target.startTls ?? false,
    tls: { ...target.tls, ...(target.ca !== undefined && { ca: target.ca }) },
    ...(target.bindDn !== undefined && { bindDn: target.bindDn, password: { env: 'LDAP_PASSWORD' } }),
    base: 'o=isp',
    users: accounts,
    groups: accounts,
    resources: accounts,
    uniqueId: { attribute: 'davUniqueId', copyFrom: 'nsUniqueId', objectClass: 'davEntity' },
    localUser: { attribute: 'davStore', objectClass: 'davEntity' },
    source,
  };
}

/** Changes a directory as its own administrator, with the LDIF of a modify. */
export function administer({ url, adminDn, adminPassword }: TestDirectory, ...ldif: readonly string[]): void {
  const words = ['-x', '-H', url, '-D', adminDn, '-w', adminPassword];
  execFileSync('ldapmodify', words, { input: `${ldif.join('\n')}\n`, stdio: ['pipe', 'pipe', 'pipe'] });
}

/** All entries of a search. */
export async function collect(entries: AsyncIterable<DirectoryEntry>): Promise<readonly DirectoryEntry[]> {
  const all: DirectoryEntry[] = [];
  for await (const entry of entries) {
    all.push(entry);
  }
  return all;
}

/** The finding of the TargetProblem that something must throw. */
export async function findingOf(promise: Promise<unknown>): Promise<Finding> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof TargetProblem) {
      return error.finding;
    }
    throw error;
  }
  throw new Error('nothing was thrown');
}
