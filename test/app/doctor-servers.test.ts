import { expect, it } from 'vitest';
import { examineDirectory } from '../../src/app/doctor-directory.ts';
import { TargetProblem } from '../../src/core/finding.ts';
import { finding } from '../../src/findings/catalogue.ts';
import type { DirectoryProbe, WouldModify } from '../../src/ports/directory.ts';
import type { ExaminePorts } from '../../src/ports/ports.ts';
import { memoryPorts } from '../fakes/memory-ports.ts';
import { desiredOf } from '../kinds/cases.ts';

const now = Date.UTC(2026, 10, 30);
const day = 86_400_000;

function probeOf(url: string, answer: WouldModify, certificateDays?: number): DirectoryProbe {
  const { ports } = memoryPorts({});
  const tls = {
    version: 'TLSv1.3',
    cipher: 'TLS_AES_256_GCM_SHA384',
    names: 'DNS:a',
    endsAt: now + (certificateDays ?? 0) * day,
  };
  return {
    ...{ search: ports.directory().search, schema: ports.directory().schema, password: async () => ({}) },
    url,
    server: async () => undefined,
    reach: async () => ({ address: '192.0.2.1', ...(certificateDays !== undefined && { tls }) }),
    takesChanges: async () => answer,
    close: async () => {},
  };
}

/** The step about the servers, where the connection itself failed at its login. */
async function serversStep(url: string, otherUrls: readonly string[], probes: readonly DirectoryProbe[]) {
  const state = desiredOf({ name: '', live: {}, changes: [] });
  const never = () => Promise.reject(new Error('not asked'));
  const refused = finding('directory.login-refused', { detail: 'no', target: 'directory' });
  const ports: ExaminePorts = {
    ...memoryPorts({}).ports,
    reach: async () => ({ made: [], failed: { step: 'login', finding: refused } }),
    directoryServers: () => probes,
    inTime: async promise => ({ value: await promise }),
    examine: () => ({ look: never }),
    ...{ offeredKey: never, wouldModify: never },
  };
  const steps = await examineDirectory(
    { ...state, directory: { ...state.directory, url, otherUrls } },
    ports,
    () => now,
  );
  return steps.find(({ name }) => name === 'servers');
}

it('one server without TLS is not looked at twice', async () => {
  expect(await serversStep('ldap://localhost', [], [])).toBeUndefined();
});

it.each([
  [31, 'ok', []],
  [29, 'warning', ['directory.certificate-ending']],
  [-1, 'warning', ['directory.certificate-ending']],
])('a certificate that ends in %i days', async (days, state, codes) => {
  const step = await serversStep('ldaps://a', [], [probeOf('ldaps://a', { state: 'takes' }, days)]);
  expect([step?.state, step?.findings.map(({ code }) => code)]).toEqual([state, codes]);
  const date = new Date(now + days * day).toISOString().slice(0, 10);
  expect(step?.detail).toBe(`ldaps://a: accepts changes, TLSv1.3, TLS_AES_256_GCM_SHA384, certificate until ${date}`);
});

it('whether each server of a list accepts changes, and that one cannot be used', async () => {
  const down = finding('directory.unreachable', { detail: 'ldap://e: connect ECONNREFUSED', target: 'directory' });
  const probes = [
    probeOf('ldap://a', { state: 'takes' }),
    probeOf('ldap://b', { state: 'elsewhere', urls: [], detail: '' }),
    probeOf('ldap://c', { state: 'refused', why: 'read-only', detail: '' }),
    probeOf('ldap://d', { state: 'refused', why: 'rights', detail: '' }),
    { ...probeOf('ldap://e', { state: 'takes' }), reach: () => Promise.reject(new TargetProblem(down)) },
    probeOf('ldap://f', { state: 'unknown', detail: '' }),
  ];
  const step = await serversStep('ldap://a', ['ldap://b'], probes);
  expect(step?.detail.split('; ')).toEqual([
    'ldap://a: accepts changes',
    'ldap://b: refers changes to another server',
    'ldap://c: accepts no changes',
    'ldap://d: accepts changes',
    'ldap://e: cannot be used',
    'ldap://f: does not say whether it accepts changes',
  ]);
  expect(step?.findings.map(({ code, detail }) => [code, detail])).toEqual([
    ['directory.server-down', 'ldap://e: connect ECONNREFUSED'],
  ]);
});
