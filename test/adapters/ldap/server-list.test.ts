import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type DirectoryConnection, openDirectory } from '../../../src/adapters/ldap/directory-client.ts';
import { freePort } from '../../../src/lab/process-list.ts';
import { Secret } from '../../../src/ports/secret.ts';
import { until } from '../../tools/until.ts';
import { type Answerer, fakeServer } from './fake-server.ts';
import {
  administer,
  collect,
  connectionForTest,
  desiredDirectory,
  directoryForTest,
  findingOf,
  IMPATIENT,
  type Make,
  makes,
  slapdForTest,
  type Target,
  UNHURRIED,
} from './support.ts';

const JDOE = 'uid=jdoe,ou=People,o=example.com,o=isp';
const USERS = { base: 'o=isp', filter: '(objectClass=icsCalendarUser)', attributes: ['uid'] };
const DATABASE = 'cn=userroot,cn=ldbm database,cn=plugins,cn=config';
const WRITABLE = 'ldap://writable.example.com:389';
const timing = { ...UNHURRIED, connect: 3_000 };

const readOnly: Readonly<Record<Make, object>> = {
  slapd: { slapd: { database: ['readonly on'] } },
  '389': { ds389: { configuration: { [DATABASE]: { 'nsslapd-readonly': 'on' } } } },
};

const replica: Readonly<Record<Make, object>> = {
  slapd: {
    slapd: {
      database: [
        `syncrepl rid=1 provider=ldap://127.0.0.1:9 type=refreshOnly searchbase="o=isp" bindmethod=simple`,
        `updateref ${WRITABLE}`,
      ],
    },
  },
  '389': {
    ds389: {
      configuration: {
        'cn=o\\3Disp,cn=mapping tree,cn=config': {
          'nsslapd-state': 'referral on update',
          'nsslapd-referral': `${WRITABLE}/o=isp`,
        },
      },
    },
  },
};

/** Accepts connections and says nothing. */
async function muteServer(): Promise<string> {
  const server = createServer(socket => void socket.on('error', () => undefined)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  return `ldap://127.0.0.1:${typeof address === 'object' ? address?.port : undefined}`;
}

/** Does one thing, whatever it is asked. */
async function serverThat(act: (answer: Answerer) => void): Promise<string> {
  const { url } = await fakeServer((_, answer) => {
    act(answer);
    return true;
  });
  return url;
}

function connectionTo(urls: readonly string[], target: Target, use: 'read' | 'write'): DirectoryConnection {
  const [url = '', ...otherUrls] = urls;
  return connectionForTest({ timing, ...target, url, otherUrls, use });
}

const change = [{ operation: 'add', attribute: 'title', values: ['x'] } as const];

describe.each(makes)('of two servers of %s', make => {
  it.each([
    ['read-only', readOnly, '53 unwillingToPerform'],
    ['a replica', replica, '10 referral'],
  ] as const)(
    'the first is %s: reading uses it, writing the other one, which the run stays with',
    async (_, options, why) => {
      const first = await directoryForTest(make, options[make]);
      const second = await directoryForTest(make);
      const urls = [first.url, second.url];
      const reading = connectionTo(urls, second, 'read');
      expect(await reading.server()).toMatchObject({ url: first.url, passedOver: [] });
      const writing = connectionTo(urls, second, 'write');
      expect(await writing.modify(JDOE, change)).toEqual({ state: 'done' });
      expect(await writing.server()).toEqual({
        url: second.url,
        identity: expect.stringMatching(/^cn=reconcile,ou=services,o=isp$/i),
        passedOver: [{ url: first.url, why: 'takes-no-changes', detail: expect.stringContaining(why) }],
      });
      await second.kill();
      const finding = await findingOf(writing.modify(JDOE, change));
      expect(finding.code).toBe('directory.connection-lost');
      expect(finding.detail).not.toContain(first.url);
    },
  );

  it('none takes changes: the plan can be read, and the refusal names the referral and every server with its reason', async () => {
    const first = await directoryForTest(make, readOnly[make]);
    const second = await directoryForTest(make, replica[make]);
    const dead = `ldap://127.0.0.1:${await freePort()}`;
    const connection = connectionTo([dead, second.url, first.url], second, 'write');
    expect((await collect(connection.search(USERS))).length).toBeGreaterThan(0);
    expect(await connection.server()).toMatchObject({ url: second.url });
    const answer = await connection.wouldModify(JDOE, ['davStore']);
    expect(answer).toMatchObject({ state: 'elsewhere', urls: [expect.stringContaining(WRITABLE)] });
    const lines = 'detail' in answer ? answer.detail.split('\n') : [];
    for (const url of [dead, second.url, first.url])
      expect(
        lines.some(line => line.startsWith(url)),
        url,
      ).toBe(true);
    expect(lines.join('\n')).toContain('53 unwillingToPerform');
    expect(lines.join('\n')).toContain('ECONNREFUSED');
  });

  it('the one that writes is gone: that is an error, and no other server is taken', async () => {
    const first = await directoryForTest(make);
    const second = await directoryForTest(make);
    const connection = connectionTo([first.url, second.url], first, 'write');
    expect(await connection.modify(JDOE, change)).toEqual({ state: 'done' });
    await first.kill();
    const again = await findingOf(connection.wouldModify(JDOE, ['davStore']));
    expect(again).toMatchObject({ code: 'directory.connection-lost', detail: expect.stringContaining(first.url) });
  });
});

it('the first of two servers of 389 turns read-only: the run that has chosen it is refused, and the next takes the other', async () => {
  const first = await directoryForTest('389');
  const second = await directoryForTest('389');
  const urls = [first.url, second.url];
  const connection = connectionTo(urls, first, 'write');
  expect(await connection.server()).toMatchObject({ url: first.url });
  administer(first, `dn: ${DATABASE}`, 'changetype: modify', 'replace: nsslapd-readonly', 'nsslapd-readonly: on');
  expect(await connection.wouldModify(JDOE, ['davStore'])).toMatchObject({ state: 'refused', why: 'read-only' });
  expect(await connection.modify(JDOE, change)).toMatchObject({ state: 'refused' });
  expect(await connectionTo(urls, first, 'write').server()).toMatchObject({ url: second.url });
});

describe('the first of two servers', () => {
  it('without the right to change the base is one that takes changes', async () => {
    const first = await slapdForTest({ database: ['access to dn.base="o=isp" by * read'] });
    const second = await slapdForTest();
    const connection = connectionTo([first.url, second.url], first, 'write');
    expect(await connection.server()).toMatchObject({ url: first.url, passedOver: [] });
  });

  it.each([
    ['answers garbage', () => serverThat(answer => answer.raw(Buffer.from('HTTP/1.1 400 Bad')))],
    ['accepts and is mute', muteServer],
    ['is dead', async () => `ldap://127.0.0.1:${await freePort()}`],
    ['is busy', () => serverThat(answer => answer.done(51))],
    ['closes at the login', () => serverThat(answer => answer.socket.destroy())],
  ] as const)('%s: the second is used, and the first is named with the reason', async (_, start) => {
    const second = await slapdForTest();
    const url = await start();
    for (const use of ['read', 'write'] as const) {
      const connection = connectionTo([url, second.url], { ...second, timing: { ...IMPATIENT, silence: 5_000 } }, use);
      expect(await connection.server()).toMatchObject({
        url: second.url,
        passedOver: [{ url, why: 'unreachable', detail: expect.stringContaining(url) }],
      });
    }
  });

  it('shows a certificate that is not trusted: it gets no password, and the second is used', async () => {
    const first = await slapdForTest({ tls: true });
    const second = await slapdForTest({ tls: true });
    const url = first.ldapsUrl ?? '';
    const connection = connectionTo([url, second.ldapsUrl ?? ''], second, 'read');
    expect(await connection.server()).toMatchObject({
      url: second.ldapsUrl,
      passedOver: [{ url, why: 'unreachable', detail: expect.stringContaining('directory.tls.ca') }],
    });
  });

  it('refuses the login: no other server is tried, which would count it against the same account', async () => {
    const first = await slapdForTest();
    const asked = await fakeServer(() => false);
    const connection = connectionTo([first.url, asked.url], { ...first, password: 'wrong' }, 'write');
    expect(await findingOf(connection.schema())).toMatchObject({ code: 'directory.login-refused' });
    expect(asked.log).toEqual([]);
  });

  it('gets one login for a whole run, and each other one at most one', async () => {
    const first = await fakeServer((asked, answer) => {
      if (asked.what === 'modify') answer.done(53, 'read-only');
      return asked.what === 'modify';
    });
    const second = await fakeServer(() => false);
    const connection = openDirectory(
      desiredDirectory({ ...first, otherUrls: [second.url] }),
      async () => new Secret('canary'),
      timing,
      'write',
    );
    await Promise.all([connection.server(), connection.server(), connection.password()]);
    await connection.close();
    await until(() => [first, second].every(({ log }) => log.some(({ what }) => what === 'unbind')), 'both are left');
    for (const { log } of [first, second]) expect(log.filter(({ what }) => what === 'bind')).toHaveLength(1);
  });
});
