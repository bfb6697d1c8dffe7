import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { lintExposition, parseExposition } from '../adapters/metrics/exposition.ts';
import type { Replaced } from '../estate/offline.ts';
import { type Estate, icsConf, startEstate } from '../servers/estate.ts';
import { reconcile, reportOf } from './cli.ts';

/** Who hears of an apply, a verify and an audit on real servers, over real HTTP. */
let estate: Estate;
let server: Server;
let base: string;

interface Received {
  readonly path: string;
  readonly signature: string;
  readonly timestamp: string;
  readonly id: string;
  readonly body: string;
}
const received: Received[] = [];

beforeAll(async () => {
  estate = await startEstate({ cs6: 2, cs7: 1, users: 40, groups: 2, resources: 2 });
  // CS6 needs its settings to find a calendar that is not named like the address.
  const { url, adminDn, adminPassword } = estate.directory;
  const grace = 'uid=grace.okafor,ou=People,o=example.com,o=isp';
  const input = `dn: ${grace}\nchangetype: modify\nreplace: mail\nmail: gracie@example.com\n`;
  execFileSync('ldapmodify', ['-x', '-H', url, '-D', adminDn, '-w', adminPassword], { input, stdio: 'pipe' });
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const header = (name: string) => String(request.headers[`webhook-${name}`]);
    const proof = { signature: header('signature'), timestamp: header('timestamp'), id: header('id') };
    received.push({ path: request.url ?? '', ...proof, body: Buffer.concat(chunks).toString() });
    response.writeHead(200).end('ok');
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server?.closeAllConnections();
  server?.close();
  await estate?.stop();
});
beforeEach(() => void received.splice(0));

const probes = '{ cs6: [gracie@example.com], cs7: [jdoe@example.com] }';

/** The estate file with gates, and with further settings of CS6. */
function file(settings = 'example.com'): string {
  const path = join(estate.folder, 'told.yaml');
  const text = readFileSync(estate.file, 'utf8')
    .replace('moves: 25%', 'moves: 100%')
    .replace('finance: { ', 'finance: { wave: 0%, ')
    .replace('  platform: solaris-sparc\n', `$&  settings: { service.defaultdomain: ${settings} }\n`);
  writeFileSync(path, `${text}\nverify: { probes: ${probes}, gates: { wait: 0s } }\n`);
  return path;
}

const key = 'a key of ours';
const everywhere = () => [
  ...['--webhook', `${base}/hook`, '--webhook-secret', 'env:HOOK_KEY'],
  ...['--slack', 'env:SLACK', '--teams', 'env:TEAMS', '--ping', 'env:PING'],
];

function tellAll(words: readonly string[], more: Replaced = {}) {
  const variables = { HOOK_KEY: key, SLACK: `${base}/slack/s3cret`, TEAMS: `${base}/teams`, PING: `${base}/ping/uuid` };
  return reconcile([...words, ...everywhere()], { ...estate.environment, ...variables }, more);
}

const bodyOf = (path: string): { readonly [name: string]: unknown } =>
  JSON.parse(received.find(one => one.path === path)?.body ?? '{}');
const pings = () => received.filter(({ path }) => path.startsWith('/ping')).map(({ path, body }) => `${path} ${body}`);

function schemaErrors(name: string): unknown {
  const valid = new Ajv2020({ strict: true }).compile(JSON.parse(readFileSync(`schemas/${name}.schema.json`, 'utf8')));
  return valid(bodyOf('/hook')) ? [] : valid.errors;
}

const applied = () => tellAll(['apply', file(), '--yes']);

it('an address that cannot be used, or a secret that is missing, ends it before anything is done', async () => {
  const before = readFileSync(estate.pathOf('cs6-fe1', icsConf), 'latin1');
  for (const [words, why] of [
    [['--webhook', 'http://hooks.example.com/'], 'notify.address'],
    [['--slack', 'env:NOT_SET'], 'NOT_SET'],
    [['--ping', 'env:NOT_SET'], 'NOT_SET'],
  ] as const) {
    const ran = await reconcile(['apply', file(), '--yes', ...words], estate.environment);
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining(why)]);
  }
  expect(readFileSync(estate.pathOf('cs6-fe1', icsConf), 'latin1')).toBe(before);
});

describe('an apply', () => {
  it('that goes well is told everywhere, and signed', async () => {
    const ran = await applied();
    expect([ran.code, ran.stderr]).toEqual([0, expect.not.stringContaining('notify.')]);
    expect(schemaErrors('run-event')).toEqual([]);
    expect(bodyOf('/hook')).toMatchObject({
      event: 'applied',
      command: 'apply',
      estate: 'example.com rehearsal',
      exitCode: 0,
      remaining: 0,
    });
    const hook = received.find(({ path }) => path === '/hook');
    expect(hook?.id).toBe(bodyOf('/hook')['id']);
    const signed = `${hook?.id}.${hook?.timestamp}.${hook?.body}`;
    expect(hook?.signature).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
    expect(bodyOf('/slack/s3cret')['text']).toBe('reconcile: apply done in example.com rehearsal');
    expect(bodyOf('/teams')).toMatchObject({ type: 'message', attachments: [{ content: { type: 'AdaptiveCard' } }] });
    expect(pings()).toEqual(['/ping/uuid/start ', '/ping/uuid apply: exit code 0']);
  });

  it('that has nothing to do is a sign of life only', async () => {
    expect((await applied()).code).toBe(0);
    expect(received.map(({ path }) => path)).toEqual(['/ping/uuid/start', '/ping/uuid']);
  });

  it('whose gate closes is told with what fails', async () => {
    const ran = await tellAll(['apply', file('wrong.example'), '--yes', '--format', 'json']);
    expect(ran.code).toBe(1);
    expect(schemaErrors('run-event')).toEqual([]);
    expect(bodyOf('/hook')).toMatchObject({
      event: 'gate-closed',
      run: 'run' in reportOf(ran) ? expect.stringMatching(/^\d{8}T\d{9}Z-[0-9a-f]{8}$/) : '',
      findings: [{ code: 'verify.gate-closed', target: 'cs6-fe1', detail: expect.stringContaining('cs6 -> cs6') }],
    });
    expect(pings()).toEqual(['/ping/uuid/start ', '/ping/uuid/fail apply: exit code 1']);
  });
});

describe('free/busy that fails', () => {
  const words = () => ['verify', file(), '--state', join(estate.folder, 'verify.json'), '--metrics-file', metrics()];
  const metrics = () => join(estate.folder, 'verify.prom');
  const failing = () => {
    const { samples } = parseExposition(readFileSync(metrics(), 'utf8'));
    const fails = samples.filter(
      ({ name, labels }) => name === 'reconcile_verify_look_ups' && labels['state'] === 'fails',
    );
    return fails.reduce((sum, { value }) => sum + value, 0);
  };

  it('is told once, with its likely cause, and counted', async () => {
    const ran = await tellAll(words());
    expect(ran.code).toBe(2);
    expect(schemaErrors('verify-event')).toEqual([]);
    expect(bodyOf('/hook')).toMatchObject({
      event: 'appeared',
      failures: expect.arrayContaining([
        expect.objectContaining({
          ...{ kind: 'cs6 -> cs6 wcap', target: 'cs6-fe1', about: 'gracie@example.com' },
          cause: expect.objectContaining({ why: expect.any(String) }),
        }),
      ]),
    });
    expect(failing()).toBeGreaterThan(0);
    expect(lintExposition(readFileSync(metrics(), 'utf8'))).toEqual([]);
    received.splice(0);
    expect((await tellAll(words())).code).toBe(2);
    expect(received.map(({ path }) => path)).toEqual(['/ping/uuid/start', '/ping/uuid']);
  });

  it('and works again, is told too', async () => {
    expect((await reconcile(['apply', file(), '--yes'], estate.environment)).code).toBe(0);
    const ran = await tellAll(words());
    expect(ran.code).toBe(0);
    expect(bodyOf('/hook')).toMatchObject({ event: 'resolved', count: 0, failures: [] });
    expect(failing()).toBe(0);
  });
});

it('an audit is told without the name of any account', async () => {
  const ran = await tellAll(['audit', file(), '--metrics-file', join(estate.folder, 'audit.prom')]);
  expect([0, 2]).toContain(ran.code);
  if (ran.code === 2) expect(schemaErrors('audit-event')).toEqual([]);
  expect(received.map(({ body }) => body).join()).not.toMatch(/uid=|@example\.com/);
  const text = readFileSync(join(estate.folder, 'audit.prom'), 'utf8');
  expect(lintExposition(text)).toEqual([]);
  expect(
    parseExposition(text).samples.find(({ name }) => name === 'reconcile_audit_good_accounts')?.value,
  ).toBeGreaterThan(0);
});

it('an apply that is interrupted is told as that', async () => {
  const interrupted: Replaced = {
    terminal: {
      onInterrupt: stop => {
        stop();
        return () => {};
      },
    },
  };
  const ran = await tellAll(['apply', file('other.example'), '--yes'], interrupted);
  expect(ran.code).toBe(1);
  expect(schemaErrors('run-event')).toEqual([]);
  expect(bodyOf('/hook')).toMatchObject({ event: 'interrupted', exitCode: 1 });
});

it('an apply that a guard refuses is told as that', async () => {
  const path = file('other.example');
  writeFileSync(path, readFileSync(path, 'utf8').replace('moves: 100%', 'moves: 100%, restarts: 0'));
  const ran = await tellAll(['apply', path, '--yes']);
  expect(ran.code).toBe(3);
  expect(schemaErrors('run-event')).toEqual([]);
  expect(bodyOf('/hook')).toMatchObject({ event: 'refused', exitCode: 3, findings: [{ code: expect.any(String) }] });
});

it('an apply that breaks down is told as failed', async () => {
  const broken: Replaced = { connections: { toWrite: () => Promise.reject(new RangeError('a mistake of ours')) } };
  await expect(tellAll(['apply', file('other.example'), '--yes'], broken)).rejects.toThrow('a mistake of ours');
  expect(schemaErrors('run-event')).toEqual([]);
  expect(bodyOf('/hook')).toMatchObject({ event: 'failed', findings: [{ code: 'drift.broke-down' }] });
  expect(pings()).toEqual(['/ping/uuid/start ', '/ping/uuid/fail apply: failed unexpectedly']);
});
