import { readFileSync } from 'node:fs';
import type { Environment, Terminal } from '../../src/cli/environment.ts';
import type { LocalFiles } from '../../src/ports/local-files.ts';
import type { Connections } from '../../src/ports/ports.ts';
import { estateSchema } from '../kinds/cases.ts';

/** Ports of the command line that a test replaces, one by one. */
export type Replaced = Partial<Omit<Environment, 'terminal' | 'files' | 'connections' | 'schemas'>> & {
  readonly terminal?: Partial<Terminal>;
  readonly files?: Partial<LocalFiles>;
  readonly connections?: Partial<Connections>;
  readonly schemas?: Partial<Environment['schemas']>;
};

/** The same environment with some other ports. */
export function replacing<E extends Environment>(environment: E, by: Replaced): E {
  return {
    ...environment,
    ...by,
    terminal: { ...environment.terminal, ...by.terminal },
    files: { ...environment.files, ...by.files },
    connections: { ...environment.connections, ...by.connections },
    schemas: { ...environment.schemas, ...by.schemas },
  };
}

/** Connections that nothing may open. */
export const unconnected: Replaced = {
  connections: {
    toRead: () => Promise.reject(new Error('a connection was opened')),
    toMail: () => Promise.reject(new Error('a connection was opened')),
    toWrite: () => Promise.reject(new Error('a connection was opened')),
    toExamine: () => Promise.reject(new Error('a connection was opened')),
  },
};

/** An environment of files only: every attempt to reach anything else is an error. */
export function offline(
  files: Readonly<Record<string, string | Uint8Array>>,
  variables: Readonly<Record<string, string>> = {},
): Environment & { said(): { readonly stdout: string; readonly stderr: string } } {
  const said = { stdout: '', stderr: '' };
  const refuse = (what: string) => (): never => {
    throw new Error(`validate tried to ${what}`);
  };
  return {
    terminal: {
      stdout: text => {
        said.stdout += text;
      },
      stderr: text => {
        said.stderr += text;
      },
      stdoutIsTerminal: false,
      stderrIsTerminal: false,
      onInterrupt: refuse('listen for interrupts'),
    },
    files: {
      read: async path => {
        const content = files[path];
        if (content === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
        return Buffer.from(content);
      },
      readRegular: path => {
        const content = files[path];
        return content === undefined ? { reason: 'there is no such file or folder' } : Buffer.from(content);
      },
      readPieces: async function* (path) {
        const content = files[path];
        if (content === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
        yield Buffer.from(content);
      },
      pathInRepository: path => path,
      readEnd: refuse('read a record'),
      readPacked: refuse('read a snapshot'),
      list: refuse('list a folder'),
      write: refuse('write a file'),
      replace: refuse('write a file'),
      mayReplace: refuse('write a file'),
      writePrivate: refuse('write a file'),
      writePacked: refuse('write a snapshot'),
      remove: refuse('remove a file'),
    },
    connections: {
      toRead: refuse('connect'),
      toMail: refuse('connect'),
      toWrite: refuse('connect'),
      toExamine: refuse('connect'),
    },
    schemas: {
      estate: estateSchema,
      plan: {},
      read: name => JSON.parse(readFileSync(`schemas/${name}.schema.json`, 'utf8')),
    },
    clock: { now: () => '2026-12-08T10:00:00.000Z' },
    variables: { COLUMNS: '1000', ...variables },
    version: '0.0.0-test',
    calledAs: 'reconcile',
    openRevision: refuse('open a revision'),
    routes: { factsOf: refuse('find the way to a host'), partsOf: refuse('find the way to a host') },
    readProvenance: () => ({ actor: 'ops@admin1' }),
    checkSignature: refuse('check a signature'),
    claim: refuse('lock'),
    openJournal: refuse('record a run'),
    watching: refuse('watch'),
    enterFolder: refuse('enter a folder'),
    readExample: refuse('read an example'),
    listFaults: refuse('list faults'),
    rehearse: refuse('start a rehearsal'),
    said: () => said,
  };
}
