import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HostPool } from '../../../src/adapters/ssh/host-pool.ts';
import { hostCertificateFault, readCertificate } from '../../../src/adapters/ssh/ssh-certificate.ts';
import { type SshHosts, startSshHosts } from '../../servers/ssh-hosts.ts';
import { openHost } from './open-host.ts';
import { accessTo, entryOf, findingOf, settingsWith } from './support.ts';

/* Hosts that known_hosts knows by an authority only (`@cert-authority`). */

const folder = mkdtempSync(join(tmpdir(), 'ssh-host-certificates-'));
let estate: SshHosts;

function keygen(...words: string[]): void {
  execFileSync('ssh-keygen', ['-q', ...words]);
}

const publicKey = (path: string) => readFileSync(`${path}.pub`, 'utf8').trim();
const place = (name: string) => entryOf(estate.hosts, name);
const certificateOf = (name: string) => join(folder, `host-${name}/ssh/host_key-cert.pub`);

/** Certifies the key of a host anew. */
async function certify(name: string, authority: string, ...options: string[]): Promise<void> {
  rmSync(certificateOf(name), { force: true });
  keygen('-s', join(folder, authority), '-h', '-I', name, ...options, join(folder, `host-${name}/ssh/host_key.pub`));
  await place(name).restart();
}

beforeAll(async () => {
  for (const [name, type] of [
    ['ca-ed', 'ed25519'],
    ['ca-rsa', 'rsa'],
    ['ca-ec', 'ecdsa'],
    ['stranger', 'ed25519'],
  ] as const)
    keygen('-t', type, '-N', '', '-C', '', '-f', join(folder, name));
  const trees = new Map(['bastion', 'one', 'plain'].map(name => [name, join(folder, 'trees', name)]));
  estate = await startSshHosts(folder, trees, { sshd: ['HostCertificate /etc/ssh/host_key-cert.pub'] });
});

afterAll(async () => {
  await estate.stop();
  rmSync(folder, { recursive: true, force: true });
});

function knownBy(authority: string, more = ''): string {
  const path = join(folder, `known-by-${authority}`);
  const { address } = place('one');
  writeFileSync(path, `${more}@cert-authority 127.*,!${address}x ${publicKey(join(folder, authority))}\n`);
  return path;
}

const reach = (knownHosts: string, jump: readonly string[] = []) => {
  const host = openHost('one', accessTo(place('one'), { ...estate, knownHosts }, { jump }), settingsWith());
  return host.clock().finally(() => host.close());
};

describe('a host that an authority vouches for', () => {
  test.each(['ca-ed', 'ca-rsa', 'ca-ec'])('is known: %s', async authority => {
    await certify('one', authority, '-n', place('one').address);
    expect(await reach(knownBy(authority))).toBeGreaterThan(0);
  });

  test('through a jump host that the authority vouches for as well', async () => {
    await Promise.all(['bastion', 'one'].map(name => certify(name, 'ca-ed', '-n', '127.*')));
    expect(await reach(knownBy('ca-ed'), [`root@${place('bastion').address}:2222`])).toBeGreaterThan(0);
    const pool = new HostPool(settingsWith());
    const shown = await pool.showHostKey(accessTo(place('one'), { ...estate, knownHosts: knownBy('ca-ed') }));
    await pool.close();
    expect(shown).toMatchObject({ type: 'ssh-ed25519', verdict: { state: 'known' } });
  });

  test('a stated fingerprint and a known key need no authority', async () => {
    expect(await reach(estate.knownHosts)).toBeGreaterThan(0);
  });
});

describe('a certificate that does not count', () => {
  test.each([
    ['of another authority', 'stranger', ['-n', '127.*'], 'another authority signed'],
    ['for another host', 'ca-ed', ['-n', 'elsewhere'], 'it is for elsewhere'],
    ['that has expired', 'ca-ed', ['-n', '127.*', '-V', '20200101:20200102'], 'not valid at this time'],
    ['that is not valid yet', 'ca-ed', ['-n', '127.*', '-V', '20990101:20990102'], 'not valid at this time'],
  ])('%s', async (_, authority, options, reason) => {
    await certify('one', authority, ...options);
    const finding = await findingOf(reach(knownBy('ca-ed')));
    expect(finding).toMatchObject({ code: 'host.key-unknown', detail: expect.stringContaining(reason) });
    expect(finding.detail).toContain(`${knownBy('ca-ed')}:1 names a certificate authority for it`);
  });

  test('of an authority that is revoked, and a key that is revoked', async () => {
    await certify('one', 'ca-ed', '-n', '127.*');
    const revoked = knownBy('ca-ed', `@revoked * ${publicKey(join(folder, 'ca-ed'))}\n`);
    expect((await findingOf(reach(revoked))).code).toBe('host.key-unknown');
    const key = knownBy('ca-ed', `@revoked * ${publicKey(join(folder, 'host-one/ssh/host_key'))}\n`);
    expect((await findingOf(reach(key))).code).toBe('host.key-revoked');
  });

  test('a host that shows none', async () => {
    const { address, port } = place('plain');
    const host = openHost(
      'plain',
      accessTo({ address, port }, { ...estate, knownHosts: knownBy('ca-ed') }),
      settingsWith(),
    );
    const finding = await findingOf(host.clock());
    expect(finding).toMatchObject({
      code: 'host.key-unknown',
      detail: expect.stringContaining('shows no certificate'),
    });
  });

  test('one byte of it changed', () => {
    const blob = Buffer.from(readFileSync(certificateOf('one'), 'utf8').split(' ')[1] ?? '', 'base64');
    const good = readCertificate(blob);
    expect(good && hostCertificateFault(good, '127.0.0.1', Date.now())).toBeUndefined();
    const faults = Array.from({ length: blob.length }, (_, at) => {
      const bad = Buffer.from(blob);
      bad.writeUInt8(bad.readUInt8(at) ^ 1, at);
      const read = readCertificate(bad);
      return read === undefined || !good || !read.authority.equals(good.authority)
        ? 'unread'
        : hostCertificateFault(read, '127.0.0.1', Date.now());
    });
    expect(faults.filter(fault => fault === undefined)).toEqual([]);
    expect(readCertificate(blob.subarray(0, 40))).toBeUndefined();
    expect(readCertificate(Buffer.alloc(0))).toBeUndefined();
  });
});
