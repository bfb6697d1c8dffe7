import { describe, expect, it } from 'vitest';
import { setFault } from '../../src/lab/fault.ts';
import { cs6Host, type Ran, type RehearsalHost, type RunOptions } from './rehearsal-host.ts';

const SBIN = '/opt/SUNWics5/cal/sbin';
const CALENDARS = [
  { calid: 'jdoe@example.com', owner: 'jdoe@example.com' },
  { calid: 'jdoe@example.com:Team Meetings', owner: 'jdoe@example.com', status: 'disabled' },
  { calid: 'lost@example.com', owner: '' },
  { calid: 'amy@example.com', owner: 'amy@example.com', otherOwners: ['jdoe@example.com'] },
];

function host(): Promise<RehearsalHost> {
  return cs6Host({ icsConf: 'service.defaultdomain = "example.com"\n', calendars: CALENDARS });
}

function cscal(on: RehearsalHost, words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return on.run('./cscal', words, { cwd: SBIN, ...options });
}

function calids(on: RehearsalHost): readonly string[] {
  return JSON.parse(on.read('/var/opt/SUNWics5/csdb/calendars.json')).map((one: { calid: string }) => one.calid);
}

describe('cscal list', () => {
  it('prints calendars among other lines', async () => {
    expect(await cscal(await host(), ['list'])).toEqual({
      code: 0,
      stderr: '',
      stdout: `Calendar list:

jdoe@example.com: owner=jdoe@example.com status=enabled
jdoe@example.com:Team Meetings: owner=jdoe@example.com status=disabled
lost@example.com: owner= status=enabled
amy@example.com: owner=amy@example.com status=enabled

4 calendar(s)
`,
    });
  });

  it('selects by owner whatever the case, by calid with the default domain', async () => {
    const on = await host();
    expect((await cscal(on, ['-o', 'JDOE@example.com', 'list'])).stdout).toContain('2 calendar(s)');
    expect((await cscal(on, ['-O', '-o', 'jdoe@example.com', 'list'])).stdout).toContain('3 calendar(s)');
    expect(await cscal(on, ['-o', 'nobody', 'list'])).toMatchObject({ code: 0 });
    expect((await cscal(on, ['-v', 'list', 'jdoe:Team Meetings'])).stdout).toContain('otherowners=""');
    expect(await cscal(on, ['list', 'nobody'])).toEqual({ code: 255, stdout: '', stderr: '' });
    expect(on.read('/var/opt/SUNWics5/csdb/admin.log')).toContain('calendar nobody does not exist');
    expect(await cscal(on, ['-q', 'list'])).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('has its faults', async () => {
    const on = await host();
    setFault(on.tree, 'cscal.cut', 'once');
    const cut = await cscal(on, ['list']);
    expect(cut.code).toBe(255);
    expect(cut.stdout).not.toContain('amy');
    setFault(on.tree, 'cscal.noise', 'once');
    expect((await cscal(on, ['list'])).stdout).toContain('jdoe owner status');
    setFault(on.tree, 'cscal.fail', 'once');
    expect(await cscal(on, ['list'])).toEqual({ code: 255, stdout: '', stderr: '' });
  });
});

describe('cscal delete', () => {
  it('takes options before the command only', async () => {
    const on = await host();
    const swapped = await cscal(on, ['delete', '-o', 'jdoe@example.com']);
    expect(swapped.code).toBe(255);
    expect(swapped.stderr).toContain('Usage: cscal');
    for (const words of [
      [],
      ['delete'],
      ['-q', 'delete'],
      ['-x', 'list'],
      ['-q', '-v', 'list'],
      ['list', 'a', 'b'],
      ['-o'],
    ])
      expect(await cscal(on, words)).toMatchObject({ code: 255, stdout: '' });
    expect(calids(on)).toHaveLength(4);
  });

  it('must be started from sbin', async () => {
    const on = await host();
    expect(await on.run(`${SBIN}/cscal`, ['list'], { cwd: '/' })).toEqual({ code: 255, stdout: '', stderr: '' });
    expect(on.read('/var/opt/SUNWics5/csdb/admin.log')).toContain('sbin directory');
  });

  it('never takes an empty owner', async () => {
    const on = await host();
    for (const owner of ['', ' ']) expect(await cscal(on, ['-q', '-o', owner, 'delete'])).toMatchObject({ code: 255 });
    expect(calids(on)).toHaveLength(4);
  });

  it('deletes all calendars of an owner and nothing else', async () => {
    const on = await host();
    expect(await cscal(on, ['-q', '-o', 'jdoe@example.com', 'delete'])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(calids(on)).toEqual(['lost@example.com', 'amy@example.com']);
    expect(await cscal(on, ['-q', '-o', 'jdoe@example.com', 'delete'])).toMatchObject({ code: 255 });
    expect(await cscal(on, ['-q', 'delete', 'lost'])).toMatchObject({ code: 0 });
    expect(calids(on)).toEqual(['amy@example.com']);
  });

  it('asks without -q', async () => {
    const on = await host();
    const words = ['-o', 'jdoe@example.com', 'delete'];
    const question = 'Do you really want to delete all calendars of jdoe@example.com (y/n)? ';
    expect(await cscal(on, words)).toMatchObject({ code: 255, stdout: `${question}\n` });
    expect(await cscal(on, words, { input: 'n\n' })).toMatchObject({
      code: 0,
      stdout: `${question}\nNothing deleted\n`,
    });
    expect(calids(on)).toHaveLength(4);
    expect(await cscal(on, words, { input: 'y\n' })).toMatchObject({ code: 0 });
    expect(calids(on)).toHaveLength(2);
  });

  it('works for several at the same time', async () => {
    const calendars = Array.from({ length: 12 }, (_, index) => ({ calid: `u${index}`, owner: `u${index}` }));
    const on = await cs6Host({ calendars });
    const results = await Promise.all(calendars.map(({ owner }) => cscal(on, ['-q', '-o', owner, 'delete'])));
    expect(results.map(result => result.code)).toEqual(calendars.map(() => 0));
    expect(calids(on)).toEqual([]);
  });

  it('can lie', async () => {
    const on = await host();
    setFault(on.tree, 'cscal.ignore-delete');
    expect(await cscal(on, ['-q', '-o', 'jdoe@example.com', 'delete'])).toMatchObject({ code: 0 });
    expect(calids(on)).toHaveLength(4);
  });
});

it('cscal creates, disables, enables, tells its version', async () => {
  const on = await host();
  expect(await cscal(on, ['-o', 'bo@example.com', '-n', 'Bo B', 'create', 'bo'])).toMatchObject({ code: 0 });
  expect(await cscal(on, ['-o', 'bo@example.com', 'create', 'bo'])).toMatchObject({ code: 255 });
  expect(await cscal(on, ['disable', 'bo'])).toMatchObject({ code: 0 });
  expect((await cscal(on, ['list', 'bo'])).stdout).toContain('bo@example.com: owner=bo@example.com status=disabled');
  expect((await cscal(on, ['version'])).stdout).toContain('6.3');
});

it('csexport writes a copy', async () => {
  const on = await host();
  const words = ['-c', 'jdoe@example.com', 'calendar', '/var/opt/SUNWics5/tmp/jdoe.ics'];
  expect(await on.run('./csexport', words, { cwd: SBIN })).toMatchObject({ code: 0 });
  expect(on.read('/var/opt/SUNWics5/tmp/jdoe.ics')).toContain('CALID:jdoe@example.com\r\n');
  expect(await on.run('./csexport', ['-c', 'x', 'calendar', 'x.ics'], { cwd: SBIN })).toMatchObject({ code: 255 });
});
