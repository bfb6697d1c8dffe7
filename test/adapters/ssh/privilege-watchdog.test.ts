import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import type { HostConnection } from '../../../src/adapters/ssh/host-connection.ts';
import type { Privilege } from '../../../src/core/desired.ts';
import { until } from '../../tools/until.ts';
import {
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
import { findingOf } from './support.ts';
import { AMPLE, hurry, laySleep } from './watchdogs.ts';

/* What must outlast a session that sudo, doas or su has made, and what must end with it. */
const folder = mkdtempSync(join(tmpdir(), 'ssh-privilege-watch-'));
const PATH = '/opt/lab/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const started: PrivilegeHost[] = [];

afterAll(async () => {
  await Promise.all(started.map(host => host.stop()));
  rmSync(folder, { recursive: true, force: true });
});

async function start(name: string, rules: Rules): Promise<PrivilegeHost> {
  const estate = await startPrivilegeHost(join(folder, name), rules);
  started.push(estate);
  laySleep(estate.host);
  return estate;
}

const sudoers = (more: string) => [
  `Defaults secure_path="${PATH}"`,
  ...(more === '' ? [] : [`Defaults ${more}`]),
  'ALL ALL=(ALL) ALL',
];

const ways: readonly {
  readonly name: string;
  readonly rules: Rules;
  readonly privilege: Privilege;
  readonly password: string;
}[] = [
  { name: 'sudo', rules: { sudoers: sudoers('') }, privilege: sudo, password: CLERK },
  { name: 'sudo with use_pty', rules: { sudoers: sudoers('use_pty') }, privilege: sudo, password: CLERK },
  { name: 'sudo on a terminal', rules: { sudoers: sudoers('requiretty') }, privilege: sudo, password: CLERK },
  {
    name: 'sudo on a terminal with use_pty',
    rules: { sudoers: sudoers('requiretty, use_pty') },
    privilege: sudo,
    password: CLERK,
  },
  { name: 'doas', rules: { doas: [`permit setenv { PATH=${PATH} } clerk as root`] }, privilege: doas, password: CLERK },
  { name: 'su', rules: {}, privilege: su, password: ROOT },
];

describe.concurrent.each(ways)('$name', ({ name, rules, privilege, password }) => {
  test('a watchdog acts after every session was killed; a server that was started stays; nothing else does', async () => {
    const estate = await start(name.replaceAll(' ', '-'), rules);
    const etc = join(estate.host.tree, 'etc/opt');
    writeFileSync(join(etc, 'ics.conf.old'), 'old');
    writeFileSync(join(etc, 'ics.conf'), 'new');
    layProgram(estate.host, 'server', SERVER);
    const host = estate.open(privilege, {}, password);

    expect(await host.run({ words: ['server'] })).toMatchObject({ code: 0, output: 'started\n' });
    const slow = await host.query({ words: ['sh', '-c', 'echo begun; exec /usr/bin/sleep 1234'], patience: 5_000 });
    expect(slow).toMatchObject({ state: 'ran', late: 5_000, output: expect.stringContaining('begun') });
    await until(async () => !/sleep 1234/.test(await processes(host)), 'the slow command is ended');

    const files = [
      {
        path: '/etc/opt/ics.conf',
        backup: '/etc/opt/ics.conf.old',
        before: Buffer.from('old'),
        written: Buffer.from('new'),
      },
    ];
    await host.watch({ name: 'w', files, commands: [], patience: AMPLE });
    await host.query({ words: ['sh', '-c', KILL_SESSIONS] }).catch(() => undefined);
    await host.close();
    const done = join(estate.home, '.reconcile/one/watchdog-w.done');
    await hurry(estate.host, () => existsSync(done), 'the watchdog acts');
    expect(readFileSync(join(etc, 'ics.conf'), 'utf8')).toBe('old');

    const again = estate.open(privilege, {}, password);
    await until(() => grows(join(etc, 'beat')), 'the server is at work');
    expect(existsSync(join(etc, 'hangup'))).toBe(false);
    await until(async () => {
      const first = (await processes(again)).split('\n');
      const stayed = (await processes(again)).split('\n').filter(line => first.includes(line));
      return stayed.every(line => /server|sshd|PPID/.test(line) || line === '');
    }, 'nothing else is left');
    await again.close();
  });
});

/** Beats for as long as it lives, holds its standard output, and notes a hang-up. */
const SERVER = `#!/bin/sh
( trap 'echo >> /etc/opt/hangup' 1; while :; do echo >> /etc/opt/beat; /usr/bin/sleep 0.2; done ) &
echo started
`;

const KILL_SESSIONS =
  'for p in `ps -eo pid,args | grep "sshd: clerk" | grep -v grep | cut -c1-8`; do kill -1 $p; kill -15 $p; kill -9 $p; done';

async function processes(host: HostConnection): Promise<string> {
  const listed = await host.query({ words: ['ps', '-eo', 'pid,ppid,pgid,args'] });
  return listed.state === 'ran' ? listed.output : '';
}

async function grows(path: string): Promise<boolean> {
  const before = statSync(path).size;
  await pause(500);
  return statSync(path).size > before;
}

test('two logins that become the same user exclude each other, by whatever way', async () => {
  const estate = await start('two', {
    sudoers: ['Defaults env_keep += HOME', 'Defaults !always_set_home', 'ALL ALL=(ALL) ALL'],
  });
  const clerk = estate.open(sudo);
  const others = [estate.open(sudo, { user: 'clark' }), estate.open(su, { user: 'clark' }, ROOT), estate.open(doas)];
  const claim = (host: HostConnection, run: string) => host.lock({ run, by: 'b', expiry: 60_000, isDead: () => false });
  const held = await claim(clerk, 'first');
  expect(held.state).toBe('held');
  for (const other of others) {
    expect(await claim(other, 'second')).toMatchObject({ state: 'taken', holder: { run: 'first' } });
  }
  expect(await clerk.run({ words: ['id', '-u'] })).toMatchObject({ output: '0\n' });
  if (held.state === 'held') await held.lock.release();
  expect((await claim(others[0] ?? clerk, 'third')).state).toBe('held');
  expect((await findingOf(clerk.run({ words: ['id'] }))).code).toBe('host.lock-lost');
  await Promise.all([clerk, ...others].map(host => host.close()));
});

describe('where systemd-logind ends what a session has left', () => {
  test.each([
    ['true', 'as 0', 'as 1 "root"', false],
    ['true', 'as 0', 'as 2 "root" "clerk"', true],
    ['false', 'as 0', 'as 0', true],
    ['false', 'as 1 "clerk"', 'as 0', false],
    ['true', 'as 1 "clark"', 'as 0', true],
  ])('KillUserProcesses %s, KillOnlyUsers %s, KillExcludeUsers %s', async (kill, only, exclude, starts) => {
    const estate =
      started.find(({ host }) => host.tree.includes('logind')) ?? (await start('logind', { sudoers: sudoers('') }));
    layProgram(estate.host, 'busctl', `#!/bin/sh\ncat <<'END'\nb ${kill}\n${only}\n${exclude}\nEND\n`);
    layProgram(estate.host, 'cat', CAT);
    const host = estate.open(sudo);
    const watch = host.watch({ name: 'w', files: [], commands: [], patience: AMPLE });
    if (starts) {
      await (await watch).confirm();
    } else {
      const finding = await findingOf(watch);
      expect(finding.code).toBe('host.watchdog-not-started');
      expect(finding.detail).toContain('KillExcludeUsers');
      expect(finding.detail).toContain('processes of clerk');
    }
    await host.close();
  });
});

const CAT = `#!/bin/sh
case $1 in /proc/self/cgroup)
  echo '9:name=systemd:/user.slice/user-1001.slice/session-7.scope'
  echo '0::/user.slice/user-1001.slice/session-7.scope'
  exit;;
esac
exec /bin/cat "$@"
`;
