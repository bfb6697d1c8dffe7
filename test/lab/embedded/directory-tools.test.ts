import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { EmbeddedDirectory } from '../../../src/lab/embedded/ldap-server.ts';
import { adminDn, bindDn, directoryForTest, jdoe, people } from './support.ts';

/** What a C client of OpenLDAP does; the tool must not block the server, which is in this process. */
async function tool(
  directory: EmbeddedDirectory,
  name: string,
  words: readonly string[],
  login: readonly string[] = ['-D', bindDn, '-w', 'bind-lab'],
  input = '',
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  const child = spawn(name, ['-x', '-H', directory.url, ...login, '-o', 'ldif-wrap=no', ...words]);
  let out = '';
  let err = '';
  child.stdout.on('data', chunk => {
    out += chunk;
  });
  child.stderr.on('data', chunk => {
    err += chunk;
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const code = await new Promise<number | null>(resolve => child.once('close', resolve));
  return { code, out, err };
}

describe('with the tools of OpenLDAP', () => {
  const search = ['-LLL', '-b', 'o=isp'];

  it('searches page by page', async () => {
    const directory = await directoryForTest(1000);
    for (const page of ['pr=7/noprompt', 'pr=500/noprompt', 'pr=1015/noprompt', 'pr=2000/noprompt']) {
      const ran = await tool(directory, 'ldapsearch', [...search, '-E', page, '(objectClass=*)', '1.1']);
      expect([page, ran.code, ran.out.match(/^dn::? /gm)?.length]).toEqual([page, 0, 1015]);
    }
    expect(
      (await tool(directory, 'ldapsearch', [...search, '(objectClass=*)', '1.1'])).out.match(/^dn::? /gm),
    ).toHaveLength(1015);
  });

  it('obeys scope, limits and attributes', async () => {
    const directory = await directoryForTest();
    const dns = async (...words: readonly string[]) =>
      (await tool(directory, 'ldapsearch', ['-LLL', ...words, '1.1'])).out.trim().split(/\n+/);
    expect(await dns('-b', 'o=isp', '-s', 'base')).toEqual(['dn: o=isp']);
    expect(await dns('-b', 'o=isp', '-s', 'one')).toEqual(['dn: ou=Services,o=isp', 'dn: o=example.com,o=isp']);
    const cut = await tool(directory, 'ldapsearch', [...search, '-z', '3', '(objectClass=*)', '1.1']);
    expect([cut.code, cut.out.match(/^dn: /gm)?.length]).toEqual([4, 3]);
    const exact = await tool(directory, 'ldapsearch', [
      ...search,
      '-z',
      '1',
      '(uid=jdoe)',
      'icsstatus',
      'modifiersName',
    ]);
    expect([exact.code, exact.out]).toEqual([0, `dn: ${jdoe}\nicsStatus: active\nmodifiersName: ${adminDn}\n\n`]);
    const all = (await tool(directory, 'ldapsearch', [...search, '(uid=jdoe)', '*', '+'])).out;
    for (const line of [
      'uid: jdoe',
      'entryDN: uid=jdoe',
      'subschemaSubentry: cn=Subschema',
      'objectClass: icsCalendarUser',
    ])
      expect(all).toContain(`\n${line}`);
    expect((await tool(directory, 'ldapsearch', [...search, '(uid=jdoe)'])).out).not.toContain('modifyTimestamp');
    expect((await tool(directory, 'ldapsearch', ['-b', 'o=elsewhere'])).code).toBe(32);
    expect((await tool(directory, 'ldapsearch', ['-b', 'nonsense'])).code).toBe(34);
  });

  it('shows who one is, the root entry and the schema', async () => {
    const directory = await directoryForTest();
    expect((await tool(directory, 'ldapwhoami', [])).out).toBe(`dn:${bindDn}\n`);
    expect((await tool(directory, 'ldapwhoami', [], [])).out).toBe('anonymous\n');
    const root = await tool(directory, 'ldapsearch', ['-LLL', '-s', 'base', '-b', '', '+'], []);
    for (const line of ['namingContexts: o=isp', 'supportedControl: 1.2.840.113556.1.4.319', 'supportedLDAPVersion: 3'])
      expect(root.out).toContain(line);
    const schema = await tool(directory, 'ldapsearch', ['-LLL', '-s', 'base', '-b', 'cn=subschema', 'attributeTypes']);
    expect(schema.out).toContain("NAME 'davStore'");
  });

  it('lets nobody see or change anything without a login', async () => {
    const directory = await directoryForTest();
    const ldif = `dn: ${jdoe}\nchangetype: modify\nreplace: cn\ncn: x\n`;
    expect((await tool(directory, 'ldapsearch', [...search], [])).code).toBe(50);
    expect((await tool(directory, 'ldapmodify', [], [], ldif)).code).toBe(50);
    expect((await tool(directory, 'ldapsearch', search, ['-D', bindDn, '-w', 'wrong'])).code).toBe(49);
    expect((await tool(directory, 'ldapsearch', search, ['-D', bindDn])).code).toBe(53);
    const passwords = async (login: readonly string[]) =>
      (await tool(directory, 'ldapsearch', [...search, '(userPassword=*)', 'userPassword'], login)).out;
    expect(await passwords(['-D', bindDn, '-w', 'bind-lab'])).toBe('');
    expect(await passwords(['-D', adminDn, '-w', 'admin-lab'])).toContain('userPassword');
  });

  it('modifies, all or nothing', async () => {
    const directory = await directoryForTest();
    const modify = async (...lines: readonly string[]) =>
      (
        await tool(
          directory,
          'ldapmodify',
          [],
          undefined,
          `${['changetype: modify', ...lines].join('\n')}\n`.replace(/^/, `dn: ${jdoe}\n`),
        )
      ).code;
    expect(await modify('add: objectClass', 'objectClass: davEntity', '-', 'add: davStore', 'davStore: b1')).toBe(0);
    expect(directory.entry(jdoe)?.attributes['davStore']).toEqual(['b1']);
    expect(await modify('delete: davStore', 'davStore: B1', '-', 'add: davStore', 'davStore: b2')).toBe(0);
    expect(await modify('delete: davStore', 'davStore: b1', '-', 'add: davStore', 'davStore: b3')).toBe(16);
    expect(
      await modify('replace: cn', 'cn: One', 'cn: Two', '-', 'replace: davUniqueId', '-', 'delete: davStore'),
    ).toBe(0);
    expect(directory.entry(jdoe)?.attributes).toMatchObject({ cn: ['One', 'Two'] });
    expect(directory.entry(jdoe)?.attributes['davStore']).toBeUndefined();
    expect(await modify('add: cn', 'cn: Three', '-', 'add: cn', 'cn: ONE')).toBe(20);
    expect(directory.entry(jdoe)?.attributes['cn']).toEqual(['One', 'Two']);
  });

  it('says of what it does not do that it does not', async () => {
    const directory = await directoryForTest();
    const added = `dn: uid=x,${people}\nobjectClass: top\n`;
    expect((await tool(directory, 'ldapadd', [], undefined, added)).code).toBe(53);
    expect((await tool(directory, 'ldapdelete', [jdoe])).code).toBe(53);
    expect((await tool(directory, 'ldapcompare', [jdoe, 'cn:x'])).code).toBe(53);
    expect((await tool(directory, 'ldapmodrdn', [jdoe, 'uid=y'])).code).toBe(53);
    expect((await tool(directory, 'ldapsearch', ['-ZZ', ...search])).code).not.toBe(0);
    expect((await tool(directory, 'ldapsearch', ['-E', '!sync=ro', ...search])).code).toBe(12);
    expect((await tool(directory, 'ldapsearch', ['-E', 'sync=ro', ...search])).code).toBe(0);
  });
});
