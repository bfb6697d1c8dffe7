import { expect, it } from 'vitest';
import { closedBy } from '../../src/app/watch-estate.ts';
import { memoryPorts } from '../fakes/memory-ports.ts';

/** At an interrupt nothing waits for a host that does not answer. */
function openOnce() {
  const closes: string[] = [];
  const { ports } = memoryPorts({});
  return { closes, open: async (name: string) => ({ ports, close: async () => void closes.push(name) }) };
}

it('what was opened is closed when the signal comes, once', async () => {
  const { closes, open } = openOnce();
  const interrupt = new AbortController();
  const connection = await closedBy(interrupt.signal, open)('first');
  expect(closes).toEqual([]);
  interrupt.abort();
  await connection.close();
  expect(closes).toEqual(['first']);
});

it('what is opened after the signal is closed at once', async () => {
  const { closes, open } = openOnce();
  const interrupt = new AbortController();
  interrupt.abort();
  await closedBy(interrupt.signal, open)('late');
  expect(closes).toEqual(['late']);
});

it('what was closed before is left alone by the signal', async () => {
  const { closes, open } = openOnce();
  const interrupt = new AbortController();
  await (await closedBy(interrupt.signal, open)('early')).close();
  interrupt.abort();
  expect(closes).toEqual(['early']);
});
