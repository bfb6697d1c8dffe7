import type { EstateEdit } from '../../src/estate/edit-estate.ts';

/** A way in which people write the file, an edit of it, and the lines that differ afterwards. */
export interface StyleCase {
  readonly style: string;
  readonly text: string;
  readonly edits: readonly EstateEdit[];
  readonly lines: readonly string[];
}

const setting = ['cs6', 'hosts', 'fe1', 'settings', 'service.http.idletimeout'];
const own = [{ path: setting, value: '300' }];

/** One value of a host in every style that we could think of. */
export const styleCases: readonly StyleCase[] = [
  {
    style: 'block maps, comments at the end of lines',
    text: 'cs6: # old\n  hosts:\n    fe1: # first\n      settings:\n        service.http.idletimeout: "120" # why\n      port: 22\n',
    edits: own,
    lines: ['-        service.http.idletimeout: "120" # why', '+        service.http.idletimeout: "300" # why'],
  },
  {
    style: 'single quotes',
    text: "cs6:\n  hosts:\n    fe1:\n      settings: { service.http.idletimeout: '120' }\n",
    edits: own,
    lines: [
      "-      settings: { service.http.idletimeout: '120' }",
      "+      settings: { service.http.idletimeout: '300' }",
    ],
  },
  {
    style: 'plain text becomes a number in quotes',
    text: 'cs6:\n  hosts:\n    fe1:\n      settings:\n        service.http.idletimeout: off\n',
    edits: own,
    lines: ['-        service.http.idletimeout: off', '+        service.http.idletimeout: "300"'],
  },
  {
    style: 'plain text stays plain',
    text: 'cs6:\n  hosts:\n    fe1:\n      settings:\n        local.autoprovision: no\n',
    edits: [{ path: ['cs6', 'hosts', 'fe1', 'settings', 'local.autoprovision'], value: 'yes' }],
    lines: ['-        local.autoprovision: no', '+        local.autoprovision: yes'],
  },
  {
    style: 'a host in one line',
    text: 'cs6:\n  hosts:\n    fe1: { address: a.example.com, http: "http://a:8080" } # the first\n    fe2: {address: b}\n',
    edits: own,
    lines: [
      '-    fe1: { address: a.example.com, http: "http://a:8080" } # the first',
      '+    fe1: { address: a.example.com, http: "http://a:8080", settings: { service.http.idletimeout: "300" } } # the first',
    ],
  },
  {
    style: 'everything in one line',
    text: '{cs6: {hosts: {fe1: {settings: {a: b}}}}}\n',
    edits: own,
    lines: [
      '-{cs6: {hosts: {fe1: {settings: {a: b}}}}}',
      '+{cs6: {hosts: {fe1: {settings: {a: b, service.http.idletimeout: "300"}}}}}',
    ],
  },
  {
    style: 'JSON',
    text: '{\n  "cs6": {\n    "hosts": {\n      "fe1": {\n        "settings": {\n          "a": "b"\n        }\n      }\n    }\n  }\n}\n',
    edits: own,
    lines: ['-          "a": "b"', '+          "a": "b",', '+          service.http.idletimeout: "300"'],
  },
  {
    style: 'braces over several lines, with commas at the end and comments',
    text: 'cs6: {\n  hosts: {\n    fe1: { http: "http://a:1" }, # first\n    fe2: { http: "http://b:1" }, # second\n  },\n}\n',
    edits: [{ path: ['cs6', 'hosts', 'fe3'], value: { address: 'c' }, comment: 'third' }],
    lines: ['+    # third', '+    fe3: { address: c },'],
  },
  {
    style: 'braces over several lines, with commas at the begin',
    text: 'cs6:\n  hosts:\n    { fe1: { address: a }\n    , fe2: { address: b } # second\n    }\n',
    edits: [{ path: ['cs6', 'hosts', 'fe3'], value: { address: 'c' }, comment: 'third' }],
    lines: ['-    , fe2: { address: b } # second', '+    , fe2: { address: b }, fe3: { address: c } # second'],
  },
  {
    style: 'empty braces',
    text: 'cs6:\n  hosts:\n    fe1: {}\n',
    edits: own,
    lines: ['-    fe1: {}', '+    fe1: { settings: { service.http.idletimeout: "300" } }'],
  },
  {
    style: 'nothing below a key, and a comment instead',
    text: 'cs6:\n  hosts:\n    fe1: # as it comes\n    # two more follow\n    fe2:\n',
    edits: own,
    lines: ['+      settings:', '+        service.http.idletimeout: "300"'],
  },
  {
    style: 'a tilde below a key',
    text: 'cs6:\n  hosts:\n    fe1: ~ # as it comes\n    fe2: ~\n',
    edits: own,
    lines: [
      '-    fe1: ~ # as it comes',
      '+    fe1: # as it comes',
      '+      settings:',
      '+        service.http.idletimeout: "300"',
    ],
  },
  {
    style: 'four blanks, and comments between the keys',
    text: 'cs6:\n    hosts:\n        # the first\n        fe1:\n            # where\n            address: a\n\n            # when\n            window: { from: "22:00", to: "06:00", zone: UTC }\n',
    edits: own,
    lines: ['+            settings:', '+                service.http.idletimeout: "300"'],
  },
  {
    style: 'CRLF',
    text: 'cs6:\r\n  hosts:\r\n    fe1:\r\n      address: a\r\n    fe2:\r\n      address: b\r\n',
    edits: own,
    lines: ['+      settings:\r', '+        service.http.idletimeout: "300"\r'],
  },
  {
    style: 'a byte order mark',
    text: '\ufeffcs6:\n  hosts:\n    fe1:\n      address: a\n',
    edits: [...own, { path: ['cs6', 'platform'], value: 'redhat' }, { path: ['name'], value: 'x' }],
    lines: [
      '-\ufeffcs6:',
      '+\ufeffname: x',
      '+',
      '+cs6:',
      '+  platform: redhat',
      '+      settings:',
      '+        service.http.idletimeout: "300"',
    ],
  },
  {
    style: 'no line end at the end',
    text: 'cs6:\n  hosts:\n    fe1:\n      address: a',
    edits: own,
    lines: ['-      address: a', '+      address: a', '+      settings:', '+        service.http.idletimeout: "300"'],
  },
  {
    style: 'lists at the column of their key',
    text: 'cohorts:\n  pilot:\n    members:\n      list:\n      - jdoe # Jane\n      # agreed by telephone\n      - asmith\n    server: cs7\n',
    edits: [
      { path: ['cohorts', 'pilot', 'members', 'list', 2], value: 'rd' },
      { path: ['cohorts', 'pilot', 'members', 'list', 0] },
    ],
    lines: ['-      - jdoe # Jane', '+      - rd'],
  },
  {
    style: 'a list in brackets',
    text: 'cohorts:\n  pilot: { members: { list: [jdoe, asmith] }, server: cs7 }\n',
    edits: [
      { path: ['cohorts', 'pilot', 'members', 'list', 2], value: 'uid=rd,o=isp' },
      { path: ['cohorts', 'pilot', 'members', 'list', 1] },
    ],
    lines: [
      '-  pilot: { members: { list: [jdoe, asmith] }, server: cs7 }',
      '+  pilot: { members: { list: [jdoe, "uid=rd,o=isp"] }, server: cs7 }',
    ],
  },
  {
    style: 'a list in brackets over several lines',
    text: 'list: [\n  jdoe, # Jane\n  asmith # Alice\n]\n',
    edits: [{ path: ['list', 2], value: 'rd' }, { path: ['list', 0] }],
    lines: ['-  jdoe, # Jane', '-  asmith # Alice', '+  asmith, # Alice', '+  rd'],
  },
  {
    style: 'the only entry of a list',
    text: 'members:\n  list:\n    # Jane\n    - jdoe\n  base: o=isp\n',
    edits: [{ path: ['members', 'list', 0] }],
    lines: ['-  list:', '+  list: []', '-    - jdoe'],
  },
  {
    style: 'a text in lines',
    text: 'name: >-\n  one\n  two\nversion: 1\n',
    edits: [{ path: ['name'], value: 'three' }],
    lines: ['-name: >-', '-  one', '-  two', '+name: three'],
  },
  {
    style: 'a text over lines without quotes',
    text: 'name: one\n  two # of two\nversion: 1\n',
    edits: [{ path: ['name'], value: 'three' }],
    lines: ['-name: one', '-  two # of two', '+name: three # of two'],
  },
  {
    style: 'a key with a question mark',
    text: 'domains:\n  ? example.com\n  : { cs6: fe1 }\n  ? example.org\n  : { cs6: fe1 }\n',
    edits: [{ path: ['domains', 'example.org', 'cs6'], value: 'fe2' }, { path: ['domains', 'example.com'] }],
    lines: ['-  ? example.com', '-  : { cs6: fe1 }', '-  : { cs6: fe1 }', '+  : { cs6: fe2 }'],
  },
  {
    style: 'the begin and the end of a document',
    text: '%YAML 1.2\n---\nversion: 1\nname: x\n...\n',
    edits: [{ path: ['freeBusyRedirect'], value: 'cs7' }],
    lines: ['+freeBusyRedirect: cs7'],
  },
  {
    style: 'maps as entries of a list',
    text: 'ignore:\n  - target: fe1\n    key: all\n  -\n    target: fe2\n    key: all\n',
    edits: [
      { path: ['ignore', 0, 'target'] },
      { path: ['ignore', 1, 'until'], value: '2027-01-31' },
      { path: ['ignore', 2], value: { target: 'fe3', key: 'all' } },
    ],
    lines: [
      '-  - target: fe1',
      '-    key: all',
      '+  - key: all',
      '+    until: "2027-01-31"',
      '+  - target: fe3',
      '+    key: all',
    ],
  },
  {
    style: 'sections without blank lines between them',
    text: 'version: 1\ndirectory:\n  base: o=isp\ncohorts:\n  all: { server: cs6, members: rest }\n',
    edits: [{ path: ['domains'], value: { 'example.com': { cs6: 'fe1' } } }],
    lines: ['+domains:', '+  example.com:', '+    cs6: fe1'],
  },
  {
    style: 'sections with blank lines and headings',
    text: 'version: 1\n\n# The directory\n\ndirectory:\n  base: o=isp\n\n# Who is where\ncohorts:\n  all: { server: cs6, members: rest }\n',
    edits: [{ path: ['domains'], value: { 'example.com': { cs6: 'fe1' } }, comment: 'Mail domains' }],
    lines: ['+# Mail domains', '+domains:', '+  example.com:', '+    cs6: fe1', '+'],
  },
  {
    style: 'the last key of a map',
    text: 'cs6:\n  settings: # of all\n    # as measured\n    service.http.idletimeout: "120" # seconds\n  hosts: { fe1: {} }\n',
    edits: [{ path: ['cs6', 'settings', 'service.http.idletimeout'] }],
    lines: ['-  settings: # of all', '+  settings: {} # of all', '-    service.http.idletimeout: "120" # seconds'],
  },
  {
    style: 'a map gives way to a value, and a value to a map',
    text: 'cohorts:\n  pilot:\n    members:\n      list: [jdoe]\n    server: cs7\n  all:\n    members: rest # of them\n    server: cs6\n',
    edits: [
      { path: ['cohorts', 'pilot', 'members'], value: 'rest' },
      { path: ['cohorts', 'all', 'members'], value: { filter: '(uid=*)' } },
    ],
    lines: [
      '-    members:',
      '-      list: [jdoe]',
      '+    members: rest',
      '-    members: rest # of them',
      '+    members: # of them',
      '+      filter: (uid=*)',
    ],
  },
  {
    style: 'keys in quotes',
    text: 'cs6:\n  "hosts":\n    \'fe1\':\n      "settings":\n        "service.http.idletimeout": \'120\'\n',
    edits: own,
    lines: ['-        "service.http.idletimeout": \'120\'', '+        "service.http.idletimeout": \'300\''],
  },
  {
    style: 'a value in the line below its key',
    text: 'cs6:\n  hosts:\n    fe1:\n      settings:\n        service.http.idletimeout:\n          "120"\n',
    edits: own,
    lines: ['-          "120"', '+          "300"'],
  },
  {
    style: 'no blank around colons and braces in one line',
    text: 'cs6: {hosts: {fe1: {settings: {"service.http.idletimeout":"120","b":"c"}}}}\n',
    edits: own,
    lines: [
      '-cs6: {hosts: {fe1: {settings: {"service.http.idletimeout":"120","b":"c"}}}}',
      '+cs6: {hosts: {fe1: {settings: {"service.http.idletimeout":"300","b":"c"}}}}',
    ],
  },
];
