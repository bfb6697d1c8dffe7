import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it, vi } from 'vitest';

const drawn = vi.hoisted(() => ({ ports: [] as number[] }));
vi.mock('node:crypto', async load => {
  const real = await load<typeof import('node:crypto')>();
  return { ...real, randomInt: (low: number, high: number) => drawn.ports.shift() ?? real.randomInt(low, high) };
});
const { freePort } = await import('../../src/lab/process-list.ts');

it('is none that systems lend to outgoing connections, and can be listened on', async () => {
  const port = await freePort('127.0.0.9');
  expect(port).toBeGreaterThanOrEqual(20_000);
  expect(port).toBeLessThan(32_768);
  const server = createServer().listen(port, '127.0.0.9');
  await once(server, 'listening');
  server.close();
});

it('is none that somebody listens on', async () => {
  const taken = await freePort();
  const server = createServer().listen(taken, '127.0.0.1');
  await once(server, 'listening');
  drawn.ports.push(taken, taken);
  expect(await freePort()).not.toBe(taken);
  expect(drawn.ports).toEqual([]);
  server.close();
});

it('tells of an address that is not of this machine', async () => {
  await expect(freePort('192.0.2.1')).rejects.toThrow('EADDRNOTAVAIL');
});
