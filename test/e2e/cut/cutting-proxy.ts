import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Which way bytes go. */
export type Direction = 'to the server' | 'to the client';

/** When and how a proxy cuts. */
export interface Cut {
  readonly direction: Direction;
  /** So many bytes still get through that way, over all connections. */
  readonly after: number;
  /** As when a machine loses its power and comes back, or as when somebody ends a process. */
  readonly how: 'RST' | 'FIN';
  /** Whether a new connection gets through afterwards. */
  readonly comesBack: boolean;
}

/** A relay between a client and a server. */
export interface CuttingProxy {
  readonly address: string;
  readonly port: number;
  /** Counts from nothing again, and cuts as told; without a cut it only relays. */
  begin(cut?: Cut): void;
  /** What got through since then. */
  passed(): Readonly<Record<Direction, number>>;
  /** Whether it has cut since then. */
  hasCut(): boolean;
  stop(): Promise<void>;
}

/** Starts one on a free port of `address`. */
export async function startCuttingProxy(address: string, target: number): Promise<CuttingProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let passed = nothing();
  let cut: Cut | undefined;
  let done = false;
  const end = (how: Cut['how']) => {
    for (const pair of pairs)
      for (const socket of pair) how === 'RST' ? socket.resetAndDestroy() : socket.destroySoon();
    pairs.clear();
  };
  const relay = (from: Socket, to: Socket, direction: Direction) => {
    from.on('data', (chunk: Buffer) => {
      const left = cut?.direction === direction && !done ? cut.after - passed[direction] : Number.POSITIVE_INFINITY;
      const through = chunk.subarray(0, Math.min(chunk.length, left));
      passed = { ...passed, [direction]: passed[direction] + through.length };
      if (!to.destroyed && !to.writableEnded) to.write(through);
      if (left > chunk.length || !cut) return;
      done = true;
      end(cut.how);
    });
    from.on('end', () => to.end());
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroySoon());
  };
  const server = createServer(client => {
    if (done && cut?.comesBack === false) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(target, address);
    for (const socket of [client, upstream]) socket.setNoDelay(true);
    const pair = [client, upstream] as const;
    pairs.add(pair);
    client.on('close', () => pairs.delete(pair));
    relay(client, upstream, 'to the server');
    relay(upstream, client, 'to the client');
  });
  const port = await listen(server, address);
  return {
    address,
    port,
    begin: next => {
      end('FIN');
      passed = nothing();
      cut = next;
      done = false;
    },
    passed: () => passed,
    hasCut: () => done,
    stop: async () => {
      end('RST');
      server.close();
      await once(server, 'close');
    },
  };
}

function nothing(): Record<Direction, number> {
  return { 'to the server': 0, 'to the client': 0 };
}

async function listen(server: Server, address: string): Promise<number> {
  server.listen(0, address);
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  return bound.port;
}
