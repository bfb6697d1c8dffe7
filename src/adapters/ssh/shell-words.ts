import { HostFault } from './host-fault.ts';

/*
 * The echo of some shells reads backslashes, that of others options, and the oldest ones lose bytes above 127: text of
 * anybody's crosses a script only in these words.
 */

/** Any text as one word of letters, digits and `% . _ -`; the same text is always the same word. */
export function plainWord(text: string): string {
  return [...Buffer.from(text)]
    .map(byte => {
      const char = String.fromCharCode(byte);
      return /[A-Za-z0-9._-]/.test(char) ? char : `%${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
}

/** The text of such a word; nothing when it is none. */
export function fromPlainWord(word: string): string | undefined {
  if (!/^(?:[A-Za-z0-9._-]|%[0-9a-f]{2})*$/.test(word)) {
    return undefined;
  }
  const bytes = word.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}

/** Text for people, in a line that an echo prints: what could be read otherwise is a question mark. */
export function plainLine(text: string): string {
  return text.replace(/[^ -~]|\\/g, '?').slice(0, 200);
}

/** Of signed numbers: with others, V8 would make an object of every intermediate sum. */
const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) {
    crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc;
});

/** What POSIX `cksum` prints for the content: CRC, a blank, the length. A guard against accidents, not against malice. */
export function cksum(content: Buffer): string {
  let crc = 0;
  // By index: an iterator takes several times as long.
  for (let at = 0; at < content.length; at += 1) {
    crc = next(crc, content[at] ?? 0);
  }
  for (let length = content.length; length > 0; length = Math.floor(length / 256)) {
    crc = next(crc, length & 255);
  }
  return `${~crc >>> 0} ${content.length}`;
}

function next(crc: number, byte: number): number {
  return (crc << 8) ^ (TABLE[((crc >>> 24) ^ byte) & 255] ?? 0);
}

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
