import { describe, expect, it, onTestFinished } from 'vitest';
import { connectWire } from '../../../src/adapters/ldap/connect-directory.ts';
import { type DirectoryConnection, openDirectory } from '../../../src/adapters/ldap/directory-client.ts';
import { buildEndpoint } from '../../../src/adapters/ldap/endpoint.ts';
import { Secret } from '../../../src/ports/secret.ts';
import type { TestDirectory } from '../../servers/directory-server.ts';
import { type LdapRelay, type RelayLimits, startLdapRelay } from '../../servers/ldap-relay.ts';
import { startSlapd } from '../../servers/slapd.ts';
import { settle, until } from '../../tools/until.ts';
import { fakeServer } from './fake-server.ts';
import {
  administer,
  againForTest,
  collect,
  connectionForTest,
  desiredDirectory,
  directoryForTest,
  findingOf,
  makes,
  slapdForTest,
  UNHURRIED,
} from './support.ts';

const PEOPLE = 'ou=People,o=example.com,o=isp';
const JDOE = `uid=jdoe,${PEOPLE}`;
const USERS = { base: 'o=isp', filter: '(objectClass=icsCalendarUser)', attributes: ['uid'] };
const timing = { ...UNHURRIED, fresh: 100 };
/** A connection that was dropped without a sign is given up after `connect`. */
const forgetting = { ...timing, connect: 2_000 };

const title = (value: string, old?: string) => [
  ...(old === undefined ? [] : [{ operation: 'delete', attribute: 'title', values: [old] } as const]),
  { operation: 'add', attribute: 'title', values: [value] } as const,
];

async function relayTo(directory: TestDirectory, limits?: RelayLimits): Promise<LdapRelay> {
  const relay = await startLdapRelay(directory.port, limits);
  onTestFinished(() => relay.stop());
  return relay;
}

async function titlesOf(connection: DirectoryConnection): Promise<readonly string[]> {
  const query = { base: JDOE, scope: 'base', filter: '(objectClass=*)', attributes: ['title'] } as const;
  const [entry] = await collect(connection.search(query));
  return entry?.attributes.get('title') ?? [];
}

describe('a list of servers', () => {
  it('is tried in its order, and the run stays with the first that answers', async () => {
    const directory = await directoryForTest('slapd');
    const relay = await relayTo(directory);
    const closed = 'ldap://127.0.0.1:9';
    const wanted = { ...desiredDirectory({ ...directory, url: closed }), otherUrls: [relay.url, directory.url] };
    const connection = openDirectory(wanted, async () => new Secret(directory.password), timing);
    onTestFinished(() => connection.close());
    expect((await collect(connection.search(USERS))).length).toBeGreaterThan(0);
    await relay.stop();
    await settle();
    const finding = await findingOf(connection.modify(JDOE, title('x')));
    expect(finding.detail).not.toContain(directory.url);
  });

  it('that nobody of answers says so of each', async () => {
    const wanted = {
      ...desiredDirectory({ url: 'ldap://127.0.0.1:9', bindDn: 'cn=x', password: '' }),
      otherUrls: ['ldap://127.0.0.1:10'],
    };
    const connection = openDirectory(wanted, async () => new Secret('x'), timing);
    const finding = await findingOf(connection.schema());
    expect(finding.code).toBe('directory.unreachable');
    for (const port of [9, 10]) expect(finding.detail).toContain(`ldap://127.0.0.1:${port}`);
  });
});

describe.each(makes)('a connection to %s that is lost while nothing is under way', make => {
  it.each(['cut', 'forget'] as const)('is opened again when it is needed: %s', async way => {
    const directory = await directoryForTest(make);
    const relay = await relayTo(directory);
    const limits = way === 'forget' ? forgetting : timing;
    const connection = connectionForTest({ ...directory, url: relay.url, timing: limits });
    expect(await connection.modify(JDOE, title('a'))).toEqual({ state: 'done' });
    for (const [value, old] of [
      ['b', 'a'],
      ['c', 'b'],
    ] as const) {
      relay[way]();
      await settle();
      expect(await connection.modify(JDOE, title(value, old))).toEqual({ state: 'done' });
    }
    relay[way]();
    await settle();
    expect(await titlesOf(connection)).toEqual(['c']);
    expect(relay.binds(), 'one login for each connection').toBe(4);
  });

  it('is opened again once, whatever is waiting for it', async () => {
    const directory = await directoryForTest(make);
    const relay = await relayTo(directory);
    const connection = connectionForTest({ ...directory, url: relay.url, timing });
    await connection.schema();
    relay.cut();
    await settle();
    const many = [0, 1, 2, 3, 4, 5].map(() => collect(connection.search(USERS)));
    for (const found of await Promise.all(many)) expect(found).toHaveLength(20);
    expect(relay.binds()).toBe(2);
  });

  it('is not opened again to a server that has not got the last confirmed change', async () => {
    const directory = await directoryForTest(make);
    const behind = await directoryForTest(make);
    const relay = await relayTo(directory);
    const connection = connectionForTest({ ...directory, url: relay.url, timing });
    await connection.modify(JDOE, title('a'));
    relay.lead(behind.port);
    relay.cut();
    await settle();
    const finding = await findingOf(connection.modify(JDOE, title('b', 'a')));
    // Each 389 says in its root entry which one it is.
    expect(finding.code).toBe(make === '389' ? 'directory.other-server' : 'directory.write-missing');
    if (make === 'slapd') expect(finding.detail).toContain(`${JDOE}: the server had confirmed`);
    expect(await findingOf(collect(connection.search(USERS))), 'and stays refused').toEqual(finding);
    expect(await titlesOf(connectionForTest(behind))).toEqual([]);
    expect(relay.binds()).toBe(2);
  });

  it('is not opened again where the login is refused by then, and that is not tried again', async () => {
    const directory = await directoryForTest(make);
    const relay = await relayTo(directory);
    const connection = connectionForTest({ ...directory, url: relay.url, timing });
    await connection.schema();
    administer(
      directory,
      `dn: ${directory.bindDn}`,
      'changetype: modify',
      'replace: userPassword',
      'userPassword: another',
    );
    relay.cut();
    await settle();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(await findingOf(collect(connection.search(USERS)))).toMatchObject({
        code: 'directory.login-refused',
        detail: expect.stringContaining('49 invalidCredentials'),
      });
    }
    expect(relay.binds()).toBe(2);
  });

  it('ends with what happened where nothing listens any more', async () => {
    const directory = await directoryForTest(make);
    const connection = connectionForTest({ ...directory, timing });
    await connection.schema();
    await directory.kill();
    const finding = await findingOf(connection.modify(JDOE, title('a')));
    expect(finding.code).toBe('directory.connection-lost');
    expect(finding.detail).toContain('It could not be opened again:');
    expect(finding.detail).toContain('No server listens there');
  });

  it('is opened again where the server was restarted', async () => {
    const directory = await directoryForTest(make);
    const connection = connectionForTest({ ...directory, timing });
    await connection.modify(JDOE, title('a'));
    await directory.stop();
    await againForTest(make, directory);
    expect(await connection.modify(JDOE, title('b', 'a'))).toEqual({ state: 'done' });
  });
});

describe('the idle limit of slapd itself', () => {
  it('costs a login each time it strikes, and nothing else', async () => {
    const slapd = await slapdForTest({ global: ['idletimeout 1'] });
    const relay = await relayTo(slapd);
    const connection = connectionForTest({ ...slapd, url: relay.url, timing });
    await connection.modify(JDOE, title('a'));
    await until(() => relay.open() === 0, 'slapd ends it');
    await settle();
    expect(await connection.modify(JDOE, title('b', 'a'))).toEqual({ state: 'done' });
    expect(relay.binds()).toBe(2);
  });
});

describe('what was under way when the connection was lost', () => {
  it('stays unknown, is not sent again, and no change follows it; reading goes on', async () => {
    let mute = false;
    const server = await fakeServer((asked, answer) => {
      if (asked.what !== 'modify' || !mute) return false;
      answer.socket.destroy();
      return true;
    });
    const connection = connectionForTest({ ...server, timing });
    expect(await connection.modify(JDOE, title('a'))).toEqual({ state: 'done' });
    mute = true;
    const [first, second] = await Promise.all([
      findingOf(connection.modify(JDOE, title('b'))),
      findingOf(connection.modify('uid=other,o=isp', title('b'))),
    ]);
    expect([first?.code, second?.code]).toEqual(['directory.outcome-unknown', 'directory.outcome-unknown']);
    mute = false;
    const sent = () => server.log.filter(({ what }) => what === 'modify').length;
    const before = sent();
    expect(await findingOf(connection.modify('uid=third,o=isp', title('c')))).toMatchObject({
      code: 'directory.connection-lost',
      detail: expect.stringMatching(/uid=third,o=isp was not sent/),
    });
    expect(sent()).toBe(before);
    expect(await collect(connection.search(USERS))).toEqual([]);
  });

  it('is read again from its beginning where no entry of it was handed out', async () => {
    let cuts = 2;
    const server = await fakeServer((asked, answer) => {
      if (asked.what !== 'search' || asked.base !== 'o=isp') return false;
      if (cuts > 0) {
        cuts -= 1;
        answer.socket.destroy();
        return true;
      }
      answer.entry('uid=a,o=isp');
      answer.done();
      return true;
    });
    expect(await collect(connectionForTest({ ...server, timing }).search(USERS))).toHaveLength(1);
    expect(server.log.filter(({ what }) => what === 'bind')).toHaveLength(3);
  });

  it('is never taken for the whole where entries had been handed out', async () => {
    let searches = 0;
    const server = await fakeServer(async (asked, answer) => {
      if (asked.what !== 'search' || asked.base !== 'o=isp') return false;
      searches += 1;
      answer.entry('uid=a,o=isp');
      await settle();
      answer.socket.destroy();
      return true;
    });
    const seen: string[] = [];
    const reading = async () => {
      for await (const { dn } of connectionForTest({ ...server, timing }).search(USERS)) seen.push(dn);
    };
    expect(await findingOf(reading())).toMatchObject({ code: 'directory.connection-lost' });
    expect(seen).toEqual(['uid=a,o=isp']);
    expect(searches).toBe(1);
  });
});

describe('a connection that is lost again and again', () => {
  it('ends with a finding that says so, after as many logins as are allowed', async () => {
    const server = await fakeServer((asked, answer) => {
      if (asked.what !== 'search' || asked.base !== 'o=isp') return false;
      answer.socket.destroy();
      return true;
    });
    const connection = connectionForTest({ ...server, timing });
    const finding = await findingOf(collect(connection.search(USERS)));
    expect(finding.code).toBe('directory.connection-lost');
    const next = await findingOf(connection.modify(JDOE, title('a')));
    expect(next.detail).toContain('opened again 3 times in a row');
    expect(await findingOf(collect(connection.search(USERS)))).toEqual(next);
    expect(server.log.filter(({ what }) => what === 'bind')).toHaveLength(4);
  });

  it('may be opened again as often as something was done over it', async () => {
    const directory = await slapdForTest();
    const relay = await relayTo(directory);
    const connection = connectionForTest({ ...directory, url: relay.url, timing });
    for (let round = 0; round < 8; round += 1) {
      expect(await collect(connection.search(USERS))).toHaveLength(20);
      relay.cut();
      await settle();
    }
    expect(relay.binds()).toBe(8);
  });
});

describe('a server that answers in the place of another', () => {
  it('is refused when it says that it is another, or takes us for another', async () => {
    for (const [second, code] of [
      [{ vendorVersion: ['2'] }, 'directory.other-server'],
      [{ who: 'dn:cn=other' }, 'directory.identity-lost'],
    ] as const) {
      let binds = 0;
      const server = await fakeServer(
        (asked, answer) => {
          if (asked.what === 'bind') binds += 1;
          if (asked.what === 'extended' && binds > 1 && 'who' in second) {
            answer.extended(0, '', second.who);
            return true;
          }
          if (asked.what !== 'search' || asked.base !== '' || !('vendorVersion' in second)) return false;
          answer.entry('', { vendorVersion: binds > 1 ? second.vendorVersion : ['1'] });
          answer.done();
          return true;
        },
        { whoAmI: true },
      );
      const connection = connectionForTest({ ...server, timing });
      await collect(connection.search(USERS));
      server.cut();
      await settle();
      expect(await findingOf(collect(connection.search(USERS)))).toMatchObject({ code });
      expect(await findingOf(connection.modify(JDOE, title('a')))).toMatchObject({ code });
      expect(binds).toBe(2);
    }
  });
});

describe('the address of the first connection', () => {
  it('is used again without looking its name up, and the certificate still has to be for the name', async () => {
    const slapd = await slapdForTest({ tls: true });
    const port = Number(new URL(slapd.ldapsUrl ?? '').port);
    const { ca } = slapd;
    const url = `ldaps://localhost:${port}`;
    const endpoint = buildEndpoint(desiredDirectory({ ...slapd, url, ...(ca === undefined ? {} : { ca }) }));
    const wire = await connectWire(endpoint, UNHURRIED, '127.0.0.1');
    expect(wire.peer).toMatchObject({ address: '127.0.0.1', certificate: expect.stringMatching(/^[0-9A-F:]{95}$/) });
    wire.close();
    const elsewhere = { ...endpoint, host: 'ldap.invalid' };
    expect(await findingOf(connectWire(elsewhere, UNHURRIED, '127.0.0.1'))).toMatchObject({
      code: 'directory.unreachable',
      detail: expect.stringContaining('a name that it has'),
    });
  });
});

describe.each(makes)('rights that are taken away in the middle on %s', make => {
  it('refuse each further change, and none is unknown', async () => {
    const directory = await directoryForTest(make);
    const relay = await relayTo(directory);
    const connection = connectionForTest({ ...directory, url: relay.url, timing });
    expect(await connection.modify(JDOE, title('a'))).toEqual({ state: 'done' });
    if (make === '389') {
      const deny = '(targetattr="title")(version 3.0; acl "none"; deny (write) userdn="ldap:///anyone";)';
      administer(directory, 'dn: o=isp', 'changetype: modify', 'add: aci', `aci: ${deny}`);
    } else {
      await directory.stop();
      const { folder, port } = directory;
      const again = await startSlapd(folder, { port, database: ['access to attrs=title by * read'] });
      onTestFinished(() => again.kill());
    }
    const results = await Promise.all([title('b', 'a'), title('c', 'a')].map(parts => connection.modify(JDOE, parts)));
    for (const result of results)
      expect(result).toMatchObject({
        state: 'refused',
        detail: expect.stringContaining('50 insufficientAccessRights'),
      });
    expect(await titlesOf(connection)).toEqual(['a']);
  });
});
