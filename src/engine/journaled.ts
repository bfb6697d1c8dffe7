import { sha256 } from '../core/canonical.ts';
import type { Journal, JournaledWrite } from '../ports/journal.ts';
import type { WritePorts } from '../ports/ports.ts';

/**
 * The same ports, with a line on disk before each write and one after it: no kind can write without leaving a trace.
 * `next` numbers the writes of a run.
 */
export function journaled(ports: WritePorts, journal: Journal, next: () => number, step: string): WritePorts {
  const record = async <R>(
    target: string,
    write: JournaledWrite,
    action: () => Promise<R>,
    told: (result: R) => { readonly state: string; readonly detail?: string },
  ): Promise<R> => {
    const number = next();
    await journal.write({ line: 'begin', write: number, step, target, ...write });
    try {
      const result = await action();
      await journal.write({ line: 'end', write: number, ...told(result) });
      return result;
    } catch (problem) {
      const detail = problem instanceof Error ? problem.message : String(problem);
      await journal.write({ line: 'end', write: number, state: 'not known', detail });
      throw problem;
    }
  };
  return {
    ...ports,
    host: name => {
      const host = ports.host(name);
      return {
        files: candidates => host.files(candidates),
        query: command => host.query(command),
        clock: () => host.clock(),
        replace: replacement => {
          const { path, expected, content } = replacement;
          const before = expected === 'absent' ? 'absent' : sha256(expected);
          return record(
            name,
            { operation: 'replace', path, before, after: sha256(content) },
            () => host.replace(replacement),
            backup => ({ state: 'done', ...(backup !== undefined && { detail: `the old one is ${backup}` }) }),
          );
        },
        run: command =>
          record(
            name,
            { operation: 'run', words: command.words },
            () => host.run(command),
            result => (result.state === 'ran' ? { state: `exit ${result.code}` } : { state: result.state }),
          ),
      };
    },
    directory: () => {
      const directory = ports.directory();
      return {
        schema: () => directory.schema(),
        search: query => directory.search(query),
        modify: (dn, modifications) =>
          record(
            'directory',
            { operation: 'modify', dn, modifications },
            () => directory.modify(dn, modifications),
            result => result,
          ),
      };
    },
  };
}
