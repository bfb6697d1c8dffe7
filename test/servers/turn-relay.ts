import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A relay on the loopback that counts how often a client waits for its server. */
export interface TurnRelay {
  readonly port: number;
  /** How often something came from a client after something had come from the server, since the last question. */
  takeTurns(): number;
  stop(): void;
}

/** Passes everything on to a server, each way after half the round trip, in milliseconds. */
export async function startTurnRelay(address: string, port: number, roundTrip: number): Promise<TurnRelay> {
  const sockets = new Set<Socket>();
  let turns = 0;
  const server = createServer(near => {
    const far = connect(port, address);
    let last = far;
    turns += 1;
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      from.on('data', (chunk: Buffer) => {
        if (from === near && last === far) turns += 1;
        last = from;
        if (roundTrip === 0) to.write(chunk);
        // Timers of one length go off in the order they were set: nothing overtakes.
        else setTimeout(() => to.write(chunk), roundTrip / 2);
      });
      from.on('close', () => {
        sockets.delete(from);
        setTimeout(() => to.destroy(), roundTrip / 2 + 1);
      });
      from.on('error', () => undefined);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const found = server.address();
  if (found === null || typeof found === 'string') throw new Error('no port');
  return {
    port: found.port,
    takeTurns() {
      const taken = turns;
      turns = 0;
      return taken;
    },
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
