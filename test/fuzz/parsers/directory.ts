import { BerCursor, NotBer } from '../../../src/adapters/ldap/ber.ts';
import { readPasswordState } from '../../../src/adapters/ldap/login.ts';
import { MessageReader } from '../../../src/adapters/ldap/message-reader.ts';
import { checkAnswer } from '../../../src/adapters/ldap/result-code.ts';
import {
  componentValues,
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
} from '../../../src/ldap/distinguished-name.ts';
import { attributesIn, classesIn, equals, type LdapFilter, parseFilter } from '../../../src/ldap/filter.ts';
import { compileFilter } from '../../../src/ldap/filter-match.ts';
import { ldifChange, ldifLine } from '../../../src/ldap/ldif.ts';
import { matchingRulesOf } from '../../../src/ldap/matching-rule.ts';
import { buildDirectorySchema, type DirectorySchema, parseSchemaDescription } from '../../../src/ldap/schema.ts';
import type { DirectoryEntry } from '../../../src/ports/directory.ts';
import { entryMessage } from '../../adapters/ldap/fake-server.ts';
import { claim, type Parser } from '../parser.ts';

const attributeTypes = [
  "( 2.5.4.41 NAME 'name' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15{32768} )",
  "( 2.5.4.3 NAME ( 'cn' 'commonName' ) DESC 'RFC4519: it''s a \\27name\\27' SUP name )",
  "( 0.9.2342.19200300.100.1.1 NAME ( 'uid' 'userid' ) EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )",
];
const objectClasses = [
  "( 2.5.6.0 NAME 'top' ABSTRACT MUST objectClass )",
  "( 2.5.6.6 NAME 'person' SUP top STRUCTURAL MUST ( sn $ cn ) MAY ( userPassword $ telephoneNumber ) X-ORIGIN ( 'RFC 4519' 'user defined' ) )",
];

const schema: Parser = {
  name: 'schema of a directory',
  covers: ['parseSchemaDescription', 'buildDirectorySchema', 'matchingRulesOf'],
  samples: [[...attributeTypes, ...objectClasses].join('\n'), "( 1.2 NAME 'a' SUP b )\n( 1.3 NAME 'b' SUP a )"],
  words: [
    '( ',
    ' )',
    "'",
    '$',
    ' NAME ',
    ' SUP ',
    ' MUST ( a $ b )',
    "X-Y ( 'a' 'b' ) ",
    '\\27',
    '{9}',
    "( 1.2 NAME 'a' SUP b )\n",
  ],
  read: text => {
    const lines = text.split('\n');
    const built = buildDirectorySchema(lines, lines);
    const rules = matchingRulesOf(built);
    for (const name of built.attributes.keys()) rules.attribute(name)?.normalize(text);
    return { built, superiors: built.superiors, matching: built.matching, all: lines.map(parseSchemaDescription) };
  },
  holds: (text, result) => {
    const { built } = result as { readonly built: DirectorySchema };
    for (const name of built.attributes.keys())
      claim(text.toLowerCase().includes(name.slice(0, 1)), 'a name is in the text');
  },
};

function nameHolds(text: string): void {
  const key = plainKey(text);
  if (key === undefined) {
    claim(nameProblem(text) !== undefined || text.trim() === '', 'what has no key has a problem');
    claim(modernName(text) === text, 'what is no name stays itself');
    return;
  }
  claim(nameKey(key) === key, 'the key of a key is itself');
  claim(sameName(text, modernName(text)), 'the modern way of writing names the same entry');
  claim(sameName(text, key), 'the key names the same entry');
  const above = nameAbove(text);
  if (text.trim() !== '' && above !== undefined && plainKey(above) !== undefined)
    claim(isBelow(text, above), 'an entry is below the one above it');
}

const names: Parser = {
  name: 'distinguished names',
  covers: [
    'dnKey',
    'plainKey',
    'nameKey',
    'nameProblem',
    'memberKey',
    'modernName',
    'nameAbove',
    'namingValues',
    'shortName',
  ],
  samples: [
    'uid=jdoe,ou=People,o=isp',
    'cn="Smith, John" + OID.2.5.4.4=Smith ; o = \\C3\\A9t\\c3\\a9\\, x,c=de',
    'cn=#0c024869,dc=example,dc=com',
    'nsuniqueid=1-2,uid=a\\20,o=  b  c ',
  ],
  words: [
    ',',
    '+',
    ';',
    '=',
    '\\',
    '\\2c',
    '"',
    '\\"',
    '#',
    '#04',
    ' ',
    '\\ ',
    'uid=',
    'OID.',
    'cn="a',
    '2.5.4.3=',
    '\\c3',
  ],
  read: text => {
    const known = { attribute: (name: string) => ({ name, normalize: (value: string) => value.toLowerCase() }) };
    return [dnKey(text, known), memberKey(text), shortName(text), componentValues(text)];
  },
  holds: nameHolds,
};

function filterHolds(text: string, result: ReturnType<typeof parseFilter>): void {
  if ('problem' in result) {
    claim(result.problem.offset >= 0 && result.problem.offset <= text.length, 'a problem has a place in the text');
    return;
  }
  claim(text.startsWith('(') && text.endsWith(')'), 'a filter is in parentheses');
  const joined = parseFilter(`(&${text}(a=b))`);
  const nested = 'filter' in joined && joined.filter.type === 'and' ? joined.filter.parts : [];
  if ('filter' in joined) claim(nested.length === 2, 'a filter can be glued to another');
  for (const name of attributesIn(text)) claim(text.toLowerCase().includes(name), 'an attribute is in the text');
}

function matches(filter: LdapFilter): boolean {
  const rules = matchingRulesOf(buildDirectorySchema(attributeTypes, objectClasses));
  const view = { dn: () => 'uid=a,o=isp', names: () => ['uid', 'cn'], values: () => ['a', 'Zoë'] };
  return compileFilter(filter, rules, view)({}) === true;
}

const filters: Parser = {
  name: 'LDAP filters',
  covers: ['parseFilter', 'filterProblem', 'attributesIn', 'classesIn', 'compileFilter', 'equals'],
  samples: [
    '(&(objectClass=icsCalendarUser)(|(uid=j*d*e)(mail=*@example.com))(!(davStore=*)))',
    '(cn:dn:2.5.13.2:=Zo\\c3\\ab)(x>=1)',
    '(cn;lang-de~=a\\2ab)',
    '(:caseIgnoreMatch:=x)',
  ],
  words: [
    '(',
    ')',
    '(&',
    '(|',
    '(!',
    '=',
    '=*',
    '*',
    '\\',
    '\\2a',
    ':=',
    ':dn:',
    '>=',
    '~=',
    '(a=b)',
    ';x',
    '2.5.4.3',
    '(!(',
  ],
  read: text => {
    const parsed = parseFilter(text);
    if ('filter' in parsed) {
      matches(parsed.filter);
      classesIn(parsed.filter);
    }
    parseFilter(equals('uid', text));
    return parsed;
  },
  holds: (text, result) => {
    filterHolds(text, result as ReturnType<typeof parseFilter>);
    const own = parseFilter(equals('uid', text));
    const value = 'filter' in own && own.filter.type === 'equal' ? own.filter.value : undefined;
    claim(value !== undefined && Buffer.from(value).equals(Buffer.from(text)), 'any value can be asked for as it is');
  },
};

/** A message of the directory, as bytes in a text. */
function message(...parts: readonly (readonly [tag: number, content: string])[]): string {
  return part(0x30, parts.map(([tag, content]) => part(tag, content)).join(''));
}

function part(tag: number, content: string): string {
  const size = content.length < 128 ? [content.length] : [0x82, content.length >> 8, content.length & 255];
  return String.fromCharCode(tag, ...size) + content;
}

const done = message([0x02, '\x01'], [0x65, '\x0a\x01\x00\x04\x00\x04\x00']);
const referral = message(
  [0x02, '\x01'],
  [0x65, `\x0a\x01\x0a\x04\x00\x04\x02no${part(0xa3, part(0x04, 'ldap://b/'))}`],
);
const paged = message(
  [0x02, '\x01'],
  [0x65, '\x0a\x01\x00\x04\x00\x04\x00'],
  [0xa0, part(0x30, part(0x04, '1.2.840.113556.1.4.319') + part(0x04, part(0x30, '\x02\x01\x00\x04\x03abc')))],
);
const entry = entryMessage(1, 'uid=zoë,o=isp', {
  CN: ['Zoë', 'x'.repeat(130)],
  objectClass: ['top', 'person'],
}).toString('latin1');

const messages: Parser = {
  name: 'messages of a directory',
  covers: ['MessageReader', 'EntryDecoder', 'Frames', 'BerCursor', 'checkAnswer', 'checkControls'],
  samples: [entry + done, referral, entry + entry + paged],
  words: [
    '\x30',
    '\x30\x80',
    '\x30\x84\xff\xff\xff\xff',
    '\x04\x00',
    '\x31\x00',
    '\xa0',
    '\x02\x01\x01',
    '\x64',
    '\x65',
    part(0x30, part(0x04, 'a') + part(0x31, part(0x04, 'b'))),
  ],
  bytes: true,
  read: text => {
    const entries: DirectoryEntry[] = [];
    const answers: number[] = [];
    const awaited = { answer: 0x65, sink: { entry: (one: DirectoryEntry) => entries.push(one) } };
    const pending = { get: (id: number) => (id === 1 ? awaited : undefined), wasGivenUp: (id: number) => id === 2 };
    const reader = new MessageReader(pending as never, id => answers.push(id));
    const problem = reader.read(Buffer.from(text, 'latin1'));
    return { entries, answers, problem };
  },
  holds: (text, result) => {
    const { entries } = result as { readonly entries: readonly DirectoryEntry[] };
    for (const { attributes } of entries)
      for (const [name, values] of attributes) {
        claim(
          text.toLowerCase().includes(Buffer.from(name).toString('latin1').slice(0, 1)) || name === '',
          'a name was sent',
        );
        claim(values.length > 0, 'an attribute has a value');
      }
  },
};

const policy = '1.3.6.1.4.1.42.2.27.8.5.1';

const passwordState: Parser = {
  name: 'password policy of a login',
  covers: ['readPasswordState'],
  samples: [
    part(0x30, part(0xa0, part(0x80, '\x00\xff')) + part(0x81, '\x00')),
    part(0x30, part(0xa0, part(0x81, '\x02'))),
    '86400',
  ],
  words: ['\x30', '\xa0', '\x80', '\x81\x01\x02', '\x00', '99999999999'],
  bytes: true,
  read: text =>
    readPasswordState(
      {
        urls: [],
        controls: new Map([policy, '2.16.840.1.113730.3.4.5'].map(oid => [oid, Buffer.from(text, 'latin1')])),
      },
      0,
    ),
  holds: (_, result) => {
    const { expiresAt = 0, graceLogins = 0 } = result as ReturnType<typeof readPasswordState>;
    claim(Number.isSafeInteger(expiresAt) && graceLogins >= 0, 'times and counts are numbers');
  },
};

const results: Parser = {
  name: 'results of a directory',
  covers: ['checkAnswer'],
  samples: [
    part(0x65, '\x0a\x01\x00\x04\x00\x04\x00'),
    part(0x61, '\x0a\x01\x31\x04\x00\x04\x02no') + part(0xa0, part(0x30, part(0x04, policy))),
  ],
  words: ['\x65', '\x73', '\xa0', '\x04\x00', '\x30\x00', '\x84'],
  bytes: true,
  read: text => {
    const bytes = Buffer.from(text, 'latin1');
    return checkAnswer(new BerCursor(bytes, 0, bytes.length));
  },
  refuses: error => error instanceof NotBer,
};

const ldif: Parser = {
  name: 'LDIF',
  covers: ['ldifLine', 'ldifChange'],
  samples: ['uid=jdoe,o=isp', ' a', ': b', '< c', 'trailing ', 'é'],
  words: [' ', ':', '<', '\n', '\0'],
  read: text => {
    ldifChange({ action: 'update', item: text, key: 'davStore', before: text, after: [text], reason: '' } as never);
    return ldifLine('cn', text);
  },
  holds: (text, result) => {
    const line = result as string;
    const [, colons = '', value = ''] = /^cn(::?) (.*)$/.exec(line) ?? [];
    const back = colons === '::' ? Buffer.from(value, 'base64').toString() : value;
    claim(/^[\x20-\x7e]*$/.test(line) && back === Buffer.from(text).toString(), 'any value comes back from its line');
  },
};

/** What directories answer, and what is asked of them. */
export const directory: readonly Parser[] = [schema, names, filters, messages, passwordState, results, ldif];
