import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Estate, runningCs6, runningCs7, startEstate } from '../servers/estate.ts';
import { type SshHosts, startSshHosts } from '../servers/ssh-hosts.ts';
import { filesWith, type Sighting, watchProcesses } from '../tools/process-watch.ts';

/*
 * The chapter's example by a login that is not root, with sudo and a password, through a bastion: the estate file has the
 * names of the hosts and the privilege, and ~/.ssh says the rest. The program is the built one, in a namespace with a home
 * of its own.
 */
const sudoPassword = `canary-$udo 'of' clerk`;
const ldapPassword = 'reconcile-lab';

const folder = mkdtempSync(join(tmpdir(), 'reconcile-bastion-'));
const home = join(folder, 'home');
const state = join(folder, 'state');
let estate: Estate;
let bastion: SshHosts;
let file: string;
const said: string[] = [];

beforeAll(async () => {
  const rootHome = join(folder, 'root');
  mkdirSync(rootHome);
  estate = await startEstate({ cs6: 2, cs7: 1, users: 60, ssh: { etc: etcOf(rootHome) } });
  bastion = await startSshHosts(join(folder, 'bastion'), new Map([['bastion', join(folder, 'tree')]]));
  laySshFolder();
  file = join(folder, 'estate.yaml');
  writeFileSync(file, estateFile());
});
afterAll(async () => {
  await bastion?.stop();
  await estate?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A host where clerk may become root with a password. */
function etcOf(rootHome: string): ReadonlyMap<string, string> {
  const hash = execFileSync('openssl', ['passwd', '-6', '-stdin'], {
    input: `${sudoPassword}\n`,
    encoding: 'utf8',
  }).trim();
  const passwd = [
    `root:x:0:0:root:${rootHome}:/bin/sh`,
    'clerk:x:1001:1001:clerk:/:/bin/sh',
    'sshd:x:110:65534::/run/sshd:/usr/sbin/nologin',
    'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin',
  ];
  return new Map([
    ['passwd', `${passwd.join('\n')}\n`],
    ['shadow', `root:*:19000:0:99999:7:::\nclerk:${hash}:19000:0:99999:7:::\n`],
    ['sudoers', 'Defaults logfile=/var/opt/sudo.log, !syslog, use_pty\nclerk ALL=(root) ALL\n'],
    ['hosts', '127.0.0.1 localhost cs6-fe1 cs6-be1 cs7-fe1\n'],
  ]);
}

/** What an administrator has in ~/.ssh: the bastion, the hosts behind it in a file of their own, one key for all. */
function laySshFolder(): void {
  const ssh = join(home, '.ssh');
  mkdirSync(join(ssh, 'hosts.d'), { recursive: true });
  chmodSync(ssh, 0o700);
  copyFileSync(estate.ssh.identity, join(ssh, 'id_site'));
  copyFileSync(bastion.identity, join(ssh, 'id_bastion'));
  const known = [estate.ssh.knownHosts, bastion.knownHosts].map(path => readFileSync(path, 'utf8'));
  writeFileSync(join(ssh, 'known_hosts'), known.join(''));
  const [gate] = [...bastion.hosts.values()];
  writeFileSync(
    join(ssh, 'config'),
    `Include hosts.d/*.conf

Host bastion
  HostName ${gate?.address}
  IdentityFile ~/.ssh/id_bastion

Host cs6-* cs7-*
  ProxyJump bastion
  IdentityFile ~/.ssh/id_site

Host *
  User clerk
  Port 2222
  IdentitiesOnly yes
`,
  );
  const hosts = [...estate.ssh.hosts.values()].map(({ name, address }) => `Host ${name}\n  HostName ${address}\n`);
  writeFileSync(join(ssh, 'hosts.d', 'calendar.conf'), hosts.join(''));
  writeFileSync(
    join(folder, 'passwd'),
    readFileSync('/etc/passwd', 'utf8').replace(/^root:.*$/m, `root:x:0:0:root:${home}:/bin/sh`),
  );
}

/** The estate file of the rehearsal without anything on how hosts are reached but the privilege. */
function estateFile(): string {
  const text = readFileSync(estate.file, 'utf8')
    .replace(/^ssh:\n(?: {2}.*\n)+/m, 'ssh: { privilege: { by: sudo, password: { env: SUDO_PASSWORD } } }\n')
    .replace(/address: \S+, port: \d+, /g, '');
  expect(text).not.toMatch(/address|known_hosts|identity|port:/);
  return text;
}

/** Runs the built program as it is installed, with that home. */
async function run(...words: readonly string[]) {
  const inside = 'mount --bind "$1" /etc/passwd; shift; exec "$@"';
  const program = [process.execPath, 'dist/reconcile.cjs', ...words];
  const child = spawn(
    'unshare',
    ['-m', '--propagation', 'private', 'sh', '-c', inside, 'sh', join(folder, 'passwd'), ...program],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        HOME: '/nonexistent',
        XDG_STATE_HOME: state,
        LDAP_PASSWORD: ldapPassword,
        SUDO_PASSWORD: sudoPassword,
        COLUMNS: '1000',
      },
    },
  );
  const ran = { code: -1, stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      ran[stream] += text;
    });
  const [code] = (await once(child, 'close')) as [number];
  said.push(ran.stdout, ran.stderr);
  return { ...ran, code };
}

describe('a login that is not root, through a bastion that ~/.ssh/config names', () => {
  it('finds what differs, brings the estate into coexistence, and is in sync', async () => {
    const watch = watchProcesses([sudoPassword, ldapPassword]);
    const checked = await run('check', file);
    expect([checked.code, checked.stderr], checked.stdout).toEqual([2, '']);
    const planned = await run('plan', file, '-o', join(folder, 'plan.json'));
    expect(planned.code).toBe(2);
    const applied = await run('apply', join(folder, 'plan.json'), file, '--yes');
    expect([applied.code, applied.stderr], applied.stdout).toEqual([0, '']);
    expect(applied.stdout).toContain('Read again: in sync.');
    const again = await run('check', file);
    expect([again.code, again.stderr], again.stdout).toEqual([0, '']);
    const { looks, seen } = watch.stop();
    expect(looks).toBeGreaterThan(50);
    // The program was given them in its environment, and so was what lays its home here; nobody got them from it.
    const given = ({ where, process }: Sighting) =>
      where === 'environment' && (process.includes('reconcile.cjs') || process.startsWith('mount --bind '));
    // Programs of other tests, which the program never starts, know the same password.
    const foreign = ({ process }: Sighting) => process.includes('/.cache/reconcile-tests/');
    expect(seen.filter(sighting => !given(sighting) && !foreign(sighting))).toEqual([]);
  }, 240_000);

  it('the servers run with what was written, and the files belong to whom they belonged', () => {
    expect(runningCs6(estate, 'cs6-be1')).toMatchObject({ 'local.autoprovision': 'no' });
    expect(runningCs7(estate, 'cs7-fe1').options).toMatchObject({ 'davcore.scheduling.localuserattr': 'davStore' });
  });

  it('all of it was done by sudo, and the locks are those of root', () => {
    for (const host of ['cs6-fe1', 'cs6-be1', 'cs7-fe1'])
      expect(readFileSync(estate.pathOf(host, '/var/opt/sudo.log'), 'utf8')).toMatch(/clerk : .*USER=root/);
    expect(readdirSync(join(folder, 'root', '.reconcile')).toSorted()).toEqual(['cs6-be1', 'cs6-fe1', 'cs7-fe1']);
  });

  it('why shows what is used, and where it comes from', async () => {
    const why = await run('why', 'cs6-fe1', 'ssh', '-f', file);
    expect([why.code, why.stderr]).toEqual([0, '']);
    expect(why.stdout).toMatch(/jump host 1 +bastion\n/);
    expect(why.stdout).toMatch(/HostName +127\..*hosts\.d\/calendar\.conf:\d+/);
    expect(why.stdout).toMatch(/User +clerk +.*\.ssh\/config:\d+/);
  });

  it('doctor finds nothing that fails, and who does the work', async () => {
    const doctor = await run('doctor', 'cs6-fe1', '-f', file);
    expect([doctor.code, doctor.stderr], doctor.stdout).toEqual([0, '']);
    expect(doctor.stdout).toMatch(/ok +login +as clerk/);
    expect(doctor.stdout).toMatch(/ok +privilege .*root/);
  });

  it('undo takes it back in the same way', async () => {
    const [, name = ''] = /^apply +run (\S+)/m.exec(said.join('')) ?? [];
    const undone = await run('undo', name, '-f', file, '--yes');
    expect([0, 2], `${undone.stdout}${undone.stderr}`).toContain(undone.code);
    expect(runningCs6(estate, 'cs6-be1')).toMatchObject({ 'local.autoprovision': 'yes' });
  }, 240_000);

  it('no password is in a report, a plan, a record of a run, a snapshot, or on a host', async () => {
    const snapshot = await run('snapshot', file, '-o', join(folder, 'live.json'));
    expect(snapshot.code, snapshot.stderr).toBe(0);
    const texts = [sudoPassword, ldapPassword];
    said.push(gunzipSync(readFileSync(join(folder, 'live.json'))).toString());
    for (const text of texts) for (const one of said) expect(one).not.toContain(text);
    const places = [
      state,
      join(folder, 'plan.json'),
      join(folder, 'live.json'),
      join(folder, 'root'),
      join(folder, 'tree'),
    ];
    for (const text of texts) expect(filesWith(text, ...places)).toBe('');
    const trees = [...estate.ssh.hosts.values()].map(({ tree }) => tree);
    expect(filesWith(sudoPassword, ...trees)).toBe('');
    expect(filesWith('clerk : ', ...trees)).toContain('sudo.log');
  });
});
