import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askCs6, askCs7, type FreeBusyView, inviteOverCs6 } from '../../src/lab/freebusy/ask.ts';
import { rehearsalDay } from '../../src/lab/freebusy/rehearsal-times.ts';
import { davadminFile } from '../../src/lab/rehearsal.ts';
import { cs6Sbin, cs7Home, type Estate, icsConf, startEstate } from '../estate/estate.ts';
import { type Ran, reconcile } from './cli.ts';

/**
 * Every setting of chapter 10, seen from outside: two servers that speak to each other over HTTP, and users who look each other
 * up. Each setting in turn is broken by hand; the failure that the chapter predicts is seen, found and mended.
 */
let estate: Estate;

const CS6_USER = 'grace.okafor@example.com';
const CS7_USER = 'jdoe@example.com';
const CS6_HOUR = [{ start: '20300107T090000Z', end: '20300107T100000Z' }];
const CS7_HOUR = [{ start: '20300107T140000Z', end: '20300107T150000Z' }];
const JDOE = 'uid=jdoe,ou=People,o=example.com,o=isp';
const GRACE = 'uid=grace.okafor,ou=People,o=example.com,o=isp';
const DOMAIN_MAP = '/var/opt/sun/comms/davserver/config/ischeduledomainmap.properties';

beforeAll(async () => {
  estate = await startEstate({ cs6: 1, cs7: 1, users: 20, groups: 2, resources: 2 });
});
afterAll(async () => estate?.stop());

function run(...words: readonly string[]): Promise<Ran> {
  return reconcile(words, estate.environment);
}

/** A user of CS6 looks somebody up. */
function fromCs6(mail: string): Promise<FreeBusyView> {
  return askCs6(estate.urlOf('cs6-fe1'), mail, rehearsalDay, estate.urlOf('cs7-fe1'));
}

/** A user of CS7 looks somebody up. */
function fromCs7(mail: string): Promise<FreeBusyView> {
  return askCs7(estate.urlOf('cs7-fe1'), mail, rehearsalDay);
}

function invite(mail: string): Promise<string> {
  return inviteOverCs6(estate.urlOf('cs6-fe1'), CS6_USER, mail, rehearsalDay);
}

function cs6Store(): string {
  return readFileSync(estate.pathOf('cs6-fe1', '/var/opt/SUNWics5/csdb/calendars.json'), 'utf8');
}

function mailed(): string {
  return readFileSync(estate.pathOf('cs6-fe1', '/var/opt/SUNWics5/imip.log'), 'utf8');
}

function editFile(host: string, path: string, edit: (text: string) => string): void {
  const place = estate.pathOf(host, path);
  const before = readFileSync(place, 'latin1');
  const after = edit(before);
  if (after === before) throw new Error(`nothing to change in ${path}`);
  writeFileSync(place, after, 'latin1');
}

function restartCs6(): void {
  estate.on('cs6-fe1', `cd ${cs6Sbin} && ./stop-cal && ./start-cal`);
}

function restartCs7(): void {
  estate.on('cs7-fe1', 'cd /opt/glassfish3/bin && ./asadmin stop-domain domain1 && ./asadmin start-domain domain1');
}

/** Sets a parameter of ics.conf, as an administrator would: by a line that comes last. */
function setIcs(key: string, value: string): void {
  editFile('cs6-fe1', icsConf, text => `${text}${key} = "${value}"\n`);
  restartCs6();
}

function setOption(name: string, value: string): void {
  const words = `./davadmin config modify -u admin -F ${davadminFile} -o ${name} -v "${value}"`;
  estate.on('cs7-fe1', `cd ${cs7Home}/sbin && ${words}`);
  restartCs7();
}

function modify(dn: string, ...lines: readonly string[]): void {
  const { url, adminDn, adminPassword } = estate.slapd;
  const input = [`dn: ${dn}`, 'changetype: modify', ...lines, ''].join('\n');
  execFileSync('ldapmodify', ['-x', '-H', url, '-D', adminDn, '-w', adminPassword], { input, stdio: 'pipe' });
}

/** Chapter 10, step 4.1 for migrated users: what a server made by itself goes only by hand. */
function deleteCalendars(owner: string): void {
  estate.on('cs6-fe1', `cd ${cs6Sbin} && ./cscal -q -o ${owner} delete`);
}

const works = (periods: FreeBusyView['periods']) => ({ state: 'busy', periods });
const fails = (detail: RegExp) => ({ state: 'failed', periods: [], detail: expect.stringMatching(detail) });
/** The worst failure: it looks like an answer. */
const wronglyFree = works([]);

async function expectCoexistence(): Promise<void> {
  expect(await fromCs7(CS6_USER)).toMatchObject(works(CS6_HOUR));
  expect(await fromCs6(CS7_USER)).toMatchObject(works(CS7_HOUR));
  expect(await fromCs6(CS6_USER)).toMatchObject(works(CS6_HOUR));
  expect(await fromCs7(CS7_USER)).toMatchObject(works(CS7_HOUR));
}

describe('before coexistence', () => {
  it('CS7 takes a user of CS6 for its own and cannot use the account', async () => {
    expect(await fromCs7(CS6_USER)).toMatchObject(fails(/errno 39: .*cannot be used: davUniqueId is not in/));
  });

  it('CS6 makes a calendar for a user of CS7 and calls them free', async () => {
    expect(cs6Store()).not.toContain('jdoe');
    expect(await fromCs6(CS7_USER)).toMatchObject(wronglyFree);
    expect(cs6Store()).toContain('{"calid":"jdoe@example.com","owner":"jdoe@example.com"}');
  });

  it('CS6 knows no iSchedule', async () => {
    expect(await invite(CS7_USER)).toBe('HTTP 404');
  });

  it('apply alone does not take back what CS6 made; with it deleted, both directions work', async () => {
    expect(await run('apply', estate.file, '--yes')).toMatchObject({ code: 0 });
    expect(await fromCs6(CS7_USER)).toMatchObject(wronglyFree);
    deleteCalendars('jdoe@example.com');
    await expectCoexistence();
    const { hops } = await fromCs6(CS7_USER);
    expect(hops.map(hop => new URL(hop).pathname)).toEqual(['/get_freebusy.wcap', '/davserver/wcap/get_freebusy.wcap']);
  });

  it('an invitation to a user of CS7 is sent by mail', async () => {
    expect(await invite(CS7_USER)).toBe('5.3;No scheduling support for user');
    expect(mailed()).toContain(`"to":"${CS7_USER}"`);
    expect(await invite(CS6_USER)).toBe('2.0;Success');
  });
});

interface Setting {
  readonly name: string;
  readonly break: () => void;
  /** What a user sees then. */
  readonly seen: () => Promise<void>;
  /** What reconcile leaves to people. */
  readonly cleanUp?: () => void;
  /** Beyond free/busy in all four directions. */
  readonly worksAgain?: () => Promise<void>;
}

/** A parameter of invitations, which makes a calendar where a mail should be sent. */
function inviteSetting(key: string, mail: string, owner: string): Setting {
  return {
    name: `${key} back to yes`,
    break: () => setIcs(key, 'yes'),
    async seen() {
      expect(cs6Store()).not.toContain(owner);
      expect(await invite(mail)).toBe('2.0;Success');
      expect(cs6Store()).toContain(`"owner":"${owner}"`);
    },
    cleanUp: () => deleteCalendars(owner),
    async worksAgain() {
      expect(await invite(mail)).toBe('5.3;No scheduling support for user');
      expect(mailed()).toContain(`"to":"${mail}"`);
      expect(cs6Store()).not.toContain(owner);
    },
  };
}

const settings: readonly Setting[] = [
  {
    name: 'service.http.caldavcompatible = "no"',
    break: () => setIcs('service.http.caldavcompatible', 'no'),
    async seen() {
      expect(await fromCs7(CS6_USER)).toMatchObject(fails(/errno 39: http:.*\/ischedule\/ answered HTTP 404/));
      expect(await fromCs6(CS7_USER)).toMatchObject(works(CS7_HOUR));
    },
  },
  {
    name: 'service.wcap.freebusy.redirecturl absent',
    break() {
      editFile('cs6-fe1', icsConf, text => text.replaceAll(/^service\.wcap\.freebusy\.redirecturl.*\n/gm, ''));
      restartCs6();
    },
    async seen() {
      expect(await fromCs6(CS7_USER)).toMatchObject(fails(/errno 29: no such calendar on this server/));
      expect(await fromCs7(CS6_USER)).toMatchObject(works(CS6_HOUR));
    },
  },
  {
    name: 'local.autoprovision back to yes',
    break: () => setIcs('local.autoprovision', 'yes'),
    async seen() {
      expect(await fromCs6(CS7_USER)).toMatchObject(wronglyFree);
      expect(cs6Store()).toContain('"owner":"jdoe@example.com"');
      expect(await fromCs7(CS7_USER)).toMatchObject(works(CS7_HOUR));
    },
    cleanUp: () => deleteCalendars('jdoe@example.com'),
  },
  inviteSetting('user.invite.autoprovision', CS7_USER, 'jdoe@example.com'),
  inviteSetting('group.invite.autoprovision', 'group1@example.com', 'group1@example.com'),
  inviteSetting('resource.invite.autoprovision', 'room1@example.com', 'room1@example.com'),
  {
    name: 'the line of the domain map removed',
    break() {
      editFile('cs7-fe1', DOMAIN_MAP, text => text.replace(/^example\.com=.*\n/m, ''));
      restartCs7();
    },
    async seen() {
      expect(await fromCs7(CS6_USER)).toMatchObject(fails(/errno 39: no route: .* has no line for example\.com/));
      expect(await fromCs6(CS7_USER)).toMatchObject(works(CS7_HOUR));
    },
  },
  {
    name: 'davcore.scheduling.localuserattr unset',
    break: () => setOption('davcore.scheduling.localuserattr', ''),
    async seen() {
      expect(await fromCs7(CS6_USER)).toMatchObject(wronglyFree);
      expect(await fromCs6(CS7_USER)).toMatchObject(works(CS7_HOUR));
    },
  },
  {
    name: 'davStore missing in davcore.uriinfo.subjectattributes',
    break: () => setOption('davcore.uriinfo.subjectattributes', 'cn icsstatus mail davUniqueId'),
    async seen() {
      expect(await fromCs7(CS7_USER)).toMatchObject(fails(/errno 39: .* says of jdoe@.*: 3\.7;Invalid calendar user/));
      expect(await fromCs6(CS7_USER)).toMatchObject(fails(/3\.7;Invalid calendar user/));
      expect(await fromCs7(CS6_USER)).toMatchObject(works(CS6_HOUR));
    },
  },
  {
    name: 'davUniqueId missing in davcore.uriinfo.subjectattributes',
    break: () => setOption('davcore.uriinfo.subjectattributes', 'cn davstore icsstatus mail'),
    async seen() {
      expect(await fromCs7(CS7_USER)).toMatchObject(fails(/errno 39: .*davUniqueId is not in .*subjectattributes/));
      expect(await fromCs7(CS6_USER)).toMatchObject(works(CS6_HOUR));
    },
  },
  {
    name: 'davStore removed from an account of CS7',
    break: () => modify(JDOE, 'delete: davStore'),
    async seen() {
      expect(await fromCs7(CS7_USER)).toMatchObject(fails(/errno 39: .*3\.7;Invalid calendar user/));
      expect(await fromCs6(CS7_USER)).toMatchObject(fails(/3\.7;Invalid calendar user/));
    },
  },
  {
    name: 'davStore put on an account of CS6',
    break: () => modify(GRACE, 'add: davStore', 'davStore: defaultbackend'),
    async seen() {
      expect(await fromCs7(CS6_USER)).toMatchObject(wronglyFree);
      expect(await fromCs6(CS6_USER)).toMatchObject(works(CS6_HOUR));
    },
  },
  {
    name: 'davUniqueId removed from an account of CS7',
    break: () => modify(JDOE, 'delete: davUniqueId'),
    async seen() {
      expect(await fromCs7(CS7_USER)).toMatchObject(fails(/errno 39: uid=jdoe,.*the entry has no davUniqueId/));
      expect(await fromCs6(CS7_USER)).toMatchObject(fails(/the entry has no davUniqueId/));
    },
  },
];

describe('each setting in turn', () => {
  it.each(settings)('$name', async setting => {
    setting.break();
    await setting.seen();
    expect((await run('--check', estate.file)).code).toBe(2);
    const mended = await run('apply', estate.file, '--yes');
    expect([mended.code, mended.stdout]).toEqual([0, expect.stringContaining('Read again: in sync.')]);
    setting.cleanUp?.();
    await setting.worksAgain?.();
    await expectCoexistence();
  });
});

it('the sample of the chapter, which replaces the list, blinds CS7 to everybody; what is added back is not enough, and told', async () => {
  setOption('davcore.uriinfo.subjectattributes', 'davstore');
  expect(await fromCs7(CS7_USER)).toMatchObject(
    fails(/errno 39: .*mail is not in davcore\.uriinfo\.subjectattributes/),
  );
  const mended = await run('apply', estate.file, '--yes');
  expect(mended.stdout).toMatch(/cs7\.subject-attributes-short[\s\S]*lacks cn, icsstatus, mail/);
  expect(await fromCs7(CS7_USER)).toMatchObject(fails(/mail is not in/));
  setOption('davcore.uriinfo.subjectattributes', 'cn davstore icsstatus mail davUniqueId');
  await expectCoexistence();
});
