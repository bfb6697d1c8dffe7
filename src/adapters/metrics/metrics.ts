import { Counter, Gauge, Registry } from 'prom-client';
import type { LookNumbers } from '../../ports/metrics.ts';

/** The numbers of the looks so far, as Prometheus reads them. */
export interface LookMetrics {
  looked(numbers: LookNumbers): void;
  untold(notifier: string): void;
  text(): Promise<string>;
}

/** The form that `text` has. */
export const contentType: string = Registry.PROMETHEUS_CONTENT_TYPE;

/** Every series carries the estate, so that the files of several estates can stand side by side. */
export function createLookMetrics(): LookMetrics {
  const registry = new Registry();
  const gauge = <Label extends string>(name: string, help: string, ...labels: readonly Label[]) =>
    new Gauge({ name: `reconcile_drift_${name}`, help, labelNames: ['estate', ...labels], registers: [registry] });
  const counter = <Label extends string>(name: string, help: string, ...labels: readonly Label[]) =>
    new Counter({ name: `reconcile_drift_${name}`, help, labelNames: ['estate', ...labels], registers: [registry] });
  const differences = gauge('differences', 'Differences between live and the estate file.', 'target', 'kind');
  const unread = gauge('target_unread', 'Whether a target could not be read whole.', 'target');
  const secondsLeft = gauge(
    'directory_password_expiry_seconds',
    'Until the password for the directory expires, where it says so.',
  );
  const graceLogins = gauge(
    'directory_password_grace_logins',
    'Logins for which an expired password is still accepted.',
  );
  const lookedAt = gauge('last_look_timestamp_seconds', 'When the last look ended.');
  const duration = gauge('last_look_duration_seconds', 'How long the last look took.');
  const success = gauge('last_look_success', 'Whether the last look came to an end.');
  const looks = counter('looks_total', 'Looks since the start.', 'result');
  const untold = counter('notifications_failed_total', 'Notifications that could not be handed over.', 'notifier');
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
