import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { probeDirectory } from '../../../src/adapters/ldap/directory-probe.ts';
import { freePort } from '../../../src/lab/process-list.ts';
import type { DirectoryProbe } from '../../../src/ports/directory.ts';
import { Secret } from '../../../src/ports/secret.ts';
import { makeClientCertificate } from '../../servers/slapd.ts';
import {
  desiredDirectory,
  directoryForTest,
  findingOf,
  makes,
  slapdForTest,
  type Target,
  UNHURRIED,
} from './support.ts';

const year = 365 * 86_400_000;

function probesFor(target: Target): readonly DirectoryProbe[] {
  const resolve = async () => new Secret(target.password ?? '');
  const probes = probeDirectory(desiredDirectory(target), resolve, target.timing ?? UNHURRIED);
  onTestFinished(async () => void (await Promise.all(probes.map(probe => probe.close()))));
  return probes;
}

function probeFor(target: Target): DirectoryProbe {
  const [probe] = probesFor(target);
  if (!probe) throw new Error('there is no server');
  return probe;
}

describe.each(makes)('of %s is known', make => {
  it('each fact by itself', async () => {
    const directory = await directoryForTest(make);
    const probe = probeFor(directory);
    expect(await probe.reach()).toEqual({ address: '127.0.0.1' });
    expect(await probe.server()).toMatchObject({
      identity: expect.stringMatching(/^cn=reconcile,ou=services,o=isp$/i),
    });
    expect(await probe.password()).toEqual({});
    expect(await probe.takesChanges('o=isp')).toEqual({ state: 'takes' });
    expect((await probe.schema()).attributes.has('davstore')).toBe(true);
  });
});

it('how the connection is encrypted, and when the certificate ends', async () => {
  const slapd = await slapdForTest({ tls: true });
  for (const target of [{ url: slapd.ldapsUrl ?? '' }, { startTls: true }]) {
    const { tls } = await probeFor({ ...slapd, ...target }).reach();
    expect(tls).toMatchObject({
      version: 'TLSv1.3',
      cipher: expect.stringMatching(/^TLS_/),
      names: expect.stringContaining('DNS:localhost'),
    });
    expect((tls?.endsAt ?? 0) - Date.now()).toBeGreaterThan(9 * year);
  }
});

it('what fails costs its own fact alone', async () => {
  const slapd = await slapdForTest({ tls: true });
  const wrong = probeFor({ ...slapd, password: 'wrong', startTls: true });
  expect((await wrong.reach()).tls?.version).toBe('TLSv1.3');
  expect(await findingOf(wrong.takesChanges('o=isp'))).toMatchObject({ code: 'directory.login-refused' });
  makeClientCertificate(slapd.folder, '/CN=reconcile');
  const [certificate, path] = [join(slapd.folder, 'client.pem'), join(slapd.folder, 'client.key')];
  chmodSync(path, 0o644);
  const { bindDn: _, password: __, ...place } = slapd;
  const unsafe = probeFor({ ...place, startTls: true, tls: { certificate, key: { path } } });
  expect((await unsafe.reach()).tls?.version).toBe('TLSv1.3');
  expect(await findingOf(unsafe.server())).toMatchObject({ code: 'directory.certificate-unusable' });
});

it('each server of a list is asked by itself', async () => {
  const slapd = await slapdForTest();
  const dead = `ldap://127.0.0.1:${await freePort()}`;
  const [first, second] = probesFor({ ...slapd, url: dead, otherUrls: [slapd.url] });
  expect([first?.url, second?.url]).toEqual([dead, slapd.url]);
  expect(await findingOf(first?.reach() ?? Promise.resolve())).toMatchObject({ code: 'directory.unreachable' });
  expect(await second?.server()).toMatchObject({ url: slapd.url, passedOver: [] });
});

it('a clear password over a network is refused before anything is looked up', async () => {
  const probe = probeFor({ url: 'ldap://ldap.example.com', bindDn: 'cn=x', password: 'x' });
  for (const ask of [() => probe.reach(), () => probe.server(), () => probe.takesChanges('o=isp')])
    expect(await findingOf(ask())).toMatchObject({ code: 'directory.clear-text' });
});
