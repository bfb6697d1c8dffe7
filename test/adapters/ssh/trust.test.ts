import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HostPool } from '../../../src/adapters/ssh/host-pool.ts';
import { type ShownHostKey, trustHostKey } from '../../../src/adapters/ssh/known-hosts.ts';
import type { Access } from '../../../src/core/desired.ts';
import { type SshHosts, startSshHosts } from '../../servers/ssh-hosts.ts';
import { accessTo, entryOf, findingOf, settingsWith } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'ssh-trust-'));
let estate: SshHosts;

beforeAll(async () => {
  const names = ['bastion', 'one', 'two'];
  estate = await startSshHosts(folder, new Map(names.map(name => [name, join(folder, 'trees', name)])));
});

afterAll(async () => {
  await estate.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function show(access: Access): Promise<ShownHostKey> {
  const pool = new HostPool(settingsWith());
  try {
    return await pool.showHostKey(access);
  } finally {
    await pool.close();
  }
}

function access(name: string, knownHosts: string | undefined, changes: Partial<Access> = {}): Access {
  const { knownHosts: _none, ...rest } = accessTo(entryOf(estate.hosts, name), { ...estate, knownHosts: '' }, changes);
  return { ...rest, ...(knownHosts !== undefined && { knownHosts }) };
}

function file(name: string, text: string, mode = 0o644): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

const found = (path: string, name: string) => {
  const { address, port } = entryOf(estate.hosts, name);
  return execFileSync('ssh-keygen', ['-F', `[${address}]:${port}`, '-f', path], { encoding: 'utf8' });
};

describe('trust', () => {
  test('an unknown key is shown, added, and known then; the rest of the file and its mode stay', async () => {
    const path = file('kh', '# mine, without a line end', 0o640);
    const shown = await show(access('one', path));
    expect(shown).toMatchObject({ type: 'ssh-ed25519', file: path, verdict: { state: 'unknown' } });
    const printed = execFileSync('ssh-keygen', ['-lf', join(folder, 'host-one/ssh/host_key.pub')], {
      encoding: 'utf8',
    });
    expect(printed.split(' ')[1]).toBe(shown.fingerprint);
    await trustHostKey(shown);
    expect(readFileSync(path, 'utf8')).toMatch(/^# mine, without a line end\n\[127\.\S+\]:2222 ssh-ed25519 \S+\n$/);
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(found(path, 'one')).toContain('found: line 2');
    const again = await show(access('one', path));
    expect(again.verdict.state).toBe('known');
    await trustHostKey(again);
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(3);
  });

  test('the name is hashed where the file hashes names, and a link stays a link', async () => {
    const path = file('hashed', `other ${readFileSync(join(folder, 'id.pub'), 'utf8')}`);
    execFileSync('ssh-keygen', ['-q', '-H', '-f', path], { stdio: 'ignore' });
    const link = join(folder, 'link');
    symlinkSync(path, link);
    await trustHostKey(await show(access('one', link)));
    expect(readFileSync(path, 'utf8')).toMatch(/^(\|1\|.*\n){2}$/);
    expect(found(path, 'one')).toContain('found: line 2');
    expect((await show(access('one', link))).verdict.state).toBe('known');
  });

  test('a jump host that is not known comes first, then the host behind it', async () => {
    const path = file('jump', '');
    const { address, port } = entryOf(estate.hosts, 'bastion');
    const behind = access('two', path, { jump: [`clerk@${address}:${port}`] });
    const bastion = await show(behind);
    expect(bastion.endpoint).toMatchObject({ jump: true, address });
    await trustHostKey(bastion);
    const two = await show(behind);
    expect(two).toMatchObject({ endpoint: { jump: false }, verdict: { state: 'unknown' } });
    await trustHostKey(two);
    expect((await show(behind)).verdict.state).toBe('known');
  });

  test('a changed key is never added', async () => {
    const { address, port } = entryOf(estate.hosts, 'one');
    const text = `[${address}]:${port} ${readFileSync(join(folder, 'id.pub'), 'utf8')}`;
    const path = file('changed', text);
    const shown = await show(access('one', path));
    expect(shown.verdict).toMatchObject({ state: 'mismatch', line: { file: path, line: 1 } });
    await expect(trustHostKey(shown)).rejects.toThrow('contradicts');
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test('the folder and the file are created for their owner only', async () => {
    const path = join(folder, 'home', '.ssh', 'known_hosts');
    const shown = await show(access('one', file('empty', '')));
    await trustHostKey({ ...shown, file: path });
    expect(statSync(join(folder, 'home', '.ssh')).mode & 0o777).toBe(0o700);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(existsSync(path)).toBe(true);
  });

  test('a file that is stated and missing is an error, until a key is added to it', async () => {
    const path = join(folder, 'stated');
    const pool = new HostPool(settingsWith({ failureMemory: 0 }));
    const host = pool.open('one', access('one', path));
    expect((await findingOf(host.clock())).code).toBe('host.known-hosts-unreadable');
    await trustHostKey(await show(access('one', path)));
    expect(await host.clock()).toBeGreaterThan(0);
    await pool.close();
  });

  test('a file that cannot be written says so', async () => {
    const shown = await show(access('one', file('empty', '')));
    await expect(trustHostKey({ ...shown, file: join(folder, 'empty', 'below') })).rejects.toThrow(
      'no line can be added',
    );
  });
});
