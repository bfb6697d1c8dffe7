import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { HostPool } from '../../../src/adapters/ssh/host-pool.ts';
import type { Privilege } from '../../../src/core/desired.ts';
import { Secret } from '../../../src/ports/secret.ts';
import { until } from '../../tools/until.ts';
import {
  askingModule,
  CLERK,
  doas,
  layProgram,
  type PrivilegeHost,
  ROOT,
  type Rules,
  startPrivilegeHost,
  su,
  sudo,
} from './privilege-hosts.ts';
import { accessTo, findingOf, settingsWith } from './support.ts';

/* What real sudo, doas and su say no to, and what odd ones do. */
const folder = mkdtempSync(join(tmpdir(), 'ssh-privilege-no-'));
const started = new Map<string, Promise<PrivilegeHost>>();
const WRONG = 'wrong-0815';

afterAll(async () => {
  await Promise.all([...started.values()].map(async host => (await host).stop()));
  rmSync(folder, { recursive: true, force: true });
});

function start(name: string, rules: Rules): Promise<PrivilegeHost> {
  const host = started.get(name) ?? startPrivilegeHost(join(folder, name), rules);
  started.set(name, host);
  return host;
}

/** Notes each password that is tried, and its length is all that it notes. */
const COUNTING = `auth required pam_exec.so seteuid quiet expose_authtok /etc/count
auth required pam_unix.so
account required pam_unix.so
session required pam_permit.so
`;

const counted: Rules = {
  pam: { sudo: COUNTING, su: COUNTING, doas: COUNTING },
  etc: { count: '#!/bin/sh\nwc -c >> /var/opt/tried\n' },
};

function tries(estate: PrivilegeHost): number {
  try {
    return readFileSync(join(estate.host.tree, 'var/opt/tried'), 'utf8').trim().split('\n').length;
  } catch {
    return 0;
  }
}

describe.each<readonly [Privilege, string]>([
  [sudo, 'clerk'],
  [doas, 'clerk'],
  [su, 'root'],
])('a wrong password by %o', (privilege, whose) => {
  test('is sent once, whatever is asked afterwards', async () => {
    const estate = await start(`wrong-${privilege.by}`, counted);
    const host = estate.open(privilege, {}, WRONG, { failureMemory: 0, sendAgain: [1, 1, 1] });
    const asked = [
      ...Array.from({ length: 12 }, () => host.clock()),
      host.files(['/etc/opt/x']),
      host.run({ words: ['true'] }),
      host.lock({ run: 'r', by: 'b', expiry: 1_000, isDead: () => false }),
    ];
    const findings = await Promise.all(asked.map(findingOf));
    for (const { code, detail } of findings) {
      expect(code).toBe('host.privilege-wrong-password');
      expect(detail).toContain(`must be that of ${whose}`);
      expect(detail).not.toContain(WRONG);
    }
    expect((await findingOf(host.clock())).code).toBe('host.privilege-wrong-password');
    await host.close();
    expect(tries(estate)).toBe(1);
  });
});

test('a wrong password is sent to one host of many, and a right one to all at once', async () => {
  const estate = await start('many', counted);
  const open = (pool: HostPool, name: string) =>
    pool.open(name, accessTo(estate.host, estate.hosts, { user: 'clerk', privilege: sudo }));
  const names = ['a', 'b', 'c', 'd', 'e'];
  const wrong = new HostPool(settingsWith({}, { secret: async () => new Secret(WRONG) }));
  const findings = await Promise.all(names.map(name => findingOf(open(wrong, name).clock())));
  await wrong.close();
  expect(findings.map(({ code }) => code)).toEqual(names.map(() => 'host.privilege-wrong-password'));
  expect(findings.filter(({ detail }) => detail.includes('another host'))).toHaveLength(4);
  expect(tries(estate)).toBe(1);
  const right = new HostPool(settingsWith({}, { secret: async () => new Secret(CLERK) }));
  await Promise.all(names.map(name => open(right, name).clock()));
  await right.close();
});

test('a password that becomes wrong between two commands is sent once more', async () => {
  const estate = await start('changed', counted);
  let password = CLERK;
  const pool = new HostPool(settingsWith({}, { secret: async () => new Secret(password) }));
  const host = pool.open('one', accessTo(estate.host, estate.hosts, { user: 'clerk', privilege: sudo }));
  await host.clock();
  const before = tries(estate);
  password = WRONG;
  const questions = Array.from({ length: 6 }, (_, index) =>
    host.query({ words: ['echo', String(index)], patience: 9_000 }),
  );
  const codes = await Promise.all(questions.map(async question => (await findingOf(question)).code));
  expect(new Set(codes)).toEqual(new Set(['host.privilege-wrong-password']));
  expect(tries(estate) - before).toBe(1);
  await pool.close();
});

interface No {
  readonly name: string;
  readonly rules: Rules;
  readonly privilege: Privilege;
  readonly password?: string;
  readonly code: string;
  readonly says: readonly string[];
}

const plain: Rules = {};
const PAM_LOCKED = `auth required pam_unix.so
account required pam_exec.so seteuid quiet stdout /etc/locked
account required pam_deny.so
`;

const refusals: readonly No[] = [
  {
    name: 'the rules of PAM exclude the account',
    rules: { pam: { sudo: 'auth required pam_unix.so\naccount required pam_deny.so\n' } },
    privilege: sudo,
    code: 'refused',
    says: ['accepted the password', 'clerk'],
  },
  {
    name: 'sudo asks and no password is stated',
    rules: plain,
    privilege: { by: 'sudo', as: 'root' },
    code: 'no-password',
    says: ['ssh.privilege.password', '> sudo: a password is required'],
  },
  {
    name: 'doas asks and no password is stated',
    rules: plain,
    privilege: { by: 'doas', as: 'root' },
    code: 'no-password',
    says: ['ssh.privilege.password', '> doas: Authentication required'],
  },
  {
    name: 'su asks and no password is stated',
    rules: plain,
    privilege: { by: 'su', as: 'root' },
    code: 'no-password',
    says: ['ssh.privilege.password', '> Password:'],
  },
  {
    name: 'the login is not in sudoers',
    rules: { sudoers: ['clark ALL=(ALL) ALL'] },
    privilege: sudo,
    code: 'refused',
    says: ['does not let clerk run /bin/sh as root', 'visudo', '> clerk is not in the sudoers file'],
  },
  {
    name: 'sudoers allows another command',
    rules: { sudoers: ['clerk ALL=(ALL) /bin/ls'] },
    privilege: sudo,
    code: 'refused',
    says: ['does not let clerk run /bin/sh as root', 'not allowed to execute'],
  },
  {
    name: 'doas.conf does not have the login',
    rules: { doas: ['permit clark as root'] },
    privilege: doas,
    code: 'refused',
    says: ['doas.conf', '> doas: Operation not permitted'],
  },
  {
    name: 'the command is not there',
    rules: plain,
    privilege: { by: 'pfexec', as: 'root' },
    code: 'refused',
    says: ['no pfexec', 'not found'],
  },
  {
    name: 'there is no such user',
    rules: plain,
    privilege: { ...sudo, as: 'nosuch' },
    code: 'refused',
    says: ['no user nosuch', '> sudo: unknown user'],
  },
  {
    name: 'su knows no such user',
    rules: plain,
    privilege: { ...su, as: 'nosuch' },
    code: 'refused',
    says: ['no user nosuch', 'does not exist'],
  },
  {
    name: 'the user has no shell',
    rules: plain,
    privilege: { ...su, as: 'noshell' },
    password: ROOT,
    code: 'refused',
    says: ['su ended with code 1', '> This account is currently not available'],
  },
  {
    name: 'the account is locked',
    rules: {
      pam: { sudo: PAM_LOCKED },
      etc: { locked: '#!/bin/sh\necho The account is locked due to 3 failed logins.\nexit 1\n' },
    },
    privilege: sudo,
    code: 'refused',
    says: ['locked or has expired', 'Unlock clerk'],
  },
  {
    name: 'PAM asks with a text that is not stated',
    rules: { pam: { su: askingModule(folder) } },
    privilege: su,
    code: 'no-answer',
    says: ['ssh.privilege.prompt', '> Enter your domain passcode:'],
  },
];

describe.concurrent.each(refusals)('$name', ({ name, rules, privilege, password = CLERK, code, says }) => {
  test('says so, with what to do', async () => {
    const estate = await start(rules === plain ? 'plain' : name.replaceAll(/\W/g, '-'), rules);
    const host = estate.open(privilege, {}, password, code === 'no-answer' ? { privilege: 5_000 } : {});
    const finding = await findingOf(host.clock());
    await host.close();
    expect(finding.code).toBe(`host.privilege-${code}`);
    for (const text of says) expect(finding.detail).toContain(text);
    expect(finding.detail).not.toContain(password);
    expect(finding.detail).not.toMatch(/[0-9a-f]{24}/);
  });
});

describe('a host on which the command does something else', () => {
  const odd = async (text: string, privilege: Privilege = sudo) => {
    const estate = await start('odd', plain);
    layProgram(estate.host, privilege.by, text);
    const host = estate.open(privilege, {}, CLERK, { privilege: 3_000 });
    const finding = await findingOf(host.run({ words: ['touch', '/tmp/never'] }));
    await host.close();
    return finding;
  };

  test('runs nothing where it stays the same user', async () => {
    const finding = await odd('#!/bin/sh\nwhile test "x$1" != x--; do shift; done\nshift\nexec "$@"\n');
    expect(finding.code).toBe('host.privilege-no-effect');
    expect(finding.detail).toContain('  > uid=1001(clerk)');
  });

  test('runs nothing where pfexec has no profile', async () => {
    const finding = await odd('#!/bin/sh\nexec "$@"\n', { by: 'pfexec', as: 'root' });
    expect(finding.code).toBe('host.privilege-no-effect');
    expect(finding.detail).toContain('usermod -P');
  });

  test.each([
    ['a question in a line of its own', 'echo "ask-0123: "; echo "Password: "; sleep 1; cat >> /tmp/got'],
    ['a question on standard output', 'printf "[sudo] password for clerk: "; cat >> /tmp/got'],
    ['nothing', 'cat >> /tmp/got'],
  ])('gets no password where it prints %s', async (_, lines) => {
    const finding = await odd(`#!/bin/sh\n${lines}\n`);
    expect(finding.code).toBe('host.privilege-no-answer');
    expect(readOr('/tmp/got')).not.toContain(CLERK);
    rmSync('/tmp/got', { force: true });
  });

  test('gets no script where it takes the password and starts nothing', async () => {
    const finding = await odd('#!/bin/sh\nprintf %s "$4" >&2\ncat >> /tmp/got\n');
    expect(finding.code).toBe('host.privilege-no-answer');
    expect(finding.detail).toContain('After the password was sent');
    expect(readOr('/tmp/got')).toBe(`${CLERK}\n`);
    rmSync('/tmp/got', { force: true });
  });

  test('shows no password that it prints', async () => {
    const finding = await odd('#!/bin/sh\nprintf %s "$4" >&2\nread -r x\nprintf "is %s wrong?\\n" "$x" >&2\nexit 1\n');
    expect(finding.detail).toContain('> is [secret] wrong?');
  });
});

const GREETING = `#!/bin/sh
printf "Password: "; printf "Password: " >&2
exec /bin/sh "$@"
`;

test('what is behind a greeting that looks like a question gets no password', async () => {
  const estate = await start('greeting', { shell: '/etc/greet', etc: { greet: GREETING } });
  for (const [privilege, password] of [
    [sudo, CLERK],
    [doas, CLERK],
    [su, ROOT],
  ] as const) {
    const host = estate.open(privilege, {}, password);
    expect(await host.query({ words: ['id', '-u'] })).toMatchObject({ output: '0\n' });
    await host.close();
  }
});

test.each([
  ['two lines', 'one\ntouch /tmp/never'],
  ['a control character', 'one\u0003'],
  ['more than a terminal takes', 'x'.repeat(251)],
  ['nothing', ''],
])('a password with %s is not sent', async (_, password) => {
  const estate = await start('plain', plain);
  const host = estate.open(su, {}, password);
  const finding = await findingOf(host.clock());
  await host.close();
  expect(finding.code).toBe('host.privilege-no-password');
  expect(finding.detail).toContain('Nothing was sent');
});

test('a connection that ends while the password is checked ends the request, and the next one may ask again', async () => {
  const estate = await start('lost', {
    pam: {
      sudo: 'auth required pam_exec.so seteuid /etc/slow\nauth required pam_unix.so\naccount required pam_permit.so\n',
    },
    etc: { slow: '#!/bin/sh\ntouch /var/opt/checking\nif test -f /var/opt/quick; then exit 0; fi\nsleep 20\n' },
  });
  const host = estate.open(sudo, {}, CLERK, { failureMemory: 0 });
  const asked = findingOf(host.clock());
  const flag = join(estate.host.tree, 'var/opt');
  await until(() => readOr(join(flag, 'checking')) !== undefined, 'sudo checks');
  await estate.host.kill();
  expect((await asked).code).toBe('host.connection-lost');
  writeFileSync(join(flag, 'quick'), '');
  await estate.host.restart();
  expect(await host.clock()).toBeGreaterThan(0);
  await host.close();
});

function readOr(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
