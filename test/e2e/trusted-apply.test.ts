import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/adapters/open-ports.ts';
import { loadEstate } from '../../src/estate/load.ts';
import { setFault } from '../../src/lab/fault.ts';
import { estateSchema } from '../kinds/cases.ts';
import { cs6Sbin, type Estate, icsConf, startEstate } from '../servers/estate.ts';
import { until } from '../tools/until.ts';
import { reconcile, reportOf } from './cli.ts';

/** What happens when things do not go as planned in the middle of an apply, on real sshd and slapd, with the built program. */
let estate: Estate;
let records: string;

beforeAll(async () => {
  estate = await startEstate({ cs6: 2, cs7: 1, users: 60 });
  records = mkdtempSync(join(tmpdir(), 'reconcile-records-'));
});
afterAll(async () => {
  await estate?.stop();
  rmSync(records, { recursive: true, force: true });
});

const conf = (host: string) => readFileSync(estate.pathOf(host, icsConf), 'utf8');
function stateOf({ file }: Estate) {
  const { state } = loadEstate(file, readFileSync(file, 'utf8'), estateSchema);
  if (!state) throw new Error('the estate file is not valid');
  return state;
}

const check = async () => (await reconcile(['--check', estate.file], estate.environment)).code;

interface Program {
  readonly child: ChildProcess;
  /** The records there were before it. */
  readonly earlier: readonly string[];
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
}

function apply(...words: readonly string[]): Program {
  const all = ['dist/reconcile.cjs', 'apply', estate.file, '--yes', '--runs', records, ...words];
  const earlier = recordNames();
  const child = spawn('node', all, { env: { ...process.env, ...estate.environment, COLUMNS: '1000' } });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = once(child, 'close').then(([code]) => ({ code, stdout, stderr }));
  return { child, earlier, ended };
}

const recordNames = () => readdirSync(records).filter(name => name.endsWith('.jsonl'));

/** Waits until a run that was just started has recorded a line that fits. */
async function recorded({ earlier }: Program, pattern: RegExp): Promise<void> {
  await until(() => {
    const own = recordNames().find(name => !earlier.includes(name));
    return own !== undefined && pattern.test(readFileSync(join(records, own), 'utf8'));
  }, `a record has ${pattern}`);
}

describe('a restart that fails', () => {
  it('leaves the server running with the old configuration, holds up the rest, and says so', async () => {
    const before = conf('cs6-fe1');
    setFault(estate.pathOf('cs6-fe1', ''), 'start-cal.fail', 'once');
    const { code, stdout } = await apply('--format', 'json').ended;
    const report = reportOf({ code: code ?? -1, stdout, stderr: '' });
    const steps = 'run' in report ? (report.run?.steps ?? []) : [];
    expect(code).toBe(1);
    const states = new Map(steps.map(step => [step.id, [...new Set(step.results.map(r => r.state))]]));
    expect(states.get('cs6-fe1/cs6-ics-conf')).toEqual(['taken-back']);
    expect(states.get('cs6-fe1/cs6-service')).toEqual(['failed']);
    expect(states.get('cs6-be1/cs6-ics-conf')).toEqual(['not-run']);
    expect(states.get('directory/ldap-cohort')).toEqual(['not-run']);
    expect(states.get('directory/ldap-unique-id')).toEqual(['done']);
    expect(conf('cs6-fe1')).toBe(before);
    expect(estate.on('cs6-fe1', `cd ${cs6Sbin} && ./start-cal -l`)).toContain('http');
  });

  it('is finished by running again once the cause is gone', async () => {
    expect((await apply().ended).code).toBe(0);
    expect(await check()).toBe(0);
  });
});

describe('two applies at once', () => {
  it('one does the work, the other is refused before it writes anything', async () => {
    for (const host of ['cs6-fe1', 'cs6-be1'])
      writeFileSync(estate.pathOf(host, icsConf), `${conf(host)}local.autoprovision = "yes"\n`);
    const first = apply();
    await recorded(first, /"operation":"run"/);
    const second = await apply().ended;
    expect([second.code, second.stderr]).toEqual([3, expect.stringContaining('run.locked')]);
    expect((await first.ended).code).toBe(0);
    expect(await check()).toBe(0);
    const locks = await reconcile(['lock', 'list', '-f', estate.file], estate.environment);
    expect(locks.stdout.trim().split('\n')).toEqual(['cs6-fe1  free', 'cs6-be1  free', 'cs7-fe1  free']);
  });

  it('the lock of a run that was killed here is taken over at once, and its watchdog called off', async () => {
    writeFileSync(estate.pathOf('cs6-fe1', icsConf), `${conf('cs6-fe1')}local.autoprovision = "yes"\n`);
    const killed = apply();
    await recorded(killed, /"step":"cs6-fe1\/cs6-service"/);
    killed.child.kill('SIGKILL');
    await killed.ended;
    const held = await reconcile(['lock', 'list', '-f', estate.file], estate.environment);
    expect(held.stdout).toMatch(
      /^cs6-fe1 {2}left by run \S+ of \S+@.*which has ended\n {4}watchdog cs6-service waits until/m,
    );
    const status = await reconcile(['status', estate.file, '--runs', records], estate.environment);
    expect([status.code, status.stdout]).toEqual([4, expect.stringContaining('not finished')]);
    expect(status.stderr).toContain('the watchdog cs6-service of run');
    expect(await check()).toBe(4);
    const finishing = await apply().ended;
    expect([finishing.code, finishing.stderr]).toEqual([0, expect.stringMatching(/Run \S+ did not finish/)]);
    expect(await check()).toBe(0);
    expect(estate.on('cs6-fe1', 'ls $HOME/.reconcile/*')).not.toMatch(/^watch-/m);
  });

  it('the lock of a run elsewhere is waited for, and can be broken', async () => {
    const state = stateOf(estate);
    const connection = connect(state, estate.environment);
    const elsewhere = { run: 'other-run', by: 'anna@elsewhere', expiry: 900_000, isDead: () => false };
    await connection.ports.host('cs6-be1').lock(elsewhere);
    await connection.close();
    const idle = await apply().ended;
    expect([idle.code, idle.stderr]).toEqual([
      3,
      expect.stringContaining('cs6-be1 is held by run other-run of anna@elsewhere'),
    ]);
    const broken = await reconcile(['lock', 'break', 'cs6-be1', '-f', estate.file], estate.environment);
    expect([broken.code, broken.stdout]).toEqual([0, expect.stringContaining('The lock was taken away')]);
    expect((await apply().ended).code).toBe(0);
  });
});

describe('a CS7 server that is down', () => {
  it('is started first, so that the rest can be planned', async () => {
    estate.on('cs7-fe1', '/opt/glassfish3/bin/asadmin stop-domain domain1');
    const found = await reconcile(['--check', estate.file], estate.environment);
    expect([found.code, found.stdout]).toEqual([4, expect.stringMatching(/restart .*it is not running/)]);
    const { code, stderr, stdout } = await apply().ended;
    expect([code, stderr], stdout).toEqual([0, expect.stringContaining('cs7-fe1 does not run')]);
    expect(await check()).toBe(0);
  });
});

describe('an interrupt', () => {
  it('lets the write in hand end, stops, and leaves what a new run completes', async () => {
    for (const host of ['cs6-fe1', 'cs6-be1'])
      writeFileSync(estate.pathOf(host, icsConf), `${conf(host)}local.autoprovision = "yes"\n`);
    const stopped = apply();
    await recorded(stopped, /"step":"cs6-fe1\/cs6-service"/);
    stopped.child.kill('SIGINT');
    const { code, stdout, stderr } = await stopped.ended;
    expect([code, stderr]).toEqual([1, expect.stringContaining('Stopping after the writes and restarts in progress')]);
    expect(stdout).toContain('Interrupted. The next run finishes what is left.');
    expect(estate.on('cs6-fe1', `cd ${cs6Sbin} && ./start-cal -l`), 'the restart was ended').toContain('http');
    expect(conf('cs6-be1')).toMatch(/local\.autoprovision = "yes"\n$/);
    expect((await apply().ended).code).toBe(0);
    expect(await check()).toBe(0);
  });
});
