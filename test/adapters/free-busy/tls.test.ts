import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFreeBusy } from '../../../src/adapters/free-busy/reader.ts';
import { makeCertificates } from '../../servers/slapd.ts';
import { bundledProgram } from '../../tools/bundled-program.ts';
import { ANSWER, CALENDAR, listening, rawServer } from './servers.ts';

const folder = mkdtempSync(join(tmpdir(), 'free-busy-tls-'));
beforeAll(() => makeCertificates(folder));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A server whose certificate is for localhost and 127.0.0.1. */
async function tlsServer(address = '127.0.0.1'): Promise<string> {
  const [key, cert] = ['server.key', 'server.pem'].map(name => readFileSync(join(folder, name)));
  const server = createServer({ key, cert }, (_, response) => response.writeHead(200, CALENDAR).end(ANSWER));
  return (await listening(server, address)).replace('http:', 'https:');
}

function lookUp(http: string, patience = 50_000) {
  return openFreeBusy(0, { patience }).lookUp({ http, side: 'cs7', mail: 'jdoe@example.com' });
}

describe('over TLS', () => {
  it('a certificate of an unknown authority is refused', async () => {
    expect(await lookUp(await tlsServer())).toMatchObject({
      failure: 'tls',
      detail: expect.stringMatching(/unable to verify the first certificate/),
    });
  });

  it.each([
    ['127.0.0.1', { times: 1 }],
    ['127.0.0.2', { failure: 'tls', detail: expect.stringMatching(/does not match certificate's altnames/) }],
  ])('one that NODE_EXTRA_CA_CERTS has the authority of is good for its own names: %s', async (address, expected) => {
    const url = await tlsServer(address);
    const words = [bundledProgram('test/adapters/free-busy/look-up-child.mjs'), 'lookUp', url, '50000'];
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') };
    const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    expect(JSON.parse(await text(child.stdout))).toMatchObject(expected);
  });

  it('something else than TLS is none', async () => {
    const plain = await rawServer(socket => socket.end('HTTP/1.1 400 No\r\n\r\n'));
    expect(await lookUp(plain.replace('http:', 'https:'))).toMatchObject({ failure: 'tls' });
    const closed = await rawServer(socket => socket.destroy());
    expect(await lookUp(closed.replace('http:', 'https:'))).toMatchObject({ failure: 'tls' });
  });

  it('a handshake that does not go on is timed out', async () => {
    const silent = await rawServer(() => {});
    expect(await lookUp(silent.replace('http:', 'https:'), 300)).toMatchObject({ failure: 'timed-out' });
  });
});

describe('without a connection', () => {
  it.each([
    ['nobody listens', 'http://127.0.0.1:1', /ECONNREFUSED/],
    ['nobody listens at any address', 'http://localhost:1', /ECONNREFUSED/],
    ['nobody listens, over TLS', 'https://127.0.0.1:1', /ECONNREFUSED/],
    ['there is no such name', 'http://nowhere.invalid', /ENOTFOUND|EAI_AGAIN/],
  ])('%s', async (_, url, detail) => {
    expect(await lookUp(url)).toMatchObject({ failure: 'unreachable', detail: expect.stringMatching(detail) });
  });
});
