import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { DoctorReport } from '../../src/core/examination.ts';
import { freePort } from '../../src/lab/process-list.ts';
import type { TestDirectory } from '../servers/directory-server.ts';
import { cs6Sbin, type Estate, icsConf, startEstate } from '../servers/estate.ts';
import { type SlapdOptions, startSlapd } from '../servers/slapd.ts';
import { type Ran, reconcile } from './cli.ts';

let estate: Estate;

beforeAll(async () => {
  estate = await startEstate({
    ...{ cs6: 2, cs7: 1, users: 20 },
    slapd: { global: ['moduleload syncprov'], database: ['overlay syncprov'] },
  });
}, 120_000);
afterAll(() => estate?.stop());

/** What a slapd needs for passwords that end. */
const policy = {
  global: ['moduleload ppolicy'],
  database: ['overlay ppolicy', 'ppolicy_default "cn=policy,o=isp"'],
};

let files = 0;

/** The estate file with something else in it. */
function changed(...changes: readonly (readonly [string, string])[]): string {
  const text = changes.reduce(
    (before, [from, to]) => {
      expect(before).toContain(from);
      return before.replace(from, to);
    },
    readFileSync(estate.file, 'utf8'),
  );
  const path = join(estate.folder, `doctor-${++files}.yaml`);
  writeFileSync(path, text);
  return path;
}

function doctor(words: readonly string[], file = estate.file, more = {}): Promise<Ran> {
  return reconcile(['doctor', ...words, '-f', file], { ...estate.environment, COLUMNS: '80' }, more);
}

/** `step state` of every step of a target that is not ok, and the codes of its findings. */
async function troubles(target: string, file = estate.file, more = {}): Promise<readonly string[]> {
  const ran = await doctor([target, '--format', 'json'], file, more);
  const { targets }: DoctorReport = JSON.parse(ran.stdout);
  return targets.flatMap(({ steps }) =>
    steps
      .filter(({ state }) => state !== 'ok')
      .map(({ name, state, findings }) => [name, state, ...findings.map(({ code }) => code)].join(' ')),
  );
}

function hostLine(name: string): string {
  const [line = ''] = new RegExp(`${name}: \\{[^}]*`).exec(readFileSync(estate.file, 'utf8')) ?? [];
  return line;
}

const afterPort = ['host key', 'login', 'privilege', 'shell', 'tools', 'clock', 'lock', 'rights', 'disk space'];
const cs6Kinds = ['software-version', 'cs6-ics-conf', 'cs6-service'];
const skipped = (...names: readonly string[]) => names.map(name => `${name} not-checked`);

describe('a host', () => {
  it('whose port is closed costs only itself', async () => {
    const line = hostLine('cs6-fe1');
    const file = changed([line, line.replace(/port: \d+/, `port: ${await freePort()}`)]);
    expect(await troubles('cs6-fe1', file)).toEqual([
      'port fails host.unreachable',
      ...skipped(...afterPort, ...cs6Kinds),
    ]);
    const all = await doctor([], file);
    expect([all.code, all.stderr]).toEqual([4, '']);
    expect(all.stdout).toContain('1 of 4 targets fails');
    expect(all.stdout).toContain('not checked  host key  "port" failed');
    const one = await doctor(['cs6-fe1'], file);
    expect(one.code).toBe(1);
    const plan = await reconcile(['plan', file], { ...estate.environment, COLUMNS: '80' });
    expect(plan.stdout + plan.stderr).toMatch(
      /To check this target step by step:\n +reconcile doctor cs6-fe1 -f \S+\n/,
    );
  });

  it('whose name is not known', async () => {
    const line = hostLine('cs6-fe1');
    const file = changed([line, line.replace(/address: [^,]+/, 'address: nowhere.invalid')]);
    const [first] = await troubles('cs6-fe1', file);
    expect(first).toBe('name fails host.unreachable');
  });

  it('that has another key', async () => {
    const text = readFileSync(estate.ssh.knownHosts, 'utf8');
    const { address, port } = hostOf('cs6-fe1');
    const other = readFileSync(`${estate.ssh.identity}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
    const path = join(estate.folder, 'kh-changed');
    writeFileSync(
      path,
      text.replace(new RegExp(`^\\[${address}\\]:${port} .*$`, 'm'), `[${address}]:${port} ${other}`),
    );
    const file = changed([estate.ssh.knownHosts, path]);
    expect((await troubles('cs6-fe1', file))[0]).toBe('host key fails host.key-mismatch');
    const trust = await doctor(['--trust', 'cs6-fe1'], file, { terminal: { ask: async () => 'yes' } });
    expect([trust.code, readFileSync(path, 'utf8')]).toEqual([1, expect.stringContaining(other)]);
    expect(trust.stderr).toContain('host.key-mismatch');
  });

  it('that refuses the login', async () => {
    const key = join(estate.folder, 'other-id');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    expect((await troubles('cs6-fe1', changed([estate.ssh.identity, key])))[0]).toBe('login fails host.login-refused');
  });

  it('that lacks a program', async () => {
    estate.on('cs6-fe1', 'mount --bind /dev/null /usr/bin/cmp');
    onTestFinished(() => void estate.on('cs6-fe1', 'umount /usr/bin/cmp'));
    const ran = await doctor(['cs6-fe1']);
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(/fails {8}tools {2}lacks cmp\n/);
  });

  it('where the login may not read or write', async () => {
    const path = estate.pathOf('cs6-be1', icsConf);
    const { uid, gid, mode } = statSync(path);
    chownSync(path, 0, 0);
    chmodSync(path, 0o600);
    onTestFinished(() => {
      chownSync(path, uid, gid);
      chmodSync(path, mode);
    });
    const line = hostLine('cs6-be1');
    const file = changed([line, `${line}, ssh: { user: clerk }`]);
    const found = await troubles('cs6-be1', file);
    expect(found).toContain('rights fails doctor.rights-missing');
    expect(found).toContain('cs6-ics-conf fails host.file-unreadable');
    const ran = await doctor(['cs6-be1'], file);
    expect(ran.stdout).toContain(`- may not read ${icsConf}\n`);
    expect(ran.stdout).toContain('\n          cs6.hosts.cs6-be1.ssh.privilege: { by: sudo, as: root }\n');
  });

  it('whose disk is nearly full', async () => {
    const folder = icsConf.replace(/\/[^/]*$/, '');
    const keep = `cp -a ${folder} /var/opt/kept && mount -t tmpfs -o size=1m none ${folder} && cp -a /var/opt/kept/. ${folder}`;
    estate.on('cs6-fe1', keep);
    onTestFinished(() => void estate.on('cs6-fe1', `umount ${folder} && rm -rf /var/opt/kept`));
    const ran = await doctor(['cs6-fe1']);
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(/fails {8}disk space {2}0 MB free/);
    expect(ran.stdout).toContain(`\n          df -k ${folder}\n`);
  });

  it('whose clock differs', async () => {
    const late = { clock: { now: () => new Date(Date.now() + 7_200_000).toISOString() } };
    expect(await troubles('cs6-be1', estate.file, late)).toContain('clock warning doctor.clock-differs');
    expect((await doctor(['cs6-be1'], estate.file, late)).code).toBe(0);
  });

  it('that is frozen costs only itself', async () => {
    const host = hostOf('cs6-be1');
    await host.freeze();
    onTestFinished(() => host.thaw());
    const ran = await doctor([]);
    expect(ran.code).toBe(4);
    expect(ran.stdout).toMatch(/cs6-be1 {2}fails/);
    expect(ran.stdout).toMatch(/cs6-fe1 {2}ok/);
  }, 120_000);

  it('that answers with what a terminal would obey', async () => {
    const odd = estate.pathOf('cs6-fe1', '/opt/lab/bin');
    mkdirSync(odd, { recursive: true });
    for (const name of ['uname', 'id']) {
      const real =
        name === 'id' ? 'echo "uid=0(ro\\033[31mot) gid=0(root)"' : 'printf "a\\033]0;x\\007\\342\\200\\256b\\n"';
      writeFileSync(join(odd, name), `#!/bin/sh\n${real}\n`, { mode: 0o755 });
    }
    onTestFinished(() => void execFileSync('rm', ['-f', join(odd, 'uname'), join(odd, 'id')]));
    for (const format of ['text', 'markdown', 'html', 'junit', 'sarif', 'github']) {
      const ran = await doctor(['cs6-fe1', '--format', format]);
      expect(
        [...ran.stdout].filter(char => /[\u0000-\u0009\u000b-\u001f\u202e]/.test(char)),
        format,
      ).toEqual([]);
    }
  });
});

function hostOf(name: string) {
  const host = estate.ssh.hosts.get(name);
  if (!host) throw new Error(`no host ${name}`);
  return host;
}

describe('--trust', () => {
  const empty = () => {
    const path = join(estate.folder, `kh-${++files}`);
    writeFileSync(path, '');
    return { path, file: changed([estate.ssh.knownHosts, path]) };
  };
  const shown = () =>
    execFileSync('ssh-keygen', ['-lf', join(estate.folder, 'ssh/host-cs6-fe1/ssh/host_key.pub')], { encoding: 'utf8' })
      .split(' ')
      .at(1) ?? '';

  it('shows the key, asks and adds it', async () => {
    const { path, file } = empty();
    const plan = await troubles('cs6-fe1', file);
    expect(plan[0]).toBe('host key fails host.key-unknown');
    const no = await doctor(['--trust', 'cs6-fe1'], file, { terminal: { ask: async () => 'no' } });
    expect([no.code, readFileSync(path, 'utf8')]).toEqual([3, '']);
    const questions: string[] = [];
    const ask = async (question: string) => {
      questions.push(question);
      return 'yes';
    };
    const yes = await doctor(['--trust', 'cs6-fe1'], file, { terminal: { ask } });
    expect([yes.code, questions.length]).toEqual([0, 1]);
    expect(yes.stderr).toContain(shown());
    expect(yes.stderr).toContain('\n    ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\n');
    expect(await troubles('cs6-fe1', file)).toEqual([]);
    const again = await doctor(['--trust', 'cs6-fe1'], file);
    expect([again.code, again.stdout]).toEqual([0, 'cs6-fe1: the host key is known.\n']);
  });

  it('without a terminal takes the key of --fingerprint, and no other', async () => {
    const { path, file } = empty();
    const blind = await doctor(['--trust', 'cs6-fe1'], file);
    expect([blind.code, blind.stderr]).toEqual([3, expect.stringContaining('doctor.not-trusted')]);
    const other = await doctor(['--trust', 'cs6-fe1', '--fingerprint', `SHA256:${'A'.repeat(43)}`], file);
    expect([other.code, readFileSync(path, 'utf8')]).toEqual([3, '']);
    const right = await doctor(['--trust', 'cs6-fe1', '--fingerprint', shown(), '--format', 'json'], file);
    expect([right.code, JSON.parse(right.stdout).added]).toMatchObject([0, [{ type: 'ssh-ed25519', file: path }]]);
  });
});

describe('the directory', () => {
  it('that refuses the login', async () => {
    const ran = await reconcile(['doctor', 'directory', '-f', estate.file], { LDAP_PASSWORD: 'wrong', COLUMNS: '80' });
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(/fails {8}login/);
    expect(ran.stdout).toContain('not checked  schema  "login" failed');
  });

  it('that is not there, and one that speaks no TLS', async () => {
    const { url, port } = estate.directory;
    const closed = changed([url, `ldap://127.0.0.1:${await freePort()}`]);
    expect((await troubles('directory', closed))[0]).toBe('port fails directory.unreachable');
    const plain = changed([url, `ldaps://127.0.0.1:${port}`]);
    expect((await troubles('directory', plain))[0]).toBe('tls fails directory.unreachable');
  });

  it('whose limit is below the number of accounts', async () => {
    const limited = await copy('limited', { limits: 'size=5 size.prtotal=5' });
    const found = await troubles('directory', changed([estate.directory.url, limited.url]));
    expect(found).toContain('limits fails directory.search-incomplete');
  });

  it('that is a replica: alone it fails, beside one that takes changes it does not', async () => {
    const folder = join(estate.folder, 'replica');
    mkdirSync(folder);
    const { url, adminDn, adminPassword } = estate.directory;
    const sync = `syncrepl rid=1 provider=${url} type=refreshAndPersist searchbase="o=isp" retry="1 +"`;
    const bind = `bindmethod=simple binddn="${adminDn}" credentials=${adminPassword}`;
    const replica = await startSlapd(folder, {
      entries: [],
      database: [`${sync} ${bind}`, `updateref ${url}`],
    });
    onTestFinished(() => replica.kill());
    const alone = changed([url, replica.url]);
    await expect
      .poll(() => troubles('directory', alone), { timeout: 20_000 })
      .toEqual(expect.arrayContaining([expect.stringMatching(/fails directory\.writes-elsewhere/)]));
    const both = changed([`url: ${url}`, `url: ["${replica.url}", "${url}"]`]);
    const ran = await doctor(['directory', '--verbose'], both);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/refers changes to another\s+server/);
  });

  it('whose password ends soon', async () => {
    const expiring = await copy('expiring', policy);
    const { bindDn, password } = estate.directory;
    modify(
      expiring,
      ...['dn: cn=policy,o=isp', 'changetype: add', 'objectClass: device', 'objectClass: pwdPolicy', 'cn: policy'],
      ...['pwdAttribute: userPassword', 'pwdMaxAge: 100000', 'pwdExpireWarning: 99999'],
    );
    modify(expiring, `dn: ${bindDn}`, 'changetype: modify', 'replace: userPassword', `userPassword: ${password}`);
    const file = changed([estate.directory.url, expiring.url]);
    const warning = 'password warning directory.password-expiring';
    await expect.poll(() => troubles('directory', file), { timeout: 10_000 }).toContain(warning);
    expect((await doctor(['directory'], file)).code).toBe(0);
  });
});

/** A server with what the directory of the estate has. */
async function copy(name: string, options: SlapdOptions): Promise<TestDirectory> {
  const folder = join(estate.folder, name);
  mkdirSync(folder);
  const ldif = join(folder, 'content.ldif');
  writeFileSync(ldif, execFileSync('ldapsearch', admin(estate.directory, '-LLL', '-o', 'ldif-wrap=no')));
  const server = await startSlapd(folder, { ldif, ...options });
  onTestFinished(() => server.kill());
  return server;
}

function admin({ url, adminDn, adminPassword }: TestDirectory, ...words: readonly string[]): readonly string[] {
  return ['-x', '-H', url, '-D', adminDn, '-w', adminPassword, ...(words.length > 0 ? ['-b', 'o=isp', ...words] : [])];
}

function modify(directory: TestDirectory, ...lines: readonly string[]): void {
  execFileSync('ldapmodify', admin(directory), { input: `${lines.join('\n')}\n`, stdio: 'pipe' });
}

/** Everything of the hosts and of the directory that a command could change. */
function everything(): readonly string[] {
  const all: string[] = [];
  const digest = (content: Buffer) => createHash('sha256').update(content).digest('hex');
  for (const name of ['cs6-fe1', 'cs6-be1', 'cs7-fe1']) {
    for (const folder of [estate.pathOf(name, '/'), join(estate.folder, `ssh/host-${name}`)])
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name);
        // The stand-ins of the products count their calls there.
        if (path.includes('/var/opt/lab')) continue;
        const { mode, uid, gid, mtimeMs, ctimeMs } = statSync(path, { throwIfNoEntry: false }) ?? {};
        const facts = [path, mode, uid, gid, mtimeMs, entry.isFile() && [ctimeMs, digest(readFileSync(path))]];
        all.push(JSON.stringify(facts));
      }
  }
  return [
    ...all,
    execFileSync('ldapsearch', admin(estate.directory, '-LLL', '(objectClass=*)', '*', '+'), { encoding: 'utf8' }),
  ];
}

it('changes nothing on any target', async () => {
  estate.on('cs6-fe1', `${cs6Sbin}/start-cal -l >/dev/null`);
  const before = everything();
  expect((await doctor([])).code).toBe(0);
  expect(everything()).toEqual(before);
});

it('with a wrong file ends with 1', async () => {
  const ran = await doctor([], changed(['version: 1', 'version: 9']));
  expect([ran.code, ran.stdout]).toEqual([1, '']);
});
