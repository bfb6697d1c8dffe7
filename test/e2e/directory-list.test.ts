import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../src/lab/process-list.ts';
import type { TestDirectory } from '../servers/directory-server.ts';
import { type Estate, icsConf, startEstate } from '../servers/estate.ts';
import { startSlapd } from '../servers/slapd.ts';
import { until } from '../tools/until.ts';
import { reconcile, reportOf, runs } from './cli.ts';

/** A list of two directory servers, of which the first is a replica that lags behind, in whole commands. */
let estate: Estate;
let replica: TestDirectory;

beforeAll(async () => {
  const slapd = { global: ['moduleload syncprov'], database: ['overlay syncprov'] };
  estate = await startEstate({ cs6: 1, cs7: 1, users: 30, groups: 2, resources: 2, slapd });
  replica = await lateReplica(estate);
});
afterAll(async () => {
  await replica?.kill();
  await estate?.stop();
});

/** A consumer that has copied everything once, and does so again tomorrow. */
async function lateReplica({ directory, folder }: Estate): Promise<TestDirectory> {
  const own = join(folder, 'replica');
  mkdirSync(own);
  const { url, adminDn, adminPassword } = directory;
  const sync = `syncrepl rid=1 provider=${url} type=refreshOnly interval=01:00:00:00 searchbase="o=isp"`;
  const bind = `bindmethod=simple binddn="${adminDn}" credentials=${adminPassword}`;
  const started = await startSlapd(own, { entries: [], database: [`${sync} ${bind}`, `updateref ${url}`] });
  await until(() => namesAt(started).length === namesAt(directory).length, 'the replica has everything');
  return started;
}

function search({ url, adminDn, adminPassword }: TestDirectory, ...words: readonly string[]): string {
  const bind = ['-x', '-LLL', '-o', 'ldif-wrap=no', '-H', url, '-D', adminDn, '-w', adminPassword, '-b', 'o=isp'];
  try {
    return execFileSync('ldapsearch', [...bind, ...words], { encoding: 'utf8', stdio: 'pipe' });
  } catch {
    return '';
  }
}

function namesAt(directory: TestDirectory): readonly string[] {
  return search(directory, '1.1').match(/^dn: .*$/gm) ?? [];
}

function administer({ url, adminDn, adminPassword }: TestDirectory, ...ldif: readonly string[]): void {
  const words = ['-x', '-H', url, '-D', adminDn, '-w', adminPassword];
  execFileSync('ldapmodify', words, { input: `${ldif.join('\n')}\n`, stdio: 'pipe' });
}

function fileWith(name: string, ...urls: readonly string[]): string {
  const path = join(estate.folder, `${name}.yaml`);
  const text = readFileSync(estate.file, 'utf8');
  const changed = text.replace(estate.directory.url, `[${urls.map(url => `"${url}"`).join(', ')}]`);
  expect(changed).not.toBe(text);
  writeFileSync(path, changed);
  return path;
}

const run = (...words: readonly string[]) => reconcile(words, estate.environment);

describe('a list of servers', () => {
  it('none of which takes changes is refused before a host is touched, and each is named with its reason', async () => {
    const dead = `ldap://127.0.0.1:${await freePort()}`;
    const file = fileWith('none', dead, replica.url);
    const before = readFileSync(estate.pathOf('cs6-fe1', icsConf), 'latin1');
    const ran = await run('apply', file, '--yes');
    const said = ran.stdout + ran.stderr;
    expect(ran.code, said).toBe(3);
    expect(said).toContain('directory.writes-elsewhere');
    expect(said).toContain(`    ${estate.directory.url}\n`);
    expect(said).toContain('ECONNREFUSED');
    for (const url of [dead, replica.url]) expect(said).toContain(url);
    expect(readFileSync(estate.pathOf('cs6-fe1', icsConf), 'latin1')).toBe(before);
  });

  it.each(['text', 'json', 'markdown', 'html', 'github', 'sarif', 'junit'])(
    'has the server that was read in %s, and the one that is down',
    async format => {
      const dead = `ldap://127.0.0.1:${await freePort()}`;
      const file = fileWith('down', dead, replica.url, estate.directory.url);
      const ran = await run('plan', file, '--format', format);
      expect(ran.code, ran.stderr).toBe(2);
      expect(ran.stdout).toContain(`The directory was read from ${replica.url}.`);
      expect(ran.stdout).toContain('A directory server of the list cannot be used');
      expect(ran.stdout).toContain(dead);
    },
  );

  it('is looked at by doctor, each server by itself', async () => {
    const dead = `ldap://127.0.0.1:${await freePort()}`;
    const file = fileWith('doctor', dead, replica.url, estate.directory.url);
    const ran = await run('doctor', 'directory', '-f', file, '--format', 'json');
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    const { targets } = JSON.parse(ran.stdout);
    const servers = targets[0].steps.find((step: { readonly name: string }) => step.name === 'servers');
    expect(servers).toMatchObject({ state: 'warning', findings: [{ code: 'directory.server-down' }] });
    expect(servers.detail.split('; ')).toEqual([
      `${dead}: cannot be used`,
      `${replica.url}: refers changes to another server`,
      `${estate.directory.url}: accepts changes`,
    ]);
    const login = targets[0].steps.find((step: { readonly name: string }) => step.name === 'login');
    expect(login.detail).toMatch(/^as cn=reconcile,/);
  });

  it('a plan that was read from a replica that lags is carried out on the server that takes changes, as that is', async () => {
    const file = fileWith('list', replica.url, estate.directory.url);
    const saved = join(estate.folder, 'plan.json');
    const moves = /^dn: (uid=.*)$/gm;
    const [taken = '', gone = '', other = ''] = [
      ...search(replica, '(objectClass=icsCalendarUser)', '1.1').matchAll(moves),
    ].map(([, dn = '']) => dn);
    administer(
      estate.directory,
      ...[`dn: ${taken}`, 'changetype: modify', 'add: objectClass', 'objectClass: davEntity', '-'],
      ...['add: davUniqueId', 'davUniqueId: by-someone-else', ''],
      ...[`dn: ${gone}`, 'changetype: delete'],
    );
    const planned = await run('plan', file, '-o', saved);
    expect(planned.code, planned.stderr).toBe(2);
    expect(planned.stdout).toContain(`The directory was read from ${replica.url}.`);
    const ran = await run('apply', saved, '-f', file, '--yes', '--runs', runs, '--format', 'json');
    const report = reportOf(ran);
    const result = 'run' in report ? report.run : undefined;
    expect(result?.directory, ran.stdout + ran.stderr).toBe(estate.directory.url);
    const stateOf = (dn: string) => [
      ...new Set(
        result?.steps.flatMap(({ results }) =>
          results.filter(({ change }) => change.item === dn).map(({ state }) => state),
        ),
      ),
    ];
    // What is not as it was planned for is left as it is; everything else is done.
    expect(stateOf(taken)).toContain('unchanged');
    expect(stateOf(gone)).not.toContain('done');
    expect(stateOf(other)).toEqual(['done']);
    expect(search(estate.directory, `(uid=${/^uid=([^,]*)/.exec(taken)?.[1]})`, 'davUniqueId')).toContain(
      'by-someone-else',
    );
    const record = readFileSync(join(runs, `${result?.journal}.jsonl`), 'utf8');
    expect(JSON.parse(record.split('\n')[0] ?? '')).toMatchObject({ line: 'run', directory: estate.directory.url });
  });

  it('apply reads from the server that it writes to, and converges there; undo does the same', async () => {
    const file = fileWith('list', replica.url, estate.directory.url);
    const [named = ''] = search(estate.directory, '(davUniqueId=*)', '1.1').match(/^dn: .*$/m) ?? [];
    administer(estate.directory, named, 'changetype: modify', 'delete: davUniqueId');
    const ran = await run('apply', file, '--yes', '--runs', runs, '--format', 'json');
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    const report = reportOf(ran);
    const result = 'run' in report ? report.run : undefined;
    const notes = report.plan.findings.filter(({ code }) => code === 'directory.server-used');
    expect(notes[0]?.detail).toContain(`The directory was read from ${estate.directory.url}.`);
    expect(notes[0]?.detail).toContain(replica.url);
    expect((await run('--check', estate.file)).code).toBe(0);
    const undone = await run('undo', result?.journal ?? '', file, '--runs', runs, '--yes');
    expect(undone.code, undone.stdout + undone.stderr).toBe(0);
    expect(undone.stdout).toContain(`directory ${estate.directory.url}`);
    expect(namesAt(estate.directory).length).toBe(namesAt(replica).length - 1);
  });
});
