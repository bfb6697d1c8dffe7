import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * A port of `address` that nobody listens on at the moment, for a server that is started later, or again and again. It is
 * not one of those that systems lend to outgoing connections (from 32768 on Linux, from 49152 on macOS): one of these may
 * be gone by the time the server wants it.
 */
export async function freePort(address = '127.0.0.1'): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(20_000, 32_768);
    if (await isFree(port, address)) return port;
  }
  throw new Error(`no free port on ${address}`);
}

async function isFree(port: number, address: string): Promise<boolean> {
  const server = createServer().listen(port, address);
  try {
    await once(server, 'listening');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false;
    throw error;
  }
  server.close();
  await once(server, 'close');
  return true;
}
