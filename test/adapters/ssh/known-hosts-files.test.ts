import { createHmac } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Endpoint } from '../../../src/adapters/ssh/host-endpoint.ts';
import { authoritiesOf, judgeKey, knownKeyTypes, parseKnownHosts } from '../../../src/adapters/ssh/known-hosts.ts';
import { KnownHostsFiles } from '../../../src/adapters/ssh/known-hosts-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'known-hosts-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A key in wire form with a body of its own; nobody logs in with it. */
function wireKey(body: string): Buffer {
  const part = (text: string) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length);
    return Buffer.concat([length, Buffer.from(text)]);
  };
  return Buffer.concat([part('ssh-ed25519'), part(body.padEnd(32, '.'))]);
}

const lineOf = (names: string, body: string) => `${names} ssh-ed25519 ${wireKey(body).toString('base64')}`;

function hashedName(name: string): string {
  const salt = Buffer.from(name.padEnd(20, 's').slice(0, 20));
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

function endpointOf(address: string, files: readonly string[], port = 22): Endpoint {
  return { user: 'ops', address, port, knownHosts: files, legacyAlgorithms: false, jump: false };
}

function written(name: string, lines: readonly string[]): string {
  const file = join(folder, name);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

/** Counts the lines of all files that are read. */
function counting(): { readonly files: KnownHostsFiles; read(): number } {
  let lines = 0;
  const files = new KnownHostsFiles(async path => {
    const text = readFileSync(path, 'utf8');
    lines += text.split('\n').length - 1;
    return text;
  });
  return { files, read: () => lines };
}

it('200 hosts and two files: each of 100,000 lines is parsed once a run', async () => {
  const [own, global] = ['own', 'global'].map(name =>
    written(
      name,
      Array.from({ length: 50_000 }, (_, i) => lineOf(`${name}-${i},10.0.${i >> 8}.${i & 255}`, `${i}`)),
    ),
  );
  const { files, read } = counting();
  const asked = Array.from({ length: 200 }, (_, i) => endpointOf(`own-${i}`, [own ?? '', global ?? '']));
  const found = await Promise.all(asked.map(endpoint => files.linesOf(endpoint)));
  expect(found.map(lines => lines.map(({ names }) => names[0]))).toEqual(asked.map(({ address }) => [address]));
  expect(read()).toBe(100_000);
});

it('a key that is added during the run counts, and nothing else is parsed again', async () => {
  const [own, other] = [written('grows', [lineOf('a', '1')]), written('stays', [lineOf('b', '1'), lineOf('c', '1')])];
  const { files, read } = counting();
  const asked = endpointOf('new', [own, other]);
  expect(await files.linesOf(asked)).toEqual([]);
  appendFileSync(own, `${lineOf('new', '2')}\n`);
  expect(judgeKey(await files.linesOf(asked), asked, wireKey('2'))).toEqual({ state: 'known' });
  expect(read()).toBe(1 + 2 + 2);
});

it('a file that is missing knows nobody, counts once it is made, and is an error where it is stated', async () => {
  const path = join(folder, 'later');
  const files = new KnownHostsFiles();
  const asked = endpointOf('cs6', [path]);
  expect(await files.linesOf(asked)).toEqual([]);
  await expect(files.linesOf({ ...asked, knownHostsStated: true })).rejects.toMatchObject({
    code: 'host.known-hosts-unreadable',
  });
  writeFileSync(path, `${lineOf('cs6', '1')}\n`);
  expect(await files.linesOf(asked)).toHaveLength(1);
  rmSync(path);
  expect(await files.linesOf(asked)).toEqual([]);
});

it('says the same of every key as all lines do that are looked at one by one', async () => {
  const names = ['cs6', 'CS6', 'cs6,cs7', '[cs6]:2222', 'cs*', 'cs?', '*,!cs6', '!cs6', '[cs6]:*', '::1', 'alias'];
  const hashes = ['cs6', '[cs6]:2222', 'cs7'].map(hashedName);
  const lines = ['', '@revoked ', '@cert-authority '].flatMap(marker =>
    [...names, ...hashes].flatMap((name, i) => [`${marker}${lineOf(name, `${i % 4}`)}`, `# ${name}`]),
  );
  const places = [
    ...['cs6', 'Cs6', 'cs7', 'cs66', 'x', '::1'].flatMap(address => [22, 2222].map(port => ({ address, port }))),
    { address: 'cs6', port: 2222, knownAs: 'alias' },
  ];
  const files = new KnownHostsFiles();
  let seed = 7;
  const drawn = () => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return seed % 5 === 0;
  };
  for (let round = 0; round < 40; round += 1) {
    const some = lines.filter(drawn);
    const paths = [written('some', some), written('more', [...some].reverse().slice(0, 4))];
    const all = paths.flatMap(path => parseKnownHosts(readFileSync(path, 'utf8'), path));
    for (const place of places) {
      const indexed = await files.linesOf({ ...endpointOf(place.address, paths), ...place });
      for (const key of ['0', '1', '2', '3', '4'].map(wireKey))
        expect(judgeKey(indexed, place, key)).toEqual(judgeKey(all, place, key));
      expect(knownKeyTypes(indexed, place)).toEqual(knownKeyTypes(all, place));
      expect(authoritiesOf(indexed, place)).toEqual(authoritiesOf(all, place));
    }
  }
});
