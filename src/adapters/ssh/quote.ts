import { HostFault } from './fault.ts';

/** One word for every Bourne-like shell, and for csh as long as it has no `!`: within single quotes nothing is special. */
export function quote(word: string): string {
  if (/[\0\n]/.test(word)) {
    throw new HostFault('host.words-refused', `${JSON.stringify(word)} has a line end or a NUL in it.`);
  }
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** The name and the quoted value in front of a command. */
export function quoteAssignment(name: string, value: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new HostFault('host.words-refused', `${JSON.stringify(name)} is not the name of an environment variable.`);
  }
  return `${name}=${quote(value)}`;
}

/** An absolute path taken apart. */
export interface SplitPath {
  readonly folder: string;
  readonly base: string;
  /** The folder and the ones above it, from the inside out. */
  readonly ancestors: readonly string[];
}

/** Takes a path apart. A relative one has no meaning on a host; with `..` shells and kernel disagree after a link. */
export function splitPath(path: string): SplitPath {
  const parts = partsOf(path);
  const base = parts.at(-1);
  if (base === undefined || path.endsWith('/')) {
    throw new HostFault('host.words-refused', `${JSON.stringify(path)} is not the absolute path of a file.`);
  }
  const ancestors = ancestorsOf(parts.slice(0, -1));
  return { folder: ancestors[0] ?? '/', base, ancestors };
}

/** A folder and the ones above it, from the inside out. */
export function foldersUp(path: string): readonly string[] {
  return ancestorsOf(partsOf(path));
}

/** A name in a folder. */
export function joinPath(folder: string, base: string): string {
  return folder.endsWith('/') ? `${folder}${base}` : `${folder}/${base}`;
}

function partsOf(path: string): readonly string[] {
  const parts = path.split('/').filter(part => part !== '');
  if (!path.startsWith('/') || parts.includes('..') || parts.includes('.')) {
    throw new HostFault('host.words-refused', `${JSON.stringify(path)} is not an absolute path without "." and "..".`);
  }
  return parts;
}

function ancestorsOf(parts: readonly string[]): readonly string[] {
  return Array.from({ length: parts.length + 1 }, (_, gone) => `/${parts.slice(0, parts.length - gone).join('/')}`);
}
