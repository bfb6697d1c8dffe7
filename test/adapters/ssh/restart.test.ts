import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { HostConnection } from '../../../src/adapters/ssh/host-connection.ts';
import type { ServiceRestart } from '../../../src/ports/host.ts';
import { startSshHosts } from '../../servers/ssh-hosts.ts';
import { type SshServer, startSshServer } from '../../servers/ssh-server.ts';
import { until } from '../../tools/until.ts';
import { makeTools, shellEnvironment, shellMatrix } from './shell-matrix.ts';
import { entryOf, findingOf, probe } from './support.ts';

/* A service is stopped and started in one trip, and started only when its own old processes are gone, under every shell. */
const tools = mkdtempSync(join(tmpdir(), 'ssh-tools-'));
const name = `rcltest${process.pid}`;

beforeAll(() => makeTools(tools));
afterAll(() => rmSync(tools, { recursive: true, force: true }));

describe.each(shellMatrix(tools))('%s with %s tools', (shell, family, path) => {
  const folder = mkdtempSync(join(tmpdir(), 'ssh-restart-'));
  let server: SshServer;
  let host: HostConnection;
  let started: ChildProcess[] = [];

  beforeAll(async () => {
    mkdirSync(join(folder, 'home'));
    const environment = { ...shellEnvironment([shell, family, path]), HOME: join(folder, 'home') };
    server = await startSshServer(folder, { shell, environment });
    host = probe(server, server);
  });

  afterEach(() => {
    for (const child of started) child.kill('SIGKILL');
    started = [];
  });

  afterAll(async () => {
    await host.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A process that `ps` shows under that name. */
  function run(shown = `/opt/${name}`, words = ['600']): number {
    const child = spawn('/usr/bin/sleep', words, { argv0: shown, stdio: 'ignore' });
    started.push(child);
    if (child.pid === undefined) throw new Error('no process');
    return child.pid;
  }

  /** Runs a restart whose commands are these lines. The start notes which of the old processes it still finds. */
  async function restart(stop: string, more: Partial<ServiceRestart> & { readonly processes: readonly number[] }) {
    const seen = join(folder, 'seen');
    rmSync(seen, { force: true });
    const look = more.processes.map(pid => `kill -0 ${pid} 2>/dev/null && echo ${pid} >> ${seen}`).join('; ');
    writeFileSync(join(folder, 'stop'), `#!/bin/sh\n${stop}\n`, { mode: 0o755 });
    writeFileSync(join(folder, 'start'), `#!/bin/sh\ntouch ${seen}; ${look}\necho started; exit 3\n`, { mode: 0o755 });
    const command = (program: string) => ({ words: [program], directories: [folder] });
    const outcome = await host.restart({
      ...{ stop: command('stop'), start: command('start'), names: [name], beside: [] },
      patience: { stopped: 20_000, failed: 300 },
      ...more,
    });
    return { outcome, seen: existsSync(seen) ? readFileSync(seen, 'utf8') : undefined };
  }

  test('starts when the old processes are gone, also where the stop ends before they do', async () => {
    const processes = [run(), run('./other')];
    const [first = 0, second = 0] = processes;
    const slow = `( sleep 1; kill -9 ${second} ) >/dev/null 2>&1 &`;
    const { outcome, seen } = await restart(`kill -9 ${first}\n${slow}\necho stopped`, { processes });
    expect(outcome).toMatchObject({
      stop: { state: 'ran', code: 0, output: 'stopped\n' },
      start: { state: 'ran', code: 3, output: 'started\n' },
    });
    expect(seen).toBe('');
  });

  test('starts nothing while one of them stays', async () => {
    const processes = [run()];
    const { outcome, seen } = await restart('echo cannot; exit 1', { processes });
    expect(outcome).toMatchObject({ stop: { state: 'ran', code: 1, output: 'cannot\n' } });
    expect([outcome.start, seen]).toEqual([undefined, undefined]);
  });

  test('starts nothing where the stop was not found', async () => {
    const stop = { words: ['no-such-stop'], directories: [folder] };
    const { outcome, seen } = await restart('', { processes: [run()], stop });
    expect([outcome, seen]).toEqual([{ stop: { state: 'absent' } }, undefined]);
  });

  test('leaves processes of the same name alone that are not its own', async () => {
    const [own, foreign] = [run(), run()];
    const { outcome } = await restart(`kill -9 ${own}`, { processes: [own], beside: [foreign] });
    expect(outcome.start).toMatchObject({ state: 'ran', code: 3 });
  });

  test('waits for a late child, and where others run beside it leaves that to the caller', async () => {
    const late = `( exec -a ${name} /usr/bin/sleep $1 ) >/dev/null 2>&1 &\necho $! > ${join(folder, 'late.pid')}\n/usr/bin/sleep 0.4`;
    writeFileSync(join(folder, 'late'), `#!/bin/bash\n${late}\n`, { mode: 0o755 });
    const [own, other, foreign] = [run(), run(), run()];
    const waited = await restart(`kill -9 ${own} ${other} ${foreign}\n${join(folder, 'late')} 2`, {
      processes: [own, other, foreign],
    });
    expect(waited.outcome.start).toMatchObject({ state: 'ran' });
    const [again, beside] = [run(), run()];
    const left = await restart(`kill -9 ${again}\n${join(folder, 'late')} 20`, {
      processes: [again],
      beside: [beside],
    });
    expect(left.outcome.start).toBeUndefined();
    process.kill(Number(readFileSync(join(folder, 'late.pid'), 'utf8')), 'SIGKILL');
  });

  test('takes a process that ended and was not reaped for gone', async () => {
    const file = join(folder, 'zombie');
    // What comes after exec never waits for children.
    const line = `( exec -a ${name} sleep 600 ) & echo $! > ${file}; exec sleep 600`;
    const parent = spawn('/bin/bash', ['-c', line], { stdio: 'ignore' });
    started.push(parent);
    const pid = await until(() => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0), 'the process');
    await until(
      () =>
        execFileSync('ps', ['-o', 'args=', '-p', String(pid)])
          .toString()
          .startsWith(name),
      'its name',
    );
    const { outcome } = await restart(`kill -9 ${pid}`, { processes: [pid] });
    rmSync(file);
    expect(outcome.start).toMatchObject({ state: 'ran' });
  });

  test('lets the status decide alone where there is one', async () => {
    const up = join(folder, 'up');
    writeFileSync(up, '');
    const status = { words: ['test', '-f', up] };
    const processes = [run()];
    const refused = await restart('exit 1', { processes, status });
    expect(refused.outcome.start).toBeUndefined();
    const gone = await restart(`( sleep 1; rm -f ${up} ) >/dev/null 2>&1 &\nexit 0`, { processes, status });
    expect(gone.outcome.start).toMatchObject({ state: 'ran' });
  });
});

test('a connection that is lost while the server stops keeps a real host from neither the stop nor the start', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ssh-restart-cut-'));
  const tree = join(folder, 'cs6');
  const estate = await startSshHosts(join(folder, 'ssh'), new Map([['cs6', tree]]));
  const place = entryOf(estate.hosts, 'cs6');
  const host = probe(place, estate);
  expect(await host.lock({ run: 'r', by: 'test', expiry: 60_000, isDead: () => false })).toMatchObject({
    state: 'held',
  });
  const at = (name: string) => join(tree, 'opt', name);
  writeFileSync(at('stop'), '#!/bin/sh\ntouch /opt/stopping\nsleep 2\necho stopped\nkill `cat /opt/pid`\n', {
    mode: 0o755,
  });
  writeFileSync(at('start'), '#!/bin/sh\necho started\ntouch /opt/started\n', { mode: 0o755 });
  await host.run({ words: ['/bin/sh', '-c', 'sleep 600 >/dev/null 2>&1 & echo $! > /opt/pid'] });
  const command = (program: string) => ({ words: [program], directories: ['/opt'] });
  const restarting = findingOf(
    host.restart({
      ...{ stop: command('stop'), start: command('start'), names: [], beside: [] },
      processes: [Number(readFileSync(at('pid'), 'utf8'))],
      patience: { stopped: 20_000, failed: 20_000 },
    }),
  );
  await until(() => existsSync(at('stopping')), 'the stop');
  await host.close();
  expect((await restarting).code).toBe('host.closed');
  expect(existsSync(at('started'))).toBe(false);
  await until(() => existsSync(at('started')), 'the start');
  await estate.stop();
  rmSync(folder, { recursive: true, force: true });
});
