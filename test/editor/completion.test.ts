import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { compileSchema } from '../../src/core/compile-schema.ts';
import { cs7Options } from '../../src/products/cs7.ts';
import { isDerived, products } from '../../src/products/products.ts';
import { estateSchema } from '../kinds/cases.ts';
import { type Editor, type Offer, startEditor } from './language-server.ts';

/* What people see who write the file in an editor with yaml-language-server, such as Visual Studio Code or Neovim. */

let editor: Editor;

beforeAll(async () => {
  editor = await startEditor();
});
afterAll(() => editor.close());

/** The known settings of a side that may stand in the file. */
function settable(side: 'cs6' | 'cs7'): readonly string[] {
  const names = products[side].knownSettings.map(({ name }) => name).filter(name => !name.includes('['));
  return names.filter(name => !isDerived(side, name) && name !== cs7Options.uniqueId);
}

/** Texts with the mark `|`, and what is offered there. */
const places: readonly (readonly [string, readonly string[]])[] = [
  [
    'v|',
    [
      'version',
      'Estate',
      'name',
      'directory',
      'ssh',
      'cs6',
      'cs7',
      'domains',
      'freeBusyRedirect',
      'cohorts',
      'limits',
      'policy',
      'verify',
      'ignore',
      'records',
    ],
  ],
  ['directory: |', ['Directory over LDAPS']],
  [
    'directory:\n  |',
    [
      'Directory over LDAPS',
      'url',
      'Directory',
      'startTls',
      'tls',
      'bindDn',
      'password',
      'base',
      'accounts',
      'uniqueId',
      'localUser',
    ],
  ],
  ['directory:\n  password: |', ['From an environment variable', 'From a file', 'From a command']],
  ['cs6: |', ['One CS6 host']],
  ['cs6:\n  hosts: |', ['Host with a URL']],
  ['cs6:\n  hosts:\n    cs6-fe1: |', ['Address and URL']],
  [
    'cs6:\n  hosts:\n    cs6-fe1:\n      |',
    [
      'Address and URL',
      'address',
      'port',
      'http',
      'platform',
      'config',
      'sbin',
      'patch',
      'softwareTimeout',
      'restart',
      'hotBackup',
      'ssh',
      'settings',
      'window',
    ],
  ],
  ['cs6:\n  hosts:\n    cs6-fe1:\n      platform: |', ['solaris-sparc', 'solaris-x86', 'redhat']],
  [
    'cs7:\n  hosts:\n    cs7-fe1:\n      |',
    [
      'Address and URL',
      'address',
      'port',
      'http',
      'home',
      'davadmin',
      'container',
      'release',
      'softwareTimeout',
      'restart',
      'ssh',
      'settings',
      'window',
    ],
  ],
  ['cs6:\n  settings: |', ['Two values, and a key that must not be set']],
  ['cs6:\n  settings:\n    |', ['Two values, and a key that must not be set', ...settable('cs6'), 'Key of ics.conf']],
  [
    'cs6:\n  hosts:\n    cs6-fe1:\n      settings:\n        |',
    ['Two values, and a key that must not be set', ...settable('cs6'), 'Key of ics.conf'],
  ],
  ['cs6:\n  settings:\n    service.wcap.allowcreatecalendars: |', ['"yes"', '"no"', 'null']],
  ['cs6:\n  settings:\n    caldb.cld.type: |', ['local', 'directory', 'null']],
  ['cs6:\n  settings:\n    service.http.port: |', ['"80"', 'null']],
  ['cs6:\n  settings:\n    x.unknown: |', ['null']],
  [
    'cs7:\n  settings:\n    |',
    ['A value, a longer list, and an option that must not be set', ...settable('cs7'), 'Option of davadmin'],
  ],
  ['cs7:\n  settings:\n    base.ldapinfo.cachettl: |', ['"60"', 'null']],
  ['cs7:\n  settings:\n    davcore.autocreate.enableautocreate: |', ['"true"', '"false"', 'null']],
  ['cs7:\n  settings:\n    service.dav.ischedulewhitelist:\n      |', ['include', 'Words added to a list']],
  ['cohorts: |', ['One cohort on CS7, all others on CS6']],
  ['cohorts:\n  |', ['One cohort on CS7, all others on CS6', 'Short name']],
  ['cohorts:\n  pilot: |', ['Members by LDAP filter']],
  [
    'cohorts:\n  pilot:\n    |',
    ['Members by LDAP filter', 'server', 'Cohort', 'store', 'wave', 'limit', 'migrated', 'members'],
  ],
  ['cohorts:\n  pilot:\n    server: |', ['cs6', 'cs7']],
  ['cohorts:\n  pilot:\n    members: |', ['rest', 'By LDAP filter', 'By name', 'By file', 'By group']],
  ['cohorts:\n  pilot:\n    wave: |', ['100%', '25%', 'Shares by day']],
  ['cohorts:\n  pilot:\n    migrated: |', ['Login to CS6 denied', 'Calendars on CS6 deleted (cannot be undone)']],
  ['domains: |', ['A mail domain']],
  ['domains:\n  |', ['A mail domain', 'Mail domain']],
  ['domains:\n  example.com: |', ['CS6 front end of the domain']],
  ['domains:\n  example.com:\n    |', ['CS6 front end of the domain', 'cs6', 'Mail domain']],
  ['cs6:\n  restart: |', ['after-change', 'never', 'Commands of a cluster', 'Commands of systemd']],
  [
    'cs6:\n  restart:\n    |',
    ['stop', 'Restart commands', 'start', 'status', 'as', 'Commands of a cluster', 'Commands of systemd'],
  ],
  ['cs6:\n  window: |', ['Nights of the weekend']],
  ['cs6:\n  window:\n    - |', ['days', 'from', 'Change window', 'to', 'zone', 'Nights of the weekend']],
  ['ssh: |', ['Login, known hosts and key']],
  [
    'ssh:\n  |',
    [
      'Login, known hosts and key',
      'user',
      'port',
      'config',
      'knownHosts',
      'identity',
      'passphrase',
      'password',
      'code',
      'jump',
      'legacyAlgorithms',
      'hostKey',
      'privilege',
    ],
  ],
  ['ssh:\n  identity: |', ['keys/reconcile', 'From an environment variable']],
  ['ssh:\n  privilege: |', ['none', 'With sudo']],
  ['cs7:\n  container: |', ['GlassFish 3']],
  ['cs7:\n  container:\n    |', ['GlassFish 3', 'type', 'bin', 'domain', 'pidFile']],
  ['cs7:\n  container:\n    type: |', ['glassfish2', 'glassfish3', 'weblogic']],
  ['policy: |', ['Expiry and signatures']],
  ['policy:\n  |', ['Expiry and signatures', 'planExpiry', 'signatures']],
  ['policy:\n  signatures:\n    |', ['Two signers', 'required', 'signers', 'Signatures']],
  ['verify: |', ['Accounts to look up']],
  ['verify:\n  |', ['Accounts to look up', 'probes', 'mail', 'gates']],
  ['verify:\n  gates:\n    onFailure: |', ['stop', 'undo']],
  ['limits: |', ['Lower limits']],
  ['ignore:\n  - |', ['target', 'Difference left alone', 'key', 'item', 'until', 'reason', 'owner']],
  // The server says nothing of a list of maps before its first dash: the key itself inserts an entry.
  ['ignore:\n  |', []],
  // Nor does it say anything in a map in braces.
  ['domains:\n  example.com: { | }', []],
];

describe('completion', () => {
  it.each(places)('%j', async (text, labels) => {
    expect((await editor.offers(text)).map(({ label }) => label)).toEqual(labels);
  });

  it.each(places)('%j shows nothing of the inside', async text => {
    const shown = JSON.stringify(await editor.offers(text));
    expect(shown).not.toContain('[object Object]');
    expect(shown).not.toMatch(/\b[A-Z][A-Za-z0-9]+(Section|Entry|File|Value|Settings)\b/);
  });

  it.each(places)('what is chosen at %j fits the schema', async text => {
    for (const offer of await editor.offers(text)) expect(problemsOf(text, offer), offer.label).toEqual([]);
  });

  it('a list of maps begins with its first entry', async () => {
    const [offer] = (await editor.offers('i|')).filter(({ label }) => label === 'ignore');
    expect(offer?.textEdit?.newText).toMatch(/^ignore:\n {2}- target: /);
  });
});

/** What the schema says once an offer was chosen, its tab stops passed by. What is still to be typed may be missing. */
function problemsOf(text: string, offer: Offer): readonly unknown[] {
  const [before = ''] = text.split('|');
  const line = before.slice(before.lastIndexOf('\n') + 1);
  const typed = line.includes(':') ? '' : (/[\w.]*$/.exec(line)?.[0] ?? '');
  const chosen = (offer.textEdit?.newText ?? '').replace(/\$\{\d+:?([^}]*)\}|\$\d+/g, '$1');
  if (/:\s*$|- $|^\W*\w[\w ]*: $/m.test(chosen)) return [];
  const indented = chosen.replaceAll('\n', `\n${/^ */.exec(line)?.[0]}`);
  const check = compileSchema(estateSchema);
  check(parse(before.slice(0, before.length - typed.length) + indented));
  const errors = check.errors ?? [];
  const unfinished = errors.filter(({ keyword }) => keyword === 'required').map(({ instancePath }) => instancePath);
  return errors.filter(({ instancePath }) => !unfinished.some(path => path.startsWith(instancePath)));
}

describe('hovering', () => {
  it.each([
    ['dire|ctory:\n  url: ldaps://a', ['#### Directory\n', 'The LDAP directory that both servers use.']],
    ['cs6:\n  hosts:\n    f|e1:\n      port: 22', ['#### CS6 host\n']],
    ['cohorts:\n  pi|lot:\n    server: cs7', ['#### Cohort\n']],
    ['domains:\n  exam|ple.com:\n    cs6: a', ['#### Mail domain\n']],
    ['policy:\n  signa|tures:\n    required: 2', ['#### Signatures\n']],
    [
      'cs6:\n  settings:\n    service.wcap.allowcreate|calendars: "no"',
      [
        '#### service.wcap.allowcreatecalendars\n',
        'Lets users create calendars.',
        'Values: one of "yes", "no"; "yes" if it is not set.',
        'Source: Calendar Server 6.3 Administration Guide',
      ],
    ],
    [
      'cs7:\n  hosts:\n    a:\n      settings:\n        base.ldapinfo.cache|ttl: "60"',
      ['#### base.ldapinfo.cachettl\n', 'Values: a whole number of at least 0 (seconds); "60" if it is not set.'],
    ],
    ['cs6:\n  settings:\n    caldb.dwp.server.be1.exam|ple.com.ip: "a"', ['The back end of that name.']],
    [
      'cs6:\n  settings:\n    local.auto|provision: "no"',
      ['#### local.autoprovision\n', 'Creates the default calendars of users automatically.'],
    ],
    ['cs7:\n  settings:\n    x.un|known: "60"', ['#### Value of a davadmin option\n']],
  ])('%j', async (text, parts) => {
    const shown = await editor.hover(text);
    for (const part of parts) expect(shown).toContain(part);
    expect(shown).not.toContain('[object Object]');
  });
});

describe('problems', () => {
  const examples = readdirSync('examples').filter(name => name.endsWith('.yaml'));

  it.each(examples)('none in examples/%s', async name => {
    expect(await editor.problems(readFileSync(`examples/${name}`, 'utf8'))).toEqual([]);
  });

  it('a key that follows from the rest of the file', async () => {
    const example = readFileSync('examples/chapter.yaml', 'utf8');
    const text = example.replace(
      '\ncs6:\n',
      '\ncs6:\n  settings:\n    local.autoprovision: "no"\n    x.unknown: "1"\n',
    );
    const problems = await editor.problems(text);
    expect(problems.map(({ message }) => message)).toEqual([
      'This key is not allowed here: its value follows from the rest of the file.',
    ]);
  });
});
