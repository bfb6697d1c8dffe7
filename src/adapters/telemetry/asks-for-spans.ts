/** Variables that say where spans go (OpenTelemetry Protocol Exporter, configuration). */
const endpoints = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];

/** Whether the standard variables ask for spans; without them nothing of OpenTelemetry is loaded. */
export function asksForSpans(environment: Readonly<Record<string, string | undefined>>): boolean {
  const exporters = (environment['OTEL_TRACES_EXPORTER'] || 'otlp').split(',').map(name => name.trim());
  return (
    environment['OTEL_SDK_DISABLED']?.toLowerCase() !== 'true' &&
    exporters.includes('otlp') &&
    endpoints.some(name => Boolean(environment[name]))
  );
}
