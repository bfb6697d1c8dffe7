import { type DesiredCs7Host, hostsOf } from '../../../../src/core/desired.ts';
import type { ResourceKind } from '../../../../src/kinds/managed-kind.ts';
import type { FileReading } from '../../../../src/ports/host.ts';
import { cs7FilePlaces } from '../../../../src/products/cs7.ts';

const key = 'motto.of.the.day';
const line = `${key}=one fact has one owner\n`;

/** A made-up kind of hosts: one line in a file that CS7 reads when it starts. */
export const cs7Motto: ResourceKind<DesiredCs7Host, FileReading> = {
  name: 'cs7-motto',
  title: 'The motto of Calendar Server 7 is to be changed',
  stage: 'cs7-config',
  wishes: state => hostsOf(state, 'cs7').map(host => ({ target: host.name, desired: host })),
  declares: ({ source }) => [
    { key, label: 'the motto', value: '"one fact has one owner"', because: 'A house needs a motto.', source },
  ],
  writes: host => ({ paths: cs7FilePlaces(host, 'options') }),
  async *read(host, ports) {
    yield* (await ports.host(host.name).files(cs7FilePlaces(host, 'options'))).slice(0, 1);
  },
  item: live => live.path,
  diff: ({ source }, live) =>
    live.content.includes(line)
      ? []
      : [{ action: 'create', item: live.path, key, after: 'one fact has one owner', source }],
  async *apply(host, work, ports) {
    for (const { live, changes } of work) {
      const content = Buffer.concat([live.content, Buffer.from(line)]);
      await ports.host(host.name).replace({ path: live.path, expected: live.content, content });
      for (const change of changes) yield { change, state: 'done' };
    }
  },
};
