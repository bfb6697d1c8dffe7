import { type IncomingHttpHeaders, type RequestOptions, request } from 'node:http';
import { readBody } from './http-face.ts';

/** What came back; a redirection is an answer like any other and is not followed. */
export interface HttpReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A question; GET unless it has a body. */
export interface HttpAsking {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const PATIENCE = 5_000;

/** Asks over a connection of its own. Fails when nothing whole came back in time. */
export function askHttp(url: string, asking: HttpAsking = {}): Promise<HttpReply> {
  const { headers, body } = asking;
  const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
  const options: RequestOptions = {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...headers, ...length },
    agent: false,
    signal: AbortSignal.timeout(PATIENCE),
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
