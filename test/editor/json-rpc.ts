import type { Readable, Writable } from 'node:stream';

/** A message of JSON-RPC: a request has `id` and `method`, a notification only `method`, an answer only `id`. */
interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** One end of JSON-RPC over two streams, as the language server protocol frames it. */
export interface Connection {
  request(method: string, params?: unknown): Promise<unknown>;
  notify(method: string, params?: unknown): void;
}

/** `answer` is called for what the other side asks or reports; what it returns is the answer to a request. */
export function connect(
  from: Readable,
  to: Writable,
  answer: (method: string, params: unknown) => unknown,
): Connection {
  const waiting = new Map<number | string, (message: Message) => void>();
  let last = 0;
  const send = (message: Message): void => {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    to.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  };
  readMessages(from, message => {
    const { id, method, params } = message;
    if (method === undefined) return id !== undefined && waiting.get(id)?.(message);
    const result = answer(method, params);
    return id !== undefined && send({ id, result: result ?? null });
  });
  return {
    notify: (method, params) => send({ method, params }),
    request: (method, params) =>
      new Promise((done, fail) => {
        last += 1;
        waiting.set(last, ({ result, error }) =>
          error ? fail(new Error(`${method}: ${error.message}`)) : done(result),
        );
        send({ id: last, method, params });
      }),
  };
}

function readMessages(from: Readable, take: (message: Message) => unknown): void {
  let read = Buffer.alloc(0);
  from.on('data', (chunk: Buffer) => {
    read = Buffer.concat([read, chunk]);
    for (;;) {
      const head = /^[\s\S]*?Content-Length: (\d+)[\s\S]*?\r\n\r\n/.exec(read.toString('latin1'));
      const end = (head?.[0].length ?? 0) + Number(head?.[1] ?? 0);
      if (!head || read.length < end) return;
      const body = read.subarray(head[0].length, end).toString('utf8');
      read = read.subarray(end);
      take(JSON.parse(body));
    }
  });
}
