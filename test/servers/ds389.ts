import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../src/lab/process-list.ts';
import { adminPassword, endServer, launchServer, servicePassword, type TestDirectory } from './directory-server.ts';
import { type Ds389Content, ds389Service, writeDs389Content } from './ds389-content.ts';
import { type RenamedClasses, renameClasses } from './ds389-schema.ts';
import { ds389Places, ds389Storage, ds389Template, ds389User, loadDs389, rootMark } from './ds389-template.ts';
import { type DseEdits, editDse } from './dse-ldif.ts';

/** What a test may vary. */
export interface Ds389Options extends Ds389Content {
  /** Path of an LDIF file to load as it is, its access rules (`aci`) included, instead of the content. */
  readonly ldif?: string;
  /** Attributes of the server's configuration (dse.ldif), by DN. */
  readonly configuration?: DseEdits;
  /** Further indexes, by attribute: `{ davStore: ['eq', 'pres'] }`. */
  readonly indexes?: Readonly<Record<string, readonly string[]>>;
  readonly renamedClasses?: RenamedClasses;
  /** Further definitions: `attributeTypes: ( … )`. */
  readonly schema?: readonly string[];
  /** A fixed port, for starting again where a client expects it. */
  readonly port?: number;
  /** Each change is on disk before it is answered, as outside of tests. */
  readonly isDurable?: boolean;
}

/**
 * Starts a 389 Directory Server on the loopback as a child that dies with this process; `folder` gets the instance. It
 * runs as the package's user, who must be able to reach the folder and becomes its owner.
 */
export async function startDs389(folder: string, options: Ds389Options = {}): Promise<TestDirectory> {
  const port = options.port ?? (await freePort());
  const root = join(folder, 'ds389');
  const fresh = !existsSync(root);
  if (fresh) {
    const template = await ds389Template();
    execFileSync('chown', [`${ds389User.name}:`, folder]);
    execFileSync('cp', ['-a', '--reflink=auto', template, root]);
  }
  configure(root, port, options);
  dropLocks(root);
  if (fresh && differsFromTemplate(options)) {
    await loadDs389(root, options.ldif ?? writeContent(folder, options));
  }
  const place = ['-D', join(root, ds389Places.configuration), '-i', join(root, ds389Places.pidFile)];
  const command = ['/usr/sbin/ns-slapd', ...place, '-d', '0'];
  const child = await launchServer(command, port, ds389User.setpriv);
  return {
    url: `ldap://127.0.0.1:${port}`,
    port,
    bindDn: ds389Service,
    password: servicePassword,
    adminDn: 'cn=Directory Manager',
    adminPassword,
    folder,
    pid: child.pid ?? 0,
    stop: () => endServer(child, 'SIGTERM'),
    kill: () => endServer(child, 'SIGKILL'),
  };
}

function configure(root: string, port: number, options: Ds389Options): void {
  const path = join(root, ds389Places.dse);
  const listen = { 'cn=config': { 'nsslapd-port': String(port) } };
  const durable = options.isDurable ? { [ds389Storage]: { 'nsslapd-db-durable-transaction': 'on' } } : {};
  const parts = [listen, durable, indexEntries(options.indexes ?? {}), options.configuration ?? {}];
  const text = readFileSync(path, 'utf8').replaceAll(rootMark, root);
  writeFileSync(
    path,
    parts.reduce((edited, edits) => editDse(edited, edits), text),
  );
  if (options.renamedClasses !== undefined) {
    const schema = join(root, ds389Places.schema, '98calendar.ldif');
    writeFileSync(schema, renameClasses(readFileSync(schema, 'utf8'), options.renamedClasses));
  }
  if (options.schema !== undefined) {
    writeFileSync(join(root, ds389Places.schema, '97test.ldif'), ['dn: cn=schema', ...options.schema, ''].join('\n'));
  }
}

function indexEntries(indexes: Readonly<Record<string, readonly string[]>>): DseEdits {
  const entries = Object.entries(indexes).map(([name, types]) => [
    `cn=${name},cn=index,cn=userroot,cn=ldbm database,cn=plugins,cn=config`,
    { objectClass: ['top', 'nsIndex'], cn: name, nsSystemIndex: 'false', nsIndexType: types },
  ]);
  return Object.fromEntries(entries);
}

/** A server that was killed leaves them, and the next would believe that it still runs. */
function dropLocks(root: string): void {
  const locks = join(root, ds389Places.locks);
  for (const kind of readdirSync(locks)) {
    for (const name of readdirSync(join(locks, kind))) rmSync(join(locks, kind, name));
  }
  rmSync(join(root, ds389Places.pidFile), { force: true });
}

/** The template has the usual content already; loading takes a second, whatever the size. */
function differsFromTemplate({ ldif, entries, limits, aci, indexes }: Ds389Options): boolean {
  return [ldif, entries, limits, aci, indexes].some(option => option !== undefined);
}

function writeContent(folder: string, content: Ds389Content): string {
  const path = join(folder, 'content.ldif');
  writeDs389Content(path, content);
  return path;
}
