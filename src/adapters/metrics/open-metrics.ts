import { TargetProblem } from '../../core/finding.ts';
import type { MetricsSettings } from '../../ports/daemon.ts';
import type { Metrics } from '../../ports/metrics.ts';
import { replaceText } from '../replace-file.ts';
import { createLookMetrics } from './metrics.ts';
import { serveMetrics } from './serve.ts';

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
  return new TargetProblem({
    severity: 'error',
    code: 'metrics.file',
    summary: 'The measurements cannot be written',
    detail: `${file}: the system says ${code}. What stands there is older than it seems.`,
  });
}
