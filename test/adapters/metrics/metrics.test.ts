import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openMetrics } from '../../../src/adapters/metrics.ts';
import { freePort } from '../../../src/lab/process-list.ts';
import type { LookNumbers } from '../../../src/ports/daemon.ts';
import { driftWatch } from '../../../src/watch/drift-watch.ts';
import { lintExposition, parseExposition } from './exposition.ts';

/** What Prometheus and node_exporter get to read. */
const folder = mkdtempSync(join(tmpdir(), 'reconcile-metrics-'));
const file = join(folder, 'reconcile.prom');
afterAll(() => rmSync(folder, { recursive: true }));

const look: LookNumbers = {
  estate: 'a "quoted" \\ estate',
  endedAt: 1_795_000_000.5,
  seconds: 2.25,
  success: true,
  succeededAt: 1_795_000_000.5,
  samples: [
    { family: 'differences', labels: { target: 'cs6-fe1', kind: 'cs6-ics-conf' }, value: 3 },
    { family: 'differences', labels: { target: 'directory', kind: 'ldap-cohort' }, value: 0 },
    { family: 'target_unread', labels: { target: 'cs6-fe1' }, value: 0 },
    { family: 'target_unread', labels: { target: 'directory' }, value: 1 },
  ],
};
const { families } = driftWatch;
const about = { command: 'drift', families };
const failed: LookNumbers = { estate: look.estate, endedAt: 1_795_000_900, seconds: 1, success: false };
const passwordSample = (family: string, value: number) => ({
  ...look,
  samples: [{ family: `directory_password_${family}`, labels: {}, value }],
});
const { estate } = look;
const written = () => parseExposition(readFileSync(file, 'utf8'));

describe('the text file', () => {
  it('has every number, in a form that Prometheus reads and its linter likes', async () => {
    const metrics = await openMetrics({ file }, about);
    await metrics.looked(look);
    metrics.untold('webhook');
    await metrics.looked(look);
    const { samples } = written();
    const value = (name: string, labels: Record<string, string> = {}) =>
      samples.find(
        one =>
          one.name === `reconcile_drift_${name}` &&
          JSON.stringify(one.labels) === JSON.stringify({ estate, ...labels }),
      )?.value;
    expect([
      value('differences', { target: 'cs6-fe1', kind: 'cs6-ics-conf' }),
      value('differences', { target: 'directory', kind: 'ldap-cohort' }),
      value('target_unread', { target: 'cs6-fe1' }),
      value('target_unread', { target: 'directory' }),
      value('last_look_timestamp_seconds'),
      value('last_look_duration_seconds'),
      value('last_look_success'),
      value('looks_total', { result: 'ended' }),
      value('notifications_failed_total', { notifier: 'webhook' }),
    ]).toEqual([3, 0, 0, 1, 1_795_000_000.5, 2.25, 1, 2, 1]);
    expect(lintExposition(readFileSync(file, 'utf8'))).toEqual([]);
    await metrics.close();
  });

  it('has what is announced about the password as long as it is announced', async () => {
    const metrics = await openMetrics({ file }, about);
    const named = () =>
      written()
        .samples.filter(({ name }) => name.includes('password'))
        .map(({ name, value }) => [name, value]);
    await metrics.looked(passwordSample('expiry_seconds', 3600));
    expect(named()).toEqual([['reconcile_drift_directory_password_expiry_seconds', 3600]]);
    await metrics.looked(passwordSample('grace_logins', 2));
    expect(named()).toEqual([['reconcile_drift_directory_password_grace_logins', 2]]);
    expect(lintExposition(readFileSync(file, 'utf8'))).toEqual([]);
    await metrics.looked({ ...look, samples: [] });
    expect(named()).toEqual([]);
    await metrics.close();
  });

  it('keeps what the last good look found, and forgets kinds that are gone', async () => {
    const metrics = await openMetrics({ file }, about);
    await metrics.looked(look);
    await metrics.looked({ ...failed, succeededAt: 1_795_000_000.5 });
    const named = (name: string) => written().samples.filter(one => one.name === `reconcile_drift_${name}`);
    expect(named('differences')).toHaveLength(2);
    expect(named('last_look_success')).toEqual([expect.objectContaining({ value: 0 })]);
    expect(named('last_success_timestamp_seconds')).toEqual([expect.objectContaining({ value: 1_795_000_000.5 })]);
    await metrics.looked({
      ...look,
      samples: [{ family: 'differences', labels: { target: 'cs6-be1', kind: 'cs6-service' }, value: 1 }],
    });
    expect(named('differences').map(({ labels }) => labels['target'])).toEqual(['cs6-be1']);
    await metrics.close();
  });

  it('has the last success of an earlier call before anything succeeds again', async () => {
    const metrics = await openMetrics({ file }, { ...about, estate, succeededAt: 1_794_000_000 });
    const lastSuccess = () => written().samples.find(({ name }) => name.endsWith('_last_success_timestamp_seconds'));
    await metrics.looked({ ...failed, succeededAt: 1_794_000_000 });
    expect(lastSuccess()).toMatchObject({ labels: { estate }, value: 1_794_000_000 });
    await metrics.looked({ ...failed, estate: 'another' });
    expect(lastSuccess()).toBeUndefined();
    await metrics.close();
  });

  it('counts what could not be sent from 0 on, also before the name of the estate is known', async () => {
    const metrics = await openMetrics({ file }, about);
    metrics.mayFail(['slack', 'ping']);
    metrics.untold('ping');
    await metrics.looked(look);
    const failedTo = written().samples.filter(({ name }) => name.endsWith('_notifications_failed_total'));
    expect(failedTo.map(({ labels, value }) => [labels['estate'], labels['notifier'], value])).toEqual([
      [estate, 'slack', 0],
      [estate, 'ping', 1],
    ]);
    await metrics.close();
  });

  it('is replaced as a whole, for others to read, and leaves nothing beside it', async () => {
    const metrics = await openMetrics({ file }, about);
    await metrics.looked(look);
    const before = statSync(file).ino;
    await metrics.looked(look);
    expect(statSync(file).ino).not.toBe(before);
    expect([statSync(file).mode & 0o777, readdirSync(folder)]).toEqual([0o644, ['reconcile.prom']]);
    await metrics.close();
  });

  it('a folder that is not there is a problem that says so', async () => {
    const metrics = await openMetrics({ file: join(folder, 'none', 'x.prom') }, about);
    await expect(metrics.looked(look)).rejects.toMatchObject({ finding: { code: 'metrics.file' } });
  });
});

describe('the server', () => {
  it('answers at /metrics, to those who read', async () => {
    const listen = { host: '127.0.0.1', port: await freePort() };
    const metrics = await openMetrics({ listen }, about);
    await metrics.looked(look);
    const url = `http://127.0.0.1:${listen.port}`;
    const answer = await fetch(`${url}/metrics`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
    expect(lintExposition(await answer.text())).toEqual([]);
    const others = await Promise.all([fetch(`${url}/`), fetch(`${url}/metrics`, { method: 'POST' })]);
    expect(others.map(({ status }) => status)).toEqual([404, 405]);
    await metrics.close();
    await expect(fetch(`${url}/metrics`)).rejects.toThrow();
  });

  it('ends although somebody only holds a connection', async () => {
    const listen = { host: '127.0.0.1', port: await freePort() };
    const metrics = await openMetrics({ listen }, about);
    const socket = connect(listen.port, '127.0.0.1');
    await new Promise(done => socket.once('connect', done));
    const ended = new Promise(done => socket.once('close', done));
    socket.on('error', () => {}).resume();
    await metrics.close();
    await ended;
  });

  it('says so where something else listens', async () => {
    const listen = { host: '127.0.0.1', port: await freePort() };
    const first = await openMetrics({ listen }, about);
    await expect(openMetrics({ listen }, about)).rejects.toMatchObject({
      finding: { code: 'metrics.listen', detail: expect.stringContaining('another program is listening there') },
    });
    await first.close();
  });
});
