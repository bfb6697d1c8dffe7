import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { openChat, openPing } from '../../../src/adapters/notify/webhook.ts';
import type { Notice } from '../../../src/ports/daemon.ts';
import { Secret } from '../../../src/ports/secret.ts';

/** Signs of life and messages to channels, over HTTP. */
const never = new AbortController().signal;
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise(done => server.close(done));
  }
});

/** A server that answers with these codes, the last one again and again. */
async function serve(...codes: readonly number[]) {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    asked.push(`${request.method} ${request.url} ${Buffer.concat(chunks)}`.trimEnd());
    response.writeHead(codes[Math.min(asked.length, codes.length) - 1] ?? 200).end();
  });
  servers.push(server);
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const pace = { pause: async () => {}, chance: () => 0.5 };

it.each([
  ['/uuid', ['/uuid/start', '/uuid', '/uuid/fail']],
  ['/uuid/', ['/uuid/start', '/uuid/', '/uuid/fail']],
  [
    '/ping/key/slug?create=1',
    ['/ping/key/slug/start?create=1', '/ping/key/slug?create=1', '/ping/key/slug/fail?create=1'],
  ],
])('the address %s is asked as healthchecks.io says', async (path, [start, success, fail]) => {
  const { url, asked } = await serve(200);
  const ping = openPing(new Secret(`${url}${path}`), pace);
  await ping.started(never);
  await ping.ended(true, 'all is well', never);
  await ping.ended(false, 'it failed', never);
  expect(asked).toEqual([`POST ${start}`, `POST ${success} all is well`, `POST ${fail} it failed`]);
});

it('tries the end four times and the start once, and shows nothing of the address but its server', async () => {
  const { url, asked } = await serve(503);
  const ping = openPing(new Secret(`${url}/s3cret`), pace);
  for (const [work, tries] of [
    [() => ping.started(never), 1],
    [() => ping.ended(true, '', never), 4],
  ] as const) {
    await expect(work()).rejects.toMatchObject({
      finding: { code: 'notify.ping-failed', detail: `${url}: it answered 503` },
    });
    expect(asked.splice(0)).toHaveLength(tries);
  }
});

it.each(['slack', 'teams'] as const)(
  '%s that refuses a message is a problem that does not show its address',
  async name => {
    const notice: Notice = { id: '1', about: 'run', isGood: true, subject: 's', text: 't\n', body: {} };
    const { url, asked } = await serve(403);
    const chat = openChat(name, new Secret(`${url}/services/s3cret`), pace);
    await expect(chat.tell(notice, never)).rejects.toMatchObject({
      finding: { code: 'notify.webhook-failed', detail: `${name}: ${url}: it answered 403` },
    });
    expect(asked).toHaveLength(1);
  },
);

it.each([
  ['--slack', () => openChat('slack', new Secret('http://hooks.example.com/s3cret'), pace)],
  ['--teams', () => openChat('teams', new Secret('https://u:s3cret@teams.example.com'), pace)],
  ['--ping', () => openPing(new Secret('s3cret'), pace)],
])('an address of %s that cannot be used is refused by the name of its option', (option, open) => {
  expect(open).toThrow(expect.objectContaining({ finding: expect.objectContaining({ code: 'notify.address' }) }));
  expect(open).toThrow(option);
  expect(open).not.toThrow('s3cret');
});
