import { chmod, chown, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LAB_BIN, LAB_FOLDER, type Owner } from './place.ts';

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

/** Writes a file of the host, with the folders above it. */
export async function layFile(host: HostTree, path: string, content: string, rights: Rights = {}): Promise<void> {
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

/** A command of the host that is a Node program below `dist/lab`. */
export async function layProgram(host: HostTree, path: string, program: string): Promise<void> {
  const words = [process.execPath, compiledProgram(program)].map(quote).join(' ');
  await layScript(host, path, `LAB_PREFIX=${quote(host.prefix)}\nexport LAB_PREFIX\nexec ${words} "$@"\n`);
}

/** A command of the host that is a few lines of shell; starting Node would cost 40 ms. */
export async function layScript(host: HostTree, path: string, body: string): Promise<void> {
  await layFile(host, path, `#!/bin/sh\n# Rehearsal stand-in.\n${body}`, { mode: 0o755 });
}

/**
 * `ps` of a host that shares its processes with this machine: shows the host's own servers and itself, whatever was selected.
 * A host with a process namespace needs none.
 */
export async function layProcessList(host: HostTree): Promise<void> {
  if (host.prefix === '') return;
  await layScript(host, `${LAB_BIN}/ps`, processListScript(`${host.prefix}${LAB_FOLDER}/daemons`));
}

/** Path of a compiled stand-in; a lab that runs from its sources uses the build beside them. */
export function compiledProgram(program: string): string {
  const compiled = fileURLToPath(import.meta.url).endsWith('.ts') ? '../../dist/lab/' : './';
  return fileURLToPath(new URL(`${compiled}${program}.js`, import.meta.url));
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

function processListScript(folder: string): string {
  return `pids=$$
for f in ${quote(folder)}/*; do
  if [ -f "$f" ] && read pid < "$f"; then pids="$pids,$pid"; fi
done
left=$#
while [ "$left" -gt 0 ]; do
  case "$1" in
    -e|-A) ;;
    -ef) set -- "$@" -f ;;
    *) set -- "$@" "$1" ;;
  esac
  shift
  left=\`expr "$left" - 1\`
done
exec /bin/ps "$@" -p "$pids"
`;
}
