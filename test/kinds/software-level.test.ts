import { expect, it } from 'vitest';
import type { DesiredCs7Host } from '../../src/core/desired.ts';
import { targetsOf } from '../../src/kinds/registry.ts';
import { readRelease } from '../../src/products/cs7.ts';
import { type Memory, memoryPorts } from '../fakes/memory-ports.ts';
import { desiredOf } from './cases.ts';

it.each([
  ['7.0.4.14.0', [7, 4]],
  ['Oracle Communications Calendar Server 8.0.0.4.0', [8, 0]],
  ['Java 1.7.0.13 / Calendar Server 7.0-0.13', [7, 0]],
  ['Calendar Server 7 Update 3', [7, 3]],
  ['Oracle Communications Calendar Server version: 7u2', [7, 2]],
  ['7u2', [7, 2]],
  ['7.0-0.13', [7, 0]],
  ['7.0.1', [7, 1]],
  ['davadmin 7.0-1.16', [7, 1]],
  ['java version "1.8.0_392"\nCalendar Server 7.0.5.28.0 (built Jan 12 2015)', [7, 5]],
  ['Java 7 Update 80\nOracle Communications Calendar Server version: 7.0.4.16.0', [7, 4]],
  ['MySQL 8.0.32, Calendar Server 7.0.4.14.0', [7, 4]],
  ['Usage: davadmin 7.0.4 version\nCalendar Server 7.0.4', [7, 4]],
] as const)('%s', (text, release) => {
  expect(readRelease(text)).toEqual(release);
});

it.each([
  ['the major number alone', 'Calendar Server 7'],
  ['no update', '7.0'],
  ['Java alone', 'java version "1.7.0.13"'],
  ['another product alone', 'GlassFish 3.1.2, MySQL 8.0.32'],
  ['an address', 'connected to 10.7.0.4 and 192.168.0.1'],
  ['two that differ', '7.0.4.14.0\n7.0.5.35.0'],
  ['nothing', ''],
])('%s is no release', (_, text) => {
  expect(readRelease(text)).toBeUndefined();
});

/** The findings of the CS7 host and the commands it was asked. */
async function levelOf(live: Memory, cs7: Partial<DesiredCs7Host> = {}) {
  const state = desiredOf({ name: '', desired: { cs7 }, live, changes: [] });
  const target = targetsOf(state).find(one => one.kind === 'software-version' && one.target === 'cs7');
  const { ports, queries } = memoryPorts(live);
  const findings = [];
  for await (const item of target?.items(ports) ?? []) findings.push(...item.findings);
  return { findings, queries };
}

const version = './davadmin version -u admin';

it('davadmin version may end with any code', async () => {
  const { findings, queries } = await levelOf({ output: { [version]: { code: 3, output: '7.0.4.14.0\n' } } });
  expect(findings).toEqual([]);
  expect(queries).toEqual([version]);
});

it('where it refuses -u, it is asked once more without', async () => {
  const refusing = { [version]: { code: 1, output: 'Usage: davadmin version\n' } };
  const { findings, queries } = await levelOf({
    output: { ...refusing, './davadmin version': { code: 0, output: 'Calendar Server 7 Update 3\n' } },
  });
  expect(findings).toEqual([]);
  expect(queries).toEqual([version, './davadmin version']);
});

it.each([
  ['is not there', {}, 'The command was not found.'],
  ['does not end', { [version]: { code: 143, output: '', late: 60_000 } }, 'It was ended after 60 s'],
  ['prints something else', { './davadmin version': { code: 0, output: 'Unable to connect\n' } }, 'Unable to connect'],
])('where it %s, the finding says so, and which line states it', async (_, output, said) => {
  const { findings } = await levelOf({ output });
  expect(findings).toMatchObject([{ code: 'software.version-unknown', severity: 'warning' }]);
  expect(findings[0]?.detail).toContain(said);
  expect(findings[0]?.detail).toMatch(/\n {4}cs7\.hosts\.cs7\.release: "7\.0\.4\.14\.0"$/);
});

it('a stated release counts, and nothing is asked', async () => {
  const live = { output: { [version]: { code: 0, output: '7.0.1\n' } } };
  const enough = await levelOf(live, { release: '7.0.4.14.0' });
  expect(enough).toMatchObject({ findings: [{ code: 'software.stated', severity: 'note' }], queries: [] });
  const old = await levelOf(live, { release: '7.0-0.13' });
  expect(old.findings.map(({ code }) => code)).toEqual(['software.stated', 'software.version-too-low']);
});
