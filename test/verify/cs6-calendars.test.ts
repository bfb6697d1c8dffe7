import { expect, it } from 'vitest';
import { hostsOf } from '../../src/core/desired.ts';
import { readCalendars } from '../../src/verify/provisioning-risk.ts';
import { type Memory, memoryPorts } from '../fakes/memory-ports.ts';
import { desiredOf } from '../kinds/cases.ts';

/** What is known of anna's calendar on each of two hosts. */
async function known(first: Memory, second: Memory): Promise<readonly boolean[]> {
  const [host] = hostsOf(desiredOf({ name: '', live: {}, changes: [] }), 'cs6');
  if (!host) throw new Error('no host');
  const { ports } = memoryPorts({});
  const hosts = new Map([first, second].map((memory, at) => [`cs6-${at}`, memoryPorts(memory).ports.host('x')]));
  const calendars = await readCalendars(
    [...hosts.keys()].map(name => ({ ...host, name })),
    { ...ports, host: name => hosts.get(name) ?? ports.host(name) },
  );
  return [...hosts.keys()].map(name => calendars.has(name, ['anna', 'anna@example.com']));
}

const anna = { calendars: [{ calid: 'anna@example.com', owner: 'Anna@example.com' }] };
const ben = { calendars: [{ calid: 'ben@example.com', owner: 'ben@example.com' }] };
const failing = { output: { './cscal': { code: 255, output: '' } } };

it.each<[string, Memory, Memory, readonly boolean[]]>([
  ['each host has its own', anna, ben, [true, false]],
  ['a front end without a database answers from that of another', { calendars: [] }, anna, [true, true]],
  ['nobody has one', { calendars: [] }, ben, [false, false]],
  ['a host that cannot be listed says nothing', failing, anna, [false, true]],
])('%s', async (_, first, second, expected) => {
  expect(await known(first, second)).toEqual(expected);
});
