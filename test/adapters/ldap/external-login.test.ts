import { chmodSync, copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { DirectoryTls } from '../../../src/core/desired.ts';
import { makeCertificates, makeClientCertificate, type Slapd, type SlapdOptions } from '../../servers/slapd.ts';
import {
  collect,
  connectionForTest,
  directoryForTest,
  findingOf,
  makes,
  slapdForTest,
  type Target,
  temporaryFolder,
} from './support.ts';

const SERVICE = 'cn=reconcile,ou=Services,o=isp';
const QUERY = { base: 'o=isp', filter: '(uid=jdoe)', attributes: ['uid'] };
const JDOE = 'uid=jdoe,ou=People,o=example.com,o=isp';
const change = [{ operation: 'add', attribute: 'title', values: ['x'] } as const];

/** The identity that a certificate stands for, as slapd maps it. */
const mapped: SlapdOptions = {
  tls: true,
  global: ['TLSVerifyClient try', `authz-regexp "^cn=reconcile\\\\.example\\\\.com$" "${SERVICE}"`],
};

async function slapdWithClient(
  options: SlapdOptions = mapped,
): Promise<{ slapd: Slapd; tls: DirectoryTls; key: string }> {
  const slapd = await slapdForTest(options);
  makeClientCertificate(slapd.folder, '/CN=reconcile.example.com');
  const key = join(slapd.folder, 'client.key');
  chmodSync(key, 0o600);
  return { slapd, key, tls: { certificate: join(slapd.folder, 'client.pem'), key: { path: key } } };
}

describe('a client certificate', () => {
  it.each(['ldaps', 'startTls'] as const)('is the login where no other is stated: %s', async way => {
    const { slapd, tls } = await slapdWithClient();
    const url = way === 'ldaps' ? (slapd.ldapsUrl ?? '') : slapd.url;
    const connection = connectionForTest({ url, tls, startTls: way === 'startTls', ...(slapd.ca && { ca: slapd.ca }) });
    expect(await connection.server()).toMatchObject({
      url,
      identity: expect.stringMatching(/^cn=reconcile,ou=services,o=isp$/i),
    });
    expect(await connection.password()).toEqual({});
    expect(await connection.modify(JDOE, change)).toEqual({ state: 'done' });
  });

  it('is shown beside a name and a password too', async () => {
    const { slapd, tls } = await slapdWithClient({ ...mapped, global: ['TLSVerifyClient demand'] });
    const without = { ...slapd, url: slapd.ldapsUrl ?? '' };
    expect(await findingOf(connectionForTest(without).schema())).toMatchObject({ code: 'directory.unreachable' });
    expect(await collect(connectionForTest({ ...without, tls }).search(QUERY))).toHaveLength(1);
  });

  it('from a variable that holds the key', async () => {
    const { slapd, tls, key } = await slapdWithClient();
    const target = {
      url: slapd.ldapsUrl ?? '',
      password: readFileSync(key, 'utf8'),
      ...(slapd.ca && { ca: slapd.ca }),
    };
    const connection = connectionForTest({ ...target, tls: { ...tls, key: { env: 'LDAP_KEY' } } });
    expect(await collect(connection.search(QUERY))).toHaveLength(1);
    expect(inspect(connection, { depth: 9, showHidden: true })).not.toContain('PRIVATE KEY');
  });

  it('that the server takes for nobody does not read as nobody', async () => {
    const { slapd, tls } = await slapdWithClient({ tls: true });
    const finding = await findingOf(
      connectionForTest({ url: slapd.ldapsUrl ?? '', tls, ...(slapd.ca && { ca: slapd.ca }) }).schema(),
    );
    expect(finding.code).toBe('directory.login-refused');
    expect(finding.detail).toContain('SASL EXTERNAL');
    expect(finding.detail).toContain('directory.tls.certificate');
    expect(finding.detail).not.toContain('password');
  });

  it.each<[string, (tls: Slapd, own: DirectoryTls, key: string) => DirectoryTls, string]>([
    ['whose key others can read', (_, own, key) => readableByOthers(own, key), 'chmod 600 '],
    ['that is missing', (_, own) => ({ ...own, certificate: '/nowhere/client.pem' }), 'ENOENT'],
    ['whose key is missing', (_, own) => ({ ...own, key: { path: '/nowhere/client.key' } }), 'ENOENT'],
    [
      'with the key of another',
      ({ folder }, own) => ({ ...own, key: { path: ownCopy(join(folder, 'server.key')) } }),
      'not the key',
    ],
    [
      'whose key is a certificate',
      ({ folder }, own) => ({ ...own, key: { path: ownCopy(join(folder, 'ca.pem')) } }),
      'no private key',
    ],
  ])('%s is refused before anything is sent', async (_, spoil, words) => {
    const { slapd, tls, key } = await slapdWithClient();
    const target: Target = {
      url: slapd.ldapsUrl ?? '',
      tls: spoil(slapd, tls, key),
      ...(slapd.ca && { ca: slapd.ca }),
    };
    expect(await findingOf(connectionForTest(target).schema())).toMatchObject({
      code: 'directory.certificate-unusable',
      detail: expect.stringContaining(words),
    });
  });

  it('of another authority is refused by the server, and that is said', async () => {
    const { slapd } = await slapdWithClient({ ...mapped, global: ['TLSVerifyClient demand'] });
    const folder = temporaryFolder();
    makeCertificates(folder);
    makeClientCertificate(folder, '/CN=reconcile.example.com');
    chmodSync(join(folder, 'client.key'), 0o600);
    const tls = { certificate: join(folder, 'client.pem'), key: { path: join(folder, 'client.key') } };
    const finding = await findingOf(
      connectionForTest({ url: slapd.ldapsUrl ?? '', tls, ...(slapd.ca && { ca: slapd.ca }) }).schema(),
    );
    expect(finding).toMatchObject({ code: 'directory.unreachable' });
  });
});

function readableByOthers(own: DirectoryTls, key: string): DirectoryTls {
  chmodSync(key, 0o640);
  return own;
}

function ownCopy(path: string): string {
  const copy = join(temporaryFolder(), 'copy');
  copyFileSync(path, copy);
  chmodSync(copy, 0o600);
  return copy;
}

describe.each(makes)('a socket of this machine to %s', make => {
  it('needs no login: the server knows the user of the process', async () => {
    const socket = join(temporaryFolder(), 'ldapi socket');
    chmodSync(join(socket, '..'), 0o777);
    const uid = process.getuid?.() ?? 0;
    await directoryForTest(make, {
      slapd: {
        socket,
        global: [`authz-regexp "^gidNumber=[0-9]+\\\\+uidNumber=${uid},cn=peercred,cn=external,cn=auth$" "${SERVICE}"`],
      },
      ds389: {
        configuration: {
          'cn=config': {
            'nsslapd-ldapilisten': 'on',
            'nsslapd-ldapifilepath': socket,
            'nsslapd-ldapiautobind': 'on',
          },
        },
      },
    });
    const url = `ldapi://${encodeURIComponent(socket)}`;
    const connection = connectionForTest({ url });
    const identity = make === '389' ? /^cn=directory manager$/i : /^cn=reconcile,ou=services,o=isp$/i;
    expect(await connection.server()).toMatchObject({ url, identity: expect.stringMatching(identity) });
    expect(await connection.modify(JDOE, change)).toEqual({ state: 'done' });
    const gone = connectionForTest({ url: `ldapi://${encodeURIComponent(`${socket}2`)}` });
    expect(await findingOf(gone.schema())).toMatchObject({
      code: 'directory.unreachable',
      detail: expect.stringContaining('ENOENT'),
    });
  });
});

it.each(['ldapi://', 'ldapi://localhost', 'ldapi://%2', 'ldapi://%2Fa%00b'])('%s is no url of a socket', async url => {
  expect(await findingOf(connectionForTest({ url }).schema())).toMatchObject({ code: 'directory.url-invalid' });
});
