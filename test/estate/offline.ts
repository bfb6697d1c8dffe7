import type { Outside } from '../../src/cli/outside.ts';
import { estateSchema } from '../kinds/cases.ts';

/** An outside world of files only: every attempt to reach anything else is an error. */
export function offline(
  files: Readonly<Record<string, string | Uint8Array>>,
  environment: Readonly<Record<string, string>> = {},
): Outside & { said(): { readonly stdout: string; readonly stderr: string } } {
  const said = { stdout: '', stderr: '' };
  const refuse = (what: string) => (): never => {
    throw new Error(`validate tried to ${what}`);
  };
  return {
    stdout: text => {
      said.stdout += text;
    },
    stderr: text => {
      said.stderr += text;
    },
    stdoutIsTerminal: false,
    stderrIsTerminal: false,
    environment,
    readBytes: async path => {
      const content = files[path];
      if (content === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      return Buffer.from(content);
    },
    readRegularFile: path => {
      const content = files[path];
      return content === undefined ? { reason: 'there is no such file or folder' } : Buffer.from(content);
    },
    readEnd: refuse('read a record'),
    writeText: refuse('write a file'),
    writePrivateText: refuse('write a file'),
    connect: refuse('connect'),
    connectToRead: refuse('connect'),
    watching: refuse('watch'),
    listFolder: refuse('list a folder'),
    onInterrupt: refuse('listen for interrupts'),
    openJournal: refuse('record a run'),
    rehearse: refuse('start a rehearsal'),
    checkSignature: refuse('check a signature'),
    openRevision: refuse('open a revision'),
    claim: refuse('lock'),
    clock: { now: () => '2026-12-08T10:00:00.000Z' },
    version: '0.0.0-test',
    estateSchema,
    writePacked: refuse('write a snapshot'),
    readPacked: refuse('read a snapshot'),
    readSchema: refuse('read a schema'),
    planSchema: {},
    said: () => said,
  };
}
