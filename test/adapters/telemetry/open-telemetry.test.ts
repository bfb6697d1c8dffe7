import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { asksForSpans } from '../../../src/adapters/telemetry/asks-for-spans.ts';
import { openTelemetry } from '../../../src/adapters/telemetry/open-telemetry.ts';
import { TargetProblem } from '../../../src/core/finding.ts';

/** What a collector gets, when the standard variables ask for it. */
interface Received {
  readonly path: string | undefined;
  readonly type: string | undefined;
  readonly key: string | string[] | undefined;
  readonly body: Buffer;
}

const received: Received[] = [];
const collector = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { 'content-type': type, 'x-key': key } = request.headers;
  received.push({ path: request.url, type, key, body: Buffer.concat(chunks) });
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
});
let endpoint: string;

beforeAll(async () => {
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
  endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
});
afterAll(() => void collector.close());
beforeEach(() => void received.splice(0));
afterEach(() => vi.unstubAllEnvs());

interface SentSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly status: { readonly code: number; readonly message?: string };
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
}

/** Opens with these variables; the library reads those of this process. */
async function open(environment: Readonly<Record<string, string>>) {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  const said: string[] = [];
  return { telemetry: await openTelemetry(process.env, '1.2.3', line => said.push(line)), said };
}

it('sends spans as JSON, each within the one it was called in', async () => {
  const { telemetry, said } = await open({
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=k3y',
    OTEL_SERVICE_NAME: 'drift-of-isp',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
  });
  const unread = new TargetProblem({ severity: 'error', code: 'host.unreachable', summary: 's', detail: 'canary-77' });
  await telemetry?.spans.within('look', { estate: 'isp' }, async () => {
    const parts = ['a', 'b'].map(target =>
      telemetry.spans.within('compare', { target, count: 2 }, async () => {
        await Promise.resolve();
        if (target === 'b') throw unread;
      }),
    );
    await Promise.allSettled(parts);
  });
  await telemetry?.close();
  const [{ path, type, key, body } = {} as Received] = received;
  expect([path, type, key, said]).toEqual(['/v1/traces', 'application/json', 'k3y', []]);
  const [{ resource, scopeSpans }] = JSON.parse(body.toString()).resourceSpans;
  const spans: readonly SentSpan[] = scopeSpans[0].spans;
  const look = spans.find(({ name }) => name === 'look');
  const compared = spans.filter(({ name }) => name === 'compare');
  expect(compared.map(({ parentSpanId, traceId }) => [parentSpanId, traceId])).toEqual([
    [look?.spanId, look?.traceId],
    [look?.spanId, look?.traceId],
  ]);
  expect(compared.map(({ attributes, status }) => [attributes[0]?.value['stringValue'], status])).toEqual([
    ['a', { code: 0 }],
    ['b', { code: 2, message: 'host.unreachable' }],
  ]);
  expect(resource.attributes).toEqual(
    expect.arrayContaining([
      { key: 'service.name', value: { stringValue: 'drift-of-isp' } },
      { key: 'service.version', value: { stringValue: '1.2.3' } },
      { key: 'deployment.environment.name', value: { stringValue: 'test' } },
    ]),
  );
  expect(body.toString()).not.toContain('canary-77');
});

it('sends protobuf unless told otherwise', async () => {
  const { telemetry } = await open({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${endpoint}/own` });
  expect(await telemetry?.spans.within('look', {}, async () => 7)).toBe(7);
  await telemetry?.close();
  expect(received.map(({ path, type }) => [path, type])).toEqual([['/own', 'application/x-protobuf']]);
  expect(received[0]?.body.includes('reconcile')).toBe(true);
});

it('says that it does not speak gRPC, and makes no spans', async () => {
  const { telemetry, said } = await open({
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
  });
  expect([telemetry, said]).toEqual([undefined, [expect.stringContaining('OTEL_EXPORTER_OTLP_PROTOCOL')]]);
});

it.each([
  ['while it runs', 600],
  ['at the end', 1],
])('a collector that is not there harms nothing, and is mentioned once: %s', async (_, count) => {
  const { telemetry, said } = await open({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    OTEL_EXPORTER_OTLP_TIMEOUT: '2000',
  });
  for (let i = 0; i < count; i++) expect(await telemetry?.spans.within('look', {}, async () => i)).toBe(i);
  // More than a batch leave at once.
  if (count > 512) await expect.poll(() => said.length).toBe(1);
  await telemetry?.close();
  expect(said).toEqual(['Spans could not be sent: connect ECONNREFUSED 127.0.0.1:1']);
});

describe('who asks for spans', () => {
  it.each([
    [{}, false],
    [{ OTEL_SERVICE_NAME: 'x' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }, true],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:4318/x' }, true],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_SDK_DISABLED: 'true' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_TRACES_EXPORTER: 'none' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_TRACES_EXPORTER: 'console, otlp' }, true],
  ])('%j: %s', (environment, expected) => expect(asksForSpans(environment)).toBe(expected));
});
