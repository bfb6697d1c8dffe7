import { createHmac } from 'node:crypto';
import { TargetProblem } from '../../core/finding.ts';
import { finding } from '../../findings/catalogue.ts';
import type { Notice, Notifier, Ping } from '../../ports/daemon.ts';
import type { Secret } from '../../ports/secret.ts';
import { slackMessage, teamsMessage } from './message-forms.ts';
import { type Pace, postOnce, postPatiently, readAddress } from './post.ts';

/** Where to, and what the passing of time is. */
export interface WebhookSettings extends Pace {
  /** Whoever knows the address may be able to write there: only its host is ever shown. */
  readonly url: Secret;
  readonly secret?: Secret;
  /** Seconds since 1970. */
  readonly now: () => number;
}

/** Posts what programs read. */
export function openWebhook(settings: WebhookSettings): Notifier {
  const url = readAddress(settings.url, '--webhook');
  return {
    name: 'webhook',
    async tell(notice, signal) {
      const body = JSON.stringify(notice.body);
      // A signature holds for one time only, so each try has its own.
      const message = () => ({ body, headers: headersOf(notice, body, settings) });
      const why = await postPatiently(url, message, settings, signal);
      if (why !== undefined) throw new TargetProblem(finding('notify.webhook-failed', { detail: why }));
    },
  };
}

/** As www.standardwebhooks.com says, which has libraries for receivers. */
function headersOf(notice: Notice, body: string, { secret, now }: WebhookSettings): Record<string, string> {
  const timestamp = String(Math.floor(now()));
  const plain = { 'content-type': 'application/json', 'webhook-id': notice.id, 'webhook-timestamp': timestamp };
  if (!secret) return plain;
  const hmac = createHmac('sha256', keyOf(secret)).update(`${notice.id}.${timestamp}.${body}`).digest('base64');
  return { ...plain, 'webhook-signature': `v1,${hmac}` };
}

/** A key in the form of that specification, `whsec_` and base64; anything else is the key itself. */
function keyOf(secret: Secret): Buffer {
  const [, encoded] = /^whsec_(.+)$/.exec(secret.reveal()) ?? [];
  return encoded === undefined ? Buffer.from(secret.reveal()) : Buffer.from(encoded, 'base64');
}

const forms = { slack: slackMessage, teams: teamsMessage } as const;

/** Posts into a channel of Slack or Teams. */
export function openChat(name: keyof typeof forms, address: Secret, pace: Pace): Notifier {
  const url = readAddress(address, `--${name}`);
  return {
    name,
    async tell(notice, signal) {
      const body = JSON.stringify(forms[name](notice));
      const message = () => ({ body, headers: { 'content-type': 'application/json' } });
      const why = await postPatiently(url, message, pace, signal);
      if (why !== undefined) throw new TargetProblem(finding('notify.webhook-failed', { detail: `${name}: ${why}` }));
    },
  };
}

/**
 * Posts signs of life as healthchecks.io takes them: to the address with `/start` at the begin, to the address itself after a
 * success and to `/fail` otherwise (https://healthchecks.io/docs/http_api/).
 */
export function openPing(address: Secret, pace: Pace): Ping {
  const url = readAddress(address, '--ping');
  const message = (body: string) => ({ body, headers: { 'content-type': 'text/plain; charset=utf-8' } });
  const check = (why: string | undefined) => {
    if (why !== undefined) throw new TargetProblem(finding('notify.ping-failed', { detail: why }));
  };
  return {
    started: async signal => check(await postOnce(below(url, 'start'), message(''), pace, signal)),
    ended: async (succeeded, text, signal) =>
      check(await postPatiently(succeeded ? url : below(url, 'fail'), () => message(text), pace, signal)),
  };
}

function below(url: URL, word: string): URL {
  const next = new URL(url);
  next.pathname = `${url.pathname.replace(/\/+$/, '')}/${word}`;
  return next;
}
