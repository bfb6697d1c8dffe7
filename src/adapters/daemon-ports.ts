import { setTimeout as wait } from 'node:timers/promises';
import type { Notifier, NotifySettings, Told, Watching } from '../ports/daemon.ts';
import { Secret } from '../ports/secret.ts';
import { replaceText } from './local/file-system.ts';
import { makeSecretSource } from './local/secret-source.ts';

/** What staying and looking again needs of this machine. Libraries are loaded when something is asked of them. */
export function openWatching(environment: Readonly<Record<string, string | undefined>>): Watching {
  return {
    pause,
    elapsed: () => performance.now(),
    chance: () => Math.random(),
    replaceText,
    openNotifiers: settings => openNotifiers(settings, environment),
    openMetrics: async settings => (await import('./metrics.ts')).openMetrics(settings),
  };
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await wait(milliseconds, undefined, { signal }).catch(() => {});
}

async function openNotifiers(
  { webhook, mail }: NotifySettings,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<readonly Notifier[]> {
  const find = makeSecretSource(environment);
  const lookUp = async (told: Told) => ('literal' in told ? new Secret(told.literal) : find(told));
  const notifiers: Notifier[] = [];
  if (webhook) {
    const { openWebhook } = await import('./notifier.ts');
    const secret = webhook.secret && (await find(webhook.secret));
    const pace = { pause, chance: () => Math.random(), now: () => Date.now() / 1000, variables: environment };
    notifiers.push(openWebhook({ url: await lookUp(webhook.url), ...(secret && { secret }), ...pace }));
  }
  if (mail) {
    const { openSendmail } = await import('./notifier.ts');
    notifiers.push(openSendmail({ ...mail, environment }));
  }
  return notifiers;
}
