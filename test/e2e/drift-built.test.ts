import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { freePort } from '../../src/lab/process-list.ts';
import { lintExposition, parseExposition } from '../adapters/metrics/exposition.ts';

/** The built program as a service would run it, on an estate of which nothing answers: signals, servers, standard error. */
let folder: string;
let child: ChildProcess | undefined;
const said = { stdout: '', stderr: '' };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reconcile-drift-'));
  const text = readFileSync('test/estate/chapter-in-braces.yaml', 'utf8')
    .replace(/url: ldaps.*\n.*tls:.*/, 'url: ldap://127.0.0.1:1')
    .replace(/address: [^,]*,/g, 'address: 127.0.0.1, port: 1,');
  writeFileSync(join(folder, 'estate.yaml'), text);
  writeFileSync(join(folder, 'known_hosts'), '');
  Object.assign(said, { stdout: '', stderr: '' });
});
afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

function start(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<number | null> {
  const { PATH } = process.env;
  const env = { PATH, HOME: folder, LDAP_PASSWORD: 'canary-77', SSH_KEY_FILE: join(folder, 'none'), ...environment };
  child = spawn(process.execPath, ['dist/reconcile.cjs', 'drift', join(folder, 'estate.yaml'), ...words], { env });
  child.stdout?.on('data', chunk => (said.stdout += chunk));
  child.stderr?.on('data', chunk => (said.stderr += chunk));
  return once(child, 'exit').then(([code]) => code);
}

const events = () => [...said.stderr.matchAll(/^\{.*\}$/gm)].map(([line]): { event: string } => JSON.parse(line));
const looks = (count: number) =>
  expect.poll(() => events().filter(({ event }) => event === 'look').length).toBeGreaterThanOrEqual(count);

it.each(['SIGTERM', 'SIGINT'] as const)(
  'looks again until %s, and ends with the exit code of the last look',
  async signal => {
    const listen = { host: '127.0.0.1', port: await freePort() };
    const ended = start(['--every', '1s', '--log', 'json', '--metrics-listen', `${listen.host}:${listen.port}`]);
    await looks(2);
    const metrics = await (await fetch(`http://127.0.0.1:${listen.port}/metrics`)).text();
    expect(lintExposition(metrics)).toEqual([]);
    const unread = parseExposition(metrics).samples.filter(({ name }) => name === 'reconcile_drift_target_unread');
    expect(unread.map(({ labels, value }) => [labels['target'], value])).toEqual(
      [
        ['directory', 1],
        ['cs6', 1],
        ['cs7', 1],
      ].sort(),
    );
    child?.kill(signal);
    expect([await ended, said.stdout.match(/reconcile drift/g)?.length]).toEqual([1, 1]);
    expect(events().at(-1)).toMatchObject({ event: 'stopped', exitCode: 1 });
    expect(said.stdout + said.stderr).not.toContain('canary-77');
  },
);

it('tells a webhook whose address and key are in the environment and nowhere else', async () => {
  const received: string[] = [];
  const server = createServer(async (request, response) => {
    for await (const _ of request);
    received.push(`${request.url} ${request.headers['webhook-signature'] === undefined ? 'unsigned' : 'signed'}`);
    response.writeHead(500).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/t0ken-77`;
  const ended = start(['--webhook', 'env:HOOK', '--webhook-secret', 'env:HOOK_KEY', '--every', '1s', '--log', 'json'], {
    HOOK: url,
    HOOK_KEY: 'k3y-77',
  });
  await expect.poll(() => received.length).toBe(1);
  child?.kill('SIGTERM');
  expect(await ended).toBe(1);
  expect(received).toEqual(['/t0ken-77 signed']);
  expect(said.stdout + said.stderr).not.toMatch(/t0ken-77|k3y-77/);
  server.close();
});

it('sends spans where the standard variables ask for them', async () => {
  const names: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    for (const { scopeSpans } of JSON.parse(Buffer.concat(chunks).toString()).resourceSpans)
      for (const { spans } of scopeSpans) names.push(...spans.map(({ name }: { name: string }) => name));
    response.writeHead(200).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const asked = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' };
  expect(await start([], asked)).toBe(1);
  expect([names.includes('reconcile.look'), names.filter(name => name === 'reconcile.compare').length]).toEqual([
    true,
    10,
  ]);
  server.close();
});

it('sends spans in the form of http/protobuf as well', async () => {
  const forms: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    forms.push(request.headers['content-type']);
    request.resume();
    response.writeHead(200).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await start([], { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })).toBe(1);
  expect(forms).toEqual(['application/x-protobuf']);
  server.close();
});
