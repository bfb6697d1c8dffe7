import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, DiagLogLevel, diag, ROOT_CONTEXT, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import { TargetProblem } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import type { Spans } from '../../ports/progress.ts';

/** Spans that are sent, and what sends the last of them. */
export interface Telemetry {
  readonly spans: Spans;
  /** Never rejects: that a collector does not answer is said once, and is no failure of a command. */
  close(): Promise<void>;
}

/**
 * Sends spans over OTLP as the standard variables say; they and the certificates they name are read by the library, from the
 * environment of this process. `tell` is given a line when something goes wrong. Nothing where what is asked for is not spoken here.
 */
export async function openTelemetry(
  environment: Readonly<Record<string, string | undefined>>,
  version: string,
  tell: (line: string) => void,
): Promise<Telemetry | undefined> {
  const exporter = await createExporter(environment);
  if (!exporter) {
    tell('No spans are sent: OTLP is spoken as http/protobuf and http/json here (OTEL_EXPORTER_OTLP_PROTOCOL).');
    return undefined;
  }
  const say = sayOnce(tell);
  const nothing = () => {};
  diag.setLogger({ error: say, warn: nothing, info: nothing, debug: nothing, verbose: nothing }, DiagLogLevel.ERROR);
  const named = resourceFromAttributes({ 'service.name': 'reconcile', 'service.version': version });
  const resource = defaultResource()
    .merge(named)
    .merge(detectResources({ detectors: [envDetector] }));
  const provider = new TracerProvider({ resource, spanProcessors: [new BatchSpanProcessor({ exporter })] });
  const tracer = provider.getTracer('reconcile', version);
  const contexts = new AsyncLocalStorage<Context>();
  return {
    spans: {
      within(name, attributes, action) {
        const parent = contexts.getStore() ?? ROOT_CONTEXT;
        const span = tracer.startSpan(name, { attributes }, parent);
        return contexts.run(trace.setSpan(parent, span), () => measured(span, action));
      },
    },
    close: () =>
      provider.shutdown().catch((error: unknown) => say(error instanceof Error ? error.message : String(error))),
  };
}

async function measured<T>(span: Span, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (problem) {
    // The code says what; the rest could name accounts and hosts to whoever collects.
    const message = problem instanceof TargetProblem ? problem.finding.code : 'failed';
    span.setStatus({ code: SpanStatusCode.ERROR, message });
    throw problem;
  } finally {
    span.end();
  }
}

async function createExporter(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<SpanExporter | undefined> {
  const protocol =
    environment['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] || environment['OTEL_EXPORTER_OTLP_PROTOCOL'] || 'http/protobuf';
  if (protocol === 'http/json')
    return new (await import('@opentelemetry/exporter-trace-otlp-http')).OTLPTraceExporter();
  if (protocol === 'http/protobuf')
    return new (await import('@opentelemetry/exporter-trace-otlp-proto')).OTLPTraceExporter();
  return undefined;
}

/** The library would say the same again for every batch, and its whole stack with it. */
function sayOnce(tell: (line: string) => void): (text: string) => void {
  let said = false;
  return text => {
    const message = /"message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? text.split('\n')[0] ?? '';
    if (!said) tell(`Spans could not be sent: ${printable(message.slice(0, 300))}`);
    said = true;
  };
}
