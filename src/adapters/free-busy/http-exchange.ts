import { type ClientRequest, type IncomingMessage, request as overHttp, type RequestOptions } from 'node:http';
import { request as overHttps } from 'node:https';
import { printable } from '../../core/printable.ts';
import type { LookUpFailure } from '../../ports/free-busy.ts';
import type { Variables } from '../../ports/ports.ts';
import { type HttpProxy, ProxyUnusable, proxyFor, proxyLogin, refusalOf } from '../http-proxy.ts';

/** How far a connection came. */
type Stage = 'dialling' | 'handshake' | 'open';

/** Follows the connection of a request; hands back what tells its stage. */
function followStage(sent: ClientRequest): () => Stage {
  let stage: Stage = 'dialling';
  sent.on('proxyConnect', () => {
    stage = 'handshake';
  });
  sent.on('socket', socket => {
    const encrypted = 'encrypted' in socket;
    socket.once('connect', () => {
      stage = encrypted ? 'handshake' : 'open';
    });
    socket.once('secureConnect', () => {
      stage = 'open';
    });
  });
  return () => stage;
}

/** What an error on a connection that came so far means to who asked. */
function noAnswerOf(error: unknown, stage: Stage): NoAnswer {
  return new NoAnswer(failureOf(error, stage), wordsOf(error));
}

function failureOf(error: unknown, stage: Stage): LookUpFailure {
  if (stage !== 'open') return stage === 'handshake' ? 'tls' : 'unreachable';
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  // Codes of Node's HTTP parser: more headers than it takes (16 KB), or no HTTP at all.
  if (/^HPE_.*_OVERFLOW$/.test(code)) return 'too-large';
  return code.startsWith('HPE_') ? 'unreadable' : 'cut-short';
}

/** Where a name has several addresses and none answers, Node's error has one inside for each and says nothing itself. */
function wordsOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(wordsOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}

/** Text from outside, on one line and not longer than a person reads. */
export function oneLine(text: string): string {
  const line = printable(text.slice(0, 1000)).replaceAll('\n', ' ');
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

/** Something that is no usable answer; the message is said to people once it is made printable. */
export class NoAnswer extends Error {
  readonly failure: LookUpFailure;
  /** As in LookUpAnswer. */
  readonly code: string | undefined;

  constructor(failure: LookUpFailure, message: string, code?: string) {
    super(message);
    this.failure = failure;
    this.code = code;
  }
}

/** Hands on what `parse` makes of an answer, and its reason why it makes nothing of it as a NoAnswer. */
export function readable<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw error instanceof NoAnswer
      ? error
      : new NoAnswer('unreadable', `the answer cannot be read: ${reasonOf(error)}`);
  }
}

/** Why, in words; a fault inside a library says nothing to a reader. */
function reasonOf(error: unknown): string {
  if (error instanceof TypeError || error instanceof RangeError) return 'it makes no sense';
  return error instanceof Error ? error.message : String(error);
}

/** How long, how much, and by which way; times in milliseconds. */
export interface FreeBusyLimits {
  /** For a whole exchange, from the first packet to the last byte of the answer. */
  readonly patience: number;
  /** Bytes of an answer's body. */
  readonly body: number;
  /** How far back and ahead is asked about. */
  readonly daysBack: number;
  readonly daysAhead: number;
  /** Environment variables, which may name a proxy. */
  readonly variables: Variables;
}

/** The limits that count unless others are given; a year ahead holds what was agreed upon before an account moved. */
export const DEFAULT_LIMITS: FreeBusyLimits = {
  ...{ patience: 10_000, body: 1_000_000, daysBack: 30, daysAhead: 365 },
  variables: {},
};

/** What is sent. */
export interface HttpQuestion {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  /** Names and values as they go on the wire; nothing in them may end a line. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Of which answers the body is wanted besides that of 200: of all, or of none at all. Where it is not, it is empty. */
  readonly bodies?: 'all' | 'none';
}

/** What came back over HTTP; a redirection is an answer like any other and is not followed. */
export interface HttpReply {
  readonly status: number;
  readonly type: string;
  readonly location?: string;
  readonly body: string;
}

/**
 * One exchange over a connection of its own. Node's http and not fetch: it takes any port, and hands over the bytes as they
 * were sent, so that nothing that is packed is ever unpacked. Throws NoAnswer.
 */
export async function exchange(question: HttpQuestion, limits: FreeBusyLimits): Promise<HttpReply> {
  const cut = new AbortController();
  const timer = setTimeout(() => cut.abort(), limits.patience);
  try {
    const message = await send(question, limits.variables, cut.signal);
    return await receive(message, question.bodies, limits.body, cut.signal);
  } catch (error) {
    if (cut.signal.aborted) throw new NoAnswer('timed-out', `no whole answer within ${limits.patience / 1000} seconds`);
    throw error instanceof NoAnswer ? error : noAnswerOf(error, 'open');
  } finally {
    clearTimeout(timer);
    cut.abort();
  }
}

async function send(question: HttpQuestion, variables: Variables, signal: AbortSignal): Promise<IncomingMessage> {
  const proxy = wayTo(question.url, variables);
  if (!proxy) return sendBy(question, { agent: false }, signal);
  try {
    const message = await sendBy(question, proxy.options(signal), signal);
    if (message.statusCode !== proxyLogin) return message;
    message.destroy();
    throw new NoAnswer('unreachable', refusalOf(proxyLogin));
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    throw new NoAnswer(error.failure, `by the proxy ${proxy.name}: ${error.message}`, error.code);
  }
}

function wayTo(url: URL, variables: Variables): HttpProxy | undefined {
  try {
    return proxyFor(url, variables);
  } catch (error) {
    throw error instanceof ProxyUnusable ? new NoAnswer('unreachable', error.message) : error;
  }
}

function sendBy(
  { method, url, headers, body }: HttpQuestion,
  way: Pick<RequestOptions, 'agent'>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const common = { 'Accept-Encoding': 'identity', Connection: 'close' };
  const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
  const options: RequestOptions = { method, ...way, headers: { ...headers, ...length, ...common }, signal };
  return new Promise((resolve, reject) => {
    if (!/^https?:$/.test(url.protocol)) throw noAnswerOf(`no URL of a server: ${url.href}`, 'dialling');
    const sent = (url.protocol === 'https:' ? overHttps : overHttp)(url, options, message => {
      // What goes wrong in the middle of an answer is told to the request first.
      sent.on('error', error => message.destroy(error));
      resolve(message);
    });
    const stage = followStage(sent);
    // Of a proxy that was asked to connect to the server: what it says instead is no answer of the server.
    sent.on('proxyConnect', ({ statusCode }: { readonly statusCode: number }) => {
      if (statusCode !== 200) reject(new NoAnswer('unreachable', refusalOf(statusCode)));
    });
    // Stays on to the end: a connection that is cut once the answer is done with is nobody's problem.
    sent.on('error', error => reject(noAnswerOf(error, stage())));
    // Some answers are neither taken nor an error to Node: the switch to a protocol that nobody asked for.
    sent.on('close', () => reject(noAnswerOf('the connection was closed without an answer', stage())));
    sent.end(body);
  });
}

async function receive(
  message: IncomingMessage,
  bodies: HttpQuestion['bodies'],
  most: number,
  signal: AbortSignal,
): Promise<HttpReply> {
  message.on('error', () => {});
  const { statusCode: status = 0, headers } = message;
  const { location, 'content-type': type = '' } = headers;
  const head = { status, type, ...(location !== undefined && { location }) };
  if (status === 200 && bodies !== 'none') return { ...head, body: await readBody(message, most, signal) };
  // The status says enough: whatever is wrong with the body beside it takes nothing from that.
  return { ...head, body: bodies === 'all' ? await readBody(message, most, signal).catch(() => '') : '' };
}

/** Into a room of fixed size: a million pieces of a byte each take no more of it than one piece of a million. */
async function readBody(message: IncomingMessage, most: number, signal: AbortSignal): Promise<string> {
  const { 'content-encoding': encoding = 'identity' } = message.headers;
  if (encoding.trim().toLowerCase() !== 'identity')
    throw new NoAnswer('packed', `the answer is packed (${encoding}), which was not asked for`);
  const room = Buffer.allocUnsafe(most);
  let size = 0;
  for await (const chunk of message) {
    const bytes: Buffer = chunk;
    if (size + bytes.length > most) throw new NoAnswer('too-large', `the answer is larger than ${most} bytes`);
    size += bytes.copy(room, size);
  }
  // A body that lasts until the connection ends is whole to Node as well where it was cut from this side.
  signal.throwIfAborted();
  if (!message.complete) throw new NoAnswer('cut-short', 'the connection was closed in the middle of the answer');
  return room.toString('utf8', 0, size).replace(/^\ufeff/, '');
}
