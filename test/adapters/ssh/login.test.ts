import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectHop } from '../../../src/adapters/ssh/connect-host.ts';
import { DEFAULT_LIMITS, type Hop } from '../../../src/adapters/ssh/host-endpoint.ts';
import { HostFault } from '../../../src/adapters/ssh/host-fault.ts';
import { HostRoutes } from '../../../src/adapters/ssh/host-route.ts';
import { KnownHostsFiles } from '../../../src/adapters/ssh/known-hosts-files.ts';
import { type AskPerson, KeyRing } from '../../../src/adapters/ssh/ssh-login.ts';
import type { Access } from '../../../src/core/desired.ts';
import { Secret } from '../../../src/ports/secret.ts';
import { type SshHosts, startSshHosts } from '../../servers/ssh-hosts.ts';
import { accessTo, entryOf } from './support.ts';

/* Logins to a real sshd, with real agents, certificates and PAM. */

const folder = mkdtempSync(join(tmpdir(), 'ssh-login-'));
const agents: number[] = [];
let plain: SshHosts;
let certified: SshHosts;
let strict: SshHosts;

/** `openssl passwd -6 -salt salt correct` */
const shadow = (name: string) =>
  `${name}:${execFileSync('openssl', ['passwd', '-6', '-salt', 'salt', 'correct'], { encoding: 'utf8' }).trim()}:19000:0:99999:7:::\n`;
const pam = 'auth required pam_unix.so\naccount required pam_permit.so\nsession required pam_permit.so\n';

beforeAll(async () => {
  for (const authority of ['users-ca', 'hosts-ca', 'other-ca']) keygen(join(folder, authority), 'ed25519');
  const etc = new Map([
    ['shadow', shadow('root') + shadow('clerk')],
    ['pam.d/sshd', pam],
  ]);
  const start = (name: string, sshd: readonly string[]) =>
    startSshHosts(join(folder, name), new Map([[name, join(folder, 'trees', name)]]), { sshd, etc });
  [plain, certified, strict] = await Promise.all([
    start('plain', ['MaxAuthTries 6']),
    start('certified', [`TrustedUserCAKeys ${join(folder, 'users-ca.pub')}`, 'AuthorizedKeysFile none']),
    start('strict', [
      'PermitRootLogin yes',
      'UsePAM yes',
      'KbdInteractiveAuthentication yes',
      'AuthenticationMethods publickey,keyboard-interactive',
    ]),
  ]);
});

afterAll(async () => {
  for (const pid of agents) process.kill(pid);
  await Promise.all([plain, certified, strict].map(hosts => hosts.stop()));
  rmSync(folder, { recursive: true, force: true });
});

function keygen(path: string, type: string, passphrase = ''): string {
  const bits = type === 'rsa' ? ['-b', '2048'] : [];
  execFileSync('ssh-keygen', [
    '-q',
    '-t',
    type,
    ...bits,
    '-N',
    passphrase,
    '-C',
    `key of ${path.split('/').at(-1)}`,
    '-f',
    path,
  ]);
  return path;
}

function certify(key: string, ...options: string[]): string {
  execFileSync('ssh-keygen', ['-q', '-s', join(folder, 'users-ca'), '-I', 'test', ...options, `${key}.pub`]);
  return `${key}-cert.pub`;
}

function startAgent(name: string, ...keys: string[]): string {
  const socket = join(folder, name);
  const started = execFileSync('ssh-agent', ['-a', socket, '-s'], { encoding: 'utf8' });
  agents.push(Number(/SSH_AGENT_PID=(\d+)/.exec(started)?.[1]));
  const env = { PATH: process.env['PATH'], SSH_AUTH_SOCK: socket };
  for (const key of keys) execFileSync('ssh-add', ['-q', key], { env, stdio: 'ignore' });
  return socket;
}

interface Means {
  readonly access?: Partial<Access>;
  readonly hop?: Partial<Hop>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly ask?: AskPerson;
}

/** Logs in and leaves: `in`, or the fault. */
async function login(hosts: SshHosts, { access = {}, hop = {}, secrets = {}, ask }: Means): Promise<'in' | HostFault> {
  const [place] = [...hosts.hosts.values()];
  if (!place) throw new Error('no host');
  const { hops } = await new HostRoutes({}).to(accessTo(place, hosts, access));
  const [first] = hops;
  if (!first) throw new Error('no hop');
  const whole = { ...first, ...hop };
  const secret = async (reference: object) => {
    const name = 'env' in reference ? String(reference.env) : '';
    return new Secret(entryOf(new Map(Object.entries(secrets)), name));
  };
  try {
    const keys = await new KeyRing({ secret, ...(ask && { ask }) }).login(whole);
    const knownHosts = await new KnownHostsFiles().linesOf(whole.endpoint);
    const link = await connectHop({ endpoint: whole.endpoint, login: keys, knownHosts, limits: DEFAULT_LIMITS });
    link.close();
    return 'in';
  } catch (fault) {
    if (fault instanceof HostFault) return fault;
    throw fault;
  }
}

async function refusal(...request: Parameters<typeof login>): Promise<HostFault> {
  const fault = await login(...request);
  if (fault === 'in') throw new Error('the login succeeded');
  return fault;
}

const agentOnly = (agent: string, more: Partial<Hop> = {}) => ({
  hop: { identities: [], identitiesOnly: false, agent, ...more },
});

describe('agents', () => {
  test('nine keys: the login is cut off and says so; the public key or IdentitiesOnly selects the right one', async () => {
    const types = ['rsa', 'ecdsa', 'ed25519'];
    const wrong = Array.from({ length: 8 }, (_, index) =>
      keygen(join(folder, `wrong-${index}`), types[index % 3] ?? 'rsa'),
    );
    const agent = startAgent('nine', ...wrong, plain.identity);
    const fault = await refusal(plain, agentOnly(agent));
    expect(fault.code).toBe('host.login-refused');
    expect(fault.detail).toMatch(/the host ended the login after 6 attempts: "Too many authentication failures"/);
    expect(fault.detail).toMatch(/refused: ssh-rsa SHA256:\S{43} "key of wrong-0" of the agent/);
    expect(fault.detail.match(/ {2}not offered: /g)).toHaveLength(3);
    expect(fault.detail).toContain('as ssh.identity');
    const identities = [{ path: `${plain.identity}.pub` }];
    expect(await login(plain, agentOnly(agent, { identities, identitiesOnly: true }))).toBe('in');
    // Without IdentitiesOnly, OpenSSH offers the keys that are named first.
    expect(await login(plain, agentOnly(agent, { identities }))).toBe('in');
    expect(await login(plain, agentOnly(agent, { identities: [{ path: plain.identity }], identitiesOnly: true }))).toBe(
      'in',
    );
  });

  test('a public key whose private key no agent holds', async () => {
    const path = `${keygen(join(folder, 'lonely'), 'ed25519')}.pub`;
    const fault = await refusal(
      plain,
      agentOnly(startAgent('other', plain.identity), { identities: [{ path }], identitiesOnly: true }),
    );
    expect(fault).toMatchObject({
      code: 'host.identity-unusable',
      detail: expect.stringContaining('no SSH agent holds its private key'),
    });
  });

  test.each(['rsa', 'ecdsa', 'ed25519'])('%s keys of files and agents', async type => {
    const key = keygen(join(folder, `type-${type}`), type);
    writeFileSync(
      join(folder, 'plain/host-plain/ssh/authorized_keys'),
      readFileSync(`${plain.identity}.pub`, 'utf8') + readFileSync(`${key}.pub`, 'utf8'),
    );
    expect(await login(plain, { access: { identity: { path: key } } })).toBe('in');
    expect(await login(plain, agentOnly(startAgent(`agent-${type}`, key)))).toBe('in');
  });

  test('something that is no agent', async () => {
    const fault = await refusal(
      plain,
      agentOnly(join(folder, 'nowhere'), { identities: [{ path: keygen(join(folder, 'unknown'), 'ed25519') }] }),
    );
    expect(fault.detail).toContain(`The agent ${join(folder, 'nowhere')} cannot be used`);
  });
});

describe('key files', () => {
  test('several: each is offered once, in order, and those that are missing cost nothing', async () => {
    const wrong = keygen(join(folder, 'several'), 'rsa');
    const identities = [join(folder, 'missing'), wrong, plain.identity].map(path => ({ path }));
    expect(await login(plain, { hop: { identities } })).toBe('in');
    const fault = await refusal(plain, { hop: { identities: identities.slice(0, 2) } });
    expect(fault.detail).toMatch(/ {2}refused: ssh-rsa SHA256:\S+ \S+\/several\n/);
    expect(fault.detail).toContain(`These key files do not exist: ${join(folder, 'missing')}.`);
    expect(fault.detail).toContain('The host allows: publickey');
    expect(fault.detail).toContain('authorized_keys of root');
  });

  test('one that others can read is refused, with the line that mends it', async () => {
    const path = join(folder, 'open key');
    writeFileSync(path, readFileSync(plain.identity));
    chmodSync(path, 0o640);
    const fault = await refusal(plain, { access: { identity: { path } } });
    expect(fault.code).toBe('host.identity-unusable');
    expect(fault.detail).toContain('mode 0640');
    const line = fault.detail.split('\n').at(-1) ?? '';
    execFileSync('/bin/sh', ['-c', line]);
    expect(await login(plain, { access: { identity: { path } } })).toBe('in');
  });

  test.each(['ed25519', 'rsa'])('an encrypted %s key: from a person, once; from the agent; or a reason', async type => {
    const path = keygen(join(folder, `locked-${type}`), type, 'open sesame');
    writeFileSync(
      join(folder, 'plain/host-plain/ssh/authorized_keys'),
      readFileSync(`${plain.identity}.pub`, 'utf8') + readFileSync(`${path}.pub`, 'utf8'),
    );
    const questions: string[] = [];
    const ask: AskPerson = async (question, { hidden }) => {
      questions.push(`${question}${hidden}`);
      return 'open sesame';
    };
    expect(await login(plain, { access: { identity: { path } }, ask })).toBe('in');
    expect(questions).toEqual([`Passphrase of ${path}: true`]);
    const wrong = await refusal(plain, { access: { identity: { path } }, ask: async () => 'wrong' });
    expect(wrong.detail).toMatch(/not signed: .*stays locked/);
    const alone = await refusal(plain, { access: { identity: { path } } });
    expect(alone).toMatchObject({ code: 'host.identity-unusable', detail: expect.stringContaining('ssh.passphrase') });
    const agent = startAgent(`holds-${type}`);
    const askpass = join(folder, `askpass-${type}`);
    writeFileSync(askpass, '#!/bin/sh\necho open sesame\n', { mode: 0o755 });
    const env = { PATH: process.env['PATH'], SSH_AUTH_SOCK: agent, SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force' };
    execFileSync('ssh-add', ['-q', path], { env, stdio: 'ignore' });
    expect(await login(plain, agentOnly(agent, { identities: [{ path }], identitiesOnly: true }))).toBe('in');
  });

  test('a key that the host knows, of a user that it does not let in', async () => {
    const closed = await startSshHosts(join(folder, 'closed'), new Map([['closed', join(folder, 'trees', 'closed')]]), {
      sshd: ['PermitRootLogin no'],
    });
    const fault = await refusal(closed, {});
    await closed.stop();
    expect(fault.detail).toContain('known to the host, and refused after it had signed: ssh-ed25519 SHA256:');
    expect(fault.detail).toContain('PermitRootLogin');
  });
});

describe('certificates of users', () => {
  test.each(['ed25519', 'rsa', 'ecdsa'])('%s: beside the key, by CertificateFile, and in the agent', async type => {
    const key = keygen(join(folder, `cert-${type}`), type);
    const path = { identities: [{ path: key }] };
    expect((await refusal(certified, { hop: path })).code).toBe('host.login-refused');
    const beside = certify(key, '-n', 'root');
    expect(await login(certified, { hop: path })).toBe('in');
    const agent = startAgent(`cert-agent-${type}`, key);
    const elsewhere = join(folder, `elsewhere-${type}.pub`);
    writeFileSync(elsewhere, readFileSync(beside));
    rmSync(beside);
    expect(await login(certified, { hop: { ...path, certificates: [elsewhere] } })).toBe('in');
    // ssh-add took the certificate along.
    expect(await login(certified, agentOnly(agent))).toBe('in');
    const bare = startAgent(`bare-agent-${type}`, key);
    expect(await login(certified, agentOnly(bare, { certificates: [elsewhere] }))).toBe('in');
  });

  test('one for another user, and one that has expired', async () => {
    const key = keygen(join(folder, 'cert-other'), 'ed25519');
    certify(key, '-n', 'somebody');
    const fault = await refusal(certified, { hop: { identities: [{ path: key }] } });
    expect(fault.detail).toMatch(/refused: ssh-ed25519-cert-v01@openssh\.com SHA256:\S+ \S+ with its certificate/);
    rmSync(`${key}-cert.pub`);
    certify(key, '-n', 'root', '-V', '20200101:20200102');
    expect((await refusal(certified, { hop: { identities: [{ path: key }] } })).detail).toMatch(
      /with its certificate: the certificate "test" is valid until 2020-01-02/,
    );
  });
});

describe('several factors (PAM)', () => {
  const password = { env: 'P' };

  test('the key, then the password of the file', async () => {
    expect(await login(strict, { access: { password }, secrets: { P: 'correct' } })).toBe('in');
  });

  test('the key, then an answer of a person, which is not shown', async () => {
    const questions: string[] = [];
    const ask: AskPerson = async (question, { hidden }) => {
      questions.push(`${question}${hidden}`);
      return 'correct';
    };
    expect(await login(strict, { ask })).toBe('in');
    expect(questions).toEqual([expect.stringMatching(/^root@127\.[\d.]+:2222 asks: "Password:" true$/)]);
  });

  test('a wrong password is sent once; nobody to ask', async () => {
    const wrong = await refusal(strict, { access: { password }, secrets: { P: 'incorrect' } });
    expect(wrong.detail).toMatch(/accepted: ssh-ed25519 SHA256:/);
    expect(wrong.detail.match(/refused: ssh\.password for "Password:"/g)).toHaveLength(1);
    expect(wrong.detail).not.toContain('incorrect');
    const nobody = await refusal(strict, {});
    expect(nobody.code).toBe('host.login-question');
    expect(nobody.detail).toMatch(/the host asks "Password:", and there is no answer/);
    expect(nobody.detail).toContain('Set ssh.password');
  });

  test('a person is asked three times at most', async () => {
    const asked: string[] = [];
    const ask: AskPerson = async question => `wrong ${asked.push(question)}`;
    await refusal(strict, { ask });
    expect(asked).toHaveLength(3);
  });
});

test('the method password', async () => {
  const hosts = await startSshHosts(join(folder, 'pw'), new Map([['pw', join(folder, 'trees', 'pw')]]), {
    sshd: ['PasswordAuthentication yes', 'PermitRootLogin yes'],
    etc: new Map([['shadow', shadow('root')]]),
  });
  const hop = { identities: [] };
  const access = { password: { env: 'P' } };
  const right = await login(hosts, { access, hop, secrets: { P: 'correct' } });
  const wrong = await refusal(hosts, { access, hop, secrets: { P: 'incorrect' } });
  await hosts.stop();
  expect(right).toBe('in');
  expect(wrong.detail.match(/refused: ssh\.password/g)).toHaveLength(1);
});
