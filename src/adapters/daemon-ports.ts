import { setTimeout as wait } from 'node:timers/promises';
import type { Notifier, NotifySettings, Ping, Told, Watching } from '../ports/daemon.ts';
import { Secret } from '../ports/secret.ts';
import { replaceText } from './local/file-system.ts';
import { makeSecretSource } from './local/secret-source.ts';

type ProcessVariables = Readonly<Record<string, string | undefined>>;

/** What staying and looking again needs of this machine. Libraries are loaded when something is asked of them. */
export function openWatching(environment: ProcessVariables): Watching {
  return {
    pause,
    elapsed: () => performance.now(),
    chance: () => Math.random(),
    replaceText,
    openNotifiers: settings => openNotifiers(settings, environment),
    openPing: settings => openPing(settings, environment),
    openMetrics: async (settings, about) => (await import('./metrics.ts')).openMetrics(settings, about),
  };
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await wait(milliseconds, undefined, { signal }).catch(() => {});
}

async function openNotifiers(
  { webhook, slack, teams, mail }: NotifySettings,
  environment: ProcessVariables,
): Promise<readonly Notifier[]> {
  const find = makeSecretSource(environment);
  const lookUp = async (told: Told) => ('literal' in told ? new Secret(told.literal) : find(told));
  const notifiers: Notifier[] = [];
  if (webhook) {
    const { openWebhook } = await import('./notify/webhook.ts');
    const secret = webhook.secret && (await find(webhook.secret));
    const now = () => Date.now() / 1000;
    notifiers.push(
      openWebhook({ url: await lookUp(webhook.url), ...(secret && { secret }), now, ...paceOf(environment) }),
    );
  }
  for (const [name, address] of [['slack', slack] as const, ['teams', teams] as const]) {
    if (!address) continue;
    const { openChat } = await import('./notify/webhook.ts');
    notifiers.push(openChat(name, await find(address), paceOf(environment)));
  }
  if (mail) {
    const { openSendmail } = await import('./notify/sendmail.ts');
    notifiers.push(openSendmail({ ...mail, environment }));
  }
  return notifiers;
}

async function openPing({ ping }: NotifySettings, environment: ProcessVariables): Promise<Ping | undefined> {
  if (!ping) return undefined;
  const address = await makeSecretSource(environment)(ping);
  return (await import('./notify/webhook.ts')).openPing(address, paceOf(environment));
}

function paceOf(variables: ProcessVariables) {
  return { pause, chance: () => Math.random(), variables };
}
