import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditReport, AuditRow } from '../../src/core/report.ts';
import type { LabCalendar } from '../../src/lab/cs6/calendar-store.ts';
import { directoryEntries, type LabEntry } from '../../src/lab/directory-content.ts';
import { clearFault, setFault } from '../../src/lab/fault.ts';
import { stayingCalendars } from '../../src/lab/freebusy/rehearsal-times.ts';
import { cs6Sbin, type Estate, startEstate } from '../servers/estate.ts';
import { type Ran, reconcile } from './cli.ts';

/** Real directories, real hosts: all good first, then with everything wrong. */
const content = { suffix: 'o=isp', domain: 'example.com', users: 40, groups: 2, resources: 2 };
const people = 'ou=People,o=example.com,o=isp';
let estate: Estate;

/** What an apply would have written on an account: the unique id, and the store where its cohort is on CS7. */
function moved({ dn, attributes }: LabEntry): readonly string[] {
  const classes = (attributes['objectClass'] ?? []).map(name => name.toLowerCase());
  if (!classes.some(name => /^icscalendar(user|group|resource)$/.test(name))) return [];
  const { davUniqueId, nsUniqueId = [], departmentNumber = [], uid = [] } = attributes;
  const onCs7 = departmentNumber.includes('Finance') || uid.some(name => ['jdoe', "o'neil"].includes(name));
  const lines = [
    ...(classes.includes('daventity') ? [] : ['add: objectClass', 'objectClass: davEntity', '-']),
    ...(davUniqueId ? [] : ['add: davUniqueId', `davUniqueId: ${nsUniqueId[0]}`, '-']),
    ...(onCs7 ? ['add: davStore', 'davStore: defaultbackend', '-'] : []),
  ];
  return lines.length === 0 ? [] : [change(dn, ...lines)];
}

/** One record of LDIF. */
function change(dn: string, ...lines: readonly string[]): string {
  return [`dn:: ${Buffer.from(dn).toString('base64')}`, 'changetype: modify', ...lines, ''].join('\n');
}

function modify(records: readonly string[]): void {
  const { url, adminDn, adminPassword } = estate.directory;
  const words = ['-x', '-H', url, '-D', adminDn, '-w', adminPassword];
  execFileSync('ldapmodify', words, { input: records.join('\n'), stdio: ['pipe', 'ignore', 'pipe'] });
}

function audit(...words: readonly string[]): Promise<Ran> {
  return reconcile(['audit', '-f', estate.file, ...words], estate.environment);
}

/** Another estate file, made from the right one. */
function variant(name: string, from: string | RegExp, to: string): string {
  const path = join(estate.folder, `${name}.yaml`);
  writeFileSync(path, readFileSync(estate.file, 'utf8').replace(from, to));
  return path;
}

async function report(): Promise<AuditReport> {
  return JSON.parse((await audit('--format', 'json')).stdout);
}

async function rows(...lists: readonly string[]): Promise<readonly AuditRow[]> {
  const { stdout } = await audit('--format', 'jsonl', '--list', lists.join(','));
  return [...stdout.matchAll(/.+/g)].map(([line]) => JSON.parse(line));
}

function cscal(words: string): void {
  estate.on('cs6-be1', `cd ${cs6Sbin} && ./cscal ${words}`);
}

describe.each(['slapd', '389'] as const)('with %s', make => {
  beforeAll(async () => {
    const own = ['group1', 'group2', 'room1', 'room2'];
    const calendars: readonly LabCalendar[] = [
      ...stayingCalendars(content.users),
      // A room is owned by somebody of CS6, and its calendar is known by its id.
      ...own.map(name => ({ calid: `${name}@example.com`, owner: 'r+d@example.com' })),
      { calid: 'kavita.smith@example.com:Team owner=x', owner: 'kavita.smith@example.com' },
    ];
    const cs6Layout = (name: string) => ({ calendars: name === 'cs6-be1' ? calendars : [] });
    estate = await startEstate({ cs6: 2, cs7: 1, ...content, running: false, cs6Layout, directory: make });
    modify([...directoryEntries(content)].flatMap(moved));
  });
  afterAll(async () => estate?.stop());

  describe('an estate where everybody is on one side', () => {
    it('is good, and says so with 0', async () => {
      const ran = await audit();
      expect([ran.stderr, ran.code]).toEqual(['', 0]);
      expect(ran.stdout).toMatch(/2 CS6 hosts {2}36 calendars listed {2}44 accounts\n/);
      expect(ran.stdout).toMatch(/^cohort +to be on +accounts +good CS6 +good CS7 +split brain +limbo$/m);
      expect(ran.stdout).toMatch(/^pilot +cs7 defaultbackend +2 +0 +2 +0 +0$/m);
      expect(ran.stdout).toMatch(/^others +cs6 +35 +35 +0 +0 +0$/m);
      expect(ran.stdout).toMatch(/^all +44 +35 +9 +0 +0$/m);
      expect(ran.stdout).toContain('1 account of cohort pilot matches finance too');
      expect(ran.stdout).toContain('44 of 44 accounts good.');
    });

    it('has lists that are empty, but for their heading', async () => {
      expect((await audit('--format', 'csv')).stdout).toBe('dn,uid,mail,cohort,state,store,problem,calendar,host\r\n');
      expect((await audit('--format', 'jsonl')).stdout).toBe('');
      expect(await rows('all')).toHaveLength(44);
    });
  });

  describe('an estate where everything is wrong', () => {
    const dn = (uid: string) => `uid=${uid},${people}`;

    beforeAll(() => {
      const id = (uid: string) =>
        [...directoryEntries(content)].find(e => e.dn === dn(uid))?.attributes['nsUniqueId']?.[0];
      // jdoe is of the pilot and has a calendar; grace.okafor stays and has none.
      cscal('-o jdoe create jdoe');
      cscal('-q -o grace.okafor@example.com delete');
      cscal('-o gone@example.com create gone:Left');
      modify([
        change(dn('hiroshi.okafor'), 'replace: davUniqueId', `davUniqueId: ${id('ines.okafor')?.toUpperCase()}`),
        change(dn('anna.smith'), 'delete: mail'),
        change(dn('bruno.smith'), 'replace: mail', 'mail: ROOM1@example.com'),
        change(dn("o'neil"), 'replace: davStore', 'davStore: =cmd()'),
        change(dn('chandra.smith'), 'delete: davUniqueId'),
        change(dn('anna.muller'), 'replace: mail', 'mail: anna@unmapped.example.com'),
        change('uid=room2,ou=Resources,o=example.com,o=isp', 'add: davStore', 'davStore: defaultbackend'),
      ]);
    });

    it('is counted, class by class', async () => {
      const found = await report();
      const counts = Object.fromEntries(found.classes.map(({ name, count }) => [name, count]));
      expect(counts).toEqual({
        'split-brain': 2,
        limbo: 1,
        'wrong-side': 1,
        'wrong-store': 1,
        'unknown-store': 1,
        'no-unique-id': 1,
        'duplicate-unique-id': 2,
        'no-mail': 1,
        'duplicate-mail': 2,
        'domain-unmapped': 1,
        'orphan-calendar': 1,
      });
      expect(found.accounts).toMatchObject({ all: 44, good: 33 });
      expect(found).toMatchObject({ exitCode: 2, unread: [], stores: ['defaultbackend'] });
      const schema = JSON.parse(readFileSync('schemas/audit.schema.json', 'utf8'));
      const valid = new Ajv2020({ strict: true }).compile(schema);
      expect([valid(found), valid.errors]).toEqual([true, null]);
    });

    it('is told to people with examples and remedies', async () => {
      const ran = await audit();
      expect([ran.stderr, ran.code]).toEqual(['', 2]);
      expect(ran.stdout).toMatch(/^split-brain {2}2 accounts {2}e\.g\. uid=jdoe; uid=room2$/m);
      expect(ran.stdout).toMatch(/^limbo {2}1 account {2}e\.g\. uid=grace\.okafor\n {4}Neither side has it/m);
      expect(ran.stdout).toContain('orphan-calendar  1 calendar  e.g. gone@example.com:Left on cs6-be1');
      expect(ran.stdout).toContain('33 of 44 accounts good.');
    });

    it('is listed as JSON lines, as CSV, as text and inside the JSON', async () => {
      expect(await rows('split-brain')).toEqual([
        expect.objectContaining({ dn: dn('jdoe'), uid: ['jdoe'], state: 'split-brain', cohort: 'pilot', problems: [] }),
        expect.objectContaining({ uid: ['room2'], stores: ['defaultbackend'], problems: ['wrong-side'] }),
      ]);
      expect((await rows('duplicate-unique-id')).map(row => row.uid[0]).sort()).toEqual([
        'hiroshi.okafor',
        'ines.okafor',
      ]);
      expect((await rows('duplicate-mail')).map(row => row.uid[0]).sort()).toEqual(['bruno.smith', 'room1']);
      expect(await rows('orphan-calendar')).toEqual([
        expect.objectContaining({ uid: ['gone@example.com'], calendar: 'gone@example.com:Left', host: 'cs6-be1' }),
      ]);
      expect(await rows('not-good')).toHaveLength(12);
      const csv = await audit('--format', 'csv', '--list', 'unknown-store,limbo');
      expect([csv.stdout.split('\r\n'), csv.stderr, csv.code]).toEqual([
        [
          'dn,uid,mail,cohort,state,store,problem,calendar,host',
          `"uid=o'neil,${people}",o'neil,oneil@example.com,pilot,good-cs7,'=cmd(),wrong-store unknown-store,,`,
          `"${dn('grace.okafor')}",grace.okafor,grace.okafor@example.com,others,limbo,,,,`,
          '',
        ],
        '',
        2,
      ]);
      expect(JSON.parse((await audit('--format', 'json', '--list', 'limbo')).stdout)).toMatchObject({
        command: 'audit',
        list: [{ uid: ['grace.okafor'] }],
      });
      expect((await audit('--list', 'limbo')).stdout).toMatch(
        /\nlimbo +uid=grace\.okafor,\S+ +grace\.okafor@example\.com/,
      );
    });

    it('is written to a file, with the counts on standard output', async () => {
      const file = join(estate.folder, 'list.csv');
      const ran = await audit('--format', 'csv', '-o', file);
      expect([ran.code, readFileSync(file, 'utf8').split('\r\n')]).toEqual([
        2,
        expect.objectContaining({ length: 14 }),
      ]);
      expect(ran.stdout).toContain('33 of 44 accounts good.');
      const nowhere = await audit('--format', 'csv', '-o', join(file, 'list.csv'));
      expect([nowhere.code, nowhere.stderr]).toEqual([1, expect.stringContaining('file.unwritable')]);
    });

    it('does not know a list that is not one', async () => {
      const ran = await audit('--list', 'limbos');
      expect([ran.code, ran.stdout, ran.stderr]).toEqual([1, '', expect.stringContaining("'limbos' is invalid")]);
    });
  });

  describe('an estate that cannot be read whole', () => {
    const tree = () => estate.ssh.hosts.get('cs6-be1')?.tree ?? '';
    const unread = async (code: string) => {
      const found = await report();
      expect(found).toMatchObject({ exitCode: 4, unread: ['cs6-be1'], hosts: [{ calendars: 0 }, { name: 'cs6-be1' }] });
      expect(found.findings.map(finding => finding.code)).toEqual([code]);
      expect(found.accounts?.states).toEqual({ 'good-cs6': 0, 'good-cs7': 0, 'split-brain': 0, limbo: 0, unknown: 44 });
      expect(found.classes.map(({ name }) => name)).toEqual(expect.arrayContaining(['unknown', 'no-mail']));
    };

    it.each(['cscal.fail', 'cscal.cut'] as const)('%s is never a shorter list', async fault => {
      setFault(tree(), fault);
      await unread('calendars.listing-unclear');
      clearFault(tree(), fault);
    });

    it('a host is down', async () => {
      const host = estate.ssh.hosts.get('cs6-be1');
      await host?.kill();
      await unread('host.unreachable');
      expect((await audit('--format', 'csv', '--list', 'limbo')).stderr).toContain('host.unreachable');
      await host?.restart();
    });

    it('with 4 where what was read is good', async () => {
      const file = variant('groups', '  base: o=isp\n', '  base: "ou=Groups,o=example.com,o=isp"\n');
      setFault(tree(), 'cscal.fail');
      const ran = await reconcile(['audit', file], estate.environment);
      clearFault(tree(), 'cscal.fail');
      expect([ran.code, ran.stdout]).toEqual([4, expect.stringContaining('not everything could be read')]);
    });

    it('the directory is not there: 4, and nothing is said about any account', async () => {
      const file = variant('no-directory', /url: .*/, 'url: ldap://127.0.0.1:1');
      const run = (...words: readonly string[]) => reconcile(['audit', file, ...words], estate.environment);
      const text = await run();
      expect([text.code, text.stdout]).toEqual([
        4,
        expect.stringMatching(/directory\.unreachable[\s\S]*the audit judges none of them/),
      ]);
      const json = JSON.parse((await run('--format', 'json', '--list', 'all')).stdout);
      expect(json).toMatchObject({ exitCode: 4, unread: ['directory'], classes: [], list: [] });
      expect(json).not.toHaveProperty('accounts');
      const output = join(estate.folder, 'unread.csv');
      expect([(await run('--format', 'csv', '-o', output)).code, existsSync(output)]).toEqual([4, false]);
    });
  });
});
