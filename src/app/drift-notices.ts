import { basename, dirname } from 'node:path';
import { buildEvent, buildNotice } from '../drift/event.ts';
import type { Look } from '../drift/look.ts';
import {
  type DriftState,
  eventsBetween,
  inSync,
  type Memory,
  noMemory,
  parseMemory,
  renderMemory,
} from '../drift/state.ts';
import type { Notifier, Watching } from '../ports/daemon.ts';
import type { LocalFiles } from '../ports/local-files.ts';
import type { Log } from '../ports/progress.ts';
import type { LocalContext } from './context.ts';
import { problemOf } from './drift-look.ts';
import { readFileText, reasonOf } from './files.ts';

/** Sends notices of what changed. What could not be sent is sent after the next look. */
export interface Telling {
  /** What was known after the last look of an earlier call. */
  readonly known: DriftState;
  /** `after` is what is known since this look. Never rejects. */
  tell(look: Look, after: DriftState, estate: string, signal: AbortSignal): Promise<void>;
}

interface TellingSettings {
  readonly notifiers: readonly Notifier[];
  /** Path of the file that remembers what was told. */
  readonly state?: string;
  readonly context: Pick<LocalContext, 'files' | 'version'>;
  readonly watching: Pick<Watching, 'replaceText'>;
  readonly log: Log;
  readonly untold: (notifier: string) => void;
}

/** Begins with what was told in earlier calls, where that was kept. */
export async function openTelling(settings: TellingSettings): Promise<Telling> {
  const { notifiers, context, watching, log, state } = settings;
  let memory = state === undefined ? noMemory : await readMemory(state, context.files, log);
  return {
    known: memory.known,
    async tell(look, after, estate, signal) {
      const told = await Promise.all(
        notifiers.map(async (notifier): Promise<Memory['told']> => {
          const before = memory.told[notifier.name] ?? inSync;
          const done = await tellOne(notifier, { before, after }, look, estate, settings, signal);
          return { [notifier.name]: done ? after : before };
        }),
      );
      memory = { known: after, told: Object.assign({}, memory.told, ...told) };
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

async function readMemory(file: string, files: LocalFiles, log: Log): Promise<Memory> {
  // The first call has none.
  const names = await files.list(dirname(file)).catch(() => undefined);
  if (names && !names.includes(basename(file))) return noMemory;
  const text = await readFileText(file, files);
  const memory = typeof text === 'string' ? parseMemory(text) : undefined;
  if (!memory)
    log('warn', 'state-not-kept', `${file} is not a valid record of notifications, so all of them are sent again`);
  return memory ?? noMemory;
}

/** Whether all there is to tell was handed over. */
async function tellOne(
  notifier: Notifier,
  states: { readonly before: DriftState; readonly after: DriftState },
  look: Look,
  estate: string,
  { context, log, untold }: TellingSettings,
  signal: AbortSignal,
): Promise<boolean> {
  for (const name of eventsBetween(states.before, states.after)) {
    const event = buildEvent(name, states, look, { estate, tool: context.version });
    try {
      await notifier.tell(buildNotice(event), signal);
      log('info', 'told', `${notifier.name}: ${name}`, { notifier: notifier.name, name, id: event.id });
    } catch (problem) {
      untold(notifier.name);
      const { code, detail } = problemOf(problem);
      log('error', 'not-told', `${code} ${detail.replaceAll('\n', ' ')} (${name})`, {
        notifier: notifier.name,
        name,
        code,
      });
      return false;
    }
  }
  return true;
}
