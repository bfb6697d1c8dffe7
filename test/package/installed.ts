import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** Where a version of Node was put by npm; downloaded once for all runs of the tests. */
export function nodeFolder(version: string): string {
  const versions = join(tmpdir(), `reconcile-node-${process.getuid?.() ?? 0}`);
  const folder = join(versions, version);
  if (!existsSync(folder)) {
    mkdirSync(versions, { recursive: true });
    const made = mkdtempSync(`${folder}-`);
    writeFileSync(join(made, 'package.json'), '{}\n');
    npm(['install', '--no-audit', '--no-fund', `${platformPackage}@${version}`], made);
    execFileSync('chmod', ['755', made]);
    // Another test may have been faster.
    if (existsSync(folder)) rmSync(made, { recursive: true });
    else renameSync(made, folder);
  }
  return join(folder, 'node_modules', platformPackage, 'bin');
}

/** The package `node` has an install script that takes its program out of this one. */
const platformPackage = `node-${process.platform}-${process.arch}`;

/** Runs npm in a folder; returns what it prints. */
export function npm(words: readonly string[], cwd: string): string {
  // vitest.config.ts keeps them from everything else.
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: process.env['NPM_EXTRA_CA_CERTS'] };
  return execFileSync('npm', words, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** The tarball of the package that the build made. */
export function packTarball(folder: string): string {
  return join(folder, npm(['pack', '--silent', resolve('dist'), '--pack-destination', folder], folder).trim());
}

/** Who runs a program, on which Node, and which programs the shell finds. */
export interface Caller {
  /** The folder with `node`. */
  readonly node: string;
  /** Further folders of the PATH. */
  readonly folders: readonly string[];
  /** An empty folder of the caller's own. */
  readonly home: string;
  /** Words that make this process another user. */
  readonly becomes?: readonly string[];
}

/** The words that run others as a user without any rights, and that user's number. */
export const ordinary = {
  uid: 65534,
  becomes: ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--no-new-privs', '--bounding-set=-all'],
} as const;

/** The environment of a login shell. */
export function environmentOf({ node, folders, home }: Caller): NodeJS.ProcessEnv {
  return { PATH: [node, ...folders, '/usr/bin', '/bin'].join(':'), HOME: home, LANG: 'C.UTF-8' };
}

/** Types a line into a shell, without a terminal. */
export function typed(
  line: string,
  caller: Caller,
): { readonly code: number | null; readonly stdout: string; readonly stderr: string } {
  const [command = '', ...words] = [...(caller.becomes ?? []), 'sh', '-c', line];
  const { status, stdout, stderr } = spawnSync(command, words, {
    cwd: caller.home,
    env: environmentOf(caller),
    encoding: 'utf8',
    input: '',
  });
  return { code: status, stdout, stderr };
}

/** The folder of programs of a global installation. */
export function installed(what: string, folder: string): string {
  const prefix = mkdtempSync(join(folder, 'prefix-'));
  npm(['install', '--global', '--silent', '--prefix', prefix, what], dirname(prefix));
  execFileSync('chmod', ['755', prefix]);
  return join(prefix, 'bin');
}
