import type { Notice, NotifySettings, Watching } from '../ports/daemon.ts';
import type { Log } from '../ports/progress.ts';
import { problemOf } from './context.ts';

/** Where notices and signs of life go. Nothing here rejects: what was not taken is said in the log. */
export interface Channels {
  /** The name of each that takes notices. */
  readonly names: readonly string[];
  /** These, and `ping` where there is one. */
  readonly all: readonly string[];
  /** Hands a notice to one of them; whether it was taken. `event` is what the log calls it. */
  send(name: string, notice: Notice, event: string, signal: AbortSignal): Promise<boolean>;
  /** The sign of life at the begin, which nothing waits for, and the one at the end. */
  began(signal: AbortSignal): void;
  ended(succeeded: boolean, text: string, signal: AbortSignal): Promise<void>;
}

/** Opens what the settings name. Throws TargetProblem `notify.*` where one of them cannot be used. */
export async function openChannels(
  settings: NotifySettings,
  watching: Pick<Watching, 'openNotifiers' | 'openPing'>,
  log: Log,
  untold: (channel: string) => void = () => {},
): Promise<Channels> {
  const notifiers = await watching.openNotifiers(settings);
  const ping = await watching.openPing(settings);
  const attempt = async (channel: string, event: string, work: () => Promise<void>): Promise<boolean> => {
    try {
      await work();
      return true;
    } catch (problem) {
      untold(channel);
      const { code, detail } = problemOf(problem);
      const message = `${code} ${detail.replaceAll('\n', ' ')} (${event})`;
      log('error', 'not-told', message, { notifier: channel, name: event, code });
      return false;
    }
  };
  let begun: Promise<unknown> = Promise.resolve();
  const names = notifiers.map(({ name }) => name);
  return {
    names,
    all: [...names, ...(ping ? ['ping'] : [])],
    async send(name, notice, event, signal) {
      const notifier = notifiers.find(one => one.name === name);
      if (!notifier || !(await attempt(name, event, () => notifier.tell(notice, signal)))) return false;
      log('info', 'told', `${name}: ${event}`, { notifier: name, name: event, id: notice.id });
      return true;
    },
    began(signal) {
      if (ping) begun = attempt('ping', 'start', () => ping.started(signal));
    },
    async ended(succeeded, text, signal) {
      // One that arrives before the begin would be taken for the end of the one before.
      await begun;
      if (ping) await attempt('ping', succeeded ? 'success' : 'fail', () => ping.ended(succeeded, text, signal));
    },
  };
}
