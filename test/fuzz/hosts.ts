import type { DesiredCs6Host, DesiredCs7Host } from '../../src/core/desired.ts';
import type { CommandResult, HostReader } from '../../src/ports/host.ts';
import type { ReadPorts } from '../../src/ports/ports.ts';
import { desiredOf } from '../kinds/cases.ts';

/** The estate of examples/chapter.yaml. */
export const state = desiredOf({ name: '', live: {}, changes: [] });

function hostOf<T>(product: 'cs6' | 'cs7'): T {
  return state.hosts.find(host => host.product === product) as T;
}

export const cs6Host: DesiredCs6Host = hostOf('cs6');

export const cs7Host: DesiredCs7Host = hostOf('cs7');

/** What a command did that ended well. */
export function ran(output: string): CommandResult {
  return { state: 'ran', code: 0, output };
}

/** A host on which every command prints the same, and every file has the same content. */
export function hostThatPrints(output: string, files: Readonly<Record<string, string>> = {}): HostReader {
  const never = () => Promise.reject(new Error('not asked for here'));
  return {
    query: async () => ran(output),
    files: async paths =>
      paths.flatMap(path => {
        const content = files[path];
        if (content === undefined) return [];
        const known = { asked: path, path, modified: 0, owner: '0:0', mode: '-rw-r--r--', link: false };
        return [{ ...known, content: Buffer.from(content, 'latin1') }];
      }),
    clock: async () => 0,
    guard: never,
    startRecord: never,
  };
}

/** Ports through which every host is that one. */
export function portsOf(host: HostReader): ReadPorts {
  const never = () => {
    throw new Error('not asked for here');
  };
  return { host: () => host, directory: never, freeBusy: never } as unknown as ReadPorts;
}
