import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Counter, Gauge, Registry } from 'prom-client';
import { TargetProblem } from '../core/finding.ts';
import { finding } from '../findings/catalogue.ts';
import type { LookNumbers, Metrics, MetricsAbout, MetricsSettings } from '../ports/daemon.ts';
import { replaceText } from './local/file-system.ts';

/** The numbers of the looks so far, as Prometheus reads them. */
interface LookMetrics extends Pick<Metrics, 'mayFail' | 'untold'> {
  looked(numbers: LookNumbers): void;
  text(): Promise<string>;
}

/** The form that `text` has. */
const contentType: string = Registry.PROMETHEUS_CONTENT_TYPE;

/** The numbers that every command has, without the begin of their names. */
export const commonFamilies = {
  lookedAt: { name: 'last_look_timestamp_seconds', help: 'When the last check ended.' },
  duration: { name: 'last_look_duration_seconds', help: 'How long the last check took.' },
  success: { name: 'last_look_success', help: 'Whether the last check was completed.' },
  succeededAt: { name: 'last_success_timestamp_seconds', help: 'When the last completed check ended.' },
  looks: { name: 'looks_total', help: 'Checks since the start.', labels: ['result'] },
  untold: {
    name: 'notifications_failed_total',
    help: 'Notifications that could not be sent.',
    labels: ['notifier'],
  },
} as const;

/** Every series carries the estate, so that the files of several estates can stand side by side. */
function createLookMetrics({ command, families, estate: earlier, succeededAt }: MetricsAbout): LookMetrics {
  const registry = new Registry();
  const settings = ({ name, help, labels = [] }: { name: string; help: string; labels?: readonly string[] }) => ({
    ...{ name: `reconcile_${command}_${name}`, help, labelNames: ['estate', ...labels], registers: [registry] },
  });
  const gauge = (family: Parameters<typeof settings>[0]) => new Gauge(settings(family));
  const counter = (family: Parameters<typeof settings>[0]) => new Counter(settings(family));
  const own = new Map(families.map(family => [family.name, gauge(family)]));
  const lookedAt = gauge(commonFamilies.lookedAt);
  const duration = gauge(commonFamilies.duration);
  const success = gauge(commonFamilies.success);
  const lastSuccess = gauge(commonFamilies.succeededAt);
  const looks = counter(commonFamilies.looks);
  const untold = counter(commonFamilies.untold);
  let notifiers: readonly string[] = [];
  // What failed before the name of the estate was known.
  const early: string[] = [];
  let estate = earlier;
  if (estate !== undefined && succeededAt !== undefined) lastSuccess.set({ estate }, succeededAt);
  return {
    looked(numbers) {
      if (estate !== undefined && estate !== numbers.estate) registry.resetMetrics();
      ({ estate } = numbers);
      for (const notifier of notifiers) untold.inc({ estate, notifier }, 0);
      for (const notifier of early.splice(0)) untold.inc({ estate, notifier });
      lookedAt.set({ estate }, numbers.endedAt);
      duration.set({ estate }, numbers.seconds);
      success.set({ estate }, numbers.success ? 1 : 0);
      if (numbers.succeededAt !== undefined) lastSuccess.set({ estate }, numbers.succeededAt);
      looks.inc({ estate, result: numbers.success ? 'ended' : 'failed' });
      if (!numbers.samples) return;
      // What is not there any more has no number.
      for (const one of own.values()) one.reset();
      for (const { family, labels, value } of numbers.samples) own.get(family)?.set({ estate, ...labels }, value);
    },
    mayFail(names) {
      notifiers = names;
    },
    untold(notifier) {
      if (estate === undefined) early.push(notifier);
      else untold.inc({ estate, notifier });
    },
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
export async function openMetrics({ file, listen }: MetricsSettings, about: MetricsAbout): Promise<Metrics> {
  const metrics = createLookMetrics(about);
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
    mayFail: notifiers => metrics.mayFail(notifiers),
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
