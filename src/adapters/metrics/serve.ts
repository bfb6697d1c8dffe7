import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { TargetProblem } from '../../core/finding.ts';
import { contentType } from './metrics.ts';

/** Serves the numbers at /metrics and nothing else; gives the server. Throws TargetProblem `metrics.listen`. */
export async function serveMetrics(
  { host, port }: { readonly host: string; readonly port: number },
  text: () => Promise<string>,
): Promise<Server> {
  const server = createServer((request, response) => void answer(request, response, text));
  // Nobody who only holds a connection keeps others out, or the program from ending.
  server.requestTimeout = 10_000;
  server.headersTimeout = 10_000;
  server.maxConnections = 64;
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw notListening(`${host}:${port}`, error);
  }
  server.on('error', () => {});
  return server;
}

async function answer(request: IncomingMessage, response: ServerResponse, text: () => Promise<string>): Promise<void> {
  const reads = request.method === 'GET' || request.method === 'HEAD';
  const path = request.url?.split('?')[0];
  if (!reads) response.writeHead(405, { allow: 'GET, HEAD' }).end();
  else if (path !== '/metrics') response.writeHead(404).end('The numbers are at /metrics.\n');
  else response.writeHead(200, { 'content-type': contentType }).end(await text());
}

function notListening(place: string, error: unknown): TargetProblem {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'something unknown';
  const why = code === 'EADDRINUSE' ? 'another program is listening there' : `the system says ${code}`;
  return new TargetProblem({
    severity: 'error',
    code: 'metrics.listen',
    summary: 'The measurements cannot be served',
    detail: `${place}: ${why}.\nChoose another address for --metrics-listen.`,
  });
}
