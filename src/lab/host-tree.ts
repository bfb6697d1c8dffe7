import { mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { chmod, chown, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Cs6Platform } from '../core/desired.ts';
import { builtModule } from '../core/package-files.ts';
import type { Cs6Dialect, Cs7Dialect } from './dialect.ts';

/** Runs `work` while no other process holds `folder`; a lock that outlives five seconds is taken for a dead one's. */
export async function withLock<T>(folder: string, work: () => T): Promise<T> {
  const patience = Date.now() + 5000;
  while (!take(folder) && Date.now() < patience) await pause(10);
  try {
    return work();
  } finally {
    release(folder);
  }
}

function take(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

function release(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Another process had run out of patience and took it away; there is nothing left to release.
  }
}

/** Numeric owner of the files of a server. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** What the stand-ins of a Calendar Server 6.3 host know of their host; absolute paths as the host's own users see them. */
export interface Cs6Facts {
  readonly platform: Cs6Platform;
  readonly icsConf: string;
  readonly sbin: string;
  /** Folder above csdb, logs and tmp. */
  readonly data: string;
  /** The server's user; besides root the only one who may run its commands. */
  readonly owner: Owner;
  readonly dialect: Cs6Dialect;
}

/** What the stand-ins of a Calendar Server 7 host know of their host. */
export interface Cs7Facts {
  /** CalendarServer_home. */
  readonly home: string;
  readonly version: string;
  readonly dialect: Cs7Dialect;
}

/** The directory that a stand-in asks; a real server has this in its configuration. */
export interface LabDirectory {
  /** `ldap://host:port`. */
  readonly url: string;
  readonly bindDn: string;
  readonly password: string;
  readonly base: string;
}

/** Where the server of a host answers over HTTP, and whom it asks about accounts. */
export interface HostFace {
  /** The address to listen on. */
  readonly address: string;
  /** Port of a Calendar Server 7; that of a Calendar Server 6.3 is `service.http.port` in its ics.conf. */
  readonly httpPort: number;
  /** Without one a Calendar Server 6.3 knows only its own calendars, and a Calendar Server 7 nobody. */
  readonly directory?: LabDirectory;
}

/** Folder of the lab's own files on a host: facts, faults, process numbers. Nothing of it exists on a real host. */
export const LAB_FOLDER = '/var/opt/lab';

/** Folder of the stand-ins for commands of the operating system; to be the first of PATH. */
export const LAB_BIN = '/opt/lab/bin';

/**
 * Where the host's absolute path really lies. `prefix` is empty when the host has mounts of its own.
 * A path below the prefix is left as it is: an embedded server may already have translated it. So is one in /var/tmp, which a
 * host shares with this machine.
 */
export function onHost(prefix: string, path: string): string {
  const translated = prefix !== '' && (path === prefix || path.startsWith(`${prefix}/`));
  const shared = path.startsWith('/var/tmp/');
  return translated || shared || !path.startsWith('/') ? path : `${prefix}${path}`;
}

/** The prefix that the wrapper script of a stand-in handed over. */
export function prefixOfWrapper(): string {
  return process.env['LAB_PREFIX'] ?? '';
}

/** Path of the facts of a host. */
export function factsPath(server: 'cs6' | 'cs7'): string {
  return `${LAB_FOLDER}/${server}.json`;
}

/** What was laid down for the Calendar Server 6.3 of this host. */
export function readCs6Facts(prefix: string): Cs6Facts {
  return JSON.parse(readFileSync(onHost(prefix, factsPath('cs6')), 'utf8')) as Cs6Facts;
}

/** What was laid down for the Calendar Server 7 of this host. */
export function readCs7Facts(prefix: string): Cs7Facts {
  return JSON.parse(readFileSync(onHost(prefix, factsPath('cs7')), 'utf8')) as Cs7Facts;
}

/** Path of the face of a host; it holds the directory's password. */
export function facePath(server: 'cs6' | 'cs7'): string {
  return `${LAB_FOLDER}/${server}-face.json`;
}

/** Where the server of this host is to answer, as it was laid down. */
export function readFace(prefix: string, server: 'cs6' | 'cs7'): HostFace {
  return JSON.parse(readFileSync(onHost(prefix, facePath(server)), 'utf8')) as HostFace;
}

/** A host in the making: its tree on this machine and the prefix its commands see. */
export interface HostTree {
  /** Folder that has the host's /etc/opt, /opt and /var/opt. */
  readonly tree: string;
  /** Empty when the tree is mounted over /etc/opt, /opt and /var/opt; else the tree itself. */
  readonly prefix: string;
}

/** Who owns a file and who may read it; the owner is left out where this process may not give files away. */
export interface Rights {
  readonly mode?: number;
  readonly owner?: Owner;
}

/** Writes a file of the host, with the folders above it; text has a character a byte. */
export async function layFile(
  host: HostTree,
  path: string,
  content: string | Buffer,
  rights: Rights = {},
): Promise<void> {
  const place = `${host.tree}${path}`;
  await mkdir(dirname(place), { recursive: true });
  await writeFile(place, content, 'latin1');
  await chmod(place, rights.mode ?? 0o644);
  await giveTo(place, rights.owner);
}

/** Makes a folder of the host. */
export async function layFolder(host: HostTree, path: string, owner?: Owner): Promise<void> {
  await mkdir(`${host.tree}${path}`, { recursive: true });
  await giveTo(`${host.tree}${path}`, owner);
}

/** Makes the folder where servers leave their process numbers, whoever runs them. */
export async function layDaemonFolder(host: HostTree): Promise<void> {
  await layFolder(host, `${LAB_FOLDER}/daemons`);
  await chmod(`${host.tree}${LAB_FOLDER}/daemons`, 0o777);
}

/** Makes a symbolic link that holds with and without a prefix. */
export async function layLink(host: HostTree, path: string, target: string): Promise<void> {
  await mkdir(dirname(`${host.tree}${path}`), { recursive: true });
  await symlink(relative(dirname(path), target), `${host.tree}${path}`);
}

/** A command of the host that is a Node program, as the build made it. */
export async function layProgram(host: HostTree, path: string, program: string): Promise<void> {
  const words = [process.execPath, compiledProgram(program)].map(quote).join(' ');
  await layScript(host, path, `LAB_PREFIX=${quote(host.prefix)}\nexport LAB_PREFIX\nexec ${words} "$@"\n`);
}

/** A command of the host that is a few lines of shell; starting Node would cost 40 ms. */
export async function layScript(host: HostTree, path: string, body: string): Promise<void> {
  await layFile(host, path, `#!/bin/sh\n# Rehearsal stand-in.\n${body}`, { mode: 0o755 });
}

/** Path of a stand-in that is a Node program, as the build made it: `cs6/cscal`. */
export function compiledProgram(program: string): string {
  return fileURLToPath(builtModule(program.replace('/', '-')));
}

/** A word for the shell. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** The server's user where this process may give files away, and else this process's own. */
export function effectiveOwner(wanted: Owner): Owner {
  const uid = process.getuid?.() ?? 0;
  return uid === 0 ? wanted : { uid, gid: process.getgid?.() ?? 0 };
}

async function giveTo(place: string, owner: Owner | undefined): Promise<void> {
  if (owner !== undefined && process.getuid?.() === 0) await chown(place, owner.uid, owner.gid);
}
