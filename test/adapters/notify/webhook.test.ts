import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openWebhook, type WebhookSettings } from '../../../src/adapters/notify/webhook.ts';
import { TargetProblem } from '../../../src/core/finding.ts';
import { Secret } from '../../../src/ports/secret.ts';

/** Webhooks against servers that behave, and servers that do not. */
const notice = {
  id: '0123abcd',
  about: 'drift',
  isGood: false,
  subject: 's',
  text: 't',
  body: { event: 'appeared', key: 'ä' },
} as const;
const never = new AbortController().signal;
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise(done => server.close(done));
  }
});

interface Received {
  readonly request: IncomingMessage;
  readonly body: string;
}

/** A server that answers as told, the last way again and again; gives its address and what it received. */
async function serve(...ways: readonly RequestListener[]): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    received.push({ request, body: Buffer.concat(chunks).toString() });
    ways[Math.min(received.length, ways.length) - 1]?.(request, response);
  });
  servers.push(server);
  return { url: await listening(server), received };
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const status =
  (code: number, headers: Record<string, string> = {}): RequestListener =>
  (_, response) =>
    void response.writeHead(code, headers).end('no');

/** A webhook on which no time passes; `waits` has what it would have waited. */
function hook(url: string, more: Partial<WebhookSettings> = {}) {
  const waits: number[] = [];
  const pause = async (milliseconds: number) => void waits.push(milliseconds);
  const webhook = openWebhook({ url: new Secret(url), pause, chance: () => 0.5, now: () => 1_795_000_000.7, ...more });
  return { webhook, waits };
}

async function problemOf(action: () => Promise<unknown>): Promise<{ code: string; detail: string }> {
  try {
    await action();
  } catch (problem) {
    if (problem instanceof TargetProblem) return problem.finding;
    throw problem;
  }
  throw new Error('it went well');
}

it('posts JSON, signed as Standard Webhooks says', async () => {
  const { url, received } = await serve(status(204));
  const { webhook, waits } = hook(`${url}/in?token=t0ken`, {
    secret: new Secret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'),
  });
  await webhook.tell(notice, never);
  const [{ request, body } = {} as Received] = received;
  expect(JSON.parse(body)).toEqual(notice.body);
  const { headers } = request;
  const signed = createHmac('sha256', Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64'));
  expect([
    request.method,
    request.url,
    headers['content-type'],
    headers['webhook-id'],
    headers['webhook-timestamp'],
  ]).toEqual(['POST', '/in?token=t0ken', 'application/json', notice.id, '1795000000']);
  expect(headers['webhook-signature']).toBe(`v1,${signed.update(`${notice.id}.1795000000.${body}`).digest('base64')}`);
  expect([received.length, waits]).toEqual([1, []]);
});

it.each([500, 503, 429, 408])('tries again after %i, waiting longer each time', async code => {
  const { url, received } = await serve(status(code), status(code), status(200));
  const { webhook, waits } = hook(url);
  await webhook.tell(notice, never);
  expect([received.length, waits]).toEqual([3, [1_000, 4_000]]);
  expect(new Set(received.map(({ request }) => request.headers['webhook-id']))).toEqual(new Set([notice.id]));
});

it('waits as long as it is asked to, and a minute at most', async () => {
  const { url } = await serve(
    status(503, { 'retry-after': '7' }),
    status(503, { 'retry-after': '86400' }),
    status(200),
  );
  const { webhook, waits } = hook(url);
  await webhook.tell(notice, never);
  expect(waits).toEqual([7_000, 60_000]);
});

it('gives up after four tries, and names nothing but the host', async () => {
  const { url, received } = await serve(status(500));
  const { webhook } = hook(`${url}/services/T0/s3cret`);
  const { code, detail } = await problemOf(() => webhook.tell(notice, never));
  expect([received.length, code, detail]).toEqual([4, 'notify.webhook-failed', `${url}: it answered 500`]);
});

it.each([400, 401, 404, 410, 302])('does not try again after %i', async code => {
  const { url, received } = await serve(status(code, { location: '/elsewhere' }));
  const { detail } = await problemOf(() => hook(url).webhook.tell(notice, never));
  expect([received.length, detail]).toEqual([1, `${url}: it answered ${code}`]);
});

it('follows a redirect on the same server only, and not for ever', async () => {
  const same = await serve(status(308, { location: '/other' }), status(200));
  await hook(same.url).webhook.tell(notice, never);
  expect(same.received.map(({ request, body }) => [request.method, request.url, body])).toEqual([
    ['POST', '/', JSON.stringify(notice.body)],
    ['POST', '/other', JSON.stringify(notice.body)],
  ]);
  const thief = await serve(status(200));
  const lured = await serve(status(307, { location: `${thief.url}/` }));
  const { detail } = await problemOf(() => hook(lured.url).webhook.tell(notice, never));
  expect([detail, thief.received.length]).toEqual([
    `${lured.url}: it redirects to ${thief.url}, which you did not name`,
    0,
  ]);
  const loop = await serve(status(307, { location: '/' }));
  expect((await problemOf(() => hook(loop.url).webhook.tell(notice, never))).detail).toContain('redirects too often');
});

it('does not wait for a server that is silent', async () => {
  const { url, received } = await serve(() => {});
  const { detail } = await problemOf(() => hook(url, { timeout: 1_000 }).webhook.tell(notice, never));
  expect([detail, received.length]).toEqual([`${url}: no answer for 1 s`, 4]);
});

it('does not read an answer that has no end', async () => {
  let ended = false;
  const { url } = await serve((_, response) => {
    response.writeHead(200);
    const more = () => {
      while (response.write(Buffer.alloc(65_536)));
    };
    response.on('drain', more).on('close', () => {
      ended = true;
    });
    more();
  });
  await hook(url).webhook.tell(notice, never);
  await expect.poll(() => ended).toBe(true);
});

it('a server that is not there is tried again, and said by its code', async () => {
  const { url } = await serve(status(200));
  await new Promise(done => servers.pop()?.close(done));
  const { webhook, waits } = hook(url);
  expect((await problemOf(() => webhook.tell(notice, never))).detail).toBe(
    `${url}: the connection failed: ECONNREFUSED`,
  );
  expect(waits).toHaveLength(3);
});

it('stops at once when it is interrupted', async () => {
  const interrupt = new AbortController();
  const { url, received } = await serve(() => interrupt.abort());
  const { detail } = await problemOf(() => hook(url).webhook.tell(notice, interrupt.signal));
  expect([detail, received.length]).toEqual([`${url}: interrupted`, 1]);
});

it('does not believe a certificate that nobody vouches for', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'reconcile-hook-'));
  const words = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-subj',
    '/CN=localhost',
  ];
  execFileSync(
    'openssl',
    [...words, '-keyout', 'key.pem', '-out', 'cert.pem', '-addext', 'subjectAltName=IP:127.0.0.1'],
    {
      cwd: folder,
      stdio: 'pipe',
    },
  );
  let asked = 0;
  const pem = { key: readFileSync(join(folder, 'key.pem')), cert: readFileSync(join(folder, 'cert.pem')) };
  const server = createTlsServer(pem, () => asked++);
  servers.push(server as unknown as Server);
  const url = (await listening(server as unknown as Server)).replace('http:', 'https:');
  expect((await problemOf(() => hook(url).webhook.tell(notice, never))).detail).toContain(
    'DEPTH_ZERO_SELF_SIGNED_CERT',
  );
  expect(asked).toBe(0);
  rmSync(folder, { recursive: true });
});

describe('addresses that are refused', () => {
  it.each([
    ['http://hooks.example.com/x', 'hooks.example.com: a notification contains names of accounts'],
    ['https://user:pa55@hooks.example.com/x', 'hooks.example.com: the address of --webhook has a user or a password'],
    ['ftp://hooks.example.com/x', 'not a URL that begins with https'],
    ['s3cret', 'not a URL that begins with https'],
  ])('%s', async (url, why) => {
    const { code, detail } = await problemOf(async () => hook(url));
    expect([code, detail]).toEqual(['notify.address', expect.stringContaining(why)]);
    expect(detail).not.toMatch(/pa55|s3cret/);
  });
});
