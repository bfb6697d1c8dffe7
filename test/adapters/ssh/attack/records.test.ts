import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { HostConnection } from '../../../../src/adapters/ssh/host-connection.ts';
import { BLOCK, keepScript } from '../../../../src/adapters/ssh/record-script.ts';
import { cksum } from '../../../../src/adapters/ssh/shell-words.ts';
import { stateScript } from '../../../../src/adapters/ssh/state-folder.ts';
import { leadingScript } from '../../../../src/adapters/ssh/whole-script.ts';
import type { RunPart } from '../../../../src/ports/host.ts';
import { type SshHost, type SshHosts, startSshHosts } from '../../../servers/ssh-hosts.ts';
import { type ServerCommand, startSshServer } from '../../../servers/ssh-server.ts';
import { entryOf, findingOf, probe } from '../support.ts';

/* What must never happen to the records of runs: a part that is half there, one of another run, a record that is lost. */
const folder = mkdtempSync(join(tmpdir(), 'ssh-records-'));
const opened: HostConnection[] = [];
let estate: SshHosts;
let one: SshHost;
let home: string;

beforeAll(async () => {
  estate = await startSshHosts(folder, new Map([['one', join(folder, 'tree')]]));
  one = entryOf(estate.hosts, 'one');
  home = join(folder, 'host-one', 'home');
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map(host => host.close()));
  rmSync(join(home, '.reconcile'), { recursive: true, force: true });
});

afterAll(async () => {
  await estate.stop();
  rmSync(folder, { recursive: true, force: true });
});

function open(limits: Parameters<typeof probe>[2] = {}): HostConnection {
  const host = probe(one, estate, limits);
  opened.push(host);
  return host;
}

const nameOf = (number: number) => `20261130T${String(number).padStart(9, '0')}Z-0a1b2c3d`;

function partsOf(...entries: readonly (readonly [RunPart, string])[]): ReadonlyMap<RunPart, string> {
  return new Map(entries);
}

test.each(['dash', 'busybox sh', 'bash --posix', 'ksh93', 'mksh', 'yash'])(
  'what is cut off at any byte leaves every part old or new (%s)',
  shell => {
    const own = mkdtempSync(join(folder, 'cut-'));
    const place = join(own, '.reconcile', hostname(), 'runs', 'example.com');
    mkdirSync(place, { recursive: true });
    for (const path of [place, join(place, '..'), join(place, '../..'), join(own, '.reconcile')])
      chmodSync(path, 0o700);
    const contents = [Buffer.alloc(5_000, 'new ä'), Buffer.alloc(BLOCK, 'x'), Buffer.from('{"end":1}\n')];
    const names = ['1.jsonl', 'plan.json', 'end.json'];
    const starts = [0, 2, 3];
    const data = Buffer.alloc(4 * BLOCK);
    for (const [index, content] of contents.entries()) content.copy(data, (starts[index] ?? 0) * BLOCK);
    const parts = contents.map((content, index) => {
      return { name: names[index] ?? '', start: starts[index] ?? 0, length: content.length, sum: cksum(content) };
    });
    const text = Buffer.from(stateScript(keepScript('example.com', nameOf(1), parts, data, 50), 'abc'));
    const whole = Buffer.concat([text, data]);
    const keep = (input: Buffer) =>
      spawnSync('/bin/sh', ['-c', `${shell} -c '${leadingScript(text.length)}'`], {
        input,
        env: { HOME: own, PATH: '/usr/bin:/bin', ...(shell === 'yash' && { LC_CTYPE: 'C.UTF-8' }) },
      });
    const lengths = [0, ...names.keys()].map(index => (starts[index] ?? 0) * BLOCK + text.length);
    const ends = [
      ...lengths.flatMap(length => [length - 1, length, length + 1]),
      whole.length - BLOCK,
      whole.length - 1,
    ];
    const some = Array.from({ length: 20 }, (_, index) => Math.floor((index * whole.length) / 20));
    for (const length of [...ends, ...some]) {
      for (const name of names) writeFileSync(join(place, `${nameOf(1)}.${name}`), 'old');
      keep(whole.subarray(0, length));
      expect(readdirSync(place).toSorted(), String(length)).toEqual(
        names.map(name => `${nameOf(1)}.${name}`).toSorted(),
      );
      for (const [index, name] of names.entries()) {
        const now = readFileSync(join(place, `${nameOf(1)}.${name}`));
        expect(now.toString() === 'old' || now.equals(contents[index] ?? now), `${name} at ${length}`).toBe(true);
      }
    }
    expect(keep(whole).stdout.toString()).toContain('@abc - done');
    expect(readFileSync(join(place, `${nameOf(1)}.1.jsonl`)).equals(contents[0] ?? Buffer.from(''))).toBe(true);
    expect(readFileSync(join(place, `${nameOf(1)}.plan.json`)).equals(contents[1] ?? Buffer.from(''))).toBe(true);
    expect(readFileSync(join(place, `${nameOf(1)}.end.json`), 'utf8')).toBe('{"end":1}\n');
  },
);

test('a full disk leaves every record as it was, and says so', async () => {
  const host = open();
  await host.keepRun('example.com', nameOf(1), partsOf(['head.json', 'x']), 2);
  const mount = `"$HOME/.reconcile"`;
  const shell = (line: string) => host.run({ words: ['sh', '-c', line] });
  expect(await shell(`mount -t tmpfs -o size=256k,mode=700 none ${mount}`)).toMatchObject({ code: 0 });
  const parts = partsOf(['head.json', '{"h":1}'], ['plan.json', 'p'.repeat(40_000)]);
  await host.keepRun('example.com', nameOf(1), parts, 2);
  for (const length of [120_000, 150_000, 500_000]) {
    const more = partsOf(['head.json', '{"h":2}'], ['plan.json', 'q'.repeat(length)], ['1.jsonl', 'j'.repeat(9_000)]);
    const finding = await findingOf(host.keepRun('example.com', nameOf(1), more, 2));
    expect(finding).toMatchObject({ code: 'host.state-folder', detail: expect.stringContaining('No space left') });
    expect(await host.runs('example.com')).toMatchObject([{ head: '{"h":1}' }]);
    expect((await host.runs('example.com'))[0]?.parts.size).toBe(2);
    expect(await host.runPart('example.com', nameOf(1), 'plan.json')).toBe('p'.repeat(40_000));
    expect(await shell(`ls ${mount}/*/runs/example.com | wc -l`)).toMatchObject({ output: '2\n' });
  }
  expect(await shell(`umount ${mount}`)).toMatchObject({ code: 0 });
});

test('two writers and a reader at once: no part is ever of two, and the bound holds', async () => {
  const [first, second, reader] = [open(), open(), open()];
  const write = async (host: HostConnection, own: number) => {
    for (let round = 0; round < 25; round += 1) {
      const text = `${own}-`.repeat(1 + ((round * 977) % 5_000));
      const parts = partsOf(['head.json', text], ['1.jsonl', text], ['end.json', text]);
      await host.keepRun('example.com', nameOf(own), parts, 3);
      await host.keepRun('example.com', nameOf(1_000 + 2 * round + own), parts, 3);
    }
  };
  let busy = true;
  let reads = 0;
  const read = async () => {
    for (; busy; reads += 1) {
      for (const { run, head, end = '' } of await reader.runs('example.com')) {
        for (const text of [head, end])
          expect([run, new Set(text.match(/\d-/g)).size]).toEqual([run, text === '' ? 0 : 1]);
      }
      const part = await reader.runPart('example.com', nameOf(1), '1.jsonl');
      expect(part === undefined || /^(?:1-)+$/.test(part)).toBe(true);
    }
  };
  const reading = read();
  await Promise.all([write(first, 1), write(second, 2)]).finally(() => {
    busy = false;
  });
  await reading;
  expect(reads).toBeGreaterThan(5);
  const kept = await reader.runs('example.com');
  expect(kept.length).toBeLessThanOrEqual(4);
  expect(kept[0]?.run).toBe(nameOf(1_000 + 2 * 24 + 2));
  expect(readdirSync(join(home, '.reconcile/one/runs/example.com')).filter(name => name.includes('new-'))).toEqual([]);
});

test('a host that loses its power in the middle has whole parts only, and the next writer clears away what was left', async () => {
  const place = join(home, '.reconcile/one/runs/example.com');
  const host = open({ sendAgain: [] });
  await host.keepRun('example.com', nameOf(1), partsOf(['head.json', '{}']), 2);
  const lost = findingOf(host.keepRun('example.com', nameOf(1), partsOf(['plan.json', 'p'.repeat(60_000_000)]), 2));
  while (!readdirSync(place).some(name => name.includes('new-'))) await new Promise(next => setTimeout(next, 2));
  await one.kill();
  expect(['host.connection-lost', 'host.unreachable']).toContain((await lost).code);
  expect(readdirSync(place).toSorted()).toHaveLength(2);
  await one.restart();
  const again = open();
  expect((await again.runs('example.com')).map(({ parts }) => [...parts.keys()])).toEqual([['head.json']]);
  await again.keepRun('example.com', nameOf(1), partsOf(['plan.json', 'p']), 2);
  expect(readdirSync(place).toSorted()).toEqual(['head.json', 'plan.json'].map(part => `${nameOf(1)}.${part}`));
  expect((await again.runs('example.com')).map(({ parts }) => parts.size)).toEqual([2]);
  for (const number of [2, 3]) await again.keepRun('example.com', nameOf(number), partsOf(['head.json', '{}']), 2);
  expect(readdirSync(place).toSorted()).toEqual([2, 3].map(number => `${nameOf(number)}.head.json`));
});

test('a lost answer is sent again, and each of these is one trip', async () => {
  const own = mkdtempSync(join(folder, 'lost-'));
  const environment = { HOME: own, PATH: '/usr/bin:/bin' };
  // The first command does all it was asked to do; its answer never comes.
  const handle = ({ command, count, channel, connection }: ServerCommand) => {
    if (count !== 1) return false;
    const child = spawn('/bin/sh', ['-c', command], { env: environment, stdio: ['pipe', 'ignore', 'ignore'] });
    channel.pipe(child.stdin);
    child.on('close', () => connection.end());
    return true;
  };
  const server = await startSshServer(own, { environment, handle });
  const host = probe(server, server, { sendAgain: [10] });
  const slow = partsOf(['head.json', '{"n":1}'], ['plan.json', 'p'.repeat(3_000_000)]);
  await host.keepRun('example.com', nameOf(1), slow, 2);
  expect(server.commands).toHaveLength(2);
  const before = server.commands.length;
  await host.keepRun('example.com', nameOf(1), partsOf(['1.jsonl', 'j'], ['end.json', '{}']), 2);
  expect(server.commands.length - before).toBe(1);
  expect(await host.runs('example.com')).toMatchObject([{ head: '{"n":1}', end: '{}' }]);
  const [kept, plan, head, clock] = await Promise.all([
    host.runs('example.com'),
    host.runPart('example.com', nameOf(1), 'plan.json'),
    host.runPart('example.com', nameOf(1), 'head.json'),
    host.clock(),
  ]);
  expect([kept.length, plan?.length, head, clock > 0]).toEqual([1, 3_000_000, '{"n":1}', true]);
  expect(server.commands.length - before).toBe(3);
  await host.close();
  await server.stop();
});

test('odd files, owners and modes cost what they were to say, and nothing else', async () => {
  const place = join(home, '.reconcile/one/runs/example.com');
  const host = open();
  for (const number of [1, 2, 3, 4, 5]) {
    const text = `{"n":${number}}`;
    await host.keepRun('example.com', nameOf(number), partsOf(['head.json', text], ['end.json', text]), 9);
  }
  const file = (number: number, part: string) => join(place, `${nameOf(number)}.${part}`);
  rmSync(file(1, 'head.json'));
  writeFileSync(file(2, 'head.json'), 'x'.repeat(1_000_000));
  writeFileSync(file(3, 'head.json'), '');
  writeFileSync(file(4, 'head.json'), Buffer.from([0xff, 0, 0x0a, 0x40, 0x0a]));
  writeFileSync(join(place, `x\n-rw------- 1 0 0 5 Jan 1 00:00 ${nameOf(7)}.plan.json`), '');
  writeFileSync(join(place, 'é'), '');
  writeFileSync(join(place, `-rf ${nameOf(1)}.plan.json`), '');
  const kept = await host.runs('example.com');
  expect(kept.filter(({ run }) => run !== nameOf(7)).map(({ head }) => head)).toEqual([
    '{"n":5}',
    '\ufffd\0\n@\n',
    '',
    '',
    '',
  ]);
  expect(kept.map(({ end }) => end).filter(end => end !== undefined)).toHaveLength(5);
  mkdirSync(file(5, 'plan.json'));
  const finding = await findingOf(
    host.keepRun('example.com', nameOf(5), partsOf(['head.json', 'no'], ['plan.json', 'x']), 9),
  );
  expect(finding).toMatchObject({
    code: 'host.state-folder',
    detail: expect.stringContaining('a folder has the name'),
  });
  expect(readFileSync(file(5, 'head.json'), 'utf8')).toBe('{"n":5}');
  expect(existsSync(join(place, 'é'))).toBe(true);
});
