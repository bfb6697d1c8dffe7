import { describe, expect, it } from 'vitest';
import { buildDirectorySchema, parseSchemaDescription } from '../../../src/ldap/schema.ts';
import { fakeServer } from './fake-server.ts';
import { connectionForTest, directoryForTest, findingOf, makes } from './support.ts';

/** As OpenLDAP 2.5 shows them. */
const OPENLDAP_UID =
  "( 0.9.2342.19200300.100.1.1 NAME ( 'uid' 'userid' ) DESC 'RFC4519: user identifier' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15{256} )";
/** As the 389 Directory Server 2.3 has them. */
const NS_UNIQUE_ID =
  "( 2.16.840.1.113730.3.1.542 NAME 'nsUniqueId' DESC 'Netscape defined attribute type' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation X-ORIGIN 'Netscape Directory Server' )";
const CN_389 =
  "( 2.5.4.3 NAME ( 'cn' 'commonName' )  SUP name EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 X-ORIGIN ( 'RFC 4519' 'user defined' ) X-DEPRECATED 'commonName' )";
/** Shapes of older servers: names for OIDs, quoted syntaxes, unescaped apostrophes, no blanks. */
const OLD_ATTRIBUTE =
  "( davStore-oid NAME 'davStore' DESC 'the user's store' SYNTAX '1.3.6.1.4.1.1466.115.121.1.15' SINGLE-VALUE X-DS-USE 'internal')";
const OLD_CLASS = "(1.2.3 NAME 'davEntity' DESC '' SUP 'top' AUXILIARY MUST objectClass MAY (davStore$davUniqueId))";

describe('a definition', () => {
  it.each([
    [
      OPENLDAP_UID,
      '0.9.2342.19200300.100.1.1',
      { NAME: ['uid', 'userid'], SYNTAX: ['1.3.6.1.4.1.1466.115.121.1.15{256}'] },
    ],
    [
      NS_UNIQUE_ID,
      '2.16.840.1.113730.3.1.542',
      { NAME: ['nsUniqueId'], 'SINGLE-VALUE': [], USAGE: ['directoryOperation'] },
    ],
    [CN_389, '2.5.4.3', { NAME: ['cn', 'commonName'], SUP: ['name'], 'X-ORIGIN': ['RFC 4519', 'user defined'] }],
    [OLD_ATTRIBUTE, 'davStore-oid', { NAME: ['davStore'], DESC: ["the user's store"], 'SINGLE-VALUE': [] }],
    [OLD_CLASS, '1.2.3', { NAME: ['davEntity'], SUP: ['top'], MAY: ['davStore', 'davUniqueId'], AUXILIARY: [] }],
    [
      "( 1.2.3 NAME 'a' DESC 'O\\27Neil \\5C ( $ ) SINGLE-VALUE' )",
      '1.2.3',
      { DESC: ["O'Neil \\ ( $ ) SINGLE-VALUE"] },
    ],
    ["( 1.2.3 NAME 'a' X-NEW ( 'b' ) X-OTHER c )", '1.2.3', { 'X-NEW': ['b'], 'X-OTHER': ['c'] }],
    ["\n( 1.2.3\n\tNAME 'a'\n\tMAY ( b $\n c ) )\n", '1.2.3', { MAY: ['b', 'c'] }],
    ['( 1.2.3 )', '1.2.3', {}],
  ])('is taken apart: %s', (text, oid, fields) => {
    const description = parseSchemaDescription(text);
    expect(description?.oid).toBe(oid);
    expect(Object.fromEntries(description?.fields ?? [])).toMatchObject(fields);
  });

  it('keeps what a description says apart from what it is', () => {
    expect(parseSchemaDescription("( 1.2.3 NAME 'a' DESC 'x SINGLE-VALUE y' )")?.fields.has('SINGLE-VALUE')).toBe(
      false,
    );
  });

  it.each([
    '',
    'x',
    '(',
    '()',
    "( 1.2.3 NAME 'a'",
    "( 1.2.3 NAME 'a )",
    '( 1.2.3 NAME )',
    "( 1.2.3 'a' )",
    '( 1.2.3 MAY ( a $ ( b ) ) )',
    '( 1.2.3 MAY ( a $ b )',
  ])('is none: %j', text => {
    expect(parseSchemaDescription(text)).toBeUndefined();
  });
});

describe('a schema', () => {
  const person = "( 2.5.6.6 NAME 'person' SUP top STRUCTURAL MUST ( sn $ cn ) MAY userPassword )";
  const organizational = "( 2.5.6.7 NAME 'organizationalPerson' SUP PERSON MAY ( title $ SN ) )";
  const inet = "( 2.16.1 NAME ( 'inetOrgPerson' 'iop' ) SUP 2.5.6.7 MAY ( mail $ uid ) )";

  it('knows every name of an attribute, and whether it has one value', () => {
    const { attributes } = buildDirectorySchema([OPENLDAP_UID, NS_UNIQUE_ID, CN_389, OLD_ATTRIBUTE, 'broken'], []);
    expect([...attributes]).toEqual([
      ['uid', { singleValue: false }],
      ['userid', { singleValue: false }],
      ['nsuniqueid', { singleValue: true, operational: true }],
      ['cn', { singleValue: false }],
      ['commonname', { singleValue: false }],
      ['davstore', { singleValue: true }],
    ]);
  });

  it('merges what a class inherits, by name or by OID', () => {
    const { objectClasses } = buildDirectorySchema([], [inet, organizational, person, OLD_CLASS]);
    expect(objectClasses.get('inetorgperson')).toEqual({
      auxiliary: false,
      may: ['mail', 'uid', 'title', 'sn', 'userpassword'],
      must: ['sn', 'cn'],
    });
    expect(objectClasses.get('iop')).toBe(objectClasses.get('inetorgperson'));
    expect(objectClasses.get('daventity')).toEqual({
      auxiliary: true,
      may: ['davstore', 'davuniqueid'],
      must: ['objectclass'],
    });
  });

  it('survives classes that descend from each other', () => {
    const { objectClasses } = buildDirectorySchema(
      [],
      ["( 1.1 NAME 'a' SUP b MAY x )", "( 1.2 NAME 'b' SUP a MAY y )"],
    );
    expect(objectClasses.get('a')?.may).toEqual(['x', 'y']);
  });
});

describe('the schema of a server', () => {
  it.each(makes)('is read from %s', async make => {
    const { attributes, objectClasses } = await connectionForTest(await directoryForTest(make)).schema();
    for (const name of ['davstore', 'davuniqueid', 'icsallowedserviceaccess', 'icsstatus']) {
      expect(attributes.get(name)).toEqual({ singleValue: true });
    }
    // OpenLDAP has no attribute of its own by that name, and the schema for tests defines one.
    const isOwn = make === '389';
    expect(attributes.get('nsuniqueid')).toEqual({ singleValue: true, ...(isOwn && { operational: true }) });
    expect(attributes.get('mail')).toEqual({ singleValue: false });
    expect(attributes.get('rfc822mailbox')).toEqual({ singleValue: false });
    expect(attributes.has('icsnosuchthing')).toBe(false);
    expect(objectClasses.get('daventity')).toMatchObject({ auxiliary: true, may: ['davstore', 'davuniqueid'] });
    expect(objectClasses.get('icscalendargroup')).toMatchObject({ auxiliary: true, must: ['groupid', 'objectclass'] });
    expect(objectClasses.get('inetorgperson')?.must).toEqual(['sn', 'cn', 'objectclass']);
    expect(attributes.size).toBeGreaterThan(200);
  });

  it('that does not show it is told', async () => {
    const hidden = await fakeServer((asked, answer) => {
      if (asked.base === 'cn=schema') {
        answer.done(50, 'not for you');
        return true;
      }
      return false;
    });
    expect(await findingOf(connectionForTest(hidden).schema())).toMatchObject({
      code: 'directory.schema-unreadable',
      detail: expect.stringContaining('50 insufficientAccessRights: not for you'),
    });

    const silent = await fakeServer((asked, answer) => {
      if (asked.what === 'search') {
        answer.done(32);
        return true;
      }
      return false;
    });
    expect(await findingOf(connectionForTest(silent).schema())).toMatchObject({
      code: 'directory.schema-unreadable',
      detail: expect.stringContaining('subschemaSubentry'),
    });
  });
});
