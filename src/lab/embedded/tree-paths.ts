import { realpathSync } from 'node:fs';

/*
 * A host of the rehearsal lives in a folder, its tree, without mounts of its own. In what the client wants to be run, the
 * host's paths are replaced by those of the tree, and in what it is told they are replaced back. All text is handled as
 * Latin-1, one character a byte, so that nothing is lost whatever its encoding is.
 */

/** How a host's paths and those of its tree become each other. */
export interface TreePaths {
  /** The folder that is the host's `/`, as it was given: the stand-ins were laid with it. */
  readonly tree: string;
  /** The names under which the tree may appear: as given, and with every link resolved, which `/bin/pwd` prints. */
  readonly names: readonly string[];
  /** A command or script, to be run on this machine. */
  toTree(text: string): string;
  /** What it printed. `before` is the character that was printed last. */
  toHost(text: string, before: string): string;
}

/** What may stand in a tree's name: it is put into shell text whose quotes are somebody else's. */
const SAFE = /^\/[\w%+=,.@~/\u0080-\uffff-]*[^/]$/;

/** A name goes on with these; a path that begins or ends inside a longer name is another path. */
const NAME = '\\w.~%+@*?$}\\u0080-\\u00ff-';

const HOST_PATH = new RegExp(`(?<![${NAME}/])/(?:etc/opt|var/opt|opt)(?![${NAME.replace('*?$}', '')}])`, 'g');

/**
 * A line of the client's script that runs a program in its own folder (`'./davadmin' 'config' ...`, variables before it).
 * Its words stay as they are: the stand-ins know where their host lies, and a word may be a value that gets stored.
 */
const OWN_PROGRAM = /^(?:[A-Za-z_]\w*='(?:[^']|'\\'')*' )*'\.\//;

/** For a host in this folder, which must exist. */
export function createTreePaths(tree: string): TreePaths {
  // The client compares its paths with what /bin/pwd prints, so it gets the one without links.
  const real = realpathSync(safeName(tree));
  const names = [...new Set([safeName(real), tree].map(bytesOf))];
  const seen = new RegExp(`(?<![${NAME}/])(?:${names.map(escapeRegExp).join('|')})(?:(?=/)|(?![${NAME}]))`, 'g');
  return {
    tree,
    names,
    toTree: text =>
      text
        .split('\n')
        .map(line => lineToTree(line, bytesOf(real)))
        .join('\n'),
    toHost: (text, before) =>
      (before + text)
        .replace(seen, (found, offset: number, whole: string) => (whole[offset + found.length] === '/' ? '' : '/'))
        .slice(before.length),
  };
}

function safeName(tree: string): string {
  if (!SAFE.test(tree)) {
    throw new Error(`the folder of a rehearsal host must have a plain name, as it is put into scripts: ${tree}`);
  }
  return tree;
}

function lineToTree(line: string, tree: string): string {
  return OWN_PROGRAM.test(line) ? line : line.replace(HOST_PATH, path => tree + path);
}

function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
