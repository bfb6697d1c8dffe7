import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { freePort } from '../../../src/lab/process-list.ts';
import { bundledText } from '../../tools/bundled-program.ts';
import { temporaryFolder } from './support.ts';

/** What a rehearsal does, with nothing but Node: both servers, a replacement, a restart, a modify. */
const PROGRAM = `
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEmbeddedHost } from './src/lab/embedded/ssh-server.ts';
import { createSshKeyPair } from './src/lab/embedded/ssh-server.ts';
import { startEmbeddedDirectory } from './src/lab/embedded/ldap-server.ts';
import { layInstalledCs6 } from './src/lab/lay-rehearsal.ts';
import { directoryEntries } from './src/lab/directory-content.ts';
import { endDaemons } from './src/lab/process-list.ts';
import { HostPool } from './src/adapters/ssh/host-pool.ts';
import { openDirectory } from './src/adapters/ldap/directory-client.ts';
import { Secret } from './src/ports/secret.ts';
const folder = process.argv[2];
const tree = join(folder, 'cs6');
await layInstalledCs6(tree, tree, { httpPort: Number(process.argv[3]) });
const mine = createSshKeyPair();
const hostKey = createSshKeyPair().privateKey;
const server = await startEmbeddedHost({ name: 'cs6', tree, hostKey, authorizedKey: mine.publicKey });
writeFileSync(join(folder, 'id'), mine.privateKey, { mode: 0o600 });
writeFileSync(join(folder, 'known_hosts'), server.hostKeyLine);
const access = { address: server.address, port: server.port, user: 'lab', identity: { path: join(folder, 'id') },
  knownHosts: join(folder, 'known_hosts'), jump: [], legacyAlgorithms: false };
const host = new HostPool({ secret: () => Promise.reject(new Error('none')) }).open('cs6', access);
const path = '/etc/opt/SUNWics5/config/ics.conf';
const [reading] = await host.files([path]);
const content = Buffer.concat([reading.content, Buffer.from('by.nobody = "yes"\\n')]);
const backup = await host.replace({ path, expected: reading.content, content });
const sbin = ['/opt/SUNWics5/cal/sbin'];
const started = await host.run({ words: ['./start-cal'], directories: sbin });
const list = await host.query({ words: ['ps', '-e', '-o', 'pid', '-o', 'etime', '-o', 'args'] });
const running = JSON.parse(readFileSync(tree + '/var/opt/SUNWics5/tmp/running.json', 'utf8'));
const stopped = await host.run({ words: ['./stop-cal'], directories: sbin });
await host.close();
await server.stop();
await endDaemons(tree);
const bindDn = 'cn=reconcile,ou=Services,o=isp';
const entries = directoryEntries({ suffix: 'o=isp', domain: 'example.com', users: 5, groups: 1, resources: 1 });
const directory = await startEmbeddedDirectory({ entries, suffix: 'o=isp', bindDn, password: 'pw' });
const client = openDirectory({ url: directory.url, otherUrls: [], startTls: false, tls: {}, bindDn, password: { env: 'X' } }, async () => new Secret('pw'));
const dn = 'uid=jdoe,ou=People,o=example.com,o=isp';
const modified = await client.modify(dn, [
  { operation: 'add', attribute: 'objectClass', values: ['davEntity'] },
  { operation: 'add', attribute: 'davStore', values: ['b1'] },
]);
let found = 0;
for await (const entry of client.search({ base: 'o=isp', filter: '(davStore=b1)', attributes: ['uid'] })) found += 1;
await client.close();
await directory.stop();
console.log(JSON.stringify({ uid: process.getuid(), backup, path: reading.path, codes: [started.code, stopped.code],
  list: list.output, byNobody: running.settings['by.nobody'], modified, found }));
`;

it('both servers need no root, no namespaces and no installed server', async () => {
  const folder = temporaryFolder();
  const words = [process.execPath, bundledText(PROGRAM), folder, String(await freePort())];
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    chmodSync(folder, 0o755);
    chownSync(folder, 65534, 65534);
  }
  const drop = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--no-new-privs', '--bounding-set=-all'];
  const [command = '', ...rest] = isRoot ? [...drop, ...words] : words;
  const out = execFileSync(command, rest, { encoding: 'utf8', cwd: folder, env: { PATH: '/usr/bin:/bin' } });
  expect(JSON.parse(out)).toMatchObject({
    uid: isRoot ? 65534 : process.getuid?.(),
    backup: expect.stringMatching(/^\/etc\/opt\/SUNWics5\/config\/ics\.conf\.reconcile-/),
    path: '/etc/opt/SUNWics5/config/ics.conf',
    codes: [0, 0],
    list: expect.stringContaining('cshttpd'),
    byNobody: 'yes',
    modified: { state: 'done' },
    found: 1,
  });
});

it('the list for macOS has the form the client reads', async () => {
  const { bsdListScript } = await import('../../../src/lab/embedded/ssh-server.ts');
  const { parseListLine } = await import('../../../src/adapters/ssh/read-answer.ts');
  const folder = temporaryFolder();
  const stat = join(folder, 'stat');
  writeFileSync(stat, `#!/bin/sh\nprintf '%s|' "$@"\n`, { mode: 0o755 });
  const list = join(folder, 'ls');
  writeFileSync(list, bsdListScript.replaceAll('/usr/bin/stat', stat), { mode: 0o755 });
  const run = (...words: readonly string[]) => spawnSync(list, words, { encoding: 'utf8' });
  const form = '-f|%Sp %l %u %g %z %Sm %N|-t|%Y-%m-%d %H:%M:%S|';
  expect(run('-lnL', '--full-time', '/etc/opt/a b').stdout).toBe(`${form}-L|/etc/opt/a b|`);
  expect(run('-lnd', '--full-time', '/x').stdout).toBe(`${form}/x|`);
  expect(run('-lnLE', '/x').status).toBe(1);
  expect(run('-ln', list).stdout).toContain(list);
  expect(parseListLine('-rw-r----- 1 501 20 837 2026-01-02 03:04:05 /etc/opt/f')).toMatchObject({
    mode: '-rw-r-----',
    owner: '501:20',
    modified: Date.UTC(2026, 0, 2, 3, 4, 5),
  });
});
