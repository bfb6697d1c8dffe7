import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askCs6, askCs7, type FreeBusyView, inviteOverCs6 } from '../../src/lab/freebusy/look-up-client.ts';
import { rehearsalDay } from '../../src/lab/freebusy/rehearsal-times.ts';
import { type Estate, startEstate } from '../servers/estate.ts';
import {
  type BrokenSetting,
  brokenSettings,
  CS6_USER,
  CS7_USER,
  deleteCalendars,
  setOption,
} from './broken-settings.ts';
import { type Ran, reconcile } from './cli.ts';

/**
 * Every setting of chapter 10, seen from outside: two servers that speak to each other over HTTP, and users who look each other
 * up. Each setting in turn is broken by hand; the failure that the chapter predicts is seen, found and mended.
 */
let estate: Estate;

const CS6_HOUR = [{ start: '20300107T090000Z', end: '20300107T100000Z' }];
const CS7_HOUR = [{ start: '20300107T140000Z', end: '20300107T150000Z' }];

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
    deleteCalendars(estate, 'jdoe@example.com');
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

interface Effect {
  /** What a user sees then. */
  readonly seen: () => Promise<void>;
  /** What reconcile leaves to people. */
  readonly cleanUp?: () => void;
  /** Beyond free/busy in all four directions. */
  readonly worksAgain?: () => Promise<void>;
}

/** A parameter of invitations, which makes a calendar where a mail should be sent. */
function invitationEffect(mail: string, owner: string): Effect {
  return {
    async seen() {
      expect(cs6Store()).not.toContain(owner);
      expect(await invite(mail)).toBe('2.0;Success');
      expect(cs6Store()).toContain(`"owner":"${owner}"`);
    },
    cleanUp: () => deleteCalendars(estate, owner),
    async worksAgain() {
      expect(await invite(mail)).toBe('5.3;No scheduling support for user');
      expect(mailed()).toContain(`"to":"${mail}"`);
      expect(cs6Store()).not.toContain(owner);
    },
  };
}

const effects: Readonly<Record<BrokenSetting, Effect>> = {
  'service.http.caldavcompatible = "no"': {
    async seen() {
      expect(await fromCs7(CS6_USER)).toMatchObject(fails(/errno 39: http:.*\/ischedule\/ answered HTTP 404/));
      expect(await fromCs6(CS7_USER)).toMatchObject(works(CS7_HOUR));
    },
  },
  'service.wcap.freebusy.redirecturl absent': {
    async seen() {
      expect(await fromCs6(CS7_USER)).toMatchObject(fails(/errno 29: no such calendar on this server/));
      expect(await fromCs7(CS6_USER)).toMatchObject(works(CS6_HOUR));
    },
  },
  'local.autoprovision back to yes': {
    async seen() {
      expect(await fromCs6(CS7_USER)).toMatchObject(wronglyFree);
      expect(cs6Store()).toContain('"owner":"jdoe@example.com"');
      expect(await fromCs7(CS7_USER)).toMatchObject(works(CS7_HOUR));
    },
    cleanUp: () => deleteCalendars(estate, 'jdoe@example.com'),
  },
  'user.invite.autoprovision back to yes': invitationEffect(CS7_USER, 'jdoe@example.com'),
  'group.invite.autoprovision back to yes': invitationEffect('group1@example.com', 'group1@example.com'),
  'resource.invite.autoprovision back to yes': invitationEffect('room1@example.com', 'room1@example.com'),
  'the line of the domain map removed': {
    async seen() {
      expect(await fromCs7(CS6_USER)).toMatchObject(fails(/errno 39: no route: .* has no line for example\.com/));
      expect(await fromCs6(CS7_USER)).toMatchObject(works(CS7_HOUR));
    },
  },
  'davcore.scheduling.localuserattr unset': {
    async seen() {
      expect(await fromCs7(CS6_USER)).toMatchObject(wronglyFree);
      expect(await fromCs6(CS7_USER)).toMatchObject(works(CS7_HOUR));
    },
  },
  'davStore missing in davcore.uriinfo.subjectattributes': {
    async seen() {
      expect(await fromCs7(CS7_USER)).toMatchObject(fails(/errno 39: .* says of jdoe@.*: 3\.7;Invalid calendar user/));
      expect(await fromCs6(CS7_USER)).toMatchObject(fails(/3\.7;Invalid calendar user/));
      expect(await fromCs7(CS6_USER)).toMatchObject(works(CS6_HOUR));
    },
  },
  'davUniqueId missing in davcore.uriinfo.subjectattributes': {
    async seen() {
      expect(await fromCs7(CS7_USER)).toMatchObject(fails(/errno 39: .*davUniqueId is not in .*subjectattributes/));
      expect(await fromCs7(CS6_USER)).toMatchObject(works(CS6_HOUR));
    },
  },
  'davStore removed from an account of CS7': {
    async seen() {
      expect(await fromCs7(CS7_USER)).toMatchObject(fails(/errno 39: .*3\.7;Invalid calendar user/));
      expect(await fromCs6(CS7_USER)).toMatchObject(fails(/3\.7;Invalid calendar user/));
    },
  },
  'davStore put on an account of CS6': {
    async seen() {
      expect(await fromCs7(CS6_USER)).toMatchObject(wronglyFree);
      expect(await fromCs6(CS6_USER)).toMatchObject(works(CS6_HOUR));
    },
  },
  'davUniqueId removed from an account of CS7': {
    async seen() {
      expect(await fromCs7(CS7_USER)).toMatchObject(fails(/errno 39: uid=jdoe,.*the entry has no davUniqueId/));
      expect(await fromCs6(CS7_USER)).toMatchObject(fails(/the entry has no davUniqueId/));
    },
  },
};

describe('each setting in turn', () => {
  it.each(Object.entries(effects))('%s', async (name, effect) => {
    brokenSettings[name as BrokenSetting](estate);
    await effect.seen();
    const isBack = name === 'davStore put on an account of CS6';
    expect((await run('--check', estate.file)).code).toBe(isBack ? 3 : 2);
    const mended = await run('apply', estate.file, '--yes', ...(isBack ? ['--allow-moves-back', '1'] : []));
    expect([mended.code, mended.stdout]).toEqual([0, expect.stringContaining('Read again: in sync.')]);
    effect.cleanUp?.();
    await effect.worksAgain?.();
    await expectCoexistence();
  });
});

it('the sample of the chapter, which replaces the list, blinds CS7 to everybody; what is added back is not enough, and told', async () => {
  setOption(estate, 'davcore.uriinfo.subjectattributes', 'davstore');
  expect(await fromCs7(CS7_USER)).toMatchObject(
    fails(/errno 39: .*mail is not in davcore\.uriinfo\.subjectattributes/),
  );
  const mended = await run('apply', estate.file, '--yes');
  expect(mended.stdout).toMatch(/cs7\.subject-attributes-short[\s\S]*lacks cn, icsstatus, mail/);
  expect(await fromCs7(CS7_USER)).toMatchObject(fails(/mail is not in/));
  setOption(estate, 'davcore.uriinfo.subjectattributes', 'cn davstore icsstatus mail davUniqueId');
  await expectCoexistence();
});
