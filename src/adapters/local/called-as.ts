import { accessSync, constants, readFileSync, realpathSync, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { shellLine } from '../../core/next-command.ts';

/** What a process says of how it was started. */
export interface Started {
  /** The script that runs: `process.argv[1]`. */
  readonly script: string;
  /** The Node that runs it: `process.execPath`. */
  readonly node: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/**
 * How this program is called in a command to copy: `reconcile` where the PATH of the user's shell finds this very program by that
 * name, and otherwise the words that run it from any folder.
 */
export function calledAs({ script, node, variables }: Started): string {
  const folders = userFolders(variables['PATH'] ?? '');
  const own = realPath(script);
  const found = find('reconcile', folders);
  if (found !== undefined && (realPath(found) === own || isWrapperOf(found, own))) return 'reconcile';
  const usual = find('node', folders);
  return shellLine([usual !== undefined && realPath(usual) === realPath(node) ? 'node' : node, own]);
}

/** npm and npx put folders of packages in front of the PATH, for what they start only. */
function userFolders(path: string): readonly string[] {
  return path.split(delimiter).filter(folder => folder !== '' && !/[\\/]node_modules[\\/]\.bin[\\/]?$/.test(folder));
}

/** The program that a shell would find by this name. */
function find(name: string, folders: readonly string[]): string | undefined {
  return folders.map(folder => join(folder, name)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Package managers and CI put a small shell script on the PATH that runs the program itself. */
function isWrapperOf(path: string, own: string): boolean {
  if (statSync(path).size > 4096) return false;
  const text = readFileSync(path, 'utf8');
  return text.includes(own) || text.includes('/calendar-reconcile/reconcile.cjs');
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
