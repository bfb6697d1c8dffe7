import { expect, it } from 'vitest';
import { hostEdits, nameHosts, readHostWords } from '../../src/import/host-words.ts';

const words = (text: string) => {
  const read = readHostWords(text);
  if (typeof read === 'string') throw new Error(read);
  return read;
};

const named = (cs6: string, cs7: string) =>
  nameHosts({ cs6: words(cs6), cs7: words(cs7) }).map(({ side, name, address }) => `${side} ${name} ${address}`);

it.each([
  ['cs6-fe1', [{ address: 'cs6-fe1' }]],
  ['root@cs6.example.com:2222', [{ user: 'root', address: 'cs6.example.com', port: 2222 }]],
  ['a, b  c', [{ address: 'a' }, { address: 'b' }, { address: 'c' }]],
  ['ops@[2001:db8::1]:22', [{ user: 'ops', address: '2001:db8::1', port: 22 }]],
  ['2001:db8::1', [{ address: '2001:db8::1' }]],
  ['', []],
])('reads %j', (text, hosts) => {
  expect(readHostWords(text)).toEqual(hosts);
});

it.each(['-oProxyCommand=x', 'a b:0', 'a:99999', 'a;b', '$(x)', 'a:b', '@a', 'a/b'])('refuses %j', text => {
  expect(typeof readHostWords(text)).toBe('string');
});

it('names each host once, and shortly where that is clear', () => {
  expect(named('cs6server.example.com', 'cs7u1server.example.com')).toEqual([
    'cs6 cs6server cs6server.example.com',
    'cs7 cs7u1server cs7u1server.example.com',
  ]);
  expect(named('a.x.org,a.y.org', 'b')).toEqual(['cs6 a.x.org a.x.org', 'cs6 a.y.org a.y.org', 'cs7 b b']);
  expect(named('127.0.0.2:22,127.0.0.2', '127.0.0.3,127.0.0.4')).toEqual([
    'cs6 cs6-1 127.0.0.2',
    'cs7 cs7-1 127.0.0.3',
    'cs7 cs7-2 127.0.0.4',
  ]);
  expect(named('both.example.com', 'both.example.com')).toEqual([
    'cs6 both.example.com both.example.com',
    'cs7 both-cs7 both.example.com',
  ]);
  expect(named('directory', 'CS7')).toEqual(['cs6 directory-cs6 directory', 'cs7 cs7 CS7']);
});

it('says once what all hosts share', () => {
  expect(hostEdits(nameHosts({ cs6: words('root@a'), cs7: words('root@b.example.com:2222') }))).toEqual([
    { path: ['ssh', 'user'], value: 'root' },
    { path: ['cs6', 'hosts', 'a'], value: {} },
    { path: ['cs7', 'hosts', 'b'], value: { address: 'b.example.com', port: 2222 } },
  ]);
  expect(hostEdits(nameHosts({ cs6: words('root@a'), cs7: words('b') }))).toEqual([
    { path: ['cs6', 'hosts', 'a'], value: { ssh: { user: 'root' } } },
    { path: ['cs7', 'hosts', 'b'], value: {} },
  ]);
});
