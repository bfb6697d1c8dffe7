import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { hostsOf } from '../../src/core/desired.ts';
import { TargetProblem } from '../../src/core/finding.ts';
import { targetsOf } from '../../src/kinds/registry.ts';
import { readOptions } from '../../src/kinds/shared/davadmin-command.ts';
import { type Memory, memoryPorts } from '../fakes/memory-ports.ts';
import { desiredOf } from './cases.ts';

type Said = string | { readonly code: number; readonly output: string; readonly late?: number };

interface FormCase {
  readonly name: string;
  readonly bare: Said;
  readonly each?: Readonly<Record<string, Said>>;
  readonly file?: string;
  readonly values?: Readonly<Record<string, string>>;
  readonly fromFile?: readonly string[];
  readonly unclear?: Readonly<Record<string, string>>;
  /** Part of the problem that davadmin does not work at all. */
  readonly problem?: string;
  readonly calls: number;
}

const names: Readonly<Record<string, string>> = {
  S: 'davcore.uriinfo.subjectattributes',
  U: 'davcore.uriinfo.permanentuniqueid',
  L: 'davcore.scheduling.localuserattr',
};

/** With the letters at the beginning of lines, or alone, in full. */
function full(text: string): string {
  return text.replace(
    /^([ \t]*)([SUL])\b/gm,
    (_, blanks: string, letter: string) => blanks + (names[letter] ?? letter),
  );
}

function said(one: Said) {
  const { output, ...rest } = typeof one === 'string' ? { code: 0, output: one } : one;
  return { ...rest, output: full(output).replace(/: ([SUL])$/m, (_, letter: string) => `: ${names[letter]}`) };
}

function liveOf({ bare, each = {}, file }: FormCase): Memory {
  const options = Object.entries(each).map(([letter, one]) => [`./davadmin config -o ${names[letter]}`, said(one)]);
  return {
    output: { ...Object.fromEntries(options), './davadmin config -u': said(bare) },
    ...(file !== undefined && { files: { '/opt/sun/comms/davserver/config/davserver.properties': full(file) } }),
  };
}

function byName<T>(values: Readonly<Record<string, T>> = {}): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(values).map(([letter, value]) => [names[letter] ?? letter, value]));
}

const cases: readonly FormCase[] = parse(readFileSync('test/kinds/option-forms.yaml', 'utf8'));

describe('options of davadmin', () => {
  it.each(cases.map(one => [one.name, one] as const))('%s', async (_, one) => {
    const live = liveOf(one);
    const [host] = hostsOf(desiredOf({ name: '', live, changes: [] }), 'cs7');
    const { ports, queries } = memoryPorts(live);
    if (!host) throw new Error('no host');
    const reading = readOptions(host, ports.host('cs7'), Object.values(names));
    if (one.problem !== undefined) {
      const problem = await reading.catch((error: unknown) => error);
      expect(problem).toBeInstanceOf(TargetProblem);
      const detail = problem instanceof TargetProblem ? problem.finding.detail : '';
      expect(detail).toContain(one.problem);
      expect(detail).not.toContain('hunter2');
    } else {
      const { values, fromFile, unclear } = await reading;
      expect(Object.fromEntries(values)).toEqual(byName(one.values));
      expect([...fromFile]).toEqual((one.fromFile ?? []).map(letter => names[letter]));
      expect(Object.fromEntries(unclear)).toEqual(
        byName(
          Object.fromEntries(
            Object.entries(one.unclear ?? {}).map(([letter, part]) => [letter, expect.stringContaining(full(part))]),
          ),
        ),
      );
    }
    expect(queries).toHaveLength(one.calls);
  });
});

/** The one item of the options of a host, and its target. */
async function itemOf(live: Memory, backends = ['defaultbackend']) {
  const desired = desiredOf({ name: '', desired: { cs7: { backends } }, live, changes: [] });
  const target = targetsOf(desired).find(one => one.kind === 'cs7-davadmin');
  const { ports, writes, queries } = memoryPorts(live);
  const items = [];
  for await (const item of target?.items(ports) ?? []) items.push(item);
  const [item] = items;
  if (!target || !item) throw new Error('no item');
  return { target, item, ports, writes, queries };
}

const S = `${names['S']}: cn davStore icsStatus mail`;
const U = `${names['U']}: davUniqueId`;

it('an unclear option costs only itself, and says how to go on', async () => {
  const unknown = { code: 1, output: `Unknown configuration option: ${names['L']}\n` };
  const output = { [`./davadmin config -o ${names['L']}`]: unknown, './davadmin config -u': said(`${S}\n${U}\n`) };
  const { item } = await itemOf({ output });
  expect(item.changes.map(({ key }) => key)).toEqual([names['S']]);
  expect(item.unclear).toEqual([names['L']]);
  expect(item.findings).toMatchObject([{ code: 'cs7.option-unclear', severity: 'warning' }]);
  expect(item.findings[0]?.detail).toMatch(/Unknown configuration option[\s\S]*set it by hand/);
});

it('two options are written and read back with three calls', async () => {
  const options = {
    [names['S'] ?? '']: 'cn davStore icsStatus mail',
    [names['L'] ?? '']: '',
    [names['U'] ?? '']: 'davUniqueId',
  };
  const { target, item, ports, writes, queries } = await itemOf({ options });
  const states = [];
  for await (const { state } of target.apply([{ item, changes: item.changes }], ports)) states.push(state);
  expect(states).toEqual(['done', 'done']);
  expect(writes).toHaveLength(2);
  expect(queries, 'one reading before, one after').toHaveLength(2);
});

it('what was written and could not be read back is unknown, not failed', async () => {
  const live: Memory = {
    options: { [names['S'] ?? '']: 'cn mail', [names['L'] ?? '']: '', [names['U'] ?? '']: 'davUniqueId' },
  };
  const { target, item, ports } = await itemOf(live);
  live.output = { './davadmin config -': { code: 1, output: 'Unable to connect\n' } };
  const states: string[] = [];
  const all = async () => {
    for await (const { state } of target.apply([{ item, changes: item.changes }], ports)) states.push(state);
  };
  await expect(all()).rejects.toBeInstanceOf(TargetProblem);
  expect(states).toEqual(['unknown', 'unknown']);
});

it.each([
  ['names both', 'store.dav.defaultbackend.jndiname: jdbc/x\nstore.dav.two.backendid: second\n', []],
  ['names another one only', 'store.dav.defaultbackend.backendid: other\n', ['defaultbackend', 'second']],
  ['names none at all', '', []],
])('a back end: the server %s', async (_, listed, missing) => {
  const output = { './davadmin config': said(`${S} davUniqueId\n${U}\n${names['L']}: davStore\n${listed}`) };
  const { item } = await itemOf({ output }, ['defaultbackend', 'second']);
  expect(item.findings.map(({ code }) => code)).toEqual(missing.map(() => 'cs7.backend-missing'));
  for (const [at, name] of missing.entries()) expect(item.findings[at]?.detail).toContain(`cs7.backends has ${name}`);
});
