import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { compiledProgram } from '../../src/lab/host-tree.ts';
import { type Cs6Layout, type Cs7Layout, layCs6Host, layCs7Host } from '../../src/lab/lay-hosts.ts';
import { endDaemons } from '../../src/lab/process-list.ts';

/** What a command did. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is run. */
export interface RunOptions {
  /** Host path of the working directory. */
  readonly cwd?: string;
  /** Text on stdin, which then ends; without it stdin is empty. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A host without mounts or process namespace of its own: its absolute paths lie below `tree`. */
export interface RehearsalHost {
  readonly tree: string;
  /** Where its calendar server answers. */
  readonly url: string;
  run(command: string, words?: readonly string[], options?: RunOptions): Promise<Ran>;
  read(path: string): string;
  exists(path: string): boolean;
}

/** A Calendar Server 6.3 host that lasts as long as the test. */
export async function cs6Host(layout: Partial<Cs6Layout> = {}): Promise<RehearsalHost> {
  const tree = freshTree();
  const address = layout.address ?? freshAddress();
  const usual = { platform: 'solaris-sparc', patch: 44, icsConf: '', calendars: [], address } as const;
  await layCs6Host({ tree, prefix: tree, ...usual, ...layout, icsConf: withPort(layout.icsConf ?? '') });
  return rehearsalHost(tree, address);
}

/** A Calendar Server 7 host that lasts as long as the test. */
export async function cs7Host(layout: Partial<Cs7Layout> = {}): Promise<RehearsalHost> {
  const tree = freshTree();
  const address = layout.address ?? freshAddress();
  const usual = { options: {}, password: 'canary pass', version: '7.0.5.17.0', address };
  await layCs7Host({ tree, prefix: tree, ...usual, ...layout });
  return rehearsalHost(tree, address);
}

function freshTree(): string {
  if (!existsSync(compiledProgram('cs6/cscal'))) throw new Error('The stand-ins run from dist: npm run build');
  const tree = realpathSync(mkdtempSync(join(tmpdir(), 'lab-host-')));
  onTestFinished(async () => {
    await endDaemons(tree);
    rmSync(tree, { recursive: true, force: true });
  });
  return tree;
}

/** Of the loopback, for this host only: test files run side by side. */
function freshAddress(): string {
  const byte = () => 1 + Math.floor(Math.random() * 254);
  return `127.${byte()}.${byte()}.${byte()}`;
}

/** Anybody may listen there. */
function withPort(icsConf: string): string {
  return icsConf.includes('service.http.port') ? icsConf : `service.http.port = "8080"\n${icsConf}`;
}

function rehearsalHost(tree: string, address: string): RehearsalHost {
  return {
    tree,
    url: `http://${address}:8080`,
    run: (command, words = [], options = {}) => run(tree, command, words, options),
    read: path => readFileSync(`${tree}${path}`, 'latin1'),
    exists: path => existsSync(`${tree}${path}`),
  };
}

function run(tree: string, command: string, words: readonly string[], options: RunOptions): Promise<Ran> {
  const cwd = options.cwd === undefined ? tree : `${tree}${options.cwd}`;
  const path = command.startsWith('./') ? command : `${tree}${command}`;
  const child = spawn(path, words, { cwd, env: { ...process.env, ...options.env } });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', chunk => {
    stdout += chunk;
  });
  child.stderr.on('data', chunk => {
    stderr += chunk;
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', code => resolve({ code, stdout, stderr }));
  });
}
