import { type IncomingHttpHeaders, request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { isLoopback } from '../../core/connection.ts';
import { TargetProblem } from '../../core/finding.ts';
import { finding } from '../../findings/catalogue.ts';
import type { Variables } from '../../ports/ports.ts';
import type { Secret } from '../../ports/secret.ts';
import { ProxyUnusable, proxyFor, refusalOf } from '../http-proxy.ts';

/** What the passing of time is, and the way to other machines. Times in milliseconds. */
export interface Pace {
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** At least 0 and less than 1, by chance. */
  readonly chance: () => number;
  /** Environment variables, which may name a proxy for https. */
  readonly variables?: Variables;
  /** For one request; 10 s unless a test says otherwise. */
  readonly timeout?: number;
}

/** What is posted; made anew for each try. */
interface Message {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Waits before the second try and those after it. */
const waits = [1_000, 4_000, 16_000];

/** The longest wait that a server may ask for. */
const longestWait = 60_000;

const mostRedirects = 3;

/** The result of one try: nothing more to do, or why not; with a time where it may be tried again. */
type Outcome =
  | { readonly done: true }
  | { readonly done: false; readonly why: string; readonly again: number | 'usual' | 'never' };

/**
 * An address to post to, named by an option. Throws TargetProblem `notify.address`: it must be https, or this machine, and have
 * no password in it.
 */
export function readAddress(secret: Secret, option: string): URL {
  const refuse = (detail: string) => new TargetProblem(finding('notify.address', { detail }));
  const url = URL.canParse(secret.reveal()) ? new URL(secret.reveal()) : undefined;
  if (!url || !['https:', 'http:'].includes(url.protocol))
    throw refuse(`The address of ${option} is not a URL that begins with https://.`);
  if (url.username !== '' || url.password !== '')
    throw refuse(
      `${url.host}: the address of ${option} has a user or a password in it.\nTo prove who sends a webhook, sign it: --webhook-secret env:NAME`,
    );
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    throw refuse(
      `${url.host}: a notification contains names of accounts, which anyone on the network could read.\nUse https:// for ${option}. http:// is allowed only for this machine.`,
    );
  return url;
}

/** Posts until it is accepted, at most four times; gives why it was not, or nothing. Only the status of an answer counts. */
export async function postPatiently(
  url: URL,
  message: () => Message,
  pace: Pace,
  signal: AbortSignal,
): Promise<string | undefined> {
  let outcome = await post(url, message(), pace, signal);
  for (const wait of waits) {
    if (outcome.done || outcome.again === 'never' || signal.aborted) break;
    // Many that are turned away at the same time do not come back at the same time.
    const usual = wait * (0.8 + 0.4 * pace.chance());
    await pace.pause(outcome.again === 'usual' ? usual : outcome.again, signal);
    if (!signal.aborted) outcome = await post(url, message(), pace, signal);
  }
  return outcome.done ? undefined : `${url.origin}: ${outcome.why}`;
}

/** The same with one try. */
export async function postOnce(
  url: URL,
  message: Message,
  pace: Pace,
  signal: AbortSignal,
): Promise<string | undefined> {
  const outcome = await post(url, message, pace, signal);
  return outcome.done ? undefined : `${url.origin}: ${outcome.why}`;
}

async function post(start: URL, message: Message, pace: Pace, signal: AbortSignal): Promise<Outcome> {
  const timeout = pace.timeout ?? 10_000;
  const within = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
  let url = start;
  try {
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      const response = await send(url, message, pace.variables ?? {}, within);
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

/** One POST over a connection of its own. However much there is of it, an answer is not read. */
async function send(url: URL, { body, headers }: Message, variables: Variables, signal: AbortSignal): Promise<Answer> {
  // http:// is this machine, and what is sent there stays on it.
  const proxy = url.protocol === 'https:' ? proxyFor(url, variables) : undefined;
  const way = proxy ? proxy.options(signal) : { agent: false };
  const options = {
    method: 'POST',
    headers: { ...headers, 'user-agent': 'reconcile', 'content-length': Buffer.byteLength(body) },
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
    // Some answers are neither taken nor an error to Node: the switch to a protocol that was not asked for.
    sent.on('close', () => reject(new Error('closed')));
    sent.end(body);
  });
}

/** 307 and 308 say to post the same elsewhere; after the others it would become a GET, which is not what was meant. */
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
