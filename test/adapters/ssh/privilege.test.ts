import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { HostConnection } from '../../../src/adapters/ssh/host-connection.ts';
import type { Privilege } from '../../../src/core/desired.ts';
import { filesWith, watchProcesses } from '../../tools/process-watch.ts';
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
import { readOne } from './support.ts';

/* Real sshd, sudo, doas and su; root cannot log in. */
const folder = mkdtempSync(join(tmpdir(), 'ssh-privilege-'));
const started = new Map<string, Promise<PrivilegeHost>>();
const opened: HostConnection[] = [];

const watch = watchProcesses([CLERK, ROOT]);

afterAll(async () => {
  expect(watch.stop().seen).toEqual([]);
  await Promise.all(opened.map(host => host.close()));
  await Promise.all([...started.values()].map(async host => (await host).stop()));
  rmSync(folder, { recursive: true, force: true });
});

/** Those with the same rules share a host. */
function start(rules: Rules): Promise<PrivilegeHost> {
  const key = JSON.stringify(rules);
  const host = started.get(key) ?? startPrivilegeHost(join(folder, String(started.size)), rules);
  started.set(key, host);
  return host;
}

interface Way {
  readonly name: string;
  readonly rules: Rules;
  readonly privilege: Privilege;
  readonly password?: string;
  readonly shows: { readonly asked: boolean; readonly terminal: boolean };
}

const asked = { asked: true, terminal: false };
const onTerminal = { asked: true, terminal: true };
const silent = { asked: false, terminal: false };
const all = 'ALL ALL=(ALL) ALL';
const free = 'ALL ALL=(ALL) NOPASSWD: ALL';

/** The rules that the documentation has for a login. */
const documented = readFileSync('docs/connecting.md', 'utf8').replaceAll('ops', 'clerk').split('\n');
const ruleFor = (pattern: RegExp) => documented.filter(line => pattern.test(line));

const ways: readonly Way[] = [
  {
    name: 'sudo by the documented rule',
    rules: { sudoers: ruleFor(/^clerk ALL=\(root\) \//) },
    privilege: sudo,
    shows: asked,
  },
  {
    name: 'sudo by the documented rule without a password',
    rules: { sudoers: ruleFor(/^clerk ALL=\(root\) NOPASSWD/) },
    privilege: { by: 'sudo', as: 'root' },
    shows: silent,
  },
  {
    name: 'doas by the documented rule',
    rules: { doas: ruleFor(/^permit clerk/) },
    privilege: doas,
    shows: onTerminal,
  },
  {
    name: 'doas by the documented rule without a password',
    rules: { doas: ruleFor(/^permit nopass/) },
    privilege: { by: 'doas', as: 'root' },
    shows: silent,
  },
  { name: 'sudo', rules: {}, privilege: sudo, shows: asked },
  { name: 'sudo with use_pty', rules: { sudoers: ['Defaults use_pty', all] }, privilege: sudo, shows: asked },
  {
    name: 'sudo with requiretty',
    rules: { sudoers: ['Defaults requiretty', all] },
    privilege: sudo,
    shows: onTerminal,
  },
  {
    name: 'sudo with requiretty, use_pty, log_input and log_output',
    rules: { sudoers: ['Defaults requiretty, use_pty, log_input, log_output, iolog_dir=/var/opt/io', all] },
    privilege: sudo,
    shows: onTerminal,
  },
  {
    name: 'sudo with log_input, log_output and use_pty',
    rules: { sudoers: ['Defaults use_pty, log_input, log_output, iolog_dir=/var/opt/io', all] },
    privilege: sudo,
    shows: asked,
  },
  {
    name: 'sudo with a lecture that looks like a question',
    rules: {
      sudoers: ['Defaults lecture=always, lecture_file=/etc/lecture', all],
      etc: { lecture: 'Password:\nask-0: \n[sudo] password for clerk: \n' },
    },
    privilege: sudo,
    shows: asked,
  },
  {
    name: 'sudo that keeps HOME',
    rules: { sudoers: ['Defaults env_keep += "HOME PATH"', 'Defaults !set_home, !always_set_home', all] },
    privilege: sudo,
    shows: asked,
  },
  { name: 'sudo NOPASSWD', rules: { sudoers: [free] }, privilege: { by: 'sudo', as: 'root' }, shows: silent },
  { name: 'sudo NOPASSWD with a password stated', rules: { sudoers: [free] }, privilege: sudo, shows: silent },
  {
    name: 'sudo with a question of PAM',
    rules: { pam: { sudo: 'module' } },
    privilege: { ...sudo, prompt: 'your domain passcode' },
    shows: asked,
  },
  { name: 'sudo as icsuser', rules: {}, privilege: { ...sudo, as: 'icsuser' }, shows: asked },
  { name: 'doas', rules: {}, privilege: doas, shows: onTerminal },
  {
    name: 'doas nopass',
    rules: { doas: ['permit nopass clerk as root'] },
    privilege: { by: 'doas', as: 'root' },
    shows: silent,
  },
  {
    name: 'doas nopass with a password stated',
    rules: { doas: ['permit nopass keepenv clerk as root'] },
    privilege: doas,
    shows: { asked: false, terminal: true },
  },
  { name: 'su', rules: {}, privilege: su, password: ROOT, shows: onTerminal },
  {
    name: 'su with a question of PAM',
    rules: { pam: { su: 'module' } },
    privilege: { ...su, prompt: 'domain' },
    shows: onTerminal,
  },
  { name: 'su to icsuser', rules: {}, privilege: { ...su, as: 'icsuser' }, password: ROOT, shows: onTerminal },
  ...['/usr/bin/fish', '/usr/bin/zsh'].flatMap((shell): readonly Way[] => [
    { name: `sudo from ${shell}`, rules: { shell }, privilege: sudo, shows: asked },
    {
      name: `su from ${shell} to ${shell}`,
      rules: { shell, rootShell: shell },
      privilege: su,
      password: ROOT,
      shows: onTerminal,
    },
  ]),
  ...['/bin/busybox', '/usr/bin/mksh', '/usr/bin/ksh93', '/usr/bin/yash', '/bin/bash'].flatMap((sh): readonly Way[] => [
    { name: `sudo where /bin/sh is ${sh}`, rules: { sh }, privilege: sudo, shows: asked },
    { name: `doas where /bin/sh is ${sh}`, rules: { sh }, privilege: doas, shows: onTerminal },
  ]),
];

const keys = [...new Set(ways.map(({ rules }) => JSON.stringify(rules)))];
const hosts = keys.map(key => ways.filter(({ rules }) => JSON.stringify(rules) === key));

describe.concurrent.each(hosts.map(group => ({ names: group.map(({ name }) => name).join(', '), group })))(
  '$names',
  ({ group }) => {
    test('acts as the other user, byte by byte, and shows no password', async () => {
      for (const way of group) await check(way);
    });
  },
);

async function check({ rules, privilege, password = CLERK, shows }: Way): Promise<void> {
  const { pam } = rules;
  const module = pam && Object.fromEntries(Object.keys(pam).map(file => [file, askingModule(folder)]));
  const estate = await start({ ...rules, ...(module && { pam: module }) });
  const host = estate.open(privilege, {}, password);
  opened.push(host);
  const { as } = privilege;
  const place = randomBytes(4).toString('hex');
  const own = as === 'root' ? estate.home : join(estate.host.tree, 'var/opt/icsuser');
  const home = as === 'root' ? estate.home : '/var/opt/icsuser';
  const number = as === 'root' ? 0 : 1003;
  mkdirSync(own, { recursive: true });
  mkdirSync(join(estate.host.tree, 'etc/opt', place), { mode: 0o700 });
  execFileSync('chown', ['-R', `${number}:${number}`, own, join(estate.host.tree, 'etc/opt', place)]);
  const path = join(estate.host.tree, 'etc/opt', place, 'odd.bin');
  writeFileSync(path, 'old\n', { mode: 0o600 });
  execFileSync('chown', [`${number}:${number}`, path]);

  expect(await host.acting()).toMatchObject({
    user: as,
    home,
    ...shows,
    identity: expect.stringMatching(`^uid=${number}\\(${as}\\)`),
  });
  const content = randomBytes(300_000);
  await host.replace({ path: `/etc/opt/${place}/odd.bin`, expected: Buffer.from('old\n'), content });
  expect(readFileSync(path).equals(content)).toBe(true);
  expect((await readOne(host, `/etc/opt/${place}/odd.bin`)).content.equals(content)).toBe(true);
  const said = await host.query({
    words: [
      'sh',
      '-c',
      'id -u; echo "$HOME"; test -t 0 || test -t 1 || test -t 2 || echo none; echo wrong >&2; exit 7',
    ],
  });
  expect(said).toEqual({ state: 'ran', code: 7, output: `${number}\n${home}\nnone\nwrong\n` });
  expect(await host.clock()).toBeGreaterThan(0);
  const taken = await host.lock({ run: 'r', by: 'b', expiry: 60_000, isDead: () => false });
  expect(taken.state).toBe('held');
  expect(readdirSync(join(own, '.reconcile/one'))).toContain('lock');
  if (taken.state === 'held') await taken.lock.release();
  const run = '20261130T183125000Z-0a1b2c3d';
  const text = content.toString('latin1');
  await host.keepRun(
    'example.com',
    run,
    new Map([
      ['head.json', '{}'],
      ['plan.json', text],
    ]),
    2,
  );
  expect(await host.runs('example.com')).toMatchObject([{ run, head: '{}' }]);
  expect((await host.runPart('example.com', run, 'plan.json')) === text).toBe(true);
  expect(statSync(join(own, '.reconcile/one/runs/example.com', `${run}.plan.json`))).toMatchObject({ uid: number });
  expect(filesWith(password, join(estate.host.tree, 'var/opt'))).toEqual('');
}

test('pfexec without a terminal, where the profile gives the rights', async () => {
  const estate = await start({ sudoers: [free] });
  layProgram(estate.host, 'pfexec', '#!/bin/sh\nexec sudo -n "$@"\n');
  const host = estate.open({ by: 'pfexec', as: 'root' });
  opened.push(host);
  expect(await host.acting()).toMatchObject({ user: 'root', asked: false, terminal: false });
  expect(await host.query({ words: ['id', '-u'] })).toMatchObject({ output: '0\n' });
});
