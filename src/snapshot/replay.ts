import type { Access, DesiredState } from '../core/desired.ts';
import type { Command, CommandResult, FileReading, HostReader } from '../ports/host.ts';
import type { ReadPorts } from '../ports/ports.ts';
import type { Snapshot } from './read.ts';
import { given, notInIt } from './record-host.ts';
import { replayDirectory } from './replay-directory.ts';
import type { Answer, FileRecord, HostLine } from './snapshot-format.ts';

const again = 'Take a new snapshot in a job with credentials, with the changed file:';

function placeOf({ address, port, user }: HostLine['access']): string {
  return `${user === undefined ? '' : `${user}@`}${address}${port === undefined ? '' : `:${port}`}`;
}

/** A host that answers what it answered when the snapshot was taken, and nothing else. */
function replayHost(name: string, access: Access, line: HostLine | undefined): HostReader {
  const missing = (what: string) => notInIt(name, what, again, []);
  const host = (): HostLine => {
    if (!line) throw missing('the host is not in the snapshot.');
    const { address, port, user } = line.access;
    if (address !== access.address || port !== access.port || user !== access.user)
      throw missing(`the snapshot was taken from ${placeOf(line.access)}, but the file has ${placeOf(access)}.`);
    return line;
  };
  return {
    files: async candidates => {
      const { files } = host();
      const records = candidates.map(asked => {
        const found = files.find(file => file.asked === asked);
        if (!found) throw missing(`${asked} was not looked for.`);
        return found;
      });
      return records.flatMap(record => given(record).map(file => readingOf(file, missing)));
    },
    query: async command => {
      const answer = answerOf(command, host());
      if (!answer) throw missing(`${command.words.join(' ')} was not run there as the file requires.`);
      return given(answer);
    },
    clock: async () => {
      const { clock } = host();
      if (!clock) throw missing('its time was not read.');
      return given(clock);
    },
    guard: async () => ({ watchdogs: [], acted: [] }),
    startRecord: async service => {
      const start = host().starts?.find(one => one.service === service);
      if (!start) return undefined;
      const { processes, files } = given(start);
      return { processes, holds: ({ path }) => files.find(file => file.path === path)?.same };
    },
  };
}

function readingOf({ content, ...facts }: FileRecord, missing: (what: string) => Error): FileReading {
  return {
    ...facts,
    get content() {
      if (content === undefined) throw missing(`the content of ${facts.path} was not read.`);
      return Buffer.from(content, 'latin1');
    },
  };
}

/** The answer to the same command. */
function answerOf(command: Command, { commands }: HostLine): Answer<CommandResult> | undefined {
  return commands.find(known => isSame(known, command));
}

function isSame(known: HostLine['commands'][number], { words, directories, environment, as, find }: Command): boolean {
  return (
    JSON.stringify(known.command.words) === JSON.stringify(words) &&
    JSON.stringify(known.command.environment ?? {}) === JSON.stringify(environment ?? {}) &&
    known.command.as === as &&
    known.command.find === find &&
    isFoundInTheSame(known, directories)
  );
}

/** The same folders, or first of all the one it was found in. */
function isFoundInTheSame(known: HostLine['commands'][number], directories: Command['directories']): boolean {
  if (JSON.stringify(known.command.directories ?? []) === JSON.stringify(directories ?? [])) return true;
  const ran = 'answer' in known && known.answer.state === 'ran' ? known.answer.directory : undefined;
  return ran !== undefined && directories?.[0] === ran;
}

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
    throw notInIt('free/busy times', 'a snapshot contains none.', 'Ask the servers themselves.');
  };
  const freeBusy = { reach: unheard, ask: unheard, lookUp: unheard, schedule: unheard };
  const records = () => ({ runs: async () => [], runPart: async () => undefined });
  return { host, records, directory: () => directory, freeBusy: () => freeBusy };
}
