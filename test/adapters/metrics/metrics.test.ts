import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openMetrics } from '../../../src/adapters/metrics.ts';
import { freePort } from '../../../src/lab/process-list.ts';
import type { LookNumbers } from '../../../src/ports/daemon.ts';
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
  differences: [
    { target: 'cs6-fe1', kind: 'cs6-ics-conf', count: 3 },
    { target: 'directory', kind: 'ldap-cohort', count: 0 },
  ],
  targets: [
    { target: 'cs6-fe1', read: true },
    { target: 'directory', read: false },
  ],
};
const { estate } = look;
const written = () => parseExposition(readFileSync(file, 'utf8'));

describe('the text file', () => {
  it('has every number, in a form that Prometheus reads and its linter likes', async () => {
    const metrics = await openMetrics({ file });
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
    const metrics = await openMetrics({ file });
    const named = () =>
      written()
        .samples.filter(({ name }) => name.includes('password'))
        .map(({ name, value }) => [name, value]);
    await metrics.looked({ ...look, password: { secondsLeft: 3600 } });
    expect(named()).toEqual([['reconcile_drift_directory_password_expiry_seconds', 3600]]);
    await metrics.looked({ ...look, password: { graceLogins: 2 } });
    expect(named()).toEqual([['reconcile_drift_directory_password_grace_logins', 2]]);
    expect(lintExposition(readFileSync(file, 'utf8'))).toEqual([]);
    await metrics.looked({ ...look, password: {} });
    expect(named()).toEqual([]);
    await metrics.close();
  });

  it('keeps what the last good look found, and forgets kinds that are gone', async () => {
    const metrics = await openMetrics({ file });
    await metrics.looked(look);
    await metrics.looked({ ...look, success: false, differences: [], targets: [] });
    const named = (name: string) => written().samples.filter(one => one.name === `reconcile_drift_${name}`);
    expect(named('differences')).toHaveLength(2);
    expect(named('last_look_success')).toEqual([expect.objectContaining({ value: 0 })]);
    await metrics.looked({ ...look, differences: [{ target: 'cs6-be1', kind: 'cs6-service', count: 1 }] });
    expect(named('differences').map(({ labels }) => labels['target'])).toEqual(['cs6-be1']);
    await metrics.close();
  });

  it('is replaced as a whole, for others to read, and leaves nothing beside it', async () => {
    const metrics = await openMetrics({ file });
    await metrics.looked(look);
    const before = statSync(file).ino;
    await metrics.looked(look);
    expect(statSync(file).ino).not.toBe(before);
    expect([statSync(file).mode & 0o777, readdirSync(folder)]).toEqual([0o644, ['reconcile.prom']]);
    await metrics.close();
  });

  it('a folder that is not there is a problem that says so', async () => {
    const metrics = await openMetrics({ file: join(folder, 'none', 'x.prom') });
    await expect(metrics.looked(look)).rejects.toMatchObject({ finding: { code: 'metrics.file' } });
  });
});

describe('the server', () => {
  it('answers at /metrics, to those who read', async () => {
    const listen = { host: '127.0.0.1', port: await freePort() };
    const metrics = await openMetrics({ listen });
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
    const metrics = await openMetrics({ listen });
    const socket = connect(listen.port, '127.0.0.1');
    await new Promise(done => socket.once('connect', done));
    const ended = new Promise(done => socket.once('close', done));
    socket.on('error', () => {}).resume();
    await metrics.close();
    await ended;
  });

  it('says so where something else listens', async () => {
    const listen = { host: '127.0.0.1', port: await freePort() };
    const first = await openMetrics({ listen });
    await expect(openMetrics({ listen })).rejects.toMatchObject({
      finding: { code: 'metrics.listen', detail: expect.stringContaining('another program is listening there') },
    });
    await first.close();
  });
});
