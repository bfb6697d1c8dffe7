import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { asDirectoryAdmin, type Estate, startEstate } from '../servers/estate.ts';
import { openTerminal } from '../tools/terminal.ts';

/*
 * From two live hosts to coexistence, as a person does it for the first time: in a terminal, with ~/.ssh/config as it is, and
 * without a file. Two accounts have moved already. The test types answers to questions, and nothing else.
 */
const folder = mkdtempSync(join(tmpdir(), 'reconcile-first-'));
const home = join(folder, 'home');
const work = join(folder, 'work');
let estate: Estate;

/** Everything that was asked in all of it. */
const asked: string[] = [];
const most = 8;

beforeAll(async () => {
  estate = await startEstate({ cs6: 1, cs7: 1, users: 40, groups: 4, resources: 3 });
  const moved = ['jdoe', "o'neil"].map(
    uid => `dn: uid=${uid},ou=People,o=example.com,o=isp
changetype: modify
add: objectClass
objectClass: davEntity
-
add: davStore
davStore: defaultbackend
`,
  );
  asDirectoryAdmin(estate, ['ldapmodify'], moved.join('\n'));
  const ssh = join(home, '.ssh');
  for (const path of [ssh, work]) mkdirSync(path, { recursive: true });
  chmodSync(ssh, 0o700);
  copyFileSync(estate.ssh.identity, join(ssh, 'id_ed25519'));
  copyFileSync(estate.ssh.knownHosts, join(ssh, 'known_hosts'));
  const hosts = [...estate.ssh.hosts.values()].map(
    ({ name, address, port }) => `Host ${name}\n  HostName ${address}\n  Port ${port}\n  User root\n`,
  );
  writeFileSync(join(ssh, 'config'), hosts.join('\n'));
  const passwd = readFileSync('/etc/passwd', 'utf8');
  writeFileSync(join(folder, 'passwd'), passwd.replace(/^root:.*$/m, `root:x:0:0:root:${home}:/bin/sh`));
});
afterAll(async () => {
  await estate?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the built program in a terminal, with that home, and answers what it asks. */
async function run(words: readonly string[], answers: readonly (readonly [RegExp, string])[] = []) {
  const inside = 'mount --bind "$1" /etc/passwd && cd "$2" && shift 2 && exec "$@"';
  const program = [process.execPath, join(process.cwd(), 'dist/reconcile.cjs'), ...words];
  const terminal = openTerminal(
    ['unshare', '-m', '--propagation', 'private', 'sh', '-c', inside, 'sh', join(folder, 'passwd'), work, ...program],
    { env: { HOME: '/nonexistent', XDG_STATE_HOME: join(folder, 'state'), LDAP_PASSWORD: 'reconcile-lab' } },
  );
  for (let question = await terminal.question(); question !== undefined; question = await terminal.question()) {
    asked.push(question);
    const [, answer] = answers.find(([about]) => about.test(question ?? '')) ?? [];
    if (answer === undefined || asked.length > most)
      throw new Error(`the test has no answer to "${question}":\n${terminal.screen()}`);
    await terminal.type(answer);
  }
  return { code: await terminal.ended, screen: terminal.screen() };
}

it('import, doctor, plan, apply, verify: with eight questions at most', async () => {
  const imported = await run(
    ['import'],
    [
      [/Server 6/, 'cs6-fe1'],
      [/Server 7/, 'cs7-fe1'],
      [/directory.*ldap|ldap.*directory/is, estate.directory.url],
      [/DN/, estate.directory.bindDn],
      [/password/i, ''],
      [/davadmin/i, '/etc/opt/davadmin.clifile'],
    ],
  );
  expect(imported.code, imported.screen).toBe(2);
  const doctor = await run(['doctor']);
  expect(doctor.code, doctor.screen).toBe(0);
  const planned = await run(['plan', '-o', 'plan.json']);
  expect(planned.code, planned.screen).toBe(2);
  const applied = await run(['apply', 'plan.json'], [[/./, 'yes']]);
  expect(applied.code, applied.screen).toBe(0);
  const verified = await run(['verify']);
  expect(verified.code, verified.screen).toBe(0);
  const checked = await run(['check']);
  expect([checked.code, checked.screen]).toEqual([0, expect.stringContaining('In sync.')]);
  process.stdout.write(
    `${asked.length} questions:\n${asked.join('\n')}\n${readFileSync(join(work, 'estate.yaml'), 'utf8')}\n`,
  );
  expect(asked.length).toBeLessThanOrEqual(most);
}, 300_000);
