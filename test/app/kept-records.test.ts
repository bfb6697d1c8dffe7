import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { keepJournal } from '../../src/app/kept-journal.ts';
import { missingRecords, recordsExitCode } from '../../src/app/missing-records.ts';
import { openRunRecords } from '../../src/app/run-records.ts';
import { TargetProblem } from '../../src/core/finding.ts';
import type { Plan } from '../../src/core/plan.ts';
import { finding } from '../../src/findings/catalogue.ts';
import { buildPlan } from '../../src/plan/build.ts';
import type { KeptRun, RecordWriter, RunPart } from '../../src/ports/host.ts';
import type { Journal, JournalLine } from '../../src/ports/journal.ts';
import { offline, replacing } from '../estate/offline.ts';
import { desiredOf } from '../kinds/cases.ts';

/* What hosts keep of runs, and what is known from it on another machine. */

const now = '2026-11-22T10:00:00.000Z';
const run = '20261122T100000000Z-0a1b2c3d';
const desired = desiredOf({ name: '', live: {}, changes: [] });
const plan = buildPlan(desired, [], { tool: '0', readAt: now, accounts: { counted: 7, all: true } });

/** A host that keeps records, as long as it is not down. */
interface Shelf extends RecordWriter {
  readonly files: Map<string, Map<RunPart, string>>;
  readonly trips: string[][];
  down: boolean;
}

function shelf(): Shelf {
  const files: Shelf['files'] = new Map();
  const trips: string[][] = [];
  const host: Shelf = {
    files,
    trips,
    down: false,
    runs: async () => {
      answer(host);
      return [...files].map(([name, parts]): KeptRun => {
        const end = parts.get('end.json');
        const sizes = new Map([...parts].map(([part, text]) => [part, Buffer.byteLength(text)] as const));
        return { run: name, head: parts.get('head.json') ?? '', ...(end !== undefined && { end }), parts: sizes };
      });
    },
    runPart: async (_, name, part) => {
      answer(host);
      return files.get(name)?.get(part);
    },
    keepRun: async (_, name, parts) => {
      trips.push([...parts.keys()]);
      answer(host);
      files.set(name, new Map([...(files.get(name) ?? []), ...parts]));
    },
  };
  return host;
}

function answer({ down }: Shelf): void {
  if (down) throw new TargetProblem(finding('host.unreachable', { detail: 'no route', target: 'h' }));
}

/** A journal on this machine. */
function journal(lines: string[] = []): Journal & { readonly lines: string[] } {
  return {
    name: run,
    lines,
    write: async (line, at) => void lines.push(`${JSON.stringify({ at, ...line })}\n`),
    keep: async (_, pieces) => void [...pieces],
    close: async () => {},
  };
}

function keep(own: Journal, hosts: Readonly<Record<string, Shelf>>) {
  return keepJournal(own, {
    ...{ estate: desired.name, desired: JSON.stringify(plan.desired), keep: 5, copy: 'ops@runner:/runs/a.jsonl' },
    hosts: Object.entries(hosts).map(([name, writer]) => ({ name, writer })),
    now: () => now,
  });
}

const head: JournalLine = {
  ...{ line: 'run', formatVersion: 1, estate: desired.name, plan: plan.digest, desired: plan.desiredSha256 },
  ...{ tool: '0', direction: 'forward', changes: 2, accounts: plan.accounts },
};
const begin = (write: number, step: string): JournalLine => ({
  ...{ line: 'begin', write, step, target: 'a', operation: 'run', words: ['x'] },
});
const end = (write: number): JournalLine => ({ line: 'end', write, state: 'done' });
const tier = (...steps: readonly string[]): JournalLine => ({ line: 'tier', steps });
const finished: JournalLine = { line: 'finished', counts: { done: 2 }, converged: true };

async function record(own: Journal, hosts: Readonly<Record<string, Shelf>>, lines: readonly JournalLine[]) {
  const kept = keep(own, hosts);
  await kept.keep('plan', [JSON.stringify(plan)]);
  for (const line of lines) await kept.write(line);
  return kept;
}

/** What another machine knows, or this one with some files in its folder. */
function known(hosts: Readonly<Record<string, Shelf>>, files: Readonly<Record<string, string>> = {}, at = now) {
  const text = (path: string) => {
    const found = files[path.replace('runs/', '')];
    if (found === undefined) throw new Error('there is no such file');
    return Buffer.from(found);
  };
  const planSchema = JSON.parse(readFileSync('schemas/plan.schema.json', 'utf8'));
  const context = replacing(offline({}), {
    schemas: { plan: planSchema },
    files: {
      list: async () => Object.keys(files),
      read: async path => text(path),
      readPieces: async function* (path) {
        yield text(path);
      },
      readEnd: async path => text(path),
    },
    clock: { now: () => at },
  });
  const estate = { name: desired.name, records: { hosts: Object.keys(hosts), keep: 5 } };
  const ports = {
    records: (name: string) => {
      const host = hosts[name];
      if (!host) throw new Error(`no such host: ${name}`);
      return host;
    },
  };
  return openRunRecords({ runs: 'runs' }, estate, ports, context);
}

const twoTiers = [head, begin(1, 'a'), end(1), tier('a'), begin(2, 'b'), end(2), tier('b')];

it('a run that ended: its parts are the journal, one trip for each, and another machine knows all of it', async () => {
  const [own, a, b] = [journal(), shelf(), shelf()];
  const kept = await record(own, { a, b }, [...twoTiers, tier('c'), finished]);
  expect(await kept.end()).toEqual([]);
  expect(a.trips).toEqual([
    ['head.json', 'desired.json', 'plan.json'],
    ['1.jsonl'],
    ['2.jsonl'],
    ['3.jsonl', 'end.json'],
  ]);
  expect(b.files).toEqual(a.files);
  const parts = a.files.get(run);
  const journalParts = ['head.json', '1.jsonl', '2.jsonl', '3.jsonl', 'end.json'] as const;
  expect(journalParts.map(part => parts?.get(part)).join('')).toBe(own.lines.join(''));
  const { runs, ...records } = await known({ a, b });
  expect(runs).toMatchObject([{ name: run, whole: true, places: ['a', 'b'], finished: { converged: true } }]);
  expect(runs[0]?.head?.copy).toBe('ops@runner:/runs/a.jsonl');
  expect(await records.plan(run)).toEqual(JSON.parse(JSON.stringify(plan)));
  expect(await records.desired(run)).toEqual(JSON.parse(JSON.stringify(plan.desired)));
  expect(await records.record(run)).toMatchObject({ writes: 2, open: [] });
  expect((await records.record(run))?.knownSteps).toBeUndefined();
  expect(await records.record(run, 10)).toBeUndefined();
});

it('a run that died: only the steps of its last whole tier are known', async () => {
  const a = shelf();
  await record(journal(), { a }, [...twoTiers.slice(0, 4), begin(2, 'b')]);
  const { runs, record: recordOf } = await known({ a });
  expect(runs).toMatchObject([{ name: run, whole: true }]);
  expect(runs[0]?.finished).toBeUndefined();
  expect(await recordOf(run)).toMatchObject({ writes: 1, open: [], knownSteps: new Set(['a']) });
});

it('a run that died in its first tier can be undone too: nothing is known of any step', async () => {
  const a = shelf();
  await record(journal(), { a }, [head, begin(1, 'a')]);
  const { runs, record: recordOf } = await known({ a });
  expect(runs).toMatchObject([{ whole: true }]);
  expect(await recordOf(run)).toMatchObject({ writes: 0, knownSteps: new Set() });
});

it('what this machine has is exact, and counts as long as no host has the end', async () => {
  const a = shelf();
  const own = journal();
  await record(own, { a }, [...twoTiers.slice(0, 4), begin(2, 'b')]);
  const { runs, record: recordOf } = await known({ a }, { [`${run}.jsonl`]: own.lines.join('') });
  expect(runs).toMatchObject([{ places: ['a', 'runs'] }]);
  const whole = { [`${run}.jsonl`]: own.lines.join(''), [`${run}.plan.json`]: JSON.stringify(plan) };
  const better = await known({ a }, whole);
  expect(better.runs).toMatchObject([{ places: ['runs', 'a'] }]);
  expect(await better.record(run)).toMatchObject({ writes: 2, open: [{ write: 2 }] });
  expect(await recordOf(run)).toMatchObject({ writes: 1 });
});

it('a host that fails is tried again at the end, and gets everything in its order', async () => {
  const [a, b] = [shelf(), shelf()];
  b.down = true;
  const kept = await record(journal(), { a, b }, [...twoTiers, finished]);
  expect(b.trips).toHaveLength(1);
  b.down = false;
  expect(await kept.end()).toEqual([]);
  expect(b.trips[1]).toEqual(['head.json', 'desired.json', 'plan.json', '1.jsonl', '2.jsonl', 'end.json']);
  expect(b.files).toEqual(a.files);
});

it('one that stays away is named, and the longer record counts', async () => {
  const [a, b] = [shelf(), shelf()];
  const kept = await record(journal(), { a, b }, twoTiers.slice(0, 4));
  a.down = true;
  for (const line of [...twoTiers.slice(4), finished]) await kept.write(line);
  const missing = await kept.end();
  expect(missing).toMatchObject([{ code: 'records.not-kept', target: 'a', severity: 'warning' }]);
  expect(missing[0]?.detail).toContain('ops@runner:/runs/a.jsonl');
  a.down = false;
  const { runs, record: recordOf } = await known({ a, b });
  expect(runs).toMatchObject([{ places: ['b', 'a'], finished: { converged: true } }]);
  expect(await recordOf(run)).toMatchObject({ writes: 2 });
});

it('a run that no host accepts has not begun', async () => {
  const [own, a, b] = [journal(), shelf(), shelf()];
  a.down = true;
  b.down = true;
  const refused = record(own, { a, b }, [head]);
  await expect(refused).rejects.toMatchObject({ finding: { code: 'records.none-accepted' } });
  expect(own.lines).toEqual([]);
});

it('of a long run hosts have the heads, and it cannot be undone from there', async () => {
  const a = shelf();
  const kept = await record(journal(), { a }, twoTiers.slice(0, 4));
  const long = { ...begin(2, 'b'), words: ['x'.repeat(65 * 1024 * 1024)] };
  for (const line of [long, end(2), tier('b'), finished] as const) await kept.write(line);
  await kept.end();
  const { runs, ...records } = await known({ a });
  expect(runs).toMatchObject([{ whole: false, finished: { converged: true } }]);
  const problem = await records.plan(run);
  expect(problem).toMatchObject({ code: 'records.not-whole', target: 'a' });
  expect('code' in problem && problem.detail).toContain('ops@runner:/runs/a.jsonl');
  expect(await records.desired(run)).toBeDefined();
  expect((await records.record(run))?.knownSteps).toEqual(new Set());
});

it('a plan that is too long by itself is not sent', async () => {
  const a = shelf();
  const kept = keep(journal(), { a });
  await kept.keep('plan', ['x'.repeat(65 * 1024 * 1024)]);
  await kept.write(head);
  expect(a.trips).toEqual([['head.json', 'desired.json']]);
});

/** A record of one host in which something is not as it was written. */
async function forged(change: (parts: Map<RunPart, string>) => void) {
  const a = shelf();
  const kept = await record(journal(), { a }, [...twoTiers, finished]);
  await kept.end();
  const parts = a.files.get(run) ?? new Map();
  change(parts);
  return known({ a });
}

it.each<[string, (parts: Map<RunPart, string>) => void]>([
  ['of another plan', parts => parts.set('plan.json', JSON.stringify({ ...plan, tool: 'evil' }))],
  ['that is no JSON', parts => parts.set('plan.json', '{')],
  ['of a run that another first line tells of', parts => swap(parts, plan.digest, '0'.repeat(64))],
])('a plan %s is refused', async (_, change) => {
  const { plan: planOf } = await forged(change);
  expect(await planOf(run)).toMatchObject({ code: 'records.unusable', target: 'a' });
});

function swap(parts: Map<RunPart, string>, from: string, to: string): void {
  parts.set('head.json', (parts.get('head.json') ?? '').replace(from, to));
}

it.each<[string, (parts: Map<RunPart, string>) => void]>([
  ['that was changed', parts => parts.set('desired.json', JSON.stringify({ ...plan.desired, name: 'evil' }))],
  ['of another form', parts => parts.set('desired.json', '{"name":"x"}')],
  ['that is no JSON', parts => parts.set('desired.json', '[')],
])('a wanted state %s is none', async (_, change) => {
  expect(await (await forged(change)).desired(run)).toBeUndefined();
});

it.each<[string, string]>([
  ['a number for a name', '{"line":"run","at":"2026-11-22T10:00:00Z","formatVersion":1,"estate":7}'],
  ['no JSON', 'x'],
  ['nothing', ''],
  ['another line', '{"line":"begin","at":"2026-11-22T10:00:00Z"}'],
])('a first line with %s costs only what it was to say', async (_, text) => {
  const { runs } = await forged(parts => parts.set('head.json', text));
  expect(runs).toMatchObject([{ name: run, began: now, whole: false }]);
  expect(runs[0]?.head).toBeUndefined();
});

it('a part of a journal that is missing, or that is no record, leaves open what was done', async () => {
  const gap = await forged(parts => parts.delete('1.jsonl'));
  expect(gap.runs).toMatchObject([{ whole: false }]);
  const odd = await forged(parts => parts.set('1.jsonl', '{"line":"begin"}\n'));
  expect((await odd.record(run))?.knownSteps).toEqual(new Set());
});

it('names that are no names of runs are passed over', async () => {
  const a = shelf();
  for (const name of ['../x', '20261122T100000000Z-0a1b2c3', '20269922T100000000Z-0a1b2c3d', ''])
    a.files.set(name, new Map([['head.json', '{}']]));
  expect((await known({ a })).runs).toEqual([]);
});

it('a run from the future is the last in the list, and named', async () => {
  const a = shelf();
  await record(journal(), { a }, [head]);
  a.files.set('20261121T100000000Z-0a1b2c3d', new Map());
  const records = await known({ a }, {}, '2026-11-22T09:00:00.000Z');
  expect(records.runs.map(({ name, ahead }) => [name, ahead])).toEqual([
    ['20261121T100000000Z-0a1b2c3d', undefined],
    [run, true],
  ]);
  const before = { counted: true, applied: true, hosts: ['a'] };
  const [ahead] = missingRecords(records, before, '2026-11-22T09:00:00.000Z');
  expect(ahead).toMatchObject({ code: 'records.ahead', severity: 'warning' });
  expect(ahead?.detail).toContain(run);
});

it('what cannot be read, and what is not checked for it', async () => {
  const [a, b] = [shelf(), shelf()];
  a.down = true;
  const records = await known({ a, b });
  expect(records.places.map(({ place, problem }) => [place, problem?.code])).toEqual([
    ['runs', undefined],
    ['a', 'host.unreachable'],
    ['b', undefined],
  ]);
  expect(recordsExitCode(records)).toBe(0);
  const [unread, off] = missingRecords(records, { counted: false, applied: false, hosts: ['a', 'b'] }, now);
  expect(unread).toMatchObject({ code: 'records.unread', target: 'a', severity: 'warning' });
  expect(off).toMatchObject({ code: 'records.off', severity: 'warning' });
  expect(off?.detail.split('\n')).toEqual([
    'No record of a complete run was found on this machine and b.',
    'The records on a could not be read.',
    'So this is not checked:',
    '    whether accounts have vanished since the last run',
    '    what the file asked for at the last run and does not ask for any more',
  ]);
  b.down = true;
  expect(recordsExitCode(await known({ a, b }))).toBe(4);
});

it('a plan with all that it needs to know says nothing of records', async () => {
  const a = shelf();
  const records = await known({ a });
  expect(missingRecords(records, { counted: true, applied: true, hosts: ['a'] }, now)).toEqual([]);
});

it('a copy that cannot be read leaves it to the next', async () => {
  const [a, b] = [shelf(), shelf()];
  const kept = await record(journal(), { a, b }, [...twoTiers, finished]);
  await kept.end();
  a.files.get(run)?.set('plan.json', '{}');
  const records = await known({ a, b });
  const read = await records.plan(run);
  expect((read as Plan).digest).toBe(plan.digest);
});
