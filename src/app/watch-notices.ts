import { basename, dirname } from 'node:path';
import { TargetProblem } from '../core/finding.ts';
import { finding } from '../findings/catalogue.ts';
import type { Watching } from '../ports/daemon.ts';
import type { LocalFiles } from '../ports/local-files.ts';
import type { Log } from '../ports/progress.ts';
import {
  eventsBetween,
  type Memory,
  noMemory,
  nothingWrong,
  parseMemory,
  renderMemory,
  type WatchState,
} from '../watch/watch-state.ts';
import type { Look, Seen, Watched } from '../watch/watched.ts';
import type { Channels } from './channels.ts';
import type { LocalContext } from './context.ts';
import { readFileText, reasonOf } from './files.ts';

/** What is known after a look, to be told and kept. */
export type Known = Pick<Memory, 'estate' | 'succeededAt'> & { readonly state: WatchState };

/** Sends notices of what changed. What could not be sent is sent after the next look. */
export interface Telling<S extends Seen> {
  /** `known` is what is known since this look. Never rejects. */
  tell(look: Look<S>, known: Known, signal: AbortSignal): Promise<void>;
}

interface TellingSettings<S extends Seen> {
  readonly watched: Watched<S>;
  readonly channels: Channels;
  /** Path of the file that remembers what was told. */
  readonly state?: string;
  readonly context: Pick<LocalContext, 'version'>;
  readonly watching: Pick<Watching, 'replaceText'>;
  readonly log: Log;
}

/** Begins with what was told in earlier calls. */
export function openTelling<S extends Seen>(settings: TellingSettings<S>, earlier: Memory): Telling<S> {
  const { channels, watching, log, state } = settings;
  let memory = earlier;
  return {
    async tell(look, known, signal) {
      // What was told of another estate says nothing of this one.
      const before = memory.estate === known.estate || memory.estate === undefined ? memory.told : {};
      const told = await Promise.all(
        channels.names.map(async (name): Promise<Memory['told']> => {
          const last = before[name] ?? nothingWrong;
          const done = await tellOne(name, last, known, look, settings, signal);
          return { [name]: done ? known.state : last };
        }),
      );
      const { state: after, ...facts } = known;
      memory = { of: memory.of, ...facts, known: after, told: Object.assign({}, before, ...told) };
      if (state === undefined) return;
      await watching.replaceText(state, renderMemory(memory)).catch((error: unknown) => {
        log(
          'error',
          'state-not-kept',
          `${state}: ${reasonOf(error)}. The next call will send the same notification again`,
        );
      });
    },
  };
}

/** What earlier calls of a command kept in a file. Throws TargetProblem `notify.state` where it is the file of another command. */
export async function readMemory(
  of: Memory['of'],
  file: string | undefined,
  files: LocalFiles,
  log: Log,
): Promise<Memory> {
  if (file === undefined) return noMemory(of);
  // The first call has none.
  const names = await files.list(dirname(file)).catch(() => undefined);
  if (names && !names.includes(basename(file))) return noMemory(of);
  const text = await readFileText(file, files);
  const memory = typeof text === 'string' ? parseMemory(text) : undefined;
  if (memory && memory.of !== of) throw foreign(file, memory.of, of);
  if (!memory)
    log('warn', 'state-not-kept', `${file} is not a valid record of notifications, so all of them are sent again`);
  return memory ?? noMemory(of);
}

function foreign(file: string, other: string, of: string): TargetProblem {
  const detail = `${file} is the state of ${other}, so ${of} cannot use it.\nName another file with --state, such as ${of}.json.`;
  return new TargetProblem(finding('notify.state', { detail }));
}

/** Whether all there is to tell was handed over. */
async function tellOne<S extends Seen>(
  channel: string,
  before: WatchState,
  { state: after, estate = '' }: Known,
  look: Look<S>,
  { watched, context, channels }: TellingSettings<S>,
  signal: AbortSignal,
): Promise<boolean> {
  for (const name of eventsBetween(before, after)) {
    const notice = watched.notice({ name, before, after, look, estate, tool: context.version });
    if (!(await channels.send(channel, notice, name, signal))) return false;
  }
  return true;
}
