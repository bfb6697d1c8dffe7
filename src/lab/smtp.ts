import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** A mail server that is up. */
export interface LabMailServer {
  readonly address: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** The options of a CS7 host that uses it. */
export function mailOptions({ address, port }: LabMailServer): Readonly<Record<string, string>> {
  return { 'notification.dav.smtphost': address, 'notification.dav.smtpport': String(port) };
}

const answers: Readonly<Record<string, string>> = {
  EHLO: '250-mail.rehearsal greets you\r\n250-PIPELINING\r\n250 8BITMIME',
  HELO: '250 mail.rehearsal',
  NOOP: '250 OK',
  RSET: '250 OK',
  QUIT: '221 Bye',
};

/** Starts a mail server on loopback that greets and takes leave (RFC 5321), and accepts no mail: a rehearsal sends none. */
export async function startLabMailServer(): Promise<LabMailServer> {
  const address = '127.0.0.1';
  const open = new Set<Socket>();
  const server = createServer(socket => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
    converse(socket);
  });
  server.listen(0, address);
  await once(server, 'listening');
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  return {
    address,
    port,
    stop: async () => {
      for (const socket of open) socket.destroy();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

function converse(socket: Socket): void {
  socket.write('220 mail.rehearsal ESMTP\r\n');
  const lines = createInterface({ input: socket });
  // It passes on the errors of its input: a client that hangs up is none of ours.
  lines.on('error', () => undefined);
  lines.on('line', line => {
    const [verb = ''] = line.trim().toUpperCase().split(' ');
    const answer = answers[verb] ?? '502 This is a rehearsal: no mail is accepted';
    if (verb === 'QUIT') socket.end(`${answer}\r\n`);
    else socket.write(`${answer}\r\n`);
  });
}
