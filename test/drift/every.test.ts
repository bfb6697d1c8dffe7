import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { reconcile } from '../e2e/cli.ts';
import type { Memory } from '../fakes/memory-ports.ts';
import { estateFile, inSyncMemory, runDrift } from './world.ts';

/** Looking again and again, in a world where time passes only in pauses. */
const hour = 3_600_000;
const every = { every: hour };
/** By half of 20 %, as chance has it in this world. */
const swayed = 3_960_000;
const hook = { ...every, webhook: { literal: 'https://hooks.example.com' } };
const nothing = () => {};

const setStore =
  (uid: string, ...stores: string[]) =>
  (memory: Memory) => {
    const entry = memory.entries?.find(({ dn }) => dn.startsWith(`uid=${uid},`));
    if (!entry) throw new Error(`no ${uid}`);
    if (stores.length === 0) delete entry.attributes['davStore'];
    else entry.attributes['davStore'] = stores;
  };
const brokenFile = (files: Record<string, string>) => () => {
  files['before'] = files[estateFile] ?? '';
  files[estateFile] = 'version: 1\n';
};
const mendedFile = (files: Record<string, string>) => () => {
  files[estateFile] = files['before'] ?? '';
};
const worldFiles = () => ({ [estateFile]: readFileSync('test/estate/chapter-in-braces.yaml', 'utf8') });

it('one look needs no pause and no interrupt', async () => {
  const { code, printed, pauses, open } = await runDrift({});
  expect([code, printed.length, pauses, open]).toEqual([0, 1, [], 0]);
  expect(printed[0]).toMatch(/In sync\.\n$/);
});

describe('--every', () => {
  it('prints when the set of differences changed, and only then', async () => {
    const { code, printed, told } = await runDrift(every, [
      nothing,
      setStore('anna', 'defaultbackend'),
      nothing,
      setStore('ben', 'defaultbackend'),
      setStore('anna', 'elsewhere'),
      nothing,
      setStore('anna'),
      setStore('ben'),
      nothing,
    ]);
    expect(printed.map(text => /\d+ back to CS6|In sync/.exec(text)?.[0])).toEqual([
      'In sync',
      '1 back to CS6',
      '2 back to CS6',
      '2 back to CS6',
      '1 back to CS6',
      'In sync',
    ]);
    expect([code, told]).toEqual([0, []]);
  });

  it('prints a line for each report where a program reads them', async () => {
    const { printed } = await runDrift({ ...every, format: 'json' }, [setStore('anna', 'x')]);
    expect(printed.map(text => [text.split('\n').length, JSON.parse(text).exitCode])).toEqual([
      [2, 0],
      [2, 3],
    ]);
  });

  it('a look that failed is a line too', async () => {
    const files = worldFiles();
    const { printed } = await runDrift({ ...every, format: 'json' }, [brokenFile(files), mendedFile(files)], { files });
    expect(printed.map(text => [text.split('\n').length, JSON.parse(text).command])).toEqual([
      [2, 'drift'],
      [2, 'failed'],
      [2, 'drift'],
    ]);
  });

  it('ends at an interrupt with the exit code of the last look', async () => {
    expect((await runDrift(every, [setStore('anna', 'x')])).code).toBe(3);
    expect((await runDrift(every, [setStore('anna', 'x'), setStore('anna')])).code).toBe(0);
  });

  it('waits between the looks, swayed by chance, and never looks twice at once', async () => {
    const { pauses, atOnce, open } = await runDrift({ ...every, jitter: 20 }, [nothing, nothing]);
    expect([pauses, atOnce, open]).toEqual([[swayed, swayed, swayed], 1, 0]);
    expect((await runDrift({ ...every, jitter: 0 })).pauses).toEqual([hour]);
  });

  it('an interrupt in the middle of a look does not wait for it; its look does not count', async () => {
    const never = new Promise<void>(() => {});
    const during = (look: number, interrupt: () => void) => {
      if (look < 2) return undefined;
      interrupt();
      return Promise.resolve();
    };
    const { code, printed, pauses } = await runDrift(every, [setStore('anna', 'x'), () => never], { during });
    expect([code, printed.length, pauses.length]).toEqual([0, 1, 2]);
  });

  it('with no look that ended it is incomplete', async () => {
    const during = (_: number, interrupt: () => void) => Promise.resolve(interrupt());
    const { code, printed, told } = await runDrift(hook, [], { during });
    expect([code, printed, told]).toEqual([4, [], []]);
  });
});

describe('a look that fails', () => {
  it('is told and counted, and the next one goes on', async () => {
    const files = worldFiles();
    const { code, printed, stderr } = await runDrift(
      { ...every, log: 'json' },
      [brokenFile(files), nothing, mendedFile(files)],
      { files },
    );
    const lines = [...stderr.matchAll(/^\{.*\}$/gm)].map(([line]) => JSON.parse(line));
    expect(lines.map(({ event, level, failures, exitCode }) => [event, level, failures, exitCode])).toEqual([
      ['look', 'info', undefined, 0],
      ['look-failed', 'warn', 1, 1],
      ['look-failed', 'warn', 2, 1],
      ['look', 'info', undefined, 0],
      ['stopped', 'info', undefined, 0],
    ]);
    expect(stderr.match(/estate\.missing-key: A key is missing/g)?.length).toBeGreaterThan(0);
    expect([code, printed.length]).toEqual([0, 2]);
  });

  it('because of a mistake of ours shows no stack, and the next one goes on', async () => {
    const { code, stderr, told, open } = await runDrift(hook, [nothing, nothing], { breakdown: [2] });
    expect(stderr).toContain('drift.broke-down');
    expect(stderr).toContain('a mistake of ours');
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(told.map(({ body }) => 'event' in body && body.event)).toEqual(['unreadable', 'readable']);
    expect([code, open]).toEqual([0, 1]);
  });
});

describe('telling', () => {
  const events = (course: Awaited<ReturnType<typeof runDrift>>) =>
    course.told.map(({ body }) => Object.fromEntries(Object.entries(body)));

  it('is done when the state changes: appeared, changed, resolved', async () => {
    const course = await runDrift(hook, [
      nothing,
      setStore('anna', 'x'),
      nothing,
      setStore('ben', 'x'),
      setStore('anna', 'y'),
      setStore('anna'),
      setStore('ben'),
      nothing,
    ]);
    expect(
      events(course).map(({ event, count, countBefore, exitCode }) => [event, count, countBefore, exitCode]),
    ).toEqual([
      ['appeared', 1, 0, 3],
      ['changed', 2, 1, 3],
      ['changed', 2, 2, 3],
      ['changed', 1, 2, 3],
      ['resolved', 0, 1, 0],
    ]);
  });

  it('names what differs and what is known of it, as the schema says', async () => {
    const course = await runDrift(hook, [setStore('anna', 'x'), setStore('anna')], { directoryDown: [4] });
    const schema = JSON.parse(readFileSync('schemas/drift-event.schema.json', 'utf8'));
    const valid = new Ajv2020({ strict: true }).compile(schema);
    for (const event of events(course)) expect([valid(event), valid.errors]).toEqual([true, null]);
    expect(events(course)[0]).toMatchObject({
      event: 'appeared',
      estate: 'example.com',
      targets: [{ target: 'directory', kind: 'ldap-cohort', count: 1 }],
      differences: [
        {
          ...{ target: 'directory', kind: 'ldap-cohort', action: 'delete', item: 'uid=anna,o=isp', key: 'davStore' },
          ...{ before: 'x', from: expect.stringContaining('cannot see modifiersName') },
        },
      ],
    });
    expect(course.told[0]?.subject).toBe('reconcile: drift in example.com (1 difference)');
    expect(course.told[0]?.text).toContain('directory  uid=anna,o=isp  davStore  expected (none), found "x"');
  });

  it('a directory that is down is unreadable, and has not mended its drift', async () => {
    const course = await runDrift(hook, [setStore('anna', 'x'), nothing, nothing, setStore('anna')], {
      directoryDown: [3, 4],
    });
    expect(events(course).map(({ event, count, unread }) => [event, count, unread])).toEqual([
      ['appeared', 1, []],
      ['unreadable', 1, ['directory']],
      ['resolved', 0, []],
      ['readable', 0, []],
    ]);
  });

  it('what could not be handed over is told after the next look, if it is still so', async () => {
    const still = await runDrift(hook, [setStore('anna', 'x'), nothing, nothing], { untold: [1] });
    expect(events(still).map(({ event }) => event)).toEqual(['appeared']);
    expect(still.stderr).toContain('error notify.webhook-failed');
    const gone = await runDrift(hook, [setStore('anna', 'x'), setStore('anna'), nothing], { untold: [1] });
    expect(gone.told).toEqual([]);
  });

  it('--state remembers it from one call to the next, without any name of an account', async () => {
    const files: Record<string, string> = worldFiles();
    const call = (...stores: string[]) => {
      const one = { webhook: hook.webhook, state: 'told.json' };
      return runDrift({ ...one, every: hour }, [setStore('anna', ...stores)], { files });
    };
    const first = await call('x');
    expect([first.told.length, first.stderr]).toEqual([1, expect.stringMatching(/^Stopping\.[^\n]*\n$/)]);
    expect(files['told.json']).not.toContain('anna');
    const once = await runDrift({ webhook: hook.webhook, state: 'told.json' }, [], { files });
    expect(events(once).map(({ event }) => event)).toEqual(['resolved']);
    expect((await runDrift({ webhook: hook.webhook, state: 'told.json' }, [], { files })).told).toEqual([]);
  });

  it('--state knows what a target had that cannot be read now', async () => {
    const files: Record<string, string> = worldFiles();
    const one = { webhook: hook.webhook, state: 'told.json' };
    const [drifted, mended] = [inSyncMemory(), inSyncMemory()];
    setStore('anna', 'x')(drifted);
    const calls = [
      await runDrift(one, [], { files }, drifted),
      await runDrift(one, [], { files, directoryDown: [1] }, mended),
      await runDrift(one, [], { files }, mended),
    ];
    expect(calls.map(course => events(course).map(({ event, count }) => [event, count]))).toEqual([
      [['appeared', 1]],
      [['unreadable', 1]],
      [
        ['resolved', 0],
        ['readable', 0],
      ],
    ]);
  });

  it.each([
    '',
    '{}',
    '[1]',
    '{"formatVersion":2,"of":"drift","told":{}}',
    '{"formatVersion":2,"of":"plan","known":{"wrong":[],"problems":[],"unread":[]},"told":{}}',
    '{"formatVersion":2,"of":"drift","known":{"wrong":[],"problems":[],"unread":[]},"told":{"webhook":{}}}',
  ])('a state file with %j is said to be unusable', async text => {
    const files = { ...worldFiles(), 'told.json': text };
    const { code, stderr } = await runDrift({ webhook: hook.webhook, state: 'told.json' }, [], { files });
    expect([code, stderr]).toEqual([0, expect.stringContaining('told.json is not a valid record of notifications')]);
  });
});

it('measures every look, and has no name of an account in it', async () => {
  const files = worldFiles();
  const looks = [setStore('anna', 'x'), nothing, brokenFile(files)];
  const { numbers } = await runDrift({ ...every, metricsFile: 'x.prom' }, looks, { files, directoryDown: [3] });
  expect(
    numbers.map(({ success, samples = [] }) => [
      success,
      samples.find(({ labels }) => labels['kind'] === 'ldap-cohort')?.value,
      samples.find(({ family, labels }) => family === 'target_unread' && labels['target'] === 'directory')?.value,
    ]),
  ).toEqual([
    [true, 0, 0],
    [true, 1, 0],
    [true, 1, 1],
    [false, undefined, undefined],
  ]);
  expect(JSON.stringify(numbers)).not.toContain('anna');
});

it.each([
  ['from the second look on', [nothing, 'version: 1\nname: example.com\ncohorts: [\n']],
  ['from the first look on', ['version: 1\nname: "example.com" # ours\ncohorts: [\n', nothing]],
  ['by a key that is unknown', ['version: 1\nname: example.com\nfoo: 1\n', nothing]],
  ['without a name, once it was known', [nothing, 'version: [\n']],
] as const)('the name of the estate stays in the numbers where its file is broken %s', async (_, [first, second]) => {
  const files: Record<string, string> = worldFiles();
  const right = files[estateFile] ?? '';
  const put = (text: string | typeof nothing) => (files[estateFile] = typeof text === 'string' ? text : right);
  put(first);
  const looks = [() => void put(second)];
  const { numbers } = await runDrift({ ...every, metricsFile: 'x.prom' }, looks, { files });
  const isRight = (text: string | typeof nothing) => typeof text !== 'string';
  expect(numbers.map(({ estate, success }) => [estate, success])).toEqual([
    ['example.com', isRight(first)],
    ['example.com', isRight(second)],
  ]);
});

describe('a sign of life', () => {
  const pinged = { ...every, ping: { env: 'PING' } };

  it('is given at the start and at the end of every look, and says whether it was completed', async () => {
    const files = worldFiles();
    const looks = [setStore('anna', 'x'), brokenFile(files), mendedFile(files)];
    const { pings } = await runDrift(pinged, looks, { files });
    expect(pings).toEqual([
      'start',
      'success: 0 differences, exit code 0',
      'start',
      'success: 1 difference, exit code 3',
      'start',
      expect.stringMatching(/^fail: failed: estate\./),
      'start',
      'success: 1 difference, exit code 3',
    ]);
    expect(pings.join()).not.toContain('anna');
  });

  it('that is not taken is said, and changes nothing else', async () => {
    const { code, stderr, told } = await runDrift({ ...pinged, ...hook }, [setStore('anna', 'x')], { deafPing: true });
    expect([code, told.length, stderr]).toEqual([3, 1, expect.stringContaining('error notify.ping-failed')]);
  });

  it('is the time of the last success in the numbers, also in a later call whose file is broken', async () => {
    const files: Record<string, string> = worldFiles();
    const call = { state: 'told.json', metricsFile: 'x.prom' };
    const first = await runDrift(call, [], { files });
    const { endedAt } = first.numbers[0] ?? {};
    expect(first.numbers[0]).toMatchObject({ estate: 'example.com', succeededAt: endedAt });
    files[estateFile] = 'version: [\n';
    for (const again of [{ ...call, ...every }, call]) {
      const { about, numbers } = await runDrift(again, [], { files });
      expect(about[0]).toMatchObject({ command: 'drift', estate: 'example.com', succeededAt: endedAt });
      expect(numbers).toEqual([
        { estate: 'example.com', endedAt: expect.any(Number), seconds: 0, success: false, succeededAt: endedAt },
      ]);
    }
  });
});

describe('--state of something else', () => {
  const call = { webhook: hook.webhook, state: 'told.json' };

  it('of another command is refused before anything is read', async () => {
    const known = { wrong: [], problems: [], unread: [] };
    const state = JSON.stringify({ formatVersion: 2, of: 'verify', known, told: {} });
    const files = { ...worldFiles(), 'told.json': state };
    const { code, stderr, open } = await runDrift(call, [], { files });
    expect([code, stderr, open]).toEqual([1, expect.stringContaining('told.json is the state of verify'), 0]);
    expect(files['told.json']).toBe(state);
  });

  it('of another estate says nothing of this one', async () => {
    const files: Record<string, string> = worldFiles();
    await runDrift({ ...call, every: hour }, [setStore('anna', 'x')], { files });
    files[estateFile] = (files[estateFile] ?? '').replace('name: example.com', 'name: example.net');
    const { told, numbers } = await runDrift({ ...call, metricsFile: 'x.prom' }, [], { files });
    expect([told, numbers[0]?.estate]).toEqual([[], 'example.net']);
  });
});

describe('the command line', () => {
  it.each([
    [['--every', '15'], 'from 1s to 7d'],
    [['--every', '0s'], 'from 1s to 7d'],
    [['--every', '169h'], 'from 1s to 7d'],
    [['--jitter', '100%'], 'from 0% to 99%'],
    [['--webhook-secret', 's3cret'], 'Every user of this machine can read a command line'],
    [['--webhook', 'hooks.example.com'], 'Expected https://'],
    [['--mail-to', 'a@b, c@d'], 'Expected one plain address'],
    [['--mail-to', '-oQ/tmp@x'], 'Expected one plain address'],
    [['--mail-to', 'a@b\nBcc: c@d'], 'Expected one plain address'],
    [['--metrics-listen', '9464'], 'Expected an address and a port'],
    [['--metrics-listen', '127.0.0.1:9464'], '--metrics-listen without --every'],
  ])('%j is refused', async (words, why) => {
    const { code, stderr } = await reconcile(['drift', ...words], {});
    expect([code, stderr]).toEqual([1, expect.stringContaining(why)]);
  });
});
