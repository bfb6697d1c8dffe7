import { type IncomingMessage, request as overHttp, type RequestOptions } from 'node:http';
import { request as overHttps } from 'node:https';
import type { FreeBusyLimits } from './limits.ts';

/** What came back over HTTP; a redirection is an answer like any other and is not followed. */
export interface HttpReply {
  readonly status: number;
  readonly type: string;
  readonly location?: string;
  /** Empty where the answer is no success: nobody reads it. */
  readonly body: string;
}

/** Something that is no usable answer, said for people. */
export class NoAnswer extends Error {}

/**
 * A GET over a connection of its own. Node's http and not fetch: it takes any port, and hands over the bytes as they were
 * sent, so that nothing that is packed is ever unpacked. Throws NoAnswer.
 */
export async function exchange(url: URL, limits: FreeBusyLimits): Promise<HttpReply> {
  const cut = new AbortController();
  const timer = setTimeout(() => cut.abort(), limits.patience);
  try {
    const message = await send(url, cut.signal);
    return await receive(message, limits);
  } catch (error) {
    if (cut.signal.aborted) throw new NoAnswer(`no whole answer within ${limits.patience / 1000} seconds`);
    throw error instanceof NoAnswer ? error : new NoAnswer(error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(timer);
    cut.abort();
  }
}

function send(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  const headers = { Accept: 'text/calendar', 'Accept-Encoding': 'identity', Connection: 'close' };
  const options: RequestOptions = { agent: false, headers, signal };
  return new Promise((resolve, reject) => {
    const sent = (url.protocol === 'https:' ? overHttps : overHttp)(url, options, resolve);
    // Stays on to the end: a connection that is cut once the answer is done with is nobody's problem.
    sent.on('error', reject);
    sent.end();
  });
}

async function receive(message: IncomingMessage, limits: FreeBusyLimits): Promise<HttpReply> {
  message.on('error', () => {});
  const { statusCode: status = 0, headers } = message;
  const { location, 'content-type': type = '', 'content-encoding': encoding = 'identity' } = headers;
  const head = { status, type, ...(location !== undefined && { location }) };
  if (status !== 200) return { ...head, body: '' };
  if (encoding.trim().toLowerCase() !== 'identity')
    throw new NoAnswer(`the answer is packed (${encoding}), which was not asked for`);
  return { ...head, body: await readBody(message, limits.body) };
}

async function readBody(message: IncomingMessage, most: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    const bytes: Buffer = Buffer.from(chunk);
    size += bytes.length;
    if (size > most) throw new NoAnswer(`the answer is larger than ${most} bytes`);
    chunks.push(bytes);
  }
  if (!message.complete) throw new NoAnswer('the connection was closed in the middle of the answer');
  return Buffer.concat(chunks).toString('utf8');
}
