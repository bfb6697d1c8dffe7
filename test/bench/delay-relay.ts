import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A relay on the loopback that makes a near server a distant one. */
export interface DelayRelay {
  /** `ldap://127.0.0.1:<port>`. */
  readonly url: string;
  stop(): void;
}

/** Passes everything on to a port of the loopback, each way after half the round trip, in milliseconds. */
export async function startDelayRelay(port: number, roundTrip: number): Promise<DelayRelay> {
  const sockets = new Set<Socket>();
  const server = createServer(near => {
    const far = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      // Timers of one length go off in the order they were set: nothing overtakes.
      from.on('data', (chunk: Buffer) => void setTimeout(() => to.write(chunk), roundTrip / 2));
      from.on('close', () => {
        sockets.delete(from);
        setTimeout(() => to.destroy(), roundTrip / 2);
      });
      from.on('error', () => undefined);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new Error('no port');
  }
  return {
    url: `ldap://127.0.0.1:${address.port}`,
    stop() {
      server.close();
      for (const socket of sockets) {
        socket.destroy();
      }
    },
  };
}
