import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ssh2 from 'ssh2';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createSshKeyPair } from '../../../src/lab/embedded/ssh-server.ts';
import { davadminFile } from '../../../src/lab/lay-rehearsal.ts';
import { findingOf, readOne } from '../../adapters/ssh/support.ts';
import { settle, until } from '../../tools/until.ts';
import { bareHost, cs6Host, cs6Sbin, cs7Host, icsConf, type TestHost, temporaryFolder } from './support.ts';

const run = promisify(execFile);

/** The C client, as a person would use it. */
async function ssh(host: TestHost, ...words: readonly string[]): Promise<string> {
  const options = ['-o', `UserKnownHostsFile=${host.knownHosts}`, '-o', 'BatchMode=yes', '-F', 'none'];
  const place = ['-i', host.identity, '-p', String(host.server.port), `anyone@${host.server.address}`];
  return (await run('ssh', [...options, ...place, ...words])).stdout;
}

describe('an embedded host', () => {
  it('shows files whose content is full of its own paths, whatever bytes they have', async () => {
    const host = await bareHost();
    const binary = Buffer.from(Array.from({ length: 70_000 }, (_, at) => (at * 7919) % 256));
    const paths = Buffer.from(`/etc/opt/x ${host.tree}/etc/opt\n${host.tree}`);
    const files = new Map([
      ['/etc/opt/binary', binary],
      ['/etc/opt/paths', paths],
      ['/etc/opt/large', Buffer.concat(Array.from({ length: 40_000 }, () => paths))],
      ['/etc/opt/empty', Buffer.alloc(0)],
      ["/etc/opt/an 'odd' näme", paths],
    ]);
    for (const [path, content] of files) writeFileSync(host.pathOf(path), content);
    const readings = await host.open().files([...files.keys(), '/opt/none', '/var/opt/deep/none']);
    expect(readings.map(one => [one.asked, one.path])).toEqual([...files.keys()].map(path => [path, path]));
    for (const { asked, content } of readings)
      expect(content.equals(files.get(asked) ?? Buffer.of(1)), asked).toBe(true);
  });

  it('has a login that may bring along variables and aliases', async () => {
    const login = { variables: { BLOCK_SIZE: 'human-readable', LC_ALL: 'C' }, profile: "alias ls='ls -d'" };
    const host = await bareHost(undefined, login);
    writeFileSync(host.pathOf('/etc/opt/f'), Buffer.alloc(70_000));
    expect(await ssh(host, 'echo $BLOCK_SIZE $LC_ALL; ls /etc')).toBe('human-readable C\n/etc\n');
  });

  it('stores what is uploaded byte for byte, with a backup beside it', async () => {
    const host = await bareHost();
    const path = '/etc/opt/f.conf';
    writeFileSync(host.pathOf(path), 'was\n', { mode: 0o640 });
    const connection = host.open();
    const before = await readOne(connection, path);
    const content = Buffer.concat([
      Buffer.from(`/etc/opt/x '/opt' ${host.tree}/opt\n`),
      Buffer.alloc(300_000, '/var/opt/\xff'),
    ]);
    const backup = await connection.replace({ path, expected: before.content, content });
    expect(backup).toMatch(/^\/etc\/opt\/f\.conf\.reconcile-\d{8}T\d{6}Z$/);
    expect(readFileSync(host.pathOf(path)).equals(content)).toBe(true);
    expect(statSync(host.pathOf(path)).mode & 0o777).toBe(0o640);
    expect(readFileSync(host.pathOf(backup ?? ''), 'utf8')).toBe('was\n');
    await connection.replace({ path: '/etc/opt/fresh', expected: 'absent', content, like: path });
    expect((await readOne(connection, '/etc/opt/fresh')).content.equals(content)).toBe(true);
    expect(readdirSync(host.pathOf('/etc/opt')).filter(name => name.startsWith('.'))).toEqual([]);
  });

  it('lies behind a link and tells its own paths all the same', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'real/etc/opt'), { recursive: true });
    symlinkSync(join(folder, 'real'), join(folder, 'link'));
    writeFileSync(join(folder, 'real/etc/opt/f'), 'x');
    const host = await bareHost(join(folder, 'link'));
    expect(await readOne(host.open(), '/etc/opt/f')).toMatchObject({ asked: '/etc/opt/f', path: '/etc/opt/f' });
  });

  it('passes errors, exit codes and the clock on', async () => {
    const host = await bareHost();
    const connection = host.open();
    const listed = await connection.query({ words: ['ls', '/opt/none'] });
    expect(listed).toMatchObject({ state: 'ran', output: expect.stringContaining("'/opt/none'") });
    expect(await connection.query({ words: ['sh', '-c', 'exit 42'] })).toMatchObject({ code: 42 });
    expect(await connection.query({ words: ['sh', '-c', '/bin/pwd; cd /etc/opt; /bin/pwd'] })).toMatchObject({
      output: '/\n/etc/opt\n',
    });
    expect(await connection.query({ words: ['no-such-command'] })).toEqual({ state: 'absent' });
    expect(Math.abs((await connection.clock()) - Date.now())).toBeLessThan(300_000);
  });

  it('runs many commands at once', async () => {
    const host = await bareHost();
    writeFileSync(host.pathOf('/etc/opt/f'), 'x');
    const connection = host.open();
    const words = (at: number) => ['sh', '-c', `sleep 0.0${at % 10}; echo ${at}`];
    const runs = Array.from({ length: 40 }, (_, at) => connection.run({ words: words(at) }));
    const outputs = (await Promise.all(runs)).map(result => result.state === 'ran' && result.output.trim());
    expect(outputs).toEqual(Array.from({ length: 40 }, (_, at) => String(at)));
  });

  it('lets nobody in but the holder of the key', async () => {
    const host = await bareHost();
    writeFileSync(host.identity, createSshKeyPair().privateKey, { mode: 0o600 });
    expect(await findingOf(host.open().clock())).toMatchObject({ code: 'host.login-refused' });
  });

  it('knows nothing of the environment of this process', async () => {
    vi.stubEnv('LDAP_PASSWORD', 'canary-4711');
    onTestFinished(() => void vi.unstubAllEnvs());
    const result = await (await bareHost()).open().query({ words: ['env'] });
    expect(result).toMatchObject({ output: expect.stringContaining('HOSTNAME=probe') });
    expect(result).not.toMatchObject({ output: expect.stringContaining('canary') });
  });

  it('serves the C client: commands with their codes, no shell, no sftp', async () => {
    const host = await bareHost();
    writeFileSync(host.pathOf('/etc/opt/f'), 'hello\n');
    expect(await ssh(host, 'cat /etc/opt/f; cd /etc/opt && /bin/pwd')).toBe('hello\n/etc/opt\n');
    await expect(ssh(host, 'exit 7')).rejects.toMatchObject({ code: 7 });
    await expect(ssh(host, 'kill -9 $$')).rejects.toMatchObject({ code: 255 });
    await expect(ssh(host)).rejects.toMatchObject({ code: expect.any(Number) });
    await expect(ssh(host, '-s', 'sftp')).rejects.toMatchObject({ code: expect.any(Number) });
  });
});

/** What a plain client of ssh2 sees of a command. */
async function plainClient(
  host: TestHost,
  command: string,
): Promise<{ client: ssh2.Client; channel: ssh2.ClientChannel }> {
  const client = new ssh2.Client();
  onTestFinished(() => void client.destroy());
  const { address, port } = host.server;
  const ready = new Promise<void>(resolve => void client.once('ready', () => resolve()));
  client.connect({ host: address, port, username: 'x', privateKey: readFileSync(host.identity) });
  await ready;
  const channel = await new Promise<ssh2.ClientChannel>((resolve, reject) =>
    client.exec(command, (error, opened) => (error ? reject(error) : resolve(opened))),
  );
  return { client, channel };
}

function runs(pid: number): boolean {
  try {
    // A dead child of a dead parent stays in the list where the first process reaps late.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe('the processes of an embedded host', () => {
  it('end with the connection, those that they started too', async () => {
    const host = await bareHost();
    const { client, channel } = await plainClient(host, 'sleep 600 & echo $!; trap "" 1; sleep 600; sleep 600');
    const pid = Number(
      await new Promise<string>(resolve => channel.once('data', (chunk: Buffer) => resolve(String(chunk)))),
    );
    expect(runs(pid)).toBe(true);
    client.destroy();
    await until(() => !runs(pid), 'it has ended');
  });

  it('get signals and tell of them', async () => {
    const host = await bareHost();
    const { channel } = await plainClient(host, 'echo up; exec sleep 600');
    const exit = new Promise<readonly unknown[]>(resolve => channel.once('exit', (...words) => resolve(words)));
    channel.once('data', () => channel.signal('TERM'));
    expect((await exit).slice(0, 2)).toEqual([null, 'SIGTERM']);
  });

  it('survive a client that does not listen and one that sends what nobody reads', async () => {
    const host = await bareHost();
    const deaf = await plainClient(host, 'while echo /opt/xxxxxxxxxxxxxxxxxxxxxxxxxxx; do :; done');
    deaf.channel.pause();
    await settle();
    deaf.channel.close();
    deaf.client.destroy();
    const talker = await plainClient(host, 'true');
    talker.channel.on('error', () => undefined);
    talker.channel.end(Buffer.alloc(4_000_000));
    await settle();
    expect(await host.open().query({ words: ['echo', 'alive'] })).toMatchObject({ output: 'alive\n' });
  });

  it('are gone after stop', async () => {
    const host = await bareHost();
    const { channel } = await plainClient(host, 'echo $$; sleep 600');
    const pid = Number(
      await new Promise<string>(resolve => channel.once('data', (chunk: Buffer) => resolve(String(chunk)))),
    );
    await host.server.stop();
    expect(runs(pid)).toBe(false);
  });
});

describe('the stand-ins on it', () => {
  it('Calendar Server 6.3: configuration, restart, health', async () => {
    const host = await cs6Host();
    const connection = host.open();
    const { content, path } = await readOne(connection, icsConf);
    await connection.replace({
      path,
      expected: content,
      content: Buffer.concat([content, Buffer.from('a.b = "/opt/x"\n')]),
    });
    expect(await connection.run({ words: ['./start-cal'], directories: [cs6Sbin] })).toMatchObject({ code: 0 });
    const ps = { words: ['ps', '-e', '-o', 'pid', '-o', 'etime', '-o', 'args'] };
    expect(await connection.query(ps)).toMatchObject({ output: expect.stringContaining('cshttpd') });
    const running = readFileSync(host.pathOf('/var/opt/SUNWics5/tmp/running.json'), 'utf8');
    expect(JSON.parse(running).settings).toMatchObject({ 'a.b': '/opt/x' });
    expect(await connection.run({ words: ['./stop-cal'], directories: [cs6Sbin] })).toMatchObject({ code: 0 });
    expect(await connection.query({ words: ['showrev', '-p'] })).toMatchObject({
      output: expect.stringContaining('121657-54'),
    });
  });

  it('Calendar Server 7: a value that looks like a path is stored as it is', async () => {
    const host = await cs7Host();
    const connection = host.open();
    const asadmin = { words: ['./asadmin', 'start-domain', 'domain1'], directories: ['/opt/glassfish3/bin'] };
    expect(await connection.run(asadmin)).toMatchObject({ code: 0 });
    const davadmin = (...words: readonly string[]) => ({
      words: ['./davadmin', 'config', ...words, '-u', 'admin'],
      directories: ['/opt/sun/comms/davserver/sbin'],
      environment: { DAVADMIN_CLIFILE: davadminFile },
    });
    const option = 'davcore.scheduling.localuserattr';
    expect(await connection.run(davadmin('modify', '-o', option, '-v', '/var/opt/davStore'))).toMatchObject({
      code: 0,
    });
    expect(await connection.query(davadmin('-o', option))).toMatchObject({ output: `${option}: /var/opt/davStore\n` });
    const file = await readOne(connection, '/opt/sun/comms/davserver/config/davserver.properties');
    expect(file.path).toBe('/var/opt/sun/comms/davserver/config/davserver.properties');
    expect(file.content.toString()).toContain(`${option}=/var/opt/davStore\n`);
  });
});
