import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { openMail } from '../../../src/adapters/mail-client.ts';
import { bareHost } from '../../lab/embedded/support.ts';
import { mailServer, oddServer } from './mail-servers.ts';

/** Of tests that do not wait for the end of it. */
const unhurried = { patience: 60_000, connect: 60_000 };

/** A mail server as seen from a host over embedded SSH. */
async function clientOn(limits: Partial<typeof unhurried> = {}) {
  const connection = (await bareHost()).open();
  const host = { address: 'cs7.example.com', dial: connection.dial.bind(connection) };
  return openMail(() => host, { ...unhurried, ...limits });
}

const at = (port: number, tls = false) => ({ from: 'cs7-fe1', server: '127.0.0.1', port, tls });

describe('a real mail server', () => {
  it('greets, and no mail is begun', async () => {
    const server = await mailServer();
    const answer = await (await clientOn()).greet(at(server.port));
    expect(answer).toMatchObject({ state: 'works', detail: expect.stringMatching(/^250-\S+ Nice to meet you/) });
    await expect.poll(() => server.commands).toEqual(['EHLO cs7.example.com']);
  });

  it('greets over TLS, whoever vouches for it', async () => {
    const server = await mailServer({ secure: true });
    const answer = await (await clientOn()).greet(at(server.port, true));
    expect(answer).toMatchObject({ state: 'works' });
  });

  it('takes one message, to the one address, which is no invitation', async () => {
    const server = await mailServer();
    const to = 'probe@example.com';
    const client = await clientOn();
    const answer = await client.send(at(server.port), { to, subject: 'Trial', text: 'This is a trial.\n' });
    expect(answer).toMatchObject({ state: 'works', detail: expect.stringContaining('accepted for probe@example.com') });
    const [message, ...others] = server.messages;
    expect(others).toEqual([]);
    expect(message).toMatchObject({ from: to, to: [to] });
    expect(message?.text).toMatch(/^Auto-Submitted: auto-generated\r$/m);
    expect(message?.text).toMatch(/^Content-Type: text\/plain/m);
    expect(message?.text).toContain('This is a trial.');
    expect(message?.text).not.toMatch(/text\/calendar|BEGIN:VCALENDAR/);
  });
});

function drip(socket: Socket, text: string): void {
  const timer = setInterval(() => socket.write(text), 20);
  socket.on('close', () => clearInterval(timer));
}

describe('a mail server that misbehaves ends in a failure, in time', () => {
  it.each<[string, (socket: Socket) => void, RegExp]>([
    ['says nothing', () => {}, /no whole answer within 2 seconds|Greeting never received/],
    ['drips a banner that never ends', socket => drip(socket, '2'), /no whole answer|Greeting never received/],
    ['has a banner of endless lines', socket => drip(socket, `220-${'x'.repeat(9_000)}\r\n`), /./],
    [
      'never ends its answer to EHLO',
      socket => {
        socket.write('220 hello\r\n');
        socket.once('data', () => drip(socket, '250-SIZE\r\n'));
      },
      /no whole answer within 2 seconds/,
    ],
  ])('%s', async (_, serve, detail) => {
    const port = await oddServer(serve);
    const client = await clientOn({ patience: 2_000, connect: 2_000 });
    expect(await client.greet(at(port))).toEqual({ state: 'fails', detail: expect.stringMatching(detail) });
  });

  it.each<[string, (socket: Socket) => void, RegExp]>([
    ['is closed for now', socket => socket.end('421 come back later\r\n'), /421 come back later/],
    ['is no mail server', socket => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'), /HTTP\/1\.1 400/],
    [
      'refuses EHLO and HELO',
      socket => {
        socket.write('220 hello\r\n');
        socket.on('data', () => socket.write('500 what?\r\n'));
      },
      /500 what\?/,
    ],
    ['hangs up', socket => socket.destroy(), /closed/i],
    ['shows control characters', socket => socket.end('554 \u001b[31mgo away\r\n'), /554 \\u001b\[31mgo away/],
  ])('%s', async (_, serve, detail) => {
    const port = await oddServer(serve);
    expect(await (await clientOn()).greet(at(port))).toEqual({ state: 'fails', detail: expect.stringMatching(detail) });
  });

  it('is not there', async () => {
    expect(await (await clientOn()).greet(at(1))).toMatchObject({
      state: 'fails',
      detail: expect.stringContaining('the host cannot connect to it'),
    });
  });
});
