import { readFileSync } from 'node:fs';
import type { Cs6Platform } from '../core/desired.ts';

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
}

/** What the stand-ins of a Calendar Server 7 host know of their host. */
export interface Cs7Facts {
  /** CalendarServer_home. */
  readonly home: string;
  readonly version: string;
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
