import type { DesiredState } from '../core/desired.ts';
import type { ReadPorts } from '../ports/ports.ts';
import { notInIt } from './not-in-it.ts';
import type { Snapshot } from './read.ts';
import { replayDirectory } from './replay-directory.ts';
import { replayHost } from './replay-host.ts';

/** The ports of an estate over a snapshot of it: nothing is connected to, and what it does not hold is a TargetProblem. */
export function replayPorts(snapshot: Snapshot, state: DesiredState): ReadPorts {
  const { head, schema, searches, accounts, irregular, hosts } = snapshot;
  const held = { head: head.directory, schema, searches, accounts, irregular };
  const directory = replayDirectory(held, state.directory);
  const readers = new Map(
    state.hosts.map(({ name, access }) => [
      name,
      replayHost(
        name,
        access,
        hosts.find(host => host.name === name),
      ),
    ]),
  );
  const host: ReadPorts['host'] = name => {
    const reader = readers.get(name);
    if (!reader) throw new Error(`no such host: ${name}`);
    return reader;
  };
  const unheard = async (): Promise<never> => {
    throw notInIt('free/busy times', 'a snapshot holds none.', 'Ask the servers themselves.');
  };
  const freeBusy = { reach: unheard, ask: unheard, lookUp: unheard, schedule: unheard };
  return { host, directory: () => directory, freeBusy: () => freeBusy };
}
