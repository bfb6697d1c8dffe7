import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startDemoEstate } from '../../src/lab/demo-estate.ts';
import type { Rehearsal } from '../../src/ports/rehearsal.ts';
import { until } from '../tools/until.ts';
import { reconcile } from './cli.ts';

/** The built program in a real terminal, driven by keys as a person drives it; each test has a terminal of its own. */
let socket = '';
let terminals = 0;

beforeEach(() => {
  socket = `reconcile-test-${process.pid}-${++terminals}`;
});

function tmux(...words: readonly string[]): string {
  return execFileSync('tmux', ['-L', socket, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

afterEach(() => {
  try {
    tmux('kill-server');
  } catch {
    // It ends by itself with its last session.
  }
});

function screen(): string {
  return tmux('capture-pane', '-p', '-J', '-S', '-2000');
}

function seen(text: RegExp): Promise<string> {
  return until(
    () => {
      const now = screen();
      if (text.test(now)) return now;
      if (/ended with \d+/.test(now)) throw new Error(`never saw ${text} in\n${now}`);
      return '';
    },
    () => `${text} in\n${screen()}`,
  );
}

/** The last line, once it asks for something or the program has ended. */
function prompt(): Promise<string> {
  return until(
    () => {
      const last = screen().trimEnd().split('\n').at(-1) ?? '';
      return /(Press Enter …|apply it:|ended with \d+)$/.test(last) ? last : '';
    },
    () => `a prompt in\n${screen()}`,
  );
}

describe('reconcile demo in a terminal', () => {
  it('walks a person through the whole job, waiting for each Enter, and leaves nothing behind', async () => {
    tmux(
      'new-session',
      '-d',
      '-x',
      '200',
      '-y',
      '50',
      'node dist/reconcile.cjs demo --users 40; echo "ended with $?"; sleep 60',
    );
    const start = await seen(/Press Enter/);
    const folder = /The estate file: (\S+)\/estate\.yaml/.exec(start)?.[1] ?? '';
    expect(existsSync(folder)).toBe(true);
    let enters = 0;
    for (let last = await prompt(); !/ended with/.test(last); last = await prompt()) {
      enters++;
      const shown = screen().trimEnd();
      tmux('send-keys', ...(last.endsWith('apply it:') ? ['yes', 'Enter'] : ['Enter']));
      await until(() => screen().trimEnd() !== shown, 'the program goes on');
    }
    const whole = screen();
    expect(whole).toContain('That was the whole job.');
    expect(whole).toMatch(/ended with 0/);
    expect(whole).toMatch(/fails {2}a user of cs6-fe1 looks up oneil@example\.com.*a calendar that CS6 has just made/);
    expect(whole).toMatch(/works {2}a user of cs6-fe1 looks up jdoe@example\.com/);
    expect(whole).toMatch(/works {2}a user of cs7-fe1 looks up/);
    expect(whole).toMatch(
      /fails {2}cs7 -> cs6 iSchedule {2}cs6-fe1 [\s\S]*fails {2}cs6 -> cs7 {2}cs6-fe1 {2}oneil@example\.com/,
    );
    expect(whole).toMatch(/Coexistence works: \d+ look-ups, \d+ mail checks\.\nexit code 0/);
    expect(enters).toBeGreaterThanOrEqual(14);
    expect(existsSync(folder)).toBe(false);
    expect(execFileSync('ps', ['-e', '-o', 'args'], { encoding: 'utf8' })).not.toContain(folder);
  });

  it('ends with Ctrl-C at any question, and cleans up', async () => {
    tmux(
      'new-session',
      '-d',
      '-x',
      '200',
      '-y',
      '50',
      'node dist/reconcile.cjs demo --users 40; echo "ended with $?"; sleep 60',
    );
    const folder = /The estate file: (\S+)\/estate\.yaml/.exec(await seen(/Press Enter/))?.[1] ?? '';
    tmux('send-keys', 'C-c');
    expect(await seen(/ended with \d+/)).toMatch(/ended with 130/);
    expect(existsSync(folder)).toBe(false);
  });

  it('stays up with --keep, for commands from another terminal, until Ctrl-C', async () => {
    tmux(
      'new-session',
      '-d',
      '-x',
      '200',
      '-y',
      '50',
      'node dist/reconcile.cjs demo --yes --keep --users 40; echo "ended with $?"; sleep 60',
    );
    const up = await seen(/until you press Ctrl-C[\s\S]* check \S+estate\.yaml/);
    const [, password = '', file = ''] = /export LDAP_PASSWORD=(\S+) .*\n +node \S+ check (\S+)/.exec(up) ?? [];
    const ran = await reconcile(['check', file], { LDAP_PASSWORD: password });
    expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining('In sync.')]);
    tmux('send-keys', 'C-c');
    await seen(/ended with \d+/);
    expect(existsSync(file)).toBe(false);
  });
});

describe('reconcile demo without a terminal', () => {
  it('does not wait for anybody', async () => {
    const ran = await reconcile(['demo'], {});
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('reconcile demo --yes')]);
  });

  it('lists what can go wrong', async () => {
    const ran = await reconcile(['demo', '--yes', '--users', '10', '--hosts', '2', '--fault', 'list'], {});
    expect(ran.stdout.trim().split('\n').length).toBe(9);
    expect(ran.code).toBe(0);
  });

  it('lets something go wrong on the way, and finishes the job all the same', async () => {
    const ran = await reconcile(['demo', '--yes', '--users', '150', '--hosts', '2', '--fault', 'full-disk'], {});
    const [, after = ''] = ran.stdout.split('Now something goes wrong');
    expect(after).toMatch(/No space left[\s\S]*exit code 1\n[\s\S]*The fault is over/);
    expect(after).toContain('That was the whole job.');
    expect(ran.code).toBe(0);
  });
});

describe('the faults of a rehearsal', () => {
  let rehearsal: Rehearsal;
  const run = (...words: readonly string[]) => reconcile([...words, rehearsal.file], rehearsal.environment);

  beforeAll(async () => {
    rehearsal = await startDemoEstate({ hosts: 2, users: 150 });
    expect((await run('apply', '--yes')).code).toBe(0);
  });
  afterAll(async () => rehearsal?.stop());

  it('progress goes to a terminal on standard error, and to nothing else', async () => {
    const shown = await reconcile(['--check', rehearsal.file], rehearsal.environment, {
      terminal: { stderrIsTerminal: true },
    });
    expect(shown.stderr).toMatch(/read 1 of \d+[\s\S]*read (\d+) of \1/);
    expect(shown.stdout).toBe(
      (await run('--check')).stdout.replace(/read \S+/, /read \S+/.exec(shown.stdout)?.[0] ?? ''),
    );
  });

  it('a plan that cannot be saved is an error', async () => {
    const ran = await run('plan', '-o', '/nowhere/plan.json');
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('file.unwritable')]);
  });

  it.each([
    ['slow-host', 0, /Read again: in sync/],
    ['dropped-connection', 4, /host\.connection-lost/],
    ['full-disk', 1, /host\.file-not-written[\s\S]*No space left/],
    ['changed-host-key', 4, /host\.key-mismatch/],
    ['host-down', 4, /host\.unreachable/],
    ['second-editor', 3, /host\.file-changed/],
    ['failed-restart', 1, /the server is DOWN/],
    ['early-end', 4, /directory\.search-incomplete/],
    ['out-of-order', 0, /Read again: in sync/],
  ])('%s: says so, exits with %i, and running again finishes the job', async (fault, code, said) => {
    await rehearsal.meddle();
    await rehearsal.setFault(fault);
    const during = await run('apply', '--yes');
    await rehearsal.clearFaults();
    expect(during.stdout).toMatch(said);
    expect(during.code).toBe(code);
    expect((await run('apply', '--yes')).code).toBe(0);
    expect((await run('--check')).code).toBe(0);
  });
});
