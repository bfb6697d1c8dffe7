import { type ChildProcess, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { directoryEntries, type LabEntry } from '../../src/lab/directory-content.ts';
import { freePort } from '../../src/lab/process-list.ts';
import {
  adminPassword,
  endServer,
  launchServer,
  servicePassword,
  type TestDirectory,
  writeLdif,
} from './directory-server.ts';
import { labSchema, type RenamedClasses, renameClasses } from './ds389-schema.ts';

/** What a test may vary; the rehearsal directory with 20 users, 5 groups and 3 resources is loaded unless told. */
export interface SlapdOptions {
  /** Path of an LDIF file to load. */
  readonly ldif?: string;
  /** Entries to load; `ldif` wins. */
  readonly entries?: Iterable<LabEntry>;
  /** Listens on ldaps:// too, and offers StartTLS on ldap://; the authority is `ca`. */
  readonly tls?: boolean;
  /** `o=isp` unless told. */
  readonly suffix?: string;
  /** slapd's limits for the service entry: `size=100`, `size=unlimited size.prtotal=disabled`; unlimited unless told. */
  readonly limits?: string;
  readonly renamedClasses?: RenamedClasses;
  /** Further lines of slapd.conf, before the database. */
  readonly global?: readonly string[];
  /** Further lines of slapd.conf, in the database, before its access rules. */
  readonly database?: readonly string[];
  /** Path of a socket that it listens on too, for `ldapi:`. */
  readonly socket?: string;
  /** Each change is on disk before it is answered, as outside of tests. */
  readonly isDurable?: boolean;
  /** A fixed port, for starting again where a client expects it. */
  readonly port?: number;
}

/** A running OpenLDAP. */
export interface Slapd extends TestDirectory {
  /** `ldaps://127.0.0.1:<port>`, with TLS only. */
  readonly ldapsUrl?: string;
  /** Path of the authority's PEM file, with TLS only. */
  readonly ca?: string;
}

/** Starts OpenLDAP on the loopback as a child that dies with this process; `folder` gets its configuration and data. */
export async function startSlapd(folder: string, options: SlapdOptions = {}): Promise<Slapd> {
  const suffix = options.suffix ?? 'o=isp';
  const port = options.port ?? (await freePort());
  const tlsPort = options.tls ? await freePort() : undefined;
  mkdirSync(join(folder, 'data'), { recursive: true });
  writeFileSync(join(folder, 'slapd.conf'), configuration(folder, suffix, options));
  if (!existsSync(join(folder, 'data/data.mdb'))) {
    load(folder, options, suffix);
  }
  const urls = [
    `ldap://127.0.0.1:${port}/`,
    ...(tlsPort ? [`ldaps://127.0.0.1:${tlsPort}/`] : []),
    ...(options.socket ? [`ldapi://${encodeURIComponent(options.socket)}/`] : []),
  ];
  const child = await launch(folder, urls, port);
  return {
    url: `ldap://127.0.0.1:${port}`,
    port,
    ...(tlsPort ? { ldapsUrl: `ldaps://127.0.0.1:${tlsPort}`, ca: join(folder, 'ca.pem') } : {}),
    bindDn: `cn=reconcile,ou=Services,${suffix}`,
    password: servicePassword,
    adminDn: `cn=admin,${suffix}`,
    adminPassword,
    folder,
    pid: child.pid ?? 0,
    stop: () => endServer(child, 'SIGTERM'),
    kill: () => endServer(child, 'SIGKILL'),
  };
}

/** Makes an authority and a certificate of its for localhost: `ca.pem`, `server.pem`, `server.key`. */
export function makeCertificates(folder: string): void {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1';
  openssl(
    folder,
    'req',
    '-x509',
    ...key,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-subj',
    '/CN=Lab CA',
    '-days',
    '3650',
  );
  const subject = ['-subj', '/CN=localhost', '-addext', names];
  openssl(folder, 'req', '-new', ...key, '-keyout', 'server.key', '-out', 'server.csr', ...subject);
  const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-copy_extensions', 'copy', '-days', '3650'];
  openssl(folder, 'x509', '-req', '-in', 'server.csr', '-out', 'server.pem', ...signing);
}

/** Makes a certificate of that authority for a client: `client.pem`, `client.key`. */
export function makeClientCertificate(folder: string, subject: string): void {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(folder, 'req', '-new', ...key, '-keyout', 'client.key', '-out', 'client.csr', '-subj', subject);
  const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '3650'];
  openssl(folder, 'x509', '-req', '-in', 'client.csr', '-out', 'client.pem', ...signing);
}

function openssl(folder: string, ...words: readonly string[]): void {
  execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' });
}

function configuration(folder: string, suffix: string, options: SlapdOptions): string {
  if (options.tls && !existsSync(join(folder, 'server.pem'))) {
    makeCertificates(folder);
  }
  const service = `cn=reconcile,ou=Services,${suffix}`;
  return [
    ...['core', 'cosine', 'inetorgperson'].map(name => `include /etc/ldap/schema/${name}.schema`),
    `include ${schemaOf(folder, options)}`,
    'modulepath /usr/lib/ldap',
    'moduleload back_mdb.so',
    'loglevel none',
    'sizelimit unlimited',
    ...(options.tls ? tlsLines(folder) : []),
    ...(options.global ?? []),
    'database mdb',
    'maxsize 4294967296',
    `suffix "${suffix}"`,
    `rootdn "cn=admin,${suffix}"`,
    `rootpw ${adminPassword}`,
    `directory ${join(folder, 'data')}`,
    // Tests kill it or throw it away: no need to wait for the disk.
    ...(options.isDurable ? [] : ['dbnosync']),
    'index objectClass eq',
    'index uid,cn,mail eq',
    `limits dn.exact="${service}" ${options.limits ?? 'size=unlimited time=unlimited'}`,
    ...(options.database ?? []),
    'access to attrs=userPassword by anonymous auth by * none',
    `access to * by dn.exact="${service}" write by * read`,
    '',
  ].join('\n');
}

function schemaOf(folder: string, { renamedClasses }: SlapdOptions): string {
  if (renamedClasses === undefined) return labSchema;
  const path = join(folder, 'calendar.schema');
  writeFileSync(path, renameClasses(readFileSync(labSchema, 'utf8'), renamedClasses));
  return path;
}

function tlsLines(folder: string): readonly string[] {
  return [
    `TLSCACertificateFile ${join(folder, 'ca.pem')}`,
    `TLSCertificateFile ${join(folder, 'server.pem')}`,
    `TLSCertificateKeyFile ${join(folder, 'server.key')}`,
  ];
}

function load(folder: string, options: SlapdOptions, suffix: string): void {
  const path = options.ldif ?? join(folder, 'content.ldif');
  if (options.ldif === undefined) {
    const ordinary = { suffix, domain: 'example.com', users: 20, groups: 5, resources: 3, servicePassword };
    writeLdif(path, options.entries ?? directoryEntries(ordinary));
  }
  execFileSync('/usr/sbin/slapadd', ['-q', '-f', join(folder, 'slapd.conf'), '-l', path], { stdio: 'pipe' });
}

function launch(folder: string, urls: readonly string[], port: number): Promise<ChildProcess> {
  const command = ['/usr/sbin/slapd', '-f', join(folder, 'slapd.conf'), '-h', urls.join(' '), '-d', '0'];
  return launchServer(command, port);
}
