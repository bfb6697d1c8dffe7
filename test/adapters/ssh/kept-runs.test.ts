import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { HostConnection } from '../../../src/adapters/ssh/host-connection.ts';
import { estateFolder } from '../../../src/core/estate-folder.ts';
import type { RunPart } from '../../../src/ports/host.ts';
import { type SshHost, type SshHosts, startSshHosts } from '../../servers/ssh-hosts.ts';
import { entryOf, findingOf, probe } from './support.ts';

/* What hosts keep of runs, on real sshd. */
const folder = mkdtempSync(join(tmpdir(), 'ssh-runs-'));
let estate: SshHosts;
let one: SshHost;
let home: string;
let place: string;
let clients: readonly HostConnection[];

beforeAll(async () => {
  estate = await startSshHosts(folder, new Map([['one', join(folder, 'tree')]]));
  one = entryOf(estate.hosts, 'one');
  home = join(folder, 'host-one', 'home');
  place = join(home, '.reconcile', 'one', 'runs', 'example.com');
  clients = [0, 1].map(() => probe(one, estate));
});

afterAll(async () => {
  await Promise.all(clients.map(client => client.close()));
  await estate.stop();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => rmSync(join(home, '.reconcile'), { recursive: true, force: true }));

function host(index = 0): HostConnection {
  const found = clients[index];
  if (!found) throw new Error(`there is no client ${index}`);
  return found;
}

const nameOf = (number: number) => `20261130T${String(number).padStart(9, '0')}Z-0a1b2c3d`;

function partsOf(entries: readonly (readonly [RunPart, string])[]): ReadonlyMap<RunPart, string> {
  return new Map(entries);
}

test('a record of 64 MiB and more: only what fits is kept, the newest first', async () => {
  const mebibytes = (count: number) => 'x'.repeat(count * 1024 * 1024);
  const heads = [
    ['head.json', '{}'],
    ['desired.json', '{"d":1}'],
  ] as const;
  const big = (count: number) => partsOf([...heads, ['plan.json', mebibytes(count)]]);
  await host().keepRun('example.com', nameOf(1), big(30), 50);
  await host().keepRun('example.com', nameOf(2), big(30), 50);
  await host().keepRun('example.com', nameOf(2), partsOf([['1.jsonl', mebibytes(5)]]), 50);
  const kept = () => host().runs('example.com');
  expect((await kept()).map(({ parts }) => [...parts.keys()].toSorted())).toEqual([
    ['1.jsonl', 'desired.json', 'head.json', 'plan.json'],
    ['desired.json', 'head.json'],
  ]);
  // One that is written counts first, also where its clock is behind.
  await host().keepRun('example.com', nameOf(0), big(31), 50);
  expect((await kept()).map(({ parts }) => parts.has('plan.json'))).toEqual([false, false, true]);
  await host().keepRun('example.com', nameOf(3), big(65), 50);
  expect((await kept()).map(({ run, parts }) => [run, parts.has('plan.json')])).toEqual([
    [nameOf(3), false],
    [nameOf(2), false],
    [nameOf(1), false],
    [nameOf(0), true],
  ]);
  // The largest record that is kept can be read in one turn.
  const journals = [
    ['1.jsonl', mebibytes(33)],
    ['2.jsonl', mebibytes(31)],
  ] as const;
  await host().keepRun('large', nameOf(0), partsOf(journals), 50);
  const read = await Promise.all(journals.map(([part]) => host().runPart('large', nameOf(0), part)));
  expect(read.map((text, index) => text === journals[index]?.[1])).toEqual([true, true]);
  const whole = await host().runPart('example.com', nameOf(0), 'plan.json');
  expect(whole === mebibytes(31)).toBe(true);
});

test('names of estates that are no names of folders', async () => {
  const names = ['..', '.', '...', 'a/b', 'ß'.repeat(200), `${'ß'.repeat(199)}x`, "$(id)'`\\", '-rf', '\ud800'];
  for (const [index, name] of names.entries()) {
    await host().keepRun(name, nameOf(index), partsOf([['head.json', JSON.stringify(index)]]), 2);
  }
  for (const [index, name] of names.entries()) {
    expect((await host().runs(name)).map(({ run, head }) => [run, head])).toEqual([[nameOf(index), String(index)]]);
  }
  expect(readdirSync(join(home, '.reconcile', 'one'))).toEqual(['runs']);
  expect(readdirSync(join(home, '.reconcile', 'one', 'runs')).toSorted()).toEqual(names.map(estateFolder).toSorted());
  expect(estateFolder('example.com')).toBe('example.com');
});

test.each(['20261130T000000001Z-0a1b2c3', '../../x', '20261130T000000001Z-0a1b2c3d/../x', '', '*'])(
  'the run "%s" is refused before anything is sent',
  async run => {
    const parts = partsOf([['head.json', '{}']]);
    expect((await findingOf(host().keepRun('example.com', run, parts, 2))).code).toBe('host.words-refused');
    expect((await findingOf(host().runPart('example.com', run, 'head.json'))).code).toBe('host.words-refused');
  },
);

test.each(['0.jsonl', '1.json', '-1.jsonl', '1e3.jsonl', 'x/../head.json'])('and so is the part "%s"', async part => {
  const odd = part as RunPart;
  const sent = host().keepRun('example.com', nameOf(1), partsOf([[odd, '{}']]), 2);
  expect((await findingOf(sent)).code).toBe('host.words-refused');
});

test('folders that are not safe are refused by their name, for reading and for writing', async () => {
  const parts = partsOf([['head.json', '{}']]);
  const runs = join(home, '.reconcile', 'one', 'runs');
  const refused = async () => {
    const findings = [
      await findingOf(host().runs('example.com')),
      await findingOf(host().runPart('example.com', nameOf(1), 'head.json')),
      await findingOf(host().keepRun('example.com', nameOf(1), parts, 2)),
    ];
    expect(findings.map(({ code }) => code)).toEqual(Array(3).fill('host.state-folder'));
    return findings.map(({ detail }) =>
      detail
        .split('\n')[0]
        ?.replace(/^.*: (?=\/)/, '')
        .replace(folder, ''),
    );
  };
  mkdirSync(join(home, '.reconcile', 'one'), { recursive: true, mode: 0o700 });
  chmodSync(join(home, '.reconcile'), 0o700);
  mkdirSync(join(folder, 'elsewhere'));
  symlinkSync(join(folder, 'elsewhere'), runs);
  expect(await refused()).toEqual(Array(3).fill('/host-one/home/.reconcile/one/runs is a symbolic link.'));
  rmSync(runs);
  writeFileSync(runs, '');
  expect((await refused())[0]).toBe('/host-one/home/.reconcile/one/runs is not a folder, or cannot be made.');
  rmSync(runs);
  mkdirSync(join(runs, 'example.com'), { recursive: true });
  chmodSync(join(runs, 'example.com'), 0o777);
  expect((await refused())[0]).toBe('/host-one/home/.reconcile/one/runs/example.com can be written by others.');
  chmodSync(join(runs, 'example.com'), 0o755);
  expect(await host().runs('example.com')).toEqual([]);
  await host().keepRun('example.com', nameOf(1), parts, 2);
  expect(await host().runs('example.com')).toHaveLength(1);
  expect(readdirSync(join(folder, 'elsewhere'))).toEqual([]);
});

test('a thousand records are read in one trip, together with other questions', async () => {
  mkdirSync(place, { recursive: true, mode: 0o700 });
  for (const path of [join(home, '.reconcile'), join(home, '.reconcile', 'one'), join(place, '..')]) {
    chmodSync(path, 0o700);
  }
  const names = Array.from({ length: 1_000 }, (_, index) => nameOf(index));
  const line = (name: string, word: string) => `{"${word}":"${name}","x":"${'ß\\n'.repeat(200)}"}\n`;
  for (const name of names) {
    writeFileSync(join(place, `${name}.head.json`), line(name, 'head'));
    writeFileSync(join(place, `${name}.end.json`), line(name, 'end'));
    for (const part of ['desired.json', 'plan.json', '1.jsonl', '2.jsonl', '3.jsonl']) {
      writeFileSync(join(place, `${name}.${part}`), part);
    }
  }
  const [kept, clock] = await Promise.all([host().runs('example.com'), host().clock()]);
  expect(clock).toBeGreaterThan(0);
  expect(kept.map(({ run }) => run)).toEqual(names.toReversed());
  expect(kept.every(({ run, head, end }) => head === line(run, 'head') && end === line(run, 'end'))).toBe(true);
  expect(kept.every(({ parts }) => parts.size === 7)).toBe(true);
  await host().keepRun('example.com', nameOf(1_000), partsOf([['head.json', 'new']]), 1_000);
  expect(readdirSync(place)).toHaveLength(7 * 999 + 1);
  expect(readFileSync(join(place, `${nameOf(1_000)}.head.json`), 'utf8')).toBe('new');
});
