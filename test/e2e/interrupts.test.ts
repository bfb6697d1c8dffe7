import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDemoEstate } from '../../src/lab/demo-estate.ts';
import type { Rehearsal } from '../../src/ports/rehearsal.ts';
import { until } from '../tools/until.ts';

/** The built program while it takes its time: what it shows on a real terminal and in a pipe, and what a signal does. */
let rehearsal: Rehearsal;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  rehearsal = await startDemoEstate({ hosts: 2, users: 20 });
  env = { ...process.env, ...rehearsal.environment };
  await rehearsal.setFault('slow-host');
});
afterAll(async () => rehearsal?.stop());

const program = 'dist/reconcile.cjs';

interface Started {
  readonly child: ChildProcess;
  readonly said: { stdout: string; stderr: string };
  readonly ended: Promise<readonly [number | null, NodeJS.Signals | null]>;
}

function start(...words: readonly string[]): Started {
  const child = spawn(process.execPath, [program, ...words, rehearsal.file], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
    });
  return { child, said, ended: once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]> };
}

/** Its standard output and error, which are sockets here. */
const ownSockets = 2;

/** How many sockets a process has open; none where it has ended. */
function sockets(pid: number | undefined): number {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).filter(name => readlinkSync(join(folder, name)).startsWith('socket:')).length;
  } catch {
    return 0;
  }
}

describe('what long work shows', () => {
  it('on a terminal: the time, what it waits for, counts; gone before the result', async () => {
    const typescript = join(rehearsal.folder, 'typescript');
    const command = `${process.execPath} ${program} check ${rehearsal.file}`;
    await once(spawn('script', ['-qefc', command, typescript], { env, stdio: 'ignore' }), 'close');
    const shown = readFileSync(typescript, 'utf8');
    expect(shown).toMatch(/\r\u001b\[K0:0\d {2}read \d+ of \d+; waiting for cs6-fe1/);
    const [result = ''] = shown.split('\r\u001b[K').slice(-1);
    expect(result).toContain('reconcile check');
    expect(result).not.toContain('waiting for');
  });

  it('in a pipe: nothing before a minute is over', async () => {
    const { ended, said } = start('check');
    expect((await ended)[0]).toBe(2);
    expect(said.stderr).toBe('');
    expect(said.stdout).not.toContain('\u001b');
  });
});

describe('an interrupt', () => {
  it('ends a command that only reads at once, and says that nothing was changed', async () => {
    const { child, ended, said } = start('check');
    await until(() => sockets(child.pid) > ownSockets, 'a connection to a server');
    child.kill('SIGINT');
    expect(await ended).toEqual([null, 'SIGINT']);
    expect(said).toEqual({ stdout: '', stderr: 'Interrupted. Nothing was changed on any server.\n' });
  });

  it('of an apply says what it does; a second one ends it at once, and the next apply does the rest', async () => {
    const { child, ended, said } = start('apply', '--yes');
    const folder = join(rehearsal.environment['XDG_STATE_HOME'] ?? '', 'reconcile');
    const records = () => spawnSync('sh', ['-c', `cat "${folder}"/*/*.jsonl`], { encoding: 'utf8' }).stdout;
    await until(() => records().includes('"line":"run"'), 'the record of a run');
    child.kill('SIGINT');
    await until(() => said.stderr.includes('Press Ctrl-C again to stop at once.'), 'what the interrupt does');
    expect(said.stderr).toContain('Stopping after the writes and restarts in progress');
    child.kill('SIGINT');
    expect((await ended)[0]).toBe(130);
    expect(said.stderr).toMatch(/Interrupted\. To see what the last run left unfinished:\n {4}.* status .*\n$/);
    await rehearsal.clearFaults();
    const again = start('apply', '--yes');
    expect((await again.ended)[0], again.said.stderr).toBe(0);
  });
});
