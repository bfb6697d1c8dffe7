import { sha256 } from '../core/canonical.ts';
import { TargetProblem } from '../core/finding.ts';
import type { FileRestore } from '../core/plan.ts';
import { hasCode } from '../findings/catalogue.ts';
import type { CommandResult, FileReplacement, HostWriter } from '../ports/host.ts';
import type { Journal, JournaledWrite } from '../ports/journal.ts';
import type { WritePorts } from '../ports/ports.ts';
import { type AboutToWrite, lockLost } from './locks.ts';

/** What a run has recorded so far, beside what is on disk. */
export interface Records {
  readonly journal: Journal;
  /** Numbers the writes of the run. */
  next(): number;
  /** Files that were replaced, by the step that did it. */
  readonly replaced: Map<string, FileRestore[]>;
  /** Whether somebody asked the run to stop. */
  stopping(): boolean;
  /** Proves the locks again before a write, where that is due. */
  prove(write: AboutToWrite): Promise<void>;
  /** What was written into files, and what was there before, by SHA-256. */
  readonly contents: Map<string, Buffer>;
}

interface Told {
  readonly state: string;
  readonly detail?: string;
  readonly backup?: string;
}

function endOf(result: CommandResult): Told {
  return { state: result.state === 'ran' ? `exit ${result.code}` : result.state };
}

type RecordAll = <R>(
  target: string,
  writes: readonly JournaledWrite[],
  action: () => Promise<R>,
  told: (result: R) => readonly Told[],
  canEndLate?: boolean,
) => Promise<R>;

/**
 * Records writes around what makes them: those that go out as one have their lines on disk together. `canEndLate`: where many
 * writes follow each other, the last line of one goes to disk with the first of another. It is there before any later line is, and a
 * disk that did not take it takes no later one either.
 */
function recorder(records: Records, step: string): RecordAll {
  return async (target, writes, action, told, canEndLate = false) => {
    await records.prove(target === 'directory' ? 'directory' : 'host');
    const numbers = writes.map(() => records.next());
    for (const [index, write] of writes.entries())
      await records.journal.write({ line: 'begin', write: numbers[index] ?? 0, step, target, ...write });
    const end = (ends: readonly Told[]) =>
      Promise.all(
        ends.map((said, index) => records.journal.write({ line: 'end', write: numbers[index] ?? 0, ...said })),
      );
    try {
      const result = await action();
      const ended = end(told(result));
      if (canEndLate) ended.catch(() => {});
      else await ended;
      return result;
    } catch (problem) {
      const detail = problem instanceof Error ? problem.message : String(problem);
      // The host itself has refused a script that came without the lock.
      const state = problem instanceof TargetProblem && hasCode(problem.finding, lockLost) ? 'not made' : 'not known';
      await end(writes.map(() => ({ state, detail })));
      throw problem;
    }
  };
}

/**
 * The same ports, with a line on disk before each write and one after it: no kind can write without leaving a trace. `keys` tells
 * which settings the step is about to change.
 */
export function journaled(
  ports: WritePorts,
  records: Records,
  step: string,
  keys?: () => readonly string[],
): WritePorts {
  const recordAll = recorder(records, step);
  const record = <R>(target: string, write: JournaledWrite, action: () => Promise<R>, told: (result: R) => Told) =>
    recordAll(target, [write], action, result => [told(result)], target === 'directory');
  return {
    ...ports,
    stopping: () => records.stopping(),
    host: name => {
      const host = ports.host(name);
      return {
        ...reading(host),
        ...locking(host),
        replace: replacement => replace(name, host, replacement),
        run,
        restart: restart =>
          recordAll(
            name,
            [restart.stop, restart.start].map(({ words }) => ({ operation: 'run', words })),
            () => host.restart(restart),
            ({ stop, start }) => [endOf(stop), start ? endOf(start) : { state: 'not made' }],
          ),
      };
      function run(command: Parameters<HostWriter['run']>[0]) {
        return record(name, { operation: 'run', words: command.words }, () => host.run(command), endOf);
      }
    },
    directory: () => {
      const directory = ports.directory();
      return {
        server: () => directory.server(),
        password: () => directory.password(),
        schema: () => directory.schema(),
        search: query => directory.search(query),
        wouldModify: (dn, attributes) => directory.wouldModify(dn, attributes),
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

  async function replace(target: string, host: HostWriter, replacement: FileReplacement) {
    const { path, expected, content } = replacement;
    const before = expected === 'absent' ? 'absent' : sha256(expected);
    const written = content === 'absent' ? 'absent' : sha256(content);
    const meant = keys ? { keys: keys() } : {};
    const backup = await record(
      target,
      { operation: 'replace', path, before, after: written, ...meant },
      () => host.replace(replacement),
      made => ({ state: 'done', ...(made !== undefined && { backup: made }) }),
    );
    const known = records.replaced.get(step) ?? [];
    if (content !== 'absent') records.contents.set(written, content);
    if (expected !== 'absent') records.contents.set(before, expected);
    const old = expected === 'absent' ? {} : { ...(backup !== undefined && { backup }), original: before };
    records.replaced.set(step, [...known, { path, written, ...old }]);
    return backup;
  }
}

function reading(host: HostWriter): Pick<HostWriter, 'files' | 'query' | 'clock' | 'guard' | 'startRecord'> {
  return {
    files: candidates => host.files(candidates),
    query: command => host.query(command),
    clock: () => host.clock(),
    guard: () => host.guard(),
    startRecord: service => host.startRecord(service),
  };
}

/** Locks, watchdogs and records of starts change nothing of what is managed. */
function locking(host: HostWriter): Pick<HostWriter, 'lock' | 'breakLock' | 'acknowledge' | 'watch' | 'keepStart'> {
  return {
    lock: claim => host.lock(claim),
    breakLock: identity => host.breakLock(identity),
    acknowledge: () => host.acknowledge(),
    watch: watch => host.watch(watch),
    keepStart: (service, processes, files) => host.keepStart(service, processes, files),
  };
}
