import { createServer, type Socket } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { onTestFinished } from 'vitest';

/** What a real mail server got. */
export interface MailServerForTest {
  readonly port: number;
  readonly commands: string[];
  readonly messages: { readonly from: string; readonly to: readonly string[]; readonly text: string }[];
}

/** A real mail server (smtp-server) on every loopback address; it is gone after the test. */
export async function mailServer(options: { readonly secure?: boolean } = {}): Promise<MailServerForTest> {
  const commands: string[] = [];
  const messages: MailServerForTest['messages'] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH'],
    ...options,
    logger: false,
    onClose: session => void commands.push(`${session.openingCommand || 'EHLO'} ${session.hostNameAppearsAs}`),
    onMailFrom: (_, __, done) => {
      commands.push('MAIL FROM');
      done();
    },
    onData: (stream, { envelope }, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
        messages.push({
          from,
          to: envelope.rcptTo.map(({ address }) => address),
          text: Buffer.concat(chunks).toString(),
        });
        done();
      });
    },
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>(resolve => server.close(() => resolve())));
  const bound = server.server.address();
  return { port: typeof bound === 'object' && bound ? bound.port : 0, commands, messages };
}

/** A server that does as told with each connection; gives its port. */
export async function oddServer(serve: (socket: Socket) => void): Promise<number> {
  const open = new Set<Socket>();
  const server = createServer(socket => {
    open.add(socket.on('error', () => {}));
    serve(socket);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const bound = server.address();
  return typeof bound === 'object' && bound ? bound.port : 0;
}
