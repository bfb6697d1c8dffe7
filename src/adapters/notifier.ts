import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { type IncomingHttpHeaders, request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { hostname } from 'node:os';
import { createTransport } from 'nodemailer';
import { isLoopback } from '../core/connection.ts';
import { TargetProblem } from '../core/finding.ts';
import { printable } from '../core/printable.ts';
import { type FindingCode, finding } from '../findings/catalogue.ts';
import type { Notice, Notifier } from '../ports/daemon.ts';
import type { Variables } from '../ports/ports.ts';
import type { Secret } from '../ports/secret.ts';
import { ProxyUnusable, proxyFor, refusalOf } from './http-proxy.ts';

/** Why a notification cannot be sent, or was not. */
function notifyProblem(code: Extract<FindingCode, `notify.${string}`>, detail: string): TargetProblem {
  return new TargetProblem(finding(code, { detail }));
}

/** To whom, and by which program, which is called as `program -t -i`. */
interface SendmailSettings {
  readonly to: readonly string[];
  /** Absent: the program says who sends it. */
  readonly from?: string;
  readonly program: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Milliseconds that a local mail system may take to accept a message. */
const timeout = 60_000;

/** Characters of what it says that are shown. */
const mostSaid = 500;

/** Mails through the local mail system. */
export function openSendmail(settings: SendmailSettings): Notifier {
  return {
    name: 'mail',
    tell: async (notice, signal) => {
      const why = await handOver(await compose(notice, settings), settings, signal);
      if (why !== undefined) throw notifyProblem('notify.mail-failed', `${printable(settings.program)} -t -i: ${why}`);
    },
  };
}

/** The message as it is sent, with headers that no text can add to. */
async function compose({ id, subject, text, body }: Notice, { to, from }: SendmailSettings): Promise<Buffer> {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'unix' });
  const sent = await transport.sendMail({
    to: [...to],
    ...(from !== undefined && { from }),
    subject,
    text,
    messageId: `<${id}@${hostname()}>`,
    // RFC 3834: nobody on holiday answers it.
    headers: { 'Auto-Submitted': 'auto-generated' },
    attachments: [
      { filename: 'drift-event.json', content: JSON.stringify(body, null, 2), contentType: 'application/json' },
    ],
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return Buffer.isBuffer(sent.message) ? sent.message : Promise.reject(new Error('a composed message is not whole'));
}

/** Why it was not accepted, or nothing. It sees no variable but those that say where it is and who calls it. */
function handOver(message: Buffer, settings: SendmailSettings, signal: AbortSignal): Promise<string | undefined> {
  const { program, environment } = settings;
  const env = Object.fromEntries(['PATH', 'HOME', 'USER', 'LOGNAME', 'TZ'].map(name => [name, environment[name]]));
  return new Promise(done => {
    const child = spawn(program, ['-t', '-i'], {
      env,
      timeout,
      signal,
      killSignal: 'SIGKILL',
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(0, mostSaid);
    });
    // One that ends before it has read all tells so by its exit code.
    child.stdin.on('error', () => {});
    child.on('error', error => done(`it cannot be run (${'code' in error ? String(error.code) : error.name})`));
    child.on('close', (code, killed) => {
      if (code === 0) done(undefined);
      else
        done(
          `${killed === null ? `it ended with ${code}` : `it was ended after ${timeout / 1000} s`}. ${printable(said)}`.trim(),
        );
    });
    child.stdin.end(message);
  });
}

/** Where to, and what the passing of time is. Times in milliseconds. */
export interface WebhookSettings {
  /** Whoever knows the address may be able to write there: it is shown to nobody, but for its host. */
  readonly url: Secret;
  readonly secret?: Secret;
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** At least 0 and less than 1, by chance. */
  readonly chance: () => number;
  /** Seconds since 1970. */
  readonly now: () => number;
  /** Environment variables, which may name a proxy for https. */
  readonly variables?: Variables;
  /** For one request; 10 s unless a test says otherwise. */
  readonly timeout?: number;
}

/** Waits before the second try and those after it. */
const waits = [1_000, 4_000, 16_000];

/** The longest wait that a server may ask for. */
const longestWait = 60_000;

const mostRedirects = 3;

/** What came of one try: nothing more to do, or why not; with a time where it may be tried again. */
type Outcome =
  | { readonly done: true }
  | { readonly done: false; readonly why: string; readonly again: number | 'usual' | 'never' };

/** Posts JSON; only the status of the answer counts, and nothing else of it is read. */
export function openWebhook(settings: WebhookSettings): Notifier {
  const url = readUrl(settings.url);
  return {
    name: 'webhook',
    async tell(notice, signal) {
      let outcome = await post(url, notice, settings, signal);
      for (const wait of waits) {
        if (outcome.done || outcome.again === 'never' || signal.aborted) break;
        // Many that are told off at the same time do not come back at the same time.
        const usual = wait * (0.8 + 0.4 * settings.chance());
        await settings.pause(outcome.again === 'usual' ? usual : outcome.again, signal);
        if (!signal.aborted) outcome = await post(url, notice, settings, signal);
      }
      if (!outcome.done) throw notifyProblem('notify.webhook-failed', `${url.origin}: ${outcome.why}`);
    },
  };
}

function readUrl(secret: Secret): URL {
  const url = URL.canParse(secret.reveal()) ? new URL(secret.reveal()) : undefined;
  if (!url || !['https:', 'http:'].includes(url.protocol))
    throw notifyProblem('notify.webhook-address', 'Its address is not a URL that begins with https://.');
  if (url.username !== '' || url.password !== '')
    throw notifyProblem(
      'notify.webhook-address',
      `${url.host}: its address has a user or a password in it.\nSign what is sent instead: --webhook-secret env:NAME`,
    );
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    throw notifyProblem(
      'notify.webhook-address',
      `${url.host}: the notification contains names of accounts, which anyone on the network could read.\nUse https://. http:// is allowed only for this machine.`,
    );
  return url;
}

async function post(start: URL, notice: Notice, settings: WebhookSettings, signal: AbortSignal): Promise<Outcome> {
  const body = JSON.stringify(notice.body);
  const timeout = settings.timeout ?? 10_000;
  const within = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
  let url = start;
  try {
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      const headers = headersOf(notice, body, settings);
      const response = await send(url, { body, headers, variables: settings.variables ?? {} }, within);
      const next = redirectOf(response, url);
      if (next === undefined) return outcomeOf(response);
      if (next.origin !== start.origin)
        return { done: false, why: `it redirects to ${next.origin}, which you did not name`, again: 'never' };
      url = next;
    }
    return { done: false, why: 'it redirects too often', again: 'never' };
  } catch (error) {
    if (signal.aborted) return { done: false, why: 'interrupted', again: 'never' };
    const why = within.aborted ? `no answer for ${timeout / 1000} s` : reasonOf(error);
    return { done: false, why, again: 'usual' };
  }
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

interface Message {
  readonly body: string;
  readonly headers: Record<string, string>;
  readonly variables: Variables;
}

/** One POST over a connection of its own. However much there is of it, an answer is not read. */
async function send(url: URL, { body, headers, variables }: Message, signal: AbortSignal): Promise<Answer> {
  // http:// is this machine, and what is sent there stays on it.
  const proxy = url.protocol === 'https:' ? proxyFor(url, variables) : undefined;
  const way = proxy ? proxy.options(signal) : { agent: false };
  const options = {
    method: 'POST',
    headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    signal,
    ...way,
  };
  return new Promise((resolve, reject) => {
    const sent = (url.protocol === 'https:' ? overHttps : overHttp)(url, options, message => {
      const { statusCode: status = 0 } = message;
      resolve({ status, headers: message.headers });
      message.on('error', () => {}).destroy();
    });
    sent.on('proxyConnect', ({ statusCode }: { readonly statusCode: number }) => {
      if (statusCode !== 200) reject(new ProxyUnusable(`by the proxy ${proxy?.name}: ${refusalOf(statusCode)}`));
    });
    sent.on('error', error =>
      reject(proxy ? new ProxyUnusable(`by the proxy ${proxy.name}: ${reasonOf(error)}`) : error),
    );
    // Some answers are neither taken nor an error to Node: the switch to a protocol that nobody asked for.
    sent.on('close', () => reject(new Error('closed')));
    sent.end(body);
  });
}

/** As www.standardwebhooks.com says, which has libraries for receivers. A signature holds for one time only, so each try has its own. */
function headersOf(notice: Notice, body: string, { secret, now }: WebhookSettings): Record<string, string> {
  const timestamp = String(Math.floor(now()));
  const plain = {
    'content-type': 'application/json',
    'user-agent': 'reconcile',
    'webhook-id': notice.id,
    'webhook-timestamp': timestamp,
  };
  if (!secret) return plain;
  const hmac = createHmac('sha256', keyOf(secret)).update(`${notice.id}.${timestamp}.${body}`).digest('base64');
  return { ...plain, 'webhook-signature': `v1,${hmac}` };
}

/** A key in the form of that specification, `whsec_` and base64; anything else is the key itself. */
function keyOf(secret: Secret): Buffer {
  const [, encoded] = /^whsec_(.+)$/.exec(secret.reveal()) ?? [];
  return encoded === undefined ? Buffer.from(secret.reveal()) : Buffer.from(encoded, 'base64');
}

/** 307 and 308 say to post the same elsewhere; after the others it would become a GET, which nobody wants. */
function redirectOf({ status, headers: { location } }: Answer, url: URL): URL | undefined {
  if (![307, 308].includes(status) || location === undefined || !URL.canParse(location, url.href)) return undefined;
  return new URL(location, url);
}

function outcomeOf({ status, headers }: Answer): Outcome {
  if (status >= 200 && status < 300) return { done: true };
  const why = `it answered ${status}`;
  if (![408, 425, 429].includes(status) && status < 500) return { done: false, why, again: 'never' };
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  return { done: false, why, again: seconds > 0 ? Math.min(seconds * 1000, longestWait) : 'usual' };
}

/** Never the message of an error: it could have the address in it. */
function reasonOf(error: unknown): string {
  if (error instanceof ProxyUnusable) return error.message;
  if (!(error instanceof Error)) return 'an unknown error occurred';
  return 'code' in error ? `the connection failed: ${String(error.code)}` : `the connection failed: ${error.name}`;
}
