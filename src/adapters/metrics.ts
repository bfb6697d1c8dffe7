import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Counter, Gauge, Registry } from 'prom-client';
import { TargetProblem } from '../core/finding.ts';
import { finding } from '../findings/catalogue.ts';
import type { LookNumbers, Metrics, MetricsSettings } from '../ports/daemon.ts';
import { replaceText } from './local/file-system.ts';

/** The numbers of the looks so far, as Prometheus reads them. */
interface LookMetrics {
  looked(numbers: LookNumbers): void;
  untold(notifier: string): void;
  text(): Promise<string>;
}

/** The form that `text` has. */
const contentType: string = Registry.PROMETHEUS_CONTENT_TYPE;

/** Every series carries the estate, so that the files of several estates can stand side by side. */
function createLookMetrics(): LookMetrics {
  const registry = new Registry();
  const gauge = <Label extends string>(name: string, help: string, ...labels: readonly Label[]) =>
    new Gauge({ name: `reconcile_drift_${name}`, help, labelNames: ['estate', ...labels], registers: [registry] });
  const counter = <Label extends string>(name: string, help: string, ...labels: readonly Label[]) =>
    new Counter({ name: `reconcile_drift_${name}`, help, labelNames: ['estate', ...labels], registers: [registry] });
  const differences = gauge('differences', 'Differences between live and the estate file.', 'target', 'kind');
  const unread = gauge('target_unread', 'Whether a target could not be read completely.', 'target');
  const secondsLeft = gauge(
    'directory_password_expiry_seconds',
    'Time until the password for the directory expires, if the directory reports it.',
  );
  const graceLogins = gauge('directory_password_grace_logins', 'Remaining logins with an expired password.');
  const lookedAt = gauge('last_look_timestamp_seconds', 'When the last check ended.');
  const duration = gauge('last_look_duration_seconds', 'How long the last check took.');
  const success = gauge('last_look_success', 'Whether the last check was completed.');
  const looks = counter('looks_total', 'Checks since the start.', 'result');
  const untold = counter('notifications_failed_total', 'Notifications that could not be sent.', 'notifier');
  let estate: string | undefined;
  return {
    looked(numbers) {
      if (estate !== numbers.estate) registry.resetMetrics();
      ({ estate } = numbers);
      const { endedAt, seconds, targets } = numbers;
      lookedAt.set({ estate }, endedAt);
      duration.set({ estate }, seconds);
      success.set({ estate }, numbers.success ? 1 : 0);
      looks.inc({ estate, result: numbers.success ? 'ended' : 'failed' });
      if (!numbers.success) return;
      unread.reset();
      for (const { target, read } of targets) unread.set({ estate, target }, read ? 0 : 1);
      // What was announced once is kept only as long as it is announced.
      secondsLeft.remove({ estate });
      graceLogins.remove({ estate });
      const { password } = numbers;
      if (password?.secondsLeft !== undefined) secondsLeft.set({ estate }, password.secondsLeft);
      if (password?.graceLogins !== undefined) graceLogins.set({ estate }, password.graceLogins);
      differences.reset();
      for (const { target, kind, count } of numbers.differences) differences.set({ estate, target, kind }, count);
    },
    untold: notifier => untold.inc({ estate: estate ?? '', notifier }),
    text: () => registry.metrics(),
  };
}

/** Serves the numbers at /metrics and nothing else; gives the server. Throws TargetProblem `metrics.listen`. */
async function serveMetrics(
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
  return new TargetProblem(
    finding('metrics.listen', { detail: `${place}: ${why}.\nChoose another address for --metrics-listen.` }),
  );
}

/** The numbers in a file, over HTTP, or both. */
export async function openMetrics({ file, listen }: MetricsSettings): Promise<Metrics> {
  const metrics = createLookMetrics();
  const server = listen && (await serveMetrics(listen, () => metrics.text()));
  return {
    async looked(numbers) {
      metrics.looked(numbers);
      if (file === undefined) return;
      const text = await metrics.text();
      await replaceText(file, text).catch((error: unknown) => {
        throw notWritten(file, error);
      });
    },
    untold: notifier => metrics.untold(notifier),
    async close() {
      server?.closeAllConnections();
      server?.close();
    },
  };
}

function notWritten(file: string, error: unknown): TargetProblem {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'something unknown';
  return new TargetProblem(
    finding('metrics.file', {
      detail: `${file}: the system says ${code}. The metrics in the file are older than they seem.`,
    }),
  );
}
