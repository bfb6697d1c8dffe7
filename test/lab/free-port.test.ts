import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it, vi } from 'vitest';
import { bundledText } from '../tools/bundled-program.ts';

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
  const taken = randomInt(20_000, 32_768);
  const server = createServer().listen(taken, '127.0.0.1');
  await once(server, 'listening');
  drawn.ports.push(taken, taken);
  expect(await freePort()).not.toBe(taken);
  expect(drawn.ports).toEqual([]);
  server.close();
});

it('is given once: not again here, nor in another process while this one runs', async () => {
  const port = await freePort();
  drawn.ports.push(port);
  expect(await freePort()).not.toBe(port);
  const other = bundledText(`
    import crypto from 'node:crypto';
    import { syncBuiltinESMExports } from 'node:module';
    import { freePort } from './src/lab/process-list.ts';
    const { randomInt } = crypto;
    const drawn = [${port}];
    crypto.randomInt = (...range) => drawn.shift() ?? randomInt(...range);
    syncBuiltinESMExports();
    console.log(await freePort(), drawn.length);
  `);
  const [printed, left] = execFileSync(process.execPath, [other], { encoding: 'utf8' }).trim().split(' ');
  expect(left).toBe('0');
  expect(Number(printed)).toBeGreaterThanOrEqual(20_000);
  expect(Number(printed)).not.toBe(port);
});

it('tells of an address that is not of this machine', async () => {
  await expect(freePort('192.0.2.1')).rejects.toThrow('EADDRNOTAVAIL');
});
