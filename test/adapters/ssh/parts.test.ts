import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { offeredAlgorithms } from '../../../src/adapters/ssh/connect-host.ts';
import { doneMark, parseFrames, scriptProcess } from '../../../src/adapters/ssh/frames.ts';
import { describeEndpoint } from '../../../src/adapters/ssh/host-endpoint.ts';
import { HostFault, quoteHost } from '../../../src/adapters/ssh/host-fault.ts';
import { HostRoutes } from '../../../src/adapters/ssh/host-route.ts';
import { parseClock, parseListLine } from '../../../src/adapters/ssh/read-answer.ts';
import { cksum, foldersUp, quote, quoteAssignment, splitPath } from '../../../src/adapters/ssh/shell-words.ts';
import type { Access } from '../../../src/core/desired.ts';
import { accessTo } from './support.ts';

test.each([0, 1, 255, 256, 65_537])('cksum of %i bytes is that of the tool', length => {
  const content = randomBytes(length);
  expect(cksum(content)).toBe(execFileSync('cksum', { input: content, encoding: 'utf8' }).trim());
});

describe('parseListLine', () => {
  const modified = Date.UTC(2026, 10, 22, 9, 49, 50) + 134.952354;

  test.each([
    ['GNU', '-rw-r--r-- 1 0 0 1338 2026-11-22 09:49:50.134952354 +0000 /etc/passwd', '-rw-r--r--'],
    ['Solaris', '-rw-r-----+  1 100      4     1338 2026-11-22 10:49:50.134952354 +0100 /etc/pass wd', '-rw-r-----+'],
    ['a zone west', '-rwsr-xr-x 1 0 0 1338 2026-11-22 04:19:50.134952354 -0530 x', '-rwsr-xr-x'],
  ])('%s', (_, line, mode) => {
    expect(parseListLine(line)).toMatchObject({ mode, modified: expect.closeTo(modified, 3) });
  });

  test('busybox, and a name with blanks', () => {
    expect(parseListLine('drwx------    2 100      4        1338 2026-11-22 09:49:50 +0000 /a b/c  d')).toEqual({
      mode: 'drwx------',
      owner: '100:4',
      modified: Date.UTC(2026, 10, 22, 9, 49, 50),
      name: '/a b/c  d',
    });
  });

  test.each(['', 'total 4', '-rw-r--r-- 1 0 0 1338 Nov 22 09:49 /etc/passwd', '?--------- ? ? ? ? ? x'])(
    'not "%s"',
    line => {
      expect(parseListLine(line)).toBeUndefined();
    },
  );
});

test('parseClock', () => {
  expect(parseClock('20260228235958\n')).toBe(Date.UTC(2026, 1, 28, 23, 59, 58));
  expect(parseClock('%Y%m%d')).toBeUndefined();
});

describe('quote', () => {
  test.each(["it's", '$(id) `id` "x" \\ * ~ !', '', '-n', 'größe', 'tab\there', '\r'])(
    '%j is one word for the shell',
    word => {
      expect(execFileSync('/bin/sh', ['-c', `printf '%s|' ${quote(word)}`], { encoding: 'utf8' })).toBe(`${word}|`);
    },
  );

  test.each(['two\nlines', 'nul\0'])('%j is refused', word => {
    expect(() => quote(word)).toThrow(HostFault);
  });

  test.each(['A B', '1A', 'A;id', '', 'A='])('"%s" is no name of a variable', name => {
    expect(() => quoteAssignment(name, 'x')).toThrow('host.words-refused');
  });
});

describe('splitPath', () => {
  test('folder, base and ancestors', () => {
    expect(splitPath('/etc//opt/ics.conf')).toEqual({
      folder: '/etc/opt',
      base: 'ics.conf',
      ancestors: ['/etc/opt', '/etc', '/'],
    });
    expect(splitPath('/x')).toEqual({ folder: '/', base: 'x', ancestors: ['/'] });
    expect(foldersUp('/')).toEqual(['/']);
  });

  test.each(['ics.conf', '', '/', '/etc/', '/etc/../x', '/etc/./x', '~/x'])('"%s" is refused', path => {
    expect(() => splitPath(path)).toThrow('host.words-refused');
  });
});

describe('frames', () => {
  test('bodies are bytes, and text before the first frame does not count', () => {
    const content = Buffer.from([0, 255, 10, 64, 10]);
    const output = Buffer.concat([
      Buffer.from('Welcome!\n@n - start 42\n@n 0 data\n'),
      content,
      Buffer.from('\n@n 0 end\n1 2\n@n 1 absent\n@n - done\n'),
    ]);
    const frames = parseFrames(output, 'n');
    expect(frames.map(frame => [frame.request, frame.word, frame.rest])).toEqual([
      ['-', 'start', '42'],
      ['0', 'data', ''],
      ['0', 'end', ''],
      ['1', 'absent', ''],
      ['-', 'done', ''],
    ]);
    expect(frames[1]?.body).toEqual(content);
    expect(frames[2]?.body.toString()).toBe('1 2');
    expect(frames[3]?.body).toHaveLength(0);
    expect(scriptProcess(output, 'n')).toBe(42);
    expect(output.includes(doneMark('n'))).toBe(true);
  });

  test('an answer that was cut off', () => {
    expect(parseFrames(Buffer.from('@n 0 fi'), 'n')).toMatchObject([{ request: '0', word: 'fi', rest: '' }]);
    expect(parseFrames(Buffer.from(''), 'n')).toEqual([]);
    expect(scriptProcess(Buffer.from('@n - start x'), 'n')).toBeUndefined();
  });
});

describe('offeredAlgorithms', () => {
  test('the known types come first, the old ones not at all', () => {
    const { serverHostKey, kex } = offeredAlgorithms(['ssh-rsa'], false);
    expect(serverHostKey).toEqual([
      'rsa-sha2-512',
      'rsa-sha2-256',
      'ssh-rsa',
      'ssh-ed25519',
      'ecdsa-sha2-nistp256',
      'ecdsa-sha2-nistp384',
      'ecdsa-sha2-nistp521',
    ]);
    expect(kex).toBeUndefined();
  });

  test('the old ones are added where they are allowed', () => {
    const { serverHostKey, kex, cipher, hmac } = offeredAlgorithms(['ssh-dss'], true);
    expect(serverHostKey).toEqual(expect.arrayContaining(['ssh-dss', 'ssh-ed25519']));
    expect(serverHostKey).toHaveProperty('0', 'ssh-dss');
    expect([kex, cipher, hmac]).toMatchObject([
      { append: expect.arrayContaining(['diffie-hellman-group1-sha1']) },
      { append: expect.arrayContaining(['3des-cbc']) },
      { append: expect.arrayContaining(['hmac-md5']) },
    ]);
  });
});

test('key algorithms of the OpenSSH configuration are offered as they are, in its order', () => {
  const stated = ['rsa-sha2-512', 'ssh-ed25519', 'sk-ssh-ed25519@openssh.com', 'ssh-rsa'];
  expect(offeredAlgorithms(['ssh-ed25519'], false, stated).serverHostKey).toEqual([
    'rsa-sha2-512',
    'ssh-ed25519',
    'ssh-rsa',
  ]);
});

describe('a route', () => {
  const access = accessTo({ address: 'cs6', port: 22 }, { knownHosts: 'kh', identity: 'id' });
  const to = async (changes: Partial<Access>) => (await new HostRoutes({}).to({ ...access, ...changes })).hops;

  test('user and port of jump hosts have defaults, and IPv6 needs no brackets', async () => {
    const jump = ['ops@b1', 'b2:2200', 'x@[2001:db8::1]:22', '2001:db8::2'];
    const route = await to({ legacyAlgorithms: true, jump });
    expect(route.map(({ endpoint }) => describeEndpoint(endpoint))).toEqual([
      'the jump host ops@b1:22',
      'the jump host root@b2:2200',
      'the jump host x@[2001:db8::1]:22',
      'the jump host root@[2001:db8::2]:22',
      'root@cs6:22',
    ]);
    expect(route.map(({ endpoint }) => endpoint.legacyAlgorithms)).toEqual([false, false, false, false, true]);
  });

  test.each(['', 'a b', 'b:', 'b:0', 'b:70000', '@b', 'u@@b', '-oProxyCommand=x', 'a;b'])(
    '"%s" is refused',
    async jump => {
      await expect(to({ jump: [jump] })).rejects.toThrow('host.jump-invalid');
    },
  );
});

test('what a host printed is marked, cut and without control characters', () => {
  const text = quoteHost(`\u001b[2Jerror\n${'line\n'.repeat(20)}`);
  expect(text.split('\n')).toHaveLength(11);
  expect(text.split('\n')[0]).toBe('  > \\u001b[2Jerror');
  expect(text.endsWith('(11 more lines)')).toBe(true);
});
