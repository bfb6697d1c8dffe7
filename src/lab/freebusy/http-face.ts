import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestOptions,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import { facePath, type HostFace, type HostTree, layFile } from '../host-tree.ts';

/** What came back; a redirection is an answer like any other and is not followed. */
export interface HttpReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A question; GET unless it has a body. */
interface HttpAsking {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const ANSWER_TIME = 5_000;

/** Asks over a connection of its own. Fails when nothing whole came back in time. */
export function askHttp(url: string, asking: HttpAsking = {}): Promise<HttpReply> {
  const { headers, body } = asking;
  const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
  const options: RequestOptions = {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...headers, ...length },
    agent: false,
    signal: AbortSignal.timeout(ANSWER_TIME),
  };
  return new Promise((resolve, reject) => {
    const sent = request(new URL(url), options, message => {
      readBody(message)
        .then(text => {
          sent.destroy();
          if (text === undefined) reject(new Error('the answer is too large'));
          else resolve({ status: message.statusCode ?? 0, headers: message.headers, body: text });
        })
        .catch(reject);
    });
    sent.once('error', error => reject(error.name === 'AbortError' ? new Error('no answer in time') : error));
    sent.end(body);
  });
}

/** Says where the server of a laid host is to answer; counts from its next start, and can be laid again. */
export async function layFace(host: HostTree, server: 'cs6' | 'cs7', face: Partial<HostFace>): Promise<void> {
  const whole: HostFace = { address: '127.0.0.1', httpPort: 8080, ...face };
  await layFile(host, facePath(server), `${JSON.stringify(whole, undefined, 2)}\n`, { mode: 0o600 });
}

/** The part of a layout that is the host's face. */
export function faceOf({ address, httpPort, directory }: Partial<HostFace>): Partial<HostFace> {
  return {
    ...(address === undefined ? {} : { address }),
    ...(httpPort === undefined ? {} : { httpPort }),
    ...(directory === undefined ? {} : { directory }),
  };
}

/** A request, with its whole body. */
export interface HttpQuestion {
  readonly method: string;
  /** As sent, without the query. */
  readonly path: string;
  /** As sent, without the question mark. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What is answered. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Largest body that is taken or believed. */
const BODY_LIMIT = 1_000_000;

const PATIENCE = 10_000;

/** Listens; hands back what ends it, with every connection. Fails when the port cannot be had. */
export async function openHttpFace(
  address: string,
  port: number,
  answer: (question: HttpQuestion) => Promise<HttpAnswer>,
): Promise<() => Promise<void>> {
  const server = createServer((request, response) => void respond(request, response, answer));
  server.requestTimeout = PATIENCE;
  server.headersTimeout = PATIENCE;
  await listen(server, address, port);
  return () =>
    new Promise(resolve => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
}

/** An answer of a line of text. */
export function plain(status: number, text: string): HttpAnswer {
  return { status, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: `${text}\n` };
}

function listen(server: Server, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (question: HttpQuestion) => Promise<HttpAnswer>,
): Promise<void> {
  const { status, headers, body } = await settle(request, answer);
  // The rest of a body that is too large is not waited for.
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body), Connection: 'close' });
  response.end(body);
}

async function settle(
  request: IncomingMessage,
  answer: (question: HttpQuestion) => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  try {
    const body = await readBody(request);
    if (body === undefined) return plain(413, 'Request body too large');
    const [path = '', ...rest] = (request.url ?? '').split('?');
    return await answer({
      method: request.method ?? '',
      path,
      query: rest.join('?'),
      headers: request.headers,
      body,
    });
  } catch (error) {
    return plain(500, error instanceof Error ? error.message : String(error));
  }
}

/** Nothing when there is more of it than a server takes. */
export async function readBody(message: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > BODY_LIMIT) return undefined;
  }
  return Buffer.concat(chunks).toString('utf8');
}
