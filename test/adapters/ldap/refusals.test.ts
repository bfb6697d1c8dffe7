import { describe, expect, it } from 'vitest';
import { fakeServer, onSearch } from './fake-server.ts';
import { collect, connectionForTest, directoryForTest, findingOf, slapdForTest } from './support.ts';

/** What is said of a refusal: the code, the server's own words, and what to do. */
const QUERY = { base: 'o=isp', filter: '(uid=jdoe)', attributes: ['uid'] };
const AD = (data: string) =>
  `80090308: LdapErr: DSID-0C09042A, comment: AcceptSecurityContext error, data ${data}, v3839`;

describe('a login', () => {
  it.each([
    ['wrong, at any server', 49, '', 'directory.login-refused', 'Check bindDn and password.'],
    ['wrong, at Active Directory', 49, AD('52e'), 'directory.login-refused', 'Check bindDn and password.'],
    ['unknown, at Active Directory', 49, AD('525'), 'directory.login-refused', 'knows no such entry'],
    ['outside its hours', 49, AD('530'), 'directory.login-refused', 'at this time of the day'],
    ['from a wrong machine', 49, AD('531'), 'directory.login-refused', 'from this machine'],
    ['expired, at Active Directory', 49, AD('532'), 'directory.password-expired', 'Set a new password'],
    ['disabled, at Active Directory', 49, AD('533'), 'directory.login-refused', 'disabled: enable it'],
    ['of an expired account', 49, AD('701'), 'directory.login-refused', 'expired: extend it'],
    ['that must be changed', 49, AD('773'), 'directory.password-expired', 'Set a new password'],
    ['locked, at Active Directory', 49, AD('775'), 'directory.login-refused', 'locked: unlock it'],
    [
      'locked, at 389',
      19,
      'Exceed password retry limit. Please try later.',
      'directory.login-refused',
      'locked: unlock it',
    ],
    ['expired, at 389', 49, 'password expired!', 'directory.password-expired', 'Set a new password'],
    [
      'disabled, at 389',
      53,
      'Account inactivated. Contact system administrator.',
      'directory.login-refused',
      'enable it',
    ],
    ['not encrypted', 13, 'confidentiality required', 'directory.login-refused', 'startTls: true'],
    ['not signed', 8, '', 'directory.login-refused', 'ldaps://'],
    ['without a password', 48, '', 'directory.login-refused', 'The entry has no password'],
    ['of no DN', 34, 'invalid DN', 'directory.login-refused', 'not a DN'],
    ['of a kind that is not offered', 7, '', 'directory.login-refused', 'does not offer this kind of login'],
  ] as const)('%s', async (_, status, words, code, says) => {
    const server = await fakeServer((asked, answer) => {
      if (asked.what === 'bind') answer.done(status, words);
      return asked.what === 'bind';
    });
    const finding = await findingOf(connectionForTest(server).schema());
    expect(finding).toMatchObject({ code, detail: expect.stringContaining(says) });
    expect(finding.detail).toContain(`result ${status} `);
    expect(finding.detail).toContain('does not try again');
    expect(server.log.filter(({ what }) => what === 'bind')).toHaveLength(1);
  });

  it('that slapd takes only over TLS is refused with the way on', async () => {
    const slapd = await slapdForTest({ global: ['security simple_bind=128'] });
    const finding = await findingOf(connectionForTest(slapd).schema());
    expect(finding).toMatchObject({
      code: 'directory.login-refused',
      detail: expect.stringContaining('startTls: true'),
    });
    expect(finding.detail).toContain('13 confidentialityRequired');
  });

  it('of 389 that was tried too often is locked, and said to be', async () => {
    const lockout = { passwordLockout: 'on', passwordMaxFailure: '2', passwordIsGlobalPolicy: 'on' };
    const directory = await directoryForTest('389', { ds389: { configuration: { 'cn=config': lockout } } });
    for (let attempt = 0; attempt < 3; attempt += 1)
      await findingOf(connectionForTest({ ...directory, password: 'wrong' }).schema());
    const finding = await findingOf(connectionForTest(directory).schema());
    expect(finding).toMatchObject({
      code: 'directory.login-refused',
      detail: expect.stringContaining('locked: unlock it'),
    });
  });
});

describe('a search', () => {
  it.each([
    [1, 'run the command again'],
    [3, 'time=unlimited'],
    [4, 'nsSizeLimit: -1'],
    [11, 'nsLookThroughLimit: -1'],
    [12, 'does not know a control'],
    [50, 'read and search below the base'],
    [51, 'try again later'],
    [52, 'try again later'],
    [53, 'index the attributes'],
    [80, 'its log has the reason'],
    [99, 'The log of the server has the reason.'],
  ])('that ends with %i says what to do', async (status, says) => {
    const server = await fakeServer(
      onSearch((_, answer) => {
        answer.done(status, 'words of the server');
        return true;
      }),
    );
    const finding = await findingOf(collect(connectionForTest(server).search(QUERY)));
    expect(finding).toMatchObject({ code: 'directory.search-incomplete', detail: expect.stringContaining(says) });
    expect(finding.detail).toContain('words of the server');
  });
});

it.each([
  [10, 'name that one in directory.url'],
  [17, 'comm_dssetup'],
  [19, 'A rule of the server'],
  [21, 'syntax of the attribute'],
  [50, 'grant it to the bind entry'],
  [53, 'read-only'],
  [65, 'object class of the entry'],
])('a change that ends with %i says what to do', async (status, says) => {
  const server = await fakeServer((asked, answer) => {
    if (asked.what === 'modify') answer.done(status, 'words of the server.');
    return asked.what === 'modify';
  });
  const change = [{ operation: 'delete', attribute: 'title', values: ['x'] } as const];
  expect(await connectionForTest(server).modify('uid=jdoe,o=isp', change)).toMatchObject({
    state: 'refused',
    detail: expect.stringMatching(new RegExp(`result ${status} .*: words of the server\\. .*${says}`)),
  });
});
