import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hostsOf } from '../../src/core/desired.ts';
import { fileName } from '../../src/kinds/cs6-calendar/remove-calendars.ts';
import {
  calendarsOf,
  doubtfulListing,
  listAll,
  listOwned,
  uncovered,
} from '../../src/kinds/shared/calendar-listing.ts';
import type { CommandResult, HostReader } from '../../src/ports/host.ts';
import { memoryPorts } from '../fakes/memory-ports.ts';
import { desiredOf } from './cases.ts';

const ALL = [
  'Calendar list:',
  '',
  'jdoe: owner=jdoe status=enabled',
  'jdoe@example.com:Team = Meetings: owner=jdoe@example.com status=disabled (quota: 80%)',
  '*** caldb: log.0000000042 recovered ***',
  'lost: owner= status=enabled',
  '',
  '3 calendar(s)',
  '',
];

const [host] = hostsOf(desiredOf({ name: '', live: {}, changes: [] }), 'cs6');
if (!host) throw new Error('the example has a CS6 host');

/** Answers one after the other; the last of them goes on. `asked` counts. */
function answering(...answers: readonly (string | CommandResult)[]) {
  const counter = { asked: 0 };
  const reader: HostReader = {
    ...memoryPorts({}).ports.host('cs6'),
    query: async () => {
      const answer = answers[Math.min(counter.asked++, answers.length - 1)] ?? '';
      return typeof answer === 'string' ? { state: 'ran', code: 0, output: answer } : answer;
    },
  };
  return { reader, counter };
}

async function read(...answers: readonly (string | CommandResult)[]) {
  const { reader, counter } = answering(...answers);
  const listing = await listAll(host ?? expect.fail(), reader);
  return { ...listing, all: [...calendarsOf(listing)], asked: counter.asked };
}

const three = [
  { calid: 'jdoe', owner: 'jdoe' },
  { calid: 'jdoe@example.com:Team = Meetings', owner: 'jdoe@example.com' },
  { calid: 'lost', owner: '' },
];

describe('a listing', () => {
  it('that counts its calendars is whole at once', async () => {
    const found = await read(ALL.join('\r\n'));
    expect(found).toMatchObject({ all: three, calendars: 3, asked: 1 });
    expect(found.doubt).toBeUndefined();
    expect(await read('0 calendars\n')).toMatchObject({ all: [], asked: 1 });
  });

  it('that does not is whole when a second one lists the same', async () => {
    const text = readFileSync('test/cases/01-cscal-list-no-count.txt', 'utf8');
    const found = await read(text);
    expect(found.doubt).toBeUndefined();
    expect(found).toMatchObject({ calendars: 3, asked: 2 });
    expect(found.all[1]).toEqual({ calid: '100234:Band Practice', owner: '100234' });
    const odd = await read(`Sun Java System Calendar Server 6\n${text}`, `${text}*** recovered ***\n`);
    expect([odd.asked, odd.doubt, odd.all.length]).toEqual([2, undefined, 3]);
  });

  it('that changes while it is read is read once more, and is not whole when it changes again', async () => {
    const lines = ALL.slice(2, 6).map((_, at) => `${ALL.slice(2, 3 + at).join('\n')}\n`);
    const [one = '', two = ''] = lines;
    const third = await read(one, two, two);
    expect([third.asked, third.doubt, third.all.length]).toEqual([3, undefined, 2]);
    const never = await read(one, two, one);
    expect([never.asked, never.all.length]).toEqual([3, 1]);
    expect(never.doubt).toContain('each time');
  });

  it.each([
    ['prints nothing', '', 2],
    ['says that there are none', 'Calendar list:\n\nNo calendars were found.\n', 2],
    ['counts none', 'Calendar list:\n\n0 calendar(s)\n', 1],
  ])('that %s is whole, and empty', async (_, text, asked) => {
    const found = await read(text);
    expect([found.all, found.doubt, found.asked]).toEqual([[], undefined, asked]);
  });

  it('has names of calendars that look like fields', async () => {
    const names = [
      'Team owner=x',
      'a status=on',
      'b: owner=amy',
      'c: owner=amy status',
      'd:e',
      'f: status=on owner=amy',
    ];
    const found = await read(names.map(name => `jdoe:${name}: owner=jdoe status=enabled owner=x\n`).join(''));
    expect(found.doubt).toBeUndefined();
    expect(found.all).toEqual(names.map(name => ({ calid: `jdoe:${name}`, owner: 'jdoe' })));
  });

  const most = ALL.join('\n');
  it.each([
    ['breaks off within a line', most.slice(0, 60), 1, 'breaks off'],
    ['is miscounted', most.replace('3 cal', '4 cal'), 3, 'lists 3 calendars, but its own count is 4'],
    ['has a line without a status', most.replace(' status=disabled', ''), 2, 'Team = Meetings'],
    ['has a line without an owner', most.replace('owner=jdoe status', 'status'), 2, 'jdoe: status=enabled'],
    ['has a name that pretends to another owner', pretending('x:y: owner=amy status=enabled: o'), 2, 'amy'],
    ['has a name that goes on in another line', pretending('x:y\namy: owner=amy status=enabled: o'), 2, 'amy'],
    ['has a whole line in a name', pretending('x:y\namy: owner=amy status=enabled\njdoe: o'), 4, 'own count is 3'],
    ['has another grammar', 'a\tb\n'.repeat(9), 0, 'none of its 9 lines'],
  ])('that %s is not whole, and what it has counts', async (_, text, calendars, why) => {
    const found = await read(text);
    expect([found.calendars, found.all.length]).toEqual([calendars, calendars]);
    expect(found.all.filter(({ calid, owner }) => calid !== 'amy' && owner === 'amy')).toEqual([]);
    expect(found.doubt).toContain(why);
    const [finding] = doubtfulListing(found);
    expect(finding).toMatchObject({ code: 'calendars.listing-unclear', severity: 'warning', target: 'cs6' });
    expect(finding?.detail).toContain(why);
  });

  function pretending(to: string): string {
    return most.replace('jdoe: o', to);
  }

  it.each<[string, CommandResult, RegExp]>([
    ['fails', { state: 'ran', code: 255, output: ALL.join('\n') }, /exited with 255[\s\S]*admin\.log/],
    ['is missing', { state: 'absent' }, /no \.\/cscal[\s\S]*\n {4}cs6\.hosts\.cs6\.sbin: \/opt\/SUNWics5\/cal\/sbin\n/],
  ])('that %s is none, which keeps nothing else from being applied', async (_, answer, said) => {
    await expect(read(answer)).rejects.toMatchObject({
      finding: { code: 'calendars.listing-unclear', severity: 'warning', detail: expect.stringMatching(said) },
    });
  });

  it('of an owner needs no count', async () => {
    const of = (answer: string | CommandResult) => listOwned(host ?? expect.fail(), 'jdoe', answering(answer).reader);
    const calendars = [three[0]];
    expect(await of(`${ALL[2]}\n`)).toEqual({ calendars, remarks: 0 });
    expect(await of(`${ALL[2]}\n88410 calendars\n`)).toEqual({ calendars, remarks: 1 });
    expect(await of('')).toEqual({ calendars: [], remarks: 0 });
    expect(await of('no calendar\n')).toEqual({ calendars: [], remarks: 1 });
    expect(await of('List:\n0 calendar(s)\n')).toEqual({ calendars: [], remarks: 0 });
    expect(await of(`${ALL[2]}: owner=x status=on\n`)).toEqual({ problem: expect.stringContaining('owner=x') });
    expect(await of('a\n'.repeat(4))).toEqual({ problem: expect.stringContaining('no line') });
    expect(await of({ state: 'ran', code: 255, output: '' })).toEqual({ problem: expect.stringContaining('255') });
  });
});

describe('the file of a copy', () => {
  it('has a name of its own', () => {
    const long = 'ü'.repeat(100);
    const names = ['a/b', 'a%2Fb', 'a:b', 'a%3Ab', '..', '.', "a'b~!()*", `${long}1`, `${long}2`].map(fileName);
    expect(names.slice(0, 7)).toEqual(['a%2Fb', 'a%252Fb', 'a%3Ab', 'a%253Ab', '%2E.', '%2E', 'a%27b%7E%21%28%29%2A']);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[^/\0]{1,180}$/);
  });
});

describe('busy times', () => {
  const times = (...pairs: readonly (readonly [number, number])[]) => pairs.map(([start, end]) => ({ start, end }));
  it('may be cut up in another way', () => {
    expect(uncovered(times([0, 4]), times([2, 4], [0, 2]))).toEqual([]);
    expect(uncovered(times([1, 2], [3, 3]), times([0, 9], [4, 5]))).toEqual([]);
    expect(uncovered(times([0, 4], [8, 9]), times([0, 2], [3, 9]))).toEqual(times([0, 4]));
    expect(uncovered(times([0, 1]), [])).toEqual(times([0, 1]));
    expect(uncovered([], [])).toEqual([]);
  });
});
