import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A place on the loopback. */
interface Place {
  readonly address: string;
  readonly port: number;
}

/** What went through a relay. */
export interface RelayCounts {
  readonly connections: number;
  /** How often a server was asked and answered: changes of the direction from its answer to a further question. */
  readonly trips: number;
}

/** A relay on the loopback that makes a near server a distant one, and counts. */
export interface DelayRelay extends Place {
  /** Since the last call. */
  counts(): RelayCounts;
  stop(): void;
}

/** Passes everything on, each way after half the round trip, in milliseconds; without a port of its own it takes a free one. */
export async function startDelayRelay(to: Place, roundTrip: number, own: Partial<Place> = {}): Promise<DelayRelay> {
  const sockets = new Set<Socket>();
  let connections = 0;
  let trips = 0;
  const later = (work: () => void) => (roundTrip === 0 ? work() : setTimeout(work, roundTrip / 2));
  const pass = (from: Socket, into: Socket, seen: () => void) => {
    sockets.add(from);
    from.setNoDelay(true);
    // Timers of one length go off in the order they were set: nothing overtakes.
    from.on('data', (chunk: Buffer) => {
      seen();
      later(() => into.write(chunk));
    });
    from.on('end', () => later(() => into.end()));
    from.on('close', () => {
      sockets.delete(from);
      later(() => into.destroy());
    });
    from.on('error', () => undefined);
  };
  const server = createServer({ allowHalfOpen: true }, near => {
    const far = connect({ host: to.address, port: to.port, allowHalfOpen: true });
    let isAsking = false;
    connections += 1;
    pass(near, far, () => {
      trips += isAsking ? 0 : 1;
      isAsking = true;
    });
    pass(far, near, () => {
      isAsking = false;
    });
  }).listen(own.port ?? 0, own.address ?? '127.0.0.1');
  await once(server, 'listening');
  const { address, port } = server.address() as AddressInfo;
  return {
    address,
    port,
    counts() {
      const counted = { connections, trips };
      connections = 0;
      trips = 0;
      return counted;
    },
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
