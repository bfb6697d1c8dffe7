import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { TestDirectory } from '../../servers/directory-server.ts';
import { startLdapRelay } from '../../servers/ldap-relay.ts';
import { settle, until } from '../../tools/until.ts';
import {
  administer,
  collect,
  connectionForTest,
  directoryForTest,
  findingOf,
  type Make,
  makes,
  UNHURRIED,
} from './support.ts';

const QUERY = { base: 'o=isp', filter: '(uid=jdoe)', attributes: ['uid'] };

/** In seconds; what is left out is not limited. */
interface Policy {
  readonly age?: number;
  readonly warning?: number;
  readonly grace?: number;
  readonly mustChange?: boolean;
}

/** A server with a password policy, under which its administrator has just set the password of the service entry. */
async function directoryWith(make: Make, policy: Policy): Promise<TestDirectory> {
  if (make === '389') return ds389With(policy);
  const slapd = await directoryForTest(make, {
    slapd: { global: ['moduleload ppolicy'], database: ['overlay ppolicy', 'ppolicy_default "cn=policy,o=isp"'] },
  });
  const { age = 0, warning = 0, grace = 0, mustChange = false } = policy;
  administer(
    slapd,
    ...['dn: cn=policy,o=isp', 'changetype: add', 'objectClass: device', 'objectClass: pwdPolicy', 'cn: policy'],
    ...['pwdAttribute: userPassword', `pwdMaxAge: ${age}`, `pwdExpireWarning: ${warning}`],
    ...[`pwdGraceAuthNLimit: ${grace}`, `pwdMustChange: ${mustChange ? 'TRUE' : 'FALSE'}`],
  );
  setPassword(slapd, slapd.password);
  return slapd;
}

async function ds389With({ age, warning, grace, mustChange }: Policy): Promise<TestDirectory> {
  const directory = await directoryForTest('389');
  administer(
    directory,
    ...modify(
      'cn=config',
      ...replace('passwordExp', age === undefined ? 'off' : 'on'),
      ...replace('passwordMaxAge', String(age ?? 8_640_000)),
      ...replace('passwordWarning', String(warning ?? 0)),
      ...replace('passwordGraceLimit', String(grace ?? 0)),
      ...replace('passwordMustChange', mustChange ? 'on' : 'off'),
    ),
  );
  setPassword(directory, directory.password);
  return directory;
}

function modify(dn: string, ...lines: readonly string[]): readonly string[] {
  return [`dn: ${dn}`, 'changetype: modify', ...lines];
}

function replace(attribute: string, value: string): readonly string[] {
  return [`replace: ${attribute}`, `${attribute}: ${value}`, '-'];
}

function setPassword(directory: TestDirectory, value: string): void {
  administer(directory, ...modify(directory.bindDn, ...replace('userPassword', value)));
}

/** What one command is told that logs in once. */
async function stateOf(directory: TestDirectory) {
  return connectionForTest(directory).password();
}

describe.each(makes)('a password of %s', make => {
  it('that does not expire has nothing said about it', async () => {
    expect(await stateOf(await directoryWith(make, {}))).toEqual({});
  });

  it('that expires is announced with the time that is left', async () => {
    const directory = await directoryWith(make, { age: 100_000, warning: 100_000 });
    await pause(1500);
    const before = Date.now();
    const { expiresAt = 0, ...rest } = await stateOf(directory);
    expect(rest).toEqual({});
    expect(Math.abs(expiresAt - before - 100_000_000)).toBeLessThan(600_000);
  });

  it('that has expired is accepted as often as is said, one login for each connection, and then refused once', async () => {
    const directory = await directoryWith(make, { age: 1, warning: 1, grace: 3 });
    await pause(2500);
    for (const left of [2, 1, 0]) {
      const connection = connectionForTest(directory);
      await connection.schema();
      expect(await collect(connection.search(QUERY))).toHaveLength(1);
      expect(await connection.password()).toMatchObject({ expired: true, graceLogins: left });
    }
    const relay = await startLdapRelay(directory.port);
    onTestFinished(() => relay.stop());
    const connection = connectionForTest({ ...directory, url: relay.url });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(await findingOf(collect(connection.search(QUERY)))).toMatchObject({
        code: 'directory.password-expired',
        detail: expect.stringContaining('49 invalidCredentials'),
      });
    }
    expect(relay.binds()).toBe(1);
  });

  it('that an administrator has set and that must be changed lets nobody in, and that is said', async () => {
    const directory = await directoryWith(make, { mustChange: true });
    // 389 may take a moment to see its own new policy.
    const asked = () => findingOf(collect(connectionForTest(directory).search(QUERY))).catch(() => undefined);
    await expect.poll(asked).toMatchObject({
      code: 'directory.password-expired',
      detail: expect.stringContaining('has to be changed before anything else'),
    });
  });

  it('that expires in the middle ends what is asked after the connection is lost, without a second try', async () => {
    const directory = await directoryWith(make, { age: 12, warning: 12 });
    const relay = await startLdapRelay(directory.port);
    onTestFinished(() => relay.stop());
    const connection = connectionForTest({ ...directory, url: relay.url, timing: { ...UNHURRIED, fresh: 100 } });
    expect(await collect(connection.search(QUERY))).toHaveLength(1);
    await until(
      () =>
        stateOf(directory).then(
          () => false,
          () => true,
        ),
      'it has expired',
    );
    relay.cut();
    await settle();
    for (let attempt = 0; attempt < 3; attempt += 1)
      expect(await findingOf(collect(connection.search(QUERY)))).toMatchObject({ code: 'directory.password-expired' });
    expect(relay.binds()).toBe(2);
  });
});
