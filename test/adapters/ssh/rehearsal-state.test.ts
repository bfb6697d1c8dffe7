import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bareHost } from '../../lab/embedded/support.ts';
import { until } from '../../tools/until.ts';
import { findingOf } from './support.ts';
import { AMPLE } from './watchdogs.ts';

/* The built-in server of the rehearsal, which translates paths and ends what a lost connection leaves behind. */
test('locks and watchdogs work on a host of the rehearsal', async () => {
  const host = await bareHost();
  const state = join(host.tree, '.reconcile', hostname());
  const locking = host.open();
  const taken = await locking.lock({ run: '/etc/opt/run', by: 'a@b', expiry: 60_000, isDead: () => false });
  expect(await host.open().guard()).toMatchObject({ holder: { run: '/etc/opt/run', by: 'a@b' }, watchdogs: [] });
  if (taken.state === 'held') {
    await taken.lock.renew();
    await taken.lock.release();
  }
  expect(readdirSync(state)).toEqual([]);

  const path = host.pathOf('/etc/opt/f.conf');
  writeFileSync(path, 'new /opt/x');
  writeFileSync(`${path}.old`, 'old /opt/x');
  mkdirSync(host.pathOf('/opt/bin'), { recursive: true });
  writeFileSync(host.pathOf('/opt/bin/tell'), '#!/bin/sh\npwd\ncat ../../etc/opt/f.conf\n', { mode: 0o755 });
  const watch = {
    name: 'w',
    files: [
      {
        path: '/etc/opt/f.conf',
        backup: '/etc/opt/f.conf.old',
        before: Buffer.from('old /opt/x'),
        written: Buffer.from('new /opt/x'),
      },
    ],
    commands: [{ words: ['tell'], directories: ['/opt/none', '/opt/bin'] }],
    patience: AMPLE,
  };
  // The first connection has given its lock back, and may write nothing any more.
  const connection = host.open();
  const confirmed = await connection.watch(watch);
  await confirmed.confirm();
  expect(readdirSync(state)).toEqual([]);
  const late = await connection.watch({ ...watch, patience: 1_000 });
  await connection.close();
  await until(() => existsSync(join(state, 'watchdog-w.done')), 'it acted');
  expect(readFileSync(path, 'utf8')).toBe('old /opt/x');
  expect(readFileSync(join(state, 'watchdog-w.output'), 'utf8')).toContain('old /opt/x');
  expect((await findingOf(late.confirm())).code).toBe('host.closed');
  writeFileSync(path, 'new /opt/x');
  const third = await host.open().watch({ ...watch, patience: 1_000 });
  await until(() => readFileSync(path, 'utf8') === 'old /opt/x', 'it acts');
  const finding = await findingOf(third.confirm());
  expect(finding.detail).toContain('> /etc/opt/f.conf: restored\n  > tell: ended with code 0\n');
});

test('and so do records of runs, whose paths stay as they are', async () => {
  const host = await bareHost();
  const run = '20261130T183125000Z-0a1b2c3d';
  const text = `{"path":"/etc/opt/SUNWics5/config/ics.conf","here":"${host.tree}/opt"}\n`;
  await host.open().keepRun(
    'example.com',
    run,
    new Map([
      ['head.json', text],
      ['plan.json', text],
    ]),
    2,
  );
  expect(
    readFileSync(join(host.tree, '.reconcile', hostname(), 'runs', 'example.com', `${run}.plan.json`), 'utf8'),
  ).toBe(text);
  expect(await host.open().runs('example.com')).toMatchObject([{ run, head: text }]);
  expect(await host.open().runPart('example.com', run, 'plan.json')).toBe(text);
});
