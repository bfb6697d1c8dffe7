import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../src/lab/process-list.ts';
import { adminPassword } from './directory-server.ts';
import { writeDs389Content } from './ds389-content.ts';
import { ds389Schema, labSchema } from './ds389-schema.ts';
import { editDse } from './dse-ldif.ts';

/** Stands in the template's dse.ldif where the path of the instance belongs. */
export const rootMark = '@ROOT@';

/** The server's configuration, data and log folders, below the root of an instance. */
export const ds389Places = {
  configuration: 'etc/dirsrv/slapd-lab',
  dse: 'etc/dirsrv/slapd-lab/dse.ldif',
  schema: 'etc/dirsrv/slapd-lab/schema',
  database: 'var/lib/dirsrv/slapd-lab/db',
  locks: 'run/lock/dirsrv/slapd-lab',
  pidFile: 'run/dirsrv/slapd-lab.pid',
  errors: 'var/log/dirsrv/slapd-lab/errors',
} as const;

const run = promisify(execFile);

/** What the template comes from, beside this file and the schema. */
const sources = [
  'directory-server.ts',
  'ds389-content.ts',
  'ds389-schema.ts',
  'dse-ldif.ts',
  '../../src/lab/directory-content.ts',
].map(path => join(import.meta.dirname, path));

/** The server refuses to be root, and the package lets nobody but its own user read what instances are made from. */
export const ds389User = {
  name: 'dirsrv',
  setpriv: ['--reuid', 'dirsrv', '--regid', 'dirsrv', '--clear-groups'],
} as const;

/** Replaces the whole content of a server that does not run. */
export async function loadDs389(root: string, ldif: string): Promise<void> {
  const words = ['ldif2db', '-D', join(root, ds389Places.configuration), '-n', 'userroot', '-i', ldif];
  await run('setpriv', [...ds389User.setpriv, '/usr/sbin/ns-slapd', ...words]);
}

/**
 * An instance with the usual content, for copying; it is never started where it lies. Making one takes seconds, so that one
 * is made for each version of the server, the schema and this file, and kept for later runs; others wait meanwhile.
 */
export async function ds389Template(): Promise<string> {
  if (userInfo().uid !== 0) {
    throw new Error('The tests on a 389 Directory Server start it as the user dirsrv: run them as root.');
  }
  const folder = join(tmpdir(), `reconcile-ds389-${fingerprint()}`);
  if (!existsSync(folder)) {
    const lock = await takeLock(`${folder}.lock`);
    try {
      if (!existsSync(folder)) {
        await make(folder);
      }
    } finally {
      lock.stdin?.end();
    }
  }
  return folder;
}

function fingerprint(): string {
  const { size, mtimeMs } = statSync('/usr/sbin/ns-slapd');
  const hash = createHash('sha256').update(`${size} ${mtimeMs} `);
  for (const path of [import.meta.filename, labSchema, ...sources]) hash.update(readFileSync(path));
  return hash.digest('hex').slice(0, 12);
}

/** The kernel's lock, which ends with its holder: nobody has to tell a stale one. */
async function takeLock(path: string): Promise<ChildProcess> {
  const child = spawn('flock', [path, 'sh', '-c', 'echo locked; cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

async function make(folder: string): Promise<void> {
  const build = `${folder}.build`;
  const root = join(build, 'root');
  endLeftOver(root);
  rmSync(build, { recursive: true, force: true });
  mkdirSync(join(build, 'bin'), { recursive: true });
  writeFileSync(join(build, 'lab.inf'), await settings());
  execFileSync('chown', ['-R', `${ds389User.name}:`, build]);
  const env = { ...process.env, HOME: build, PATH: `${join(build, 'bin')}:/usr/sbin:/usr/bin:/sbin:/bin` };
  const dscreate = (...words: readonly string[]) =>
    run('setpriv', [...ds389User.setpriv, 'dscreate', ...words], { env, cwd: build });
  await dscreate('ds-root', root, join(build, 'bin'));
  await dscreate('from-file', join(build, 'lab.inf'));
  reshape(root);
  execFileSync('chown', ['-R', `${ds389User.name}:`, root]);
  const ldif = join(build, 'content.ldif');
  writeDs389Content(ldif, {});
  await loadDs389(root, ldif);
  forgetPlace(root);
  renameSync(root, folder);
  rmSync(build, { recursive: true, force: true });
}

/** While an instance is made its server runs; when somebody ended that, it still does. */
function endLeftOver(root: string): void {
  const pidFile = join(root, ds389Places.pidFile);
  const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : 0;
  const words = `/proc/${pid}/cmdline`;
  if (pid > 0 && existsSync(words) && readFileSync(words, 'utf8').includes(root)) process.kill(pid, 'SIGKILL');
}

/** What every test wants alike goes in; what none needs comes out, the data too: its cache files are large. */
function reshape(root: string): void {
  const dse = join(root, ds389Places.dse);
  const schema = ds389Schema(join(root, 'share/dirsrv/schema'));
  writeFileSync(join(root, ds389Places.schema, '98calendar.ldif'), schema);
  writeFileSync(dse, editDse(readFileSync(dse, 'utf8'), modest));
  const database = join(root, ds389Places.database);
  for (const path of [join(root, 'share'), join(root, 'sbin'), database]) rmSync(path, { recursive: true });
  mkdirSync(database);
}

/** Takes out what belongs to one place and one run. */
function forgetPlace(root: string): void {
  const dse = join(root, ds389Places.dse);
  writeFileSync(dse, editDse(readFileSync(dse, 'utf8'), {}).replaceAll(root, rootMark));
  const database = join(root, ds389Places.database);
  const regions = readdirSync(database).filter(name => name.startsWith('__db.'));
  const left = [`${dse}.bak`, `${dse}.startOK`, ...regions.map(name => join(database, name))];
  for (const path of left) rmSync(path, { force: true });
}

/** The entry that says how the server puts changes on disk. */
export const ds389Storage = 'cn=bdb,cn=config,cn=ldbm database,cn=plugins,cn=config';

/** Untold it takes a quarter of the machine's memory for caches, and every address of it. */
const modest = {
  'cn=config': {
    'nsslapd-listenhost': '127.0.0.1',
    'nsslapd-ldapilisten': 'off',
    'nsslapd-maxdescriptors': '1024',
    'nsslapd-threadnumber': '8',
  },
  [ds389Storage]: {
    'nsslapd-cache-autosize': '0',
    'nsslapd-import-cache-autosize': '0',
    'nsslapd-dbcachesize': '10000000',
    // Tests kill it or throw it away: no need to wait for the disk.
    'nsslapd-db-durable-transaction': 'off',
  },
  'cn=userroot,cn=ldbm database,cn=plugins,cn=config': { 'nsslapd-cachememsize': '268435456' },
} as const;

async function settings(): Promise<string> {
  return [
    '[general]',
    'config_version = 2',
    'full_machine_name = localhost',
    'strict_host_checking = False',
    'systemd = False',
    'selinux = False',
    'start = False',
    '[slapd]',
    'instance_name = lab',
    `port = ${await freePort()}`,
    'self_sign_cert = False',
    `root_password = ${adminPassword}`,
    `user = ${ds389User.name}`,
    `group = ${ds389User.name}`,
    '[backend-userroot]',
    'suffix = o=isp',
    'create_suffix_entry = False',
    'sample_entries = no',
    '',
  ].join('\n');
}
