import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFreeBusy } from '../../src/adapters/free-busy/reader.ts';
import { ProxyUnusable, proxyFor } from '../../src/adapters/http-proxy.ts';
import { makeCertificates } from '../servers/slapd.ts';
import { bundledProgram } from '../tools/bundled-program.ts';
import { ANSWER, CALENDAR, httpServer, listening, rawServer } from './free-busy/servers.ts';

const folder = mkdtempSync(join(tmpdir(), 'http-proxy-'));
beforeAll(() => makeCertificates(folder));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the proxy of a URL', () => {
  it.each<[string, string, Record<string, string>, string | undefined]>([
    ['none is named', 'https://a.example.com', {}, undefined],
    ['lower case', 'https://a.example.com', { https_proxy: 'http://p:3128' }, 'http://p:3128'],
    ['upper case', 'http://a.example.com', { HTTP_PROXY: 'http://p:3128' }, 'http://p:3128'],
    [
      'lower case wins',
      'http://a.example.com',
      { HTTP_PROXY: 'http://q', http_proxy: 'http://p:3128' },
      'http://p:3128',
    ],
    ['of the other scheme', 'https://a.example.com', { http_proxy: 'http://p:3128' }, undefined],
    ['of all schemes', 'https://a.example.com', { ALL_PROXY: 'http://p:3128' }, 'http://p:3128'],
    ['without a scheme', 'https://a.example.com', { https_proxy: 'p:3128' }, 'http://p:3128'],
    ['over TLS', 'https://a.example.com', { https_proxy: 'https://p' }, 'https://p'],
    [
      'with a login, which is not shown',
      'https://a.example.com',
      { https_proxy: 'http://me:canary@p:3128' },
      'http://p:3128',
    ],
    ['of this machine too', 'http://localhost:8080', { http_proxy: 'http://p:3128' }, 'http://p:3128'],
    ['empty', 'http://a.example.com', { http_proxy: '' }, undefined],
    ['except all', 'http://a.example.com', { http_proxy: 'http://p', no_proxy: '*' }, undefined],
    ['except a name', 'http://a.example.com', { http_proxy: 'http://p', NO_PROXY: 'b, A.example.com' }, undefined],
    ['except a domain', 'http://a.example.com', { http_proxy: 'http://p', no_proxy: 'example.com' }, undefined],
    [
      'except a domain with a dot',
      'http://a.example.com.',
      { http_proxy: 'http://p', no_proxy: '.example.com' },
      undefined,
    ],
    ['but not its namesake', 'http://notexample.com', { http_proxy: 'http://p', no_proxy: 'example.com' }, 'http://p'],
    ['except an address', 'http://10.1.2.3:8080', { http_proxy: 'http://p', no_proxy: '10.1.2.3' }, undefined],
    ['except a network', 'http://10.1.2.3:8080', { http_proxy: 'http://p', no_proxy: '10.0.0.0/8' }, undefined],
    ['but not another one', 'http://11.1.2.3:8080', { http_proxy: 'http://p', no_proxy: '10.0.0.0/8' }, 'http://p'],
    ['except IPv6', 'http://[2001:db8::1]:8080', { http_proxy: 'http://p', no_proxy: '2001:db8::/32,::1' }, undefined],
    [
      'except by nonsense',
      'http://10.1.2.3',
      { http_proxy: 'http://p', no_proxy: '10.0.0.0/99 10.0.0.0/x /8' },
      'http://p',
    ],
  ])('%s', (_, url, variables, name) => {
    expect(proxyFor(new URL(url), variables)?.name).toBe(name);
  });

  it.each(['socks5://me:canary@p', 'http://', 'http://me:canary@', '://canary'])('%s is none, and not shown', value => {
    expect(() => proxyFor(new URL('https://a'), { https_proxy: value })).toThrow(ProxyUnusable);
    expect(() => proxyFor(new URL('https://a'), { https_proxy: value })).not.toThrow(/canary/);
  });
});

interface TestProxy {
  readonly url: string;
  /** What it was asked to do: `CONNECT localhost:443`, `GET http://…`, each with its login. */
  readonly asked: string[];
}

/** A proxy that does what it is asked to, for those with the login where it wants one. */
async function proxyServer(login?: string): Promise<TestProxy> {
  const asked: string[] = [];
  const isWelcome = (incoming: IncomingMessage) => {
    const [, encoded = ''] = (incoming.headers['proxy-authorization'] ?? '').split(' ');
    const given = Buffer.from(encoded, 'base64').toString();
    asked.push(`${incoming.method} ${incoming.url} ${given}`);
    return login === undefined || given === login;
  };
  const server = createServer((incoming, outgoing) => {
    if (!isWelcome(incoming)) {
      outgoing.writeHead(407, { 'Proxy-Authenticate': 'Basic realm="proxy"' }).end();
      return;
    }
    const { method, headers } = incoming;
    const onward = request(incoming.url ?? '', { method, headers }, answer => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.writeHead(502).end());
    incoming.pipe(onward);
  });
  server.on('connect', (incoming, socket) => {
    const [host = '', port = ''] = (incoming.url ?? '').split(':');
    socket.on('error', () => {});
    if (!isWelcome(incoming)) socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    else {
      const onward = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        onward.pipe(socket).pipe(onward);
      });
      onward.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
    }
  });
  return { url: await listening(server), asked };
}

/** A server whose certificate is for localhost and 127.0.0.1; `http://127.0.0.1:<port>` with the scheme of TLS. */
async function tlsServer(): Promise<string> {
  const [key, cert] = ['server.key', 'server.pem'].map(name => readFileSync(join(folder, name)));
  const server = createTlsServer({ key, cert }, (_, response) => response.writeHead(200, CALENDAR).end(ANSWER));
  return (await listening(server)).replace('http:', 'https:');
}

/** What one of the programs beside says, which trusts the authority of the test. */
async function said(program: string, words: readonly string[], variables: Record<string, string>): Promise<unknown> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
    DEBUG: '*',
    ...variables,
  };
  const child = spawn(process.execPath, [bundledProgram(program), ...words], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect(`${out}${errors}`).not.toContain('canary');
  expect(`${out}${errors}`).not.toContain(Buffer.from('me:canary').toString('base64'));
  return JSON.parse(out);
}

const lookUp = (url: string, variables: Record<string, string>) =>
  said('test/adapters/free-busy/look-up-child.mjs', ['lookUp', url, '50000'], variables);
const post = (url: string, variables: Record<string, string>) => said('test/adapters/post-child.mjs', [url], variables);

describe.each([
  ['verify', lookUp, { times: 1 }],
  ['a webhook', post, { done: true }],
] as const)('%s over https', (_, ask, good) => {
  it('goes through the proxy by CONNECT, with its login, and checks the certificate of the server', async () => {
    const proxy = await proxyServer('me:canary');
    const server = await tlsServer();
    const variables = { https_proxy: proxy.url.replace('http://', 'http://me:canary@') };
    for (const url of [server, server.replace('127.0.0.1', 'localhost')]) {
      expect(await ask(url, variables)).toMatchObject(good);
      expect(proxy.asked.pop()).toBe(`CONNECT ${new URL(url).host} me:canary`);
    }
    const stranger = { ...variables, NODE_EXTRA_CA_CERTS: '' };
    expect(JSON.stringify(await ask(server, stranger))).toMatch(/UNABLE_TO_VERIFY|unable to verify/);
  });

  it('does not where no_proxy has the host', async () => {
    const proxy = await proxyServer();
    expect(await ask(await tlsServer(), { HTTPS_PROXY: proxy.url, NO_PROXY: '127.0.0.0/8' })).toMatchObject(good);
    expect(proxy.asked).toEqual([]);
  });

  it('says what the proxy answers, which is no answer of the server', async () => {
    const proxy = await proxyServer('me:secret');
    const server = await tlsServer();
    const { host } = new URL(proxy.url);
    const wrong = { https_proxy: `http://me:canary@${host}` };
    expect(await ask(server, wrong)).toMatchObject({
      detail: expect.stringContaining(`by the proxy ${proxy.url}: it asks for a login (407)`),
    });
    const open = await proxyServer();
    expect(await ask('https://127.0.0.1:1', { https_proxy: open.url })).toMatchObject({
      detail: expect.stringContaining(`by the proxy ${open.url}: it answered 502`),
    });
    expect(await ask(server, { https_proxy: 'http://127.0.0.1:1' })).toMatchObject({
      detail: expect.stringMatching(/by the proxy http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/),
    });
    expect(await ask(server, { https_proxy: 'socks5://me:canary@127.0.0.1' })).toMatchObject({
      detail: expect.stringContaining('https_proxy does not name a proxy'),
    });
  });
});

describe('verify over http', () => {
  const ask = (http: string, variables: Record<string, string>, patience = 50_000) =>
    openFreeBusy(0, { patience, variables }).lookUp({ http, side: 'cs7', mail: 'jdoe@example.com' });

  it('asks the proxy for the whole URL', async () => {
    const proxy = await proxyServer('me:canary');
    const server = await httpServer((_, response) => void response.writeHead(200, CALENDAR).end(ANSWER));
    const found = await ask(server, { http_proxy: proxy.url.replace('http://', 'http://me:canary@') });
    expect(found).toMatchObject({ state: 'answered' });
    expect(proxy.asked[0]).toMatch(new RegExp(`^GET ${server}/.* me:canary$`));
    expect(await ask(server, { http_proxy: proxy.url })).toMatchObject({ detail: expect.stringContaining('(407)') });
  });

  it('a proxy that is mute is timed out', async () => {
    const mute = await rawServer(() => {});
    expect(await ask('http://127.0.0.1:1', { http_proxy: mute }, 300)).toMatchObject({ failure: 'timed-out' });
    expect(await ask('https://127.0.0.1:1', { https_proxy: mute }, 300)).toMatchObject({ failure: 'timed-out' });
  });
});

it('a webhook of this machine over http stays on it', async () => {
  const proxy = await proxyServer();
  const server = await httpServer((_, response) => void response.writeHead(204).end());
  expect(await post(server, { http_proxy: proxy.url })).toEqual({ done: true });
  expect(proxy.asked).toEqual([]);
});
