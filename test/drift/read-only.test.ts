import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { connectToRead, onlyReading } from '../../src/adapters/open-ports.ts';
import type { lookForDrift } from '../../src/app/drift-look.ts';
import { readContext } from '../../src/cli/contexts.ts';
import { hostsOf } from '../../src/core/desired.ts';
import type { DirectoryWriter } from '../../src/ports/directory.ts';
import type { HostWriter } from '../../src/ports/host.ts';
import type { ReadPorts } from '../../src/ports/ports.ts';
import { offline } from '../estate/offline.ts';
import { memoryPorts } from '../fakes/memory-ports.ts';
import { desiredOf } from '../kinds/cases.ts';

/** drift cannot write: by its types, by what it is given, and by what its code can reach. */
type HostWrites = Exclude<keyof HostWriter, keyof ReturnType<ReadPorts['host']>>;
type DirectoryWrites = Exclude<keyof DirectoryWriter, keyof ReturnType<ReadPorts['directory']>>;
const hostWrites = ['lock', 'breakLock', 'acknowledge', 'watch', 'replace', 'restart', 'run', 'keepStart'] as const;

describe('the types', () => {
  it('give drift no connection that writes', () => {
    type Given = Parameters<typeof lookForDrift>[0]['context'];
    expectTypeOf<Extract<keyof Given, 'rehearse' | 'openJournal' | 'claim'>>().toBeNever();
    expectTypeOf<keyof Given['connections']>().toEqualTypeOf<'toRead'>();
    type Reached = Awaited<ReturnType<Given['connections']['toRead']>>['ports'];
    expectTypeOf<Reached>().toEqualTypeOf<ReadPorts>();
    expectTypeOf<HostWrites>().toEqualTypeOf<(typeof hostWrites)[number]>();
    expectTypeOf<DirectoryWrites>().toEqualTypeOf<'modify' | 'wouldModify'>();
  });
});

/** The names of all functions of an object, its prototypes, and what its functions without a parameter or with a name give. */
function functionsOf(value: object, seen = new Set<object>()): readonly string[] {
  if (seen.has(value)) return [];
  seen.add(value);
  const names: string[] = [];
  for (let at: object | null = value; at && at !== Object.prototype; at = Object.getPrototypeOf(at))
    for (const [name, { value: part }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (typeof part === 'function') names.push(name);
      else if (typeof part === 'object' && part !== null) names.push(...functionsOf(part, seen));
    }
  return names;
}

function reachable(ports: ReadPorts, host: string): Readonly<Record<string, readonly string[]>> {
  return {
    ports: functionsOf(ports),
    host: functionsOf(ports.host(host)),
    directory: functionsOf(ports.directory()),
    freeBusy: functionsOf(ports.freeBusy()),
  };
}

describe('what drift is given', () => {
  const readers = {
    ports: ['host', 'records', 'directory', 'freeBusy'],
    host: ['files', 'query', 'clock', 'guard', 'startRecord'],
    directory: ['server', 'password', 'schema', 'search'],
    freeBusy: ['reach', 'ask', 'lookUp', 'schedule'],
  };

  it('has functions that read, and no others, in the shipped adapters', async () => {
    const state = desiredOf({ name: '', live: {}, changes: [] });
    const { ports, close } = connectToRead(state, {});
    expect(reachable(ports, hostsOf(state, 'cs6')[0]?.name ?? '')).toEqual(readers);
    await close();
  });

  it('the walk would find a write', () => {
    const { host, directory } = reachable(memoryPorts({}).ports, 'cs6');
    expect(host).toEqual(expect.arrayContaining([...hostWrites]));
    expect(directory).toContain('modify');
  });

  it('is an environment without what writes', () => {
    const context = readContext(offline({}), { format: 'text', color: false });
    expect(Object.keys(context.connections)).toEqual(['toRead']);
    for (const name of ['rehearse', 'openJournal', 'claim']) expect(name in context).toBe(false);
  });

  it.each([
    ['./davadmin config modify -u admin -o a -v b'],
    ['./davadmin config -o a -v b'],
    ['./davadmin config -o a -u admin -v b'],
    ['./cscal -o anna delete'],
    ['./cscal delete'],
    ['./start-cal'],
    ['./stop-cal'],
    ['./asadmin stop-domain domain1'],
    ['rm -rf /'],
    ['ps -e -o pid -o etime -o args -o rss'],
  ])('does not run "%s", whoever says that it changes nothing', line => {
    const { ports, writes } = memoryPorts({});
    expect(() =>
      onlyReading(ports, { hosts: [] })
        .host('cs6')
        .query({ words: line.split(' ') }),
    ).toThrow('not known to change nothing');
    expect(writes).toEqual([]);
  });
});

describe('what the code of drift can reach', () => {
  /** All modules that are loaded with one, and those they load later; a type is no module. */
  function modulesOf(file: string, seen = new Set<string>(), atOnce = false): ReadonlySet<string> {
    if (seen.has(file)) return seen;
    seen.add(file);
    const text = readFileSync(join('src', file), 'utf8');
    const imports = text.matchAll(
      /(?:^|\n)(?:import|export)\b(?! type\b)[^;'"]*?from '(\.[^']+)'|\bimport\('(\.[^']+)'\)/g,
    );
    for (const [, fixed, later] of imports) {
      const next = fixed ?? (atOnce ? undefined : later);
      if (next !== undefined) modulesOf(join(dirname(file), next), seen, atOnce);
    }
    return seen;
  }

  /** What carries a plan out, or makes it possible. */
  const writing = [
    ...['execute', 'journaled', 'locks', 'recheck', 'running', 'take-back', 'watchdog'].map(
      name => `engine/${name}.ts`,
    ),
    ...['apply-plan', 'run-plan', 'undo-run', 'host-locks'].map(name => `app/${name}.ts`),
    ...['apply', 'lock'].map(name => `cli/${name}-command.ts`),
  ];

  it('is nothing that carries a plan out, and no adapter', () => {
    const reached = modulesOf('cli/drift-command.ts');
    expect([...reached].filter(file => writing.includes(file) || /^(adapters|lab)\/|^main/.test(file))).toEqual([]);
    expect(reached.size).toBeGreaterThan(50);
  });

  it('the walk would find it', () => {
    expect(writing.filter(file => !modulesOf('main.ts').has(file))).toEqual([]);
  });

  it('is loaded when it is needed: nobody else pays for telling, measuring and spans', () => {
    const atOnce = modulesOf('main.ts', new Set(), true);
    expect([...atOnce].filter(file => /^adapters\/(notify|metrics|telemetry)\//.test(file))).toEqual([
      'adapters/telemetry/asks-for-spans.ts',
    ]);
    expect(modulesOf('main.ts')).toContain('adapters/telemetry/open-telemetry.ts');
  });
});
