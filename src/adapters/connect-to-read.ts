import type { DesiredState } from '../core/desired.ts';
import type { Command, HostReader } from '../ports/host.ts';
import type { ReadPorts } from '../ports/ports.ts';
import { connect } from './connect.ts';

/**
 * The ports of an estate with nothing in them that writes: each is a new object with the reading functions and no others, so
 * that whoever holds it has nothing to call that could change something.
 */
export function connectToRead(
  desired: DesiredState,
  environment: Readonly<Record<string, string | undefined>>,
): { readonly ports: ReadPorts; close(): Promise<void> } {
  const { ports, close } = connect(desired, environment);
  return { ports: onlyReading(ports), close };
}

/** The same of ports that there are. */
export function onlyReading(ports: ReadPorts): ReadPorts {
  return {
    host: name => {
      const host = ports.host(name);
      const query: HostReader['query'] = command => {
        if (!readsOnly(command)) throw new Error(`not known to change nothing: ${command.words.join(' ')}`);
        return host.query(command);
      };
      return {
        files: candidates => host.files(candidates),
        query,
        clock: () => host.clock(),
        guard: () => host.guard(),
        startRecord: service => host.startRecord(service),
      };
    },
    directory: () => {
      const directory = ports.directory();
      return {
        password: () => directory.password(),
        schema: () => directory.schema(),
        search: query => directory.search(query),
      };
    },
    freeBusy: () => {
      const freeBusy = ports.freeBusy();
      return {
        reach: question => freeBusy.reach(question),
        ask: question => freeBusy.ask(question),
        lookUp: question => freeBusy.lookUp(question),
        schedule: question => freeBusy.schedule(question),
      };
    },
  };
}

/** Any one word. */
const word = Symbol('any word');

/** A query is a command that some kind says changes nothing. Here its words must be among those that are known not to. */
const readers: readonly (readonly (string | typeof word)[])[] = [
  ['ps', '-e', '-o', 'pid', '-o', 'etime', '-o', 'args'],
  ['ls', '-1', word],
  ['rpm', '-q', word],
  ['showrev', '-p'],
  ['patchadd', '-p'],
  ['./start-cal', '-l'],
  ['./cscal', 'list'],
  ['./cscal', '-o', word, 'list'],
  ['./asadmin', 'list-domains'],
  ['./davadmin', 'version', '-u', word],
  ['./davadmin', 'config', '-o', word, '-u', word],
];

function readsOnly({ words }: Command): boolean {
  return readers.some(
    known => known.length === words.length && known.every((part, at) => part === word || part === words[at]),
  );
}
