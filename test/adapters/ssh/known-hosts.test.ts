import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { fingerprint, judgeKey, knownKeyTypes, parseKnownHosts } from '../../../src/adapters/ssh/known-hosts.ts';

const folder = mkdtempSync(join(tmpdir(), 'known-hosts-'));
const ed = publicKey('ed25519', 'one');
const other = publicKey('ed25519', 'two');
const rsa = publicKey('rsa', 'three');

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('judgeKey', () => {
  test.each([
    ['plain name', 'cs6.example.com', 'cs6.example.com', 22, true],
    ['another name', 'cs6.example.com', 'cs7.example.com', 22, false],
    ['case does not matter', 'CS6.example.com', 'cs6.EXAMPLE.com', 22, true],
    ['port belongs to the name', '[cs6]:2222', 'cs6', 2222, true],
    ['a plain name counts for another port as well, as for OpenSSH', 'cs6', 'cs6', 2222, true],
    ['list', 'a,cs6,b', 'cs6', 22, true],
    ['star', '*.example.com', 'cs6.example.com', 22, true],
    ['star is not a regular expression', '*.example.com', 'cs6xexample.com', 22, false],
    ['question mark', 'cs?', 'cs6', 22, true],
    ['question mark is one character', 'cs?', 'cs66', 22, false],
    ['glob with a port', '[*.example.com]:2222', 'cs6.example.com', 2222, true],
    ['negation wins, wherever it stands', '*.example.com,!cs6.example.com', 'cs6.example.com', 22, false],
    ['negation leaves others', '*.example.com,!cs6.example.com', 'cs7.example.com', 22, true],
    ['negation alone knows nobody', '!cs6', 'cs7', 22, false],
    ['address of version 6', '[2001:db8::1]:2222', '2001:db8::1', 2222, true],
  ])('%s', (_, names, address, port, known) => {
    const lines = parseKnownHosts(`${names} ${ed.text}\n`, 'kh');
    expect(judgeKey(lines, { address, port }, ed.key).state).toBe(known ? 'known' : 'unknown');
  });

  test('another key of the same type is a mismatch, with its line', () => {
    const lines = parseKnownHosts(`# comment\n\ncs6 ${other.text} comment here\n`, 'kh');
    expect(judgeKey(lines, { address: 'cs6', port: 22 }, ed.key)).toMatchObject({
      state: 'mismatch',
      line: { file: 'kh', line: 3 },
    });
  });

  test('one of several keys is enough', () => {
    const lines = parseKnownHosts(`cs6 ${other.text}\ncs6 ${ed.text}\n`, 'kh');
    expect(judgeKey(lines, { address: 'cs6', port: 22 }, ed.key).state).toBe('known');
  });

  test('a key of another type is unknown, and the known types are told', () => {
    const lines = parseKnownHosts(`cs6 ${rsa.text}\n`, 'kh');
    expect(judgeKey(lines, { address: 'cs6', port: 22 }, ed.key)).toEqual({ state: 'unknown', types: ['ssh-rsa'] });
    expect(knownKeyTypes(lines, { address: 'cs6', port: 22 })).toEqual(['ssh-rsa']);
  });

  test('a revoked key is refused although another line knows it', () => {
    const lines = parseKnownHosts(`cs6 ${ed.text}\n@revoked * ${ed.text}\n`, 'kh');
    expect(judgeKey(lines, { address: 'cs6', port: 22 }, ed.key)).toMatchObject({
      state: 'revoked',
      line: { file: 'kh', line: 2 },
    });
  });

  test('a certificate authority knows nobody here, but is told', () => {
    const lines = parseKnownHosts(`@cert-authority *.example.com ${ed.text}\n`, 'kh');
    expect(judgeKey(lines, { address: 'cs6.example.com', port: 22 }, ed.key)).toMatchObject({
      state: 'unknown',
      types: [],
      authority: { line: 1 },
    });
  });

  test('lines that ssh passes over do not count', () => {
    const texts = [
      'cs6',
      'cs6 ssh-ed25519',
      'cs6 ssh-ed25519 !!!',
      `cs6 ssh-rsa ${ed.encoded}`,
      `@other cs6 ${ed.text}`,
    ];
    expect(parseKnownHosts(texts.join('\n'), 'kh')).toEqual([]);
  });

  test('a file hashed by ssh-keygen', () => {
    const path = join(folder, 'hashed');
    writeFileSync(path, `cs6.example.com ${ed.text}\n[cs7.example.com]:2222 ${rsa.text}\r\n`);
    execFileSync('ssh-keygen', ['-q', '-H', '-f', path], { stdio: 'ignore' });
    const text = readFileSync(path, 'utf8');
    expect(text).toMatch(/^\|1\|/);
    const lines = parseKnownHosts(text, 'kh');
    expect(judgeKey(lines, { address: 'cs6.example.com', port: 22 }, ed.key).state).toBe('known');
    expect(judgeKey(lines, { address: 'CS7.example.com', port: 2222 }, rsa.key).state).toBe('known');
    expect(judgeKey(lines, { address: 'cs7.example.com', port: 22 }, rsa.key).state).toBe('unknown');
  });
});

test('the fingerprint is that of ssh-keygen', () => {
  const printed = execFileSync('ssh-keygen', ['-l', '-f', ed.path], { encoding: 'utf8' });
  expect(printed.split(' ')[1]).toBe(fingerprint(ed.key));
});

function publicKey(type: string, name: string) {
  const path = join(folder, name);
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', '', '-f', path]);
  const [word = '', encoded = ''] = readFileSync(`${path}.pub`, 'utf8').trim().split(' ');
  return { path: `${path}.pub`, text: `${word} ${encoded}`, encoded, key: Buffer.from(encoded, 'base64') };
}
