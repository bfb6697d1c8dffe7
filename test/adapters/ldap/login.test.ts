import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDirectory } from '../../../src/adapters/ldap/directory-client.ts';
import { directoryEntries } from '../../../src/lab/directory-content.ts';
import { freePort } from '../../../src/lab/process-list.ts';
import { Secret } from '../../../src/ports/secret.ts';
import { makeCertificates, type Slapd, startSlapd } from '../../servers/slapd.ts';
import { fakeServer } from './fake-server.ts';
import {
  collect,
  connectionForTest,
  desiredDirectory,
  directoryForTest,
  findingOf,
  IMPATIENT,
  makes,
  slapdForTest,
  type Target,
  temporaryFolder,
} from './support.ts';

const QUERY = { base: 'o=isp', filter: '(uid=jdoe)', attributes: ['uid'] };
const CANARY = 'canary-7391';

/** Another authority than the server's. */
function strangerCa(): string {
  const folder = temporaryFolder();
  makeCertificates(folder);
  return join(folder, 'ca.pem');
}

/** Passes everything on to a port and keeps what the client sent. */
async function recorder(
  port: number,
  own = '127.0.0.1',
): Promise<{ readonly url: string; readonly sent: () => Buffer }> {
  const chunks: Buffer[] = [];
  const sockets: Socket[] = [];
  const server = createServer(client => {
    const upstream = connect(port, '127.0.0.1');
    sockets.push(client, upstream);
    client.on('data', chunk => chunks.push(chunk));
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
    client.pipe(upstream).pipe(client);
  }).listen(0, own);
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) {
      socket.destroy();
    }
  });
  const address = server.address();
  const ownPort = typeof address === 'object' ? address?.port : undefined;
  return { url: `ldap://${own}:${ownPort}`, sent: () => Buffer.concat(chunks) };
}

describe('the password', () => {
  it.each(makes)('that is wrong is refused by %s once and not tried again', async make => {
    const directory = await directoryForTest(make);
    const tap = await recorder(directory.port);
    const connection = connectionForTest({ ...directory, url: tap.url, password: CANARY });
    const finding = await findingOf(collect(connection.search(QUERY)));
    expect(finding).toMatchObject({ code: 'directory.login-refused' });
    expect(finding.detail).toContain(`${tap.url} as cn=reconcile,ou=Services,o=isp: result 49 invalidCredentials`);
    expect(await findingOf(connection.schema())).toEqual(finding);
    expect(tap.sent().toString('latin1').split(CANARY)).toHaveLength(2);
  });

  it('of an account that 389 has locked is told as refused, with the reason', async () => {
    const content = directoryEntries({ suffix: 'o=isp', domain: 'example.com', users: 1, groups: 0, resources: 0 });
    const entries = [...content].map(entry =>
      entry.dn.startsWith('cn=reconcile,')
        ? { ...entry, attributes: { ...entry.attributes, nsAccountLock: ['true'] } }
        : entry,
    );
    const finding = await findingOf(connectionForTest(await directoryForTest('389', { entries })).schema());
    expect(finding).toMatchObject({
      code: 'directory.login-refused',
      detail: expect.stringContaining('53 unwillingToPerform: Account inactivated'),
    });
  });

  it.each(makes)('that is empty is never sent: %s would let it in as nobody', async make => {
    const directory = await directoryForTest(make, {
      slapd: { global: ['allow bind_anon_dn'] },
      ds389: { configuration: { 'cn=config': { 'nsslapd-allow-unauthenticated-binds': 'on' } } },
    });
    const tap = await recorder(directory.port);
    const finding = await findingOf(connectionForTest({ ...directory, url: tap.url, password: '' }).schema());
    expect(finding).toMatchObject({ code: 'directory.login-refused', detail: expect.stringContaining('empty') });
    expect(tap.sent()).toHaveLength(0);
  });

  it('is in no error, whatever happens', async () => {
    const echo = await fakeServer((asked, answer) => {
      answer.done(asked.what === 'bind' ? 49 : 0, `you said ${CANARY}\n${CANARY}`);
      return true;
    });
    const cut = await fakeServer((asked, answer) => {
      answer.socket.destroy();
      return asked.what === 'bind';
    });
    const noise = await fakeServer((asked, answer) => {
      answer.raw(Buffer.from('\u0030\u0005\u0004\u0003abc', 'latin1'));
      return asked.what === 'bind';
    });
    const mute = await fakeServer(() => true);
    const targets: readonly Target[] = [
      echo,
      cut,
      noise,
      mute,
      { ...echo, url: `ldap://127.0.0.1:${await freePort()}` },
      { ...echo, url: `ldap://user:${CANARY}@127.0.0.1:${await freePort()}` },
      { ...echo, url: `ldap://user:${CANARY}@ldap.example.com` },
      { ...echo, startTls: true },
      { ...echo, url: 'nonsense' },
    ];
    for (const target of targets) {
      const connection = connectionForTest({ ...target, password: CANARY, timing: IMPATIENT });
      const error = await collect(connection.search(QUERY)).catch((thrown: unknown) => thrown);
      const shown = `${inspect(error, { depth: 9, showHidden: true })} ${JSON.stringify(error)} ${String(error)}`;
      expect(shown).toContain('directory.');
      expect(shown).not.toContain(CANARY);
      expect(inspect(connection, { depth: 9, showHidden: true })).not.toContain(CANARY);
    }
  });

  it('is not asked for when the connection would be in clear', async () => {
    for (const url of [
      'ldap://ldap.example.com',
      'ldap://10.0.0.1:389',
      'ldap://[2001:db8::1]',
      'ldap://127.example.com',
    ]) {
      let asked = false;
      const connection = openDirectory(desiredDirectory({ url, bindDn: 'cn=x', password: '' }), async () => {
        asked = true;
        return new Secret(CANARY);
      });
      expect(await findingOf(connection.schema())).toMatchObject({ code: 'directory.clear-text' });
      expect(asked).toBe(false);
    }
  });
});

/** A server of one old version of TLS alone, which passes everything on to slapd, in clear. */
async function oldServer({ port, folder }: Slapd, version: 'TLSv1' | 'TLSv1.1'): Promise<string> {
  const read = (name: string) => readFileSync(join(folder, name));
  const server = createTlsServer(
    {
      ...{ key: read('server.key'), cert: read('server.pem'), ciphers: 'DEFAULT@SECLEVEL=0' },
      ...{ minVersion: version, maxVersion: version },
    },
    client => {
      const upstream = connect(port, '127.0.0.1');
      client.on('error', () => upstream.destroy());
      upstream.on('error', () => client.destroy());
      client.pipe(upstream).pipe(client);
    },
  ).listen(0, '127.0.0.1');
  server.on('tlsClientError', () => undefined);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  return `ldaps://127.0.0.1:${typeof address === 'object' ? address?.port : undefined}`;
}

describe('TLS', () => {
  it('is used from the first byte with ldaps', async () => {
    const slapd = await slapdForTest({ tls: true });
    const target = { ...slapd, url: slapd.ldapsUrl ?? '' };
    expect(await collect(connectionForTest(target).search(QUERY))).toHaveLength(1);
  });

  it('is started on a plain connection before anything secret', async () => {
    const slapd = await slapdForTest({ tls: true });
    const tap = await recorder(slapd.port);
    const connection = connectionForTest({ ...slapd, url: tap.url, startTls: true });
    expect(await collect(connection.search(QUERY))).toHaveLength(1);
    expect(tap.sent().toString('latin1')).not.toContain(slapd.password);
    expect(tap.sent().toString('latin1')).not.toContain('jdoe');
  });

  it.each([false, true])('with another authority never sends the password (startTls: %s)', async startTls => {
    const slapd = await slapdForTest({ tls: true });
    const port = startTls ? slapd.port : Number(new URL(slapd.ldapsUrl ?? '').port);
    const tap = await recorder(port);
    const url = startTls ? tap.url : tap.url.replace('ldap:', 'ldaps:');
    const connection = connectionForTest({ ...slapd, url, startTls, ca: strangerCa() });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const finding = await findingOf(collect(connection.search(QUERY)));
      expect(finding).toMatchObject({
        code: 'directory.unreachable',
        detail: expect.stringContaining('directory.tls.ca'),
      });
    }
    const sent = tap.sent().toString('latin1');
    expect(sent.length).toBeGreaterThan(20);
    expect(sent).not.toContain(slapd.password);
    expect(sent).not.toContain('cn=reconcile');
  });

  it.each(makes)('that %s refuses to start is not done without', async make => {
    const directory = await directoryForTest(make);
    const tap = await recorder(directory.port);
    const connection = connectionForTest({ ...directory, url: tap.url, startTls: true });
    const finding = await findingOf(connection.schema());
    expect(finding).toMatchObject({
      code: 'directory.unreachable',
      detail: expect.stringContaining('refuses StartTLS'),
    });
    expect(tap.sent().toString('latin1')).not.toContain(directory.password);
  });

  it('for another name than the certificate has is told', async () => {
    const slapd = await slapdForTest({ tls: true });
    // The certificate is for 127.0.0.1.
    const tap = await recorder(slapd.port, '127.0.0.2');
    const finding = await findingOf(connectionForTest({ ...slapd, url: tap.url, startTls: true }).schema());
    expect(finding).toMatchObject({
      code: 'directory.unreachable',
      detail: expect.stringContaining('a name that it has'),
    });
    expect(tap.sent().toString('latin1')).not.toContain(slapd.password);
  });

  it('for a name that the file states is taken where the certificate has that name, and only then', async () => {
    const slapd = await slapdForTest({ tls: true });
    const tap = await recorder(slapd.port, '127.0.0.2');
    const target = { ...slapd, url: tap.url, startTls: true };
    for (const serverName of ['localhost', '127.0.0.1'])
      expect(await collect(connectionForTest({ ...target, tls: { serverName } }).search(QUERY))).toHaveLength(1);
    const other = connectionForTest({ ...target, tls: { serverName: 'ds1.example.com' } });
    expect(await findingOf(other.schema())).toMatchObject({ code: 'directory.unreachable' });
  });

  it.each(['TLSv1', 'TLSv1.1'] as const)(
    'of %s is refused with the way on, and used where the file allows it',
    async version => {
      const slapd = await slapdForTest({ tls: true });
      const url = await oldServer(slapd, version);
      const refused = await findingOf(connectionForTest({ ...slapd, url }).schema());
      expect(refused).toMatchObject({ code: 'directory.unreachable' });
      expect(refused?.detail).toContain('    directory.tls: { minVersion: TLSv1, ciphers: "DEFAULT@SECLEVEL=0" }');
      const tls = { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
      expect(await collect(connectionForTest({ ...slapd, url, tls }).search(QUERY))).toHaveLength(1);
    },
  );

  it('that breaks later ends every call', async () => {
    const folder = temporaryFolder();
    const slapd = await startSlapd(folder, { tls: true });
    const connection = connectionForTest({ ...slapd, startTls: true });
    await connection.schema();
    await slapd.kill();
    expect(await findingOf(collect(connection.search(QUERY)))).toMatchObject({ code: 'directory.connection-lost' });
    const change = { operation: 'add', attribute: 'title', values: ['x'] } as const;
    expect(await findingOf(connection.modify('uid=jdoe', [change]))).toMatchObject({
      code: 'directory.connection-lost',
    });
  });

  it.each([
    ['that is missing', undefined, 'ENOENT'],
    ['without a certificate', 'hello', ''],
    ['that is damaged', '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n', ''],
  ])('with an authority file %s is told before anything is sent', async (_, content, words) => {
    const slapd = await slapdForTest({ tls: true });
    const ca = join(temporaryFolder(), 'ca.pem');
    if (content !== undefined) {
      writeFileSync(ca, content);
    }
    const finding = await findingOf(connectionForTest({ ...slapd, startTls: true, ca }).schema());
    expect(finding).toMatchObject({ code: 'directory.ca-unreadable', detail: expect.stringContaining(words) });
  });
});

describe('a server that cannot be reached', () => {
  it('is told with what to check', async () => {
    const url = `ldap://localhost:${await freePort()}`;
    const finding = await findingOf(connectionForTest({ url, bindDn: 'cn=x', password: 'x' }).schema());
    expect(finding).toMatchObject({ code: 'directory.unreachable', detail: expect.stringContaining(url) });
    expect(finding.detail).toContain('No server listens there');
  });

  it.each(makes)('speaks plain LDAP where TLS was expected: %s', async make => {
    const directory = await directoryForTest(make);
    const target = { ...directory, url: directory.url.replace('ldap:', 'ldaps:'), timing: IMPATIENT };
    expect(await findingOf(connectionForTest(target).schema())).toMatchObject({ code: 'directory.unreachable' });
  });

  it.each(['http://127.0.0.1', 'nonsense', 'ldap'])('has a url that is none: %s', async url => {
    const connection = connectionForTest({ url, bindDn: 'cn=x', password: 'x' });
    expect(await findingOf(connection.schema())).toMatchObject({ code: 'directory.url-invalid' });
  });
});
