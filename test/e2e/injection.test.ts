import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabEntry } from '../../src/lab/directory-content.ts';
import { toLdif } from '../../src/lab/directory-content.ts';
import { asDirectoryAdmin, type Estate, icsConf, startEstate, variantOf } from '../servers/estate.ts';
import { type Ran, reconcile } from './cli.ts';

/*
 * Text that others write (names in the directory, files of hosts, paths of the estate file) is data wherever it goes: in a
 * shell line it would make the mark, in an LDAP filter it would find more, on a terminal it would move the cursor.
 */
const mark = '/tmp/reconcile-hurt';

const hostile: readonly string[] = [
  `$(touch ${mark})`,
  `\`touch ${mark}\``,
  `'; touch ${mark}; '`,
  `"; touch ${mark}; "`,
  `x\ntouch ${mark}\n`,
  `x\r\ntouch ${mark}`,
  `| touch ${mark} &`,
  '*)(uid=*))(|(uid=*',
  'jdoe,ou=People,o=example.com',
  'a\u0000b',
  '\u001b[2J\u001b]0;owned\u0007',
  '\u009b2J',
  'safe\u202Efdp.exe',
  '\u2066left\u2069',
  '--help',
  '-rf /',
  '../../../../etc/passwd',
  '%s%n%x',
  '<script>alert(1)</script><img src=x onerror=alert(1)>',
  '[click](javascript:alert(1)) `code` | cell |',
  '::error file=x::owned',
  '{"key": "\\"}',
];

const formats = ['text', 'json', 'markdown', 'html', 'junit', 'sarif', 'github'] as const;

let estate: Estate;

beforeAll(async () => {
  estate = await startEstate({ users: 30, groups: 4, resources: 2 });
  const ldif = [...toLdif(hostile.map(person))].join('');
  ldap(['ldapadd'], ldif);
  writeFileSync(estate.file, readFileSync(estate.file, 'utf8').replace(/moves: 25%/, 'moves: 100%'));
});
afterAll(async () => {
  await estate?.stop();
});

/** Also with the hostile text as the value that the DN names. */
function person(text: string, number: number): LabEntry {
  const escaped = Buffer.from(text).toString('hex').replace(/../g, '\\$&');
  return {
    dn: `uid=${escaped},ou=People,o=example.com,o=isp`,
    attributes: {
      objectClass: [
        'top',
        'person',
        'organizationalPerson',
        'inetOrgPerson',
        'inetUser',
        'icsCalendarUser',
        'labEntry',
      ],
      uid: [text],
      cn: [text],
      sn: [text],
      mail: [`hostile${number}@example.com`],
      departmentNumber: ['Finance'],
      inetUserStatus: ['active'],
      icsStatus: ['active'],
      nsUniqueId: [`0000000${String(number).padStart(2, '0')}-00000000-00000000-0000000a`],
    },
  };
}

function ldap(words: readonly string[], input = ''): string {
  return asDirectoryAdmin(estate, words, input);
}

function run(...words: readonly string[]): Promise<Ran> {
  return reconcile(words, estate.environment);
}

/** A line per value: a text that moves the cursor, hides or turns its neighbours would be in none of them. */
function expectHarmless({ stdout, stderr }: Ran): void {
  for (const text of [stdout, stderr]) {
    expect(
      text.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g),
    ).toBeNull();
    expect(text).not.toMatch(/^touch /m);
  }
  expect(existsSync(mark)).toBe(false);
}

function accounts(filter: string): number {
  return ldap(['ldapsearch', '-LLL', '-b', 'o=isp', filter, '1.1']).match(/^dn:/gm)?.length ?? 0;
}

describe('hostile names in the directory', () => {
  it.each(formats)('are shown as text: %s', async format => {
    const ran = await run('check', estate.file, '--format', format);
    expect(ran.code, ran.stdout.slice(0, 3000)).toBe(2);
    expectHarmless(ran);
    expect(ran.stdout).not.toMatch(/<script|<img src=x/);
    expect(ran.stdout).not.toMatch(/^::error file=x/m);
  });

  it('are accounts like any other: each gets its own id and nothing else happens', async () => {
    const others = ldap(['ldapsearch', '-LLL', '-b', 'ou=Groups,o=example.com,o=isp', '(!(davUniqueId=*))']);
    const applied = await run('apply', estate.file, '--yes');
    expect([applied.code, applied.stderr], applied.stdout.slice(-3000)).toEqual([0, '']);
    expectHarmless(applied);
    expect(accounts('(&(mail=hostile*@example.com)(davUniqueId=*)(davStore=defaultbackend))')).toBe(hostile.length);
    const ids = ldap(['ldapsearch', '-LLL', '-b', 'o=isp', '(davUniqueId=*)', 'davUniqueId']);
    const values = [...ids.matchAll(/^davUniqueId: (\S+)$/gm)].map(([, value]) => value);
    expect(new Set(values).size).toBe(values.length);
    expect(others).not.toBe('');
    const checked = await run('check', estate.file);
    expect([checked.code, checked.stderr]).toEqual([0, '']);
  });

  it.each(['audit', 'verify', 'status', 'snapshot'])('pass through %s', async verb => {
    const words =
      verb === 'snapshot' ? [verb, estate.file, '-o', join(estate.folder, 'x.snapshot')] : [verb, estate.file];
    const ran = await run(...words);
    expect([0, 2], ran.stdout.slice(0, 4000)).toContain(ran.code);
    expectHarmless(ran);
  });
});

describe('hostile content of files of hosts', () => {
  it('stays as it is, byte for byte, around the line that changes', async () => {
    const path = estate.pathOf('cs6-fe1', icsConf);
    const before = readFileSync(path, 'latin1');
    const lines = hostile.filter(text => !/[\r\n]/.test(text)).map(text => `! ${Buffer.from(text).toString('latin1')}`);
    const more = [...lines, `! ${'A'.repeat(1_000_000)}`, 'my.key = "$(touch /tmp/reconcile-hurt)"'].join('\n');
    const wrong = `${before}${more}\n`.replace(/^(user\.invite\.autoprovision *= *)"no"/m, '$1"yes"');
    expect(wrong).toMatch(/^user\.invite\.autoprovision *= *"yes"/m);
    writeFileSync(path, wrong, 'latin1');
    const planned = await run('plan', estate.file);
    expect(planned.code).toBe(2);
    expectHarmless(planned);
    const applied = await run('apply', estate.file, '--yes');
    expect([applied.code, applied.stderr], applied.stdout.slice(-3000)).toEqual([0, '']);
    expectHarmless(applied);
    expect(readFileSync(path, 'latin1')).toBe(wrong.replace(/^(user\.invite\.autoprovision *= *)"yes"/m, '$1"no"'));
  }, 120_000);
});

describe('hostile paths of the estate file', () => {
  const paths = hostile.filter(text => !/[\u0000-\u001f\u007f-\u009f]/.test(text)).map(text => `/etc/opt/${text}`);

  it.each(paths)('%j is one word, and no file', async path => {
    const file = variantOf(
      estate,
      'path',
      /(cs6-fe1: \{.*?) \}/,
      `$1, config: ${JSON.stringify(path).replaceAll('$', '$$$$')} }`,
    );
    const ran = await run('check', file, '--only', 'cs6-fe1');
    expect([1, 4]).toContain(ran.code);
    expectHarmless(ran);
  });

  it('nothing was made of them', () => {
    expect(readdirSync('/tmp').filter(name => name.includes('reconcile-hurt'))).toEqual([]);
  });
});
