import { describe, expect, it } from 'vitest';
import {
  dnKey,
  isBelow,
  memberKey,
  modernName,
  nameAbove,
  nameKey,
  nameProblem,
  plainKey,
  sameName,
  shortName,
} from '../../src/ldap/distinguished-name.ts';

describe('one entry, whatever its name is written like', () => {
  it.each([
    ['blanks around separators', 'uid=jdoe, ou=People ,o = isp', 'uid=jdoe,ou=People,o=isp'],
    ['case', 'UID=JDoe,OU=people,O=ISP', 'uid=jdoe,ou=People,o=isp'],
    ['a comma in hexadecimal', 'cn=Doe\\2C John,o=isp', 'cn=Doe\\, John,o=isp'],
    ['a comma in quotes', 'cn="Doe, John",o=isp', 'cn=Doe\\, John,o=isp'],
    ['a quote in quotes', 'cn="J. \\"Jo\\" Doe",o=isp', 'cn=J. \\22Jo\\22 Doe,o=isp'],
    ['semicolons between components', 'uid=jdoe;ou=People;o=isp', 'uid=jdoe,ou=People,o=isp'],
    ['a component with parts in another order', 'uid=jdoe+cn=John,o=isp', 'cn=John + uid=jdoe,o=isp'],
    ['OIDs', '0.9.2342.19200300.100.1.1=jdoe,OID.2.5.4.11=People,2.5.4.10=isp', 'uid=jdoe,ou=People,o=isp'],
    ['long names', 'userid=jdoe,organizationalUnitName=People,organizationName=isp', 'uid=jdoe,ou=People,o=isp'],
    ['bytes of UTF-8', 'cn=J\\C3\\B6rg,o=isp', 'cn=Jörg,o=isp'],
    ['two forms of a letter', 'cn=Jo\u0308rg,o=isp', 'cn=J\u00f6rg,o=isp'],
    ['a value in BER', 'cn=#0C044A6F686E,o=isp', 'cn=John,o=isp'],
    ['blanks within and after a value', 'cn=John   Doe\\ ,o=isp', 'cn=John Doe,o=isp'],
    ['escapes that are not needed', 'cn=a\\=b\\#c,o=isp', 'cn=a=b#c,o=isp'],
  ])('%s', (_, one, other) => {
    expect(nameKey(one)).toBe(nameKey(other));
    expect(sameName(one, other)).toBe(true);
    expect(memberKey(one)).toBe(memberKey(other));
  });

  it.each([
    ['a comma that parts and one that does not', 'cn=Doe\\,ou=People,o=isp', 'cn=Doe,ou=People,o=isp'],
    ['a plus that parts and one that does not', 'cn=a\\+sn=b,o=isp', 'cn=a+sn=b,o=isp'],
    ['components in another order', 'ou=a,ou=b,o=isp', 'ou=b,ou=a,o=isp'],
    ['BER that is no text, and the same as text', 'cn=#ff01,o=isp', 'cn=\\#ff01,o=isp'],
    ['two values in BER that are no text', 'cn=#ff01,o=isp', 'cn=#ff02,o=isp'],
    ['two bytes that are no UTF-8', 'cn=\\fe,o=isp', 'cn=\\ff,o=isp'],
    ['another attribute', 'uid=jdoe,o=isp', 'cn=jdoe,o=isp'],
    ['a line end and a blank', 'uid=x\\0ay,o=isp', 'uid=x y,o=isp'],
    ['two line ends', 'uid=x\\0ay\\0a,o=isp', 'uid=x\\0d\\0ay,o=isp'],
  ])('and not another: %s', (_, one, other) => {
    expect(sameName(one, other)).toBe(false);
  });

  it.each(['uid=jdoe,ou=People,o=isp', 'UID=J.Doe-2@example.com,OU=The People,DC=example,DC=com'])(
    '%s has the same form by the short way and by the long one',
    name => {
      expect(plainKey(name)).toBe(dnKey(name, { attribute: () => undefined }));
    },
  );

  it('the form is a name itself, and its own form', () => {
    for (const name of ['cn=\\#a\\"b\\;c\\, d\\ ,o=isp', 'cn=#ff01+sn=\\2b,o=isp', 'cn=a=b,o=<x>'])
      expect(nameKey(nameKey(name))).toBe(nameKey(name));
  });
});

describe('below and above', () => {
  it('counts components and not characters', () => {
    expect(isBelow('uid=a, OU=People,o=isp', 'ou=people , o=isp')).toBe(true);
    expect(isBelow('cn=x\\,o=isp', 'o=isp')).toBe(false);
    expect(isBelow('uid=a,ou=People,o=wisp', 'o=isp')).toBe(false);
  });

  it('leaves the first component away, whatever stands in it', () => {
    expect(nameAbove('cn=Doe\\, John,ou=People,o=isp')).toBe('ou=People,o=isp');
    expect(nameAbove('cn="Doe, John",ou=People,o=isp')).toBe('ou=People,o=isp');
    expect(nameAbove('cn=a+sn=b,o=isp')).toBe('o=isp');
    expect(nameAbove('o=isp')).toBeUndefined();
  });

  it('calls an entry by its first component, without escapes', () => {
    expect(shortName('cn=Doe\\2C John,ou=People,o=isp')).toBe('cn=Doe, John');
    expect(shortName('cn=Doe\\, John+uid=jdoe,o=isp')).toBe('cn=Doe, John+uid=jdoe');
    expect(shortName('/etc/ics.conf, or another')).toBe('/etc/ics.conf, or another');
    expect(shortName('uid=x\\0atouch y,o=isp')).toBe('uid=x\\u000atouch y');
  });

  it('writes the older forms so that every server takes them, and leaves others alone', () => {
    expect(modernName('cn="Doe, John";OID.2.5.4.10=isp')).toBe('cn=Doe\\2c John,o=isp');
    expect(modernName('userid=jdoe,o=isp')).toBe('uid=jdoe,o=isp');
    expect(modernName('cn=Doe\\, John, o=isp')).toBe('cn=Doe\\, John, o=isp');
  });
});

describe('what is no name', () => {
  it.each([
    ['jdoe', 0],
    ['uid=jdoe,People', 9],
    ['uid=jdoe,', 9],
    ['uid=jdoe,,o=isp', 9],
    ['uid=,o=isp', 4],
    ['uid=jdoe, =isp', 10],
    ['cn=J. "Jo" Doe,o=isp', 6],
    ['cn="Doe, John,o=isp', 3],
    ['cn=a\\zb,o=isp', 4],
    ['cn=a\\', 4],
    ['cn=#0,o=isp', 3],
  ])('%s: from character %i on', (text, offset) => {
    expect(nameProblem(text)?.offset).toBe(offset);
    expect(plainKey(text)).toBeUndefined();
    expect(nameKey(text)).toBe(text.toLowerCase());
  });
});
