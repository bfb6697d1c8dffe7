import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/core/change.ts';
import { fullDetail } from '../../src/core/finding.ts';
import type { Step } from '../../src/core/plan.ts';
import type { Stage } from '../../src/core/stages.ts';
import { builtOn, obstacleFindings } from '../../src/engine/built-on.ts';
import { readRunRecord } from '../../src/engine/run-record.ts';
import { writtenSteps } from '../../src/engine/written-changes.ts';
import type { JournalLine } from '../../src/ports/journal.ts';

/** What a record shows as written, and what later runs built on it. */

function step(target: string, kind: string, stage: Stage, ...changes: readonly Change[]): Step {
  return { id: `${target}/${kind}`, target, kind, stage, after: [], changes };
}

const id = (dn: string): Change => ({ action: 'create', item: dn, key: 'davUniqueId', after: '1' });
const move = (dn: string): Change => ({ action: 'create', item: dn, key: 'davStore', after: 'b', moves: 'cs6->cs7' });
const setting = (key: string): Change => ({ action: 'update', item: '/ics.conf', key, before: 'yes', after: 'no' });

const [ann, bob] = ['uid=Ann,o=isp', 'uid=bob,o=isp'];
const ids = step('directory', 'ldap-unique-id', 'identity', id(ann), id(bob));
const moves = step('directory', 'ldap-cohort', 'accounts', move(ann), move(bob));
const conf = step('cs6', 'cs6-ics-conf', 'cs6-config', setting('a'), setting('b'));
const options = step('cs7', 'cs7-davadmin', 'cs7-config', {
  action: 'create',
  item: 'davadmin',
  key: 'x.y',
  after: 'v',
});

const schema = JSON.parse(readFileSync('schemas/record.schema.json', 'utf8'));

/** A record of writes, each with the state it ended in; without one it has no end. */
function written(...writes: readonly (readonly [JournalLine & { line: 'begin' }, (string | undefined)?])[]) {
  const lines = writes.flatMap(([begin, state]): readonly JournalLine[] => [
    begin,
    ...(state === undefined ? [] : [{ line: 'end', write: begin.write, state } as const]),
  ]);
  const text = lines.map(line => JSON.stringify({ ...line, at: '2026-11-22T10:00:00.000Z' })).join('\n');
  const record = readRunRecord('r', text, schema);
  if (!record) throw new Error('no record');
  return writtenSteps({ steps: [ids, moves, conf, options] }, record).flatMap(({ changes }) =>
    changes.map(({ item, key, withClass }) => `${item} ${key}${withClass ? ' with class' : ''}`),
  );
}

let number = 0;
type Part = readonly [string, string, readonly string[]];

function modify(of: Step, dn: string, ...parts: readonly Part[]): JournalLine & { line: 'begin' } {
  const modifications = parts.map(([operation, attribute, values]) => ({ operation, attribute, values }));
  return { line: 'begin', write: ++number, step: of.id, target: of.target, operation: 'modify', dn, modifications };
}

function replace(of: string, keys?: readonly string[]): JournalLine & { line: 'begin' } {
  const about = { operation: 'replace', path: '/ics.conf', before: 'x', after: 'y', ...(keys && { keys }) } as const;
  return { line: 'begin', write: ++number, step: of, target: 'cs6', ...about };
}

function modifyOption(): JournalLine & { line: 'begin' } {
  const words = ['./davadmin', 'config', 'modify', '-o', 'x.y', '-v', 'v'];
  return { line: 'begin', write: ++number, step: options.id, target: 'cs7', operation: 'run', words };
}

describe('what a run wrote', () => {
  it('is nothing where nothing is recorded, whatever it planned', () => {
    expect(written([modify(ids, 'uid=other,o=isp', ['add', 'davUniqueId', ['1']]), 'done'])).toEqual([]);
  });

  it.each([
    ['is done', 'done', true],
    ['is not known', 'not known', true],
    ['has no end', undefined, true],
    ['was refused', 'conflict', false],
    ['failed', 'failed', false],
  ] as const)('counts a change of an entry that %s', (_, state, counts) => {
    const write = modify(ids, 'UID=ann, o=isp', ['add', 'davUniqueId', ['1']]);
    expect(written([write, state])).toEqual(counts ? [`${ann} davUniqueId`] : []);
  });

  it('knows the object class that came with a value', () => {
    const parts = [
      ['add', 'objectClass', ['davEntity']],
      ['add', 'davUniqueId', ['1']],
    ] as const;
    expect(written([modify(ids, ann, ...parts), 'done'])).toEqual([`${ann} davUniqueId with class`]);
  });

  it('leaves out an account that the run itself put back', () => {
    const there = modify(moves, ann, ['add', 'davStore', ['b']]);
    const back = modify(moves, ann, ['delete', 'davStore', ['b']]);
    const other = modify(moves, bob, ['add', 'davStore', ['b']]);
    expect(written([there, 'done'], [other, 'done'], [back, 'done'])).toEqual([`${bob} davStore`]);
  });

  it('counts of a file the settings that were meant, and all of them where an older record does not say which', () => {
    expect(written([replace(conf.id, ['b']), 'done'])).toEqual(['/ics.conf b']);
    expect(written([replace(conf.id), 'done'])).toEqual(['/ics.conf a', '/ics.conf b']);
    expect(written([replace(conf.id, ['a']), 'done'], [replace('cs6/cs6-service taken back'), 'done'])).toEqual([]);
  });

  it('counts a command that names the option, however it ended', () => {
    expect(written([modifyOption(), 'exit 1'])).toEqual(['davadmin x.y']);
    expect(written([modifyOption(), 'absent'])).toEqual([]);
  });
});

const comparison = (of: Step, changes = [...of.changes]) => ({
  ...{ step: of, changes, moved: [] },
  refused: of.changes.filter(change => !changes.includes(change)),
});
const inverse = (of: Step): Step => ({
  ...of,
  changes: of.changes.map(({ after, before, ...change }) => ({
    ...change,
    ...(after !== undefined && { before: after }),
    ...(before !== undefined && { after: before }),
  })),
});
const blocked = (of: Step, ...runs: readonly Step[]) =>
  builtOn(
    [comparison(inverse(of))],
    runs.map((one, i) => ({ name: `run-${i + 1}`, steps: [one] })),
  ).flatMap(({ lines }) => lines);

describe('what later runs built on', () => {
  const annMoves = { ...moves, changes: [move(ann)] };

  it('is an account that they moved, and CS6 hosts while one is', () => {
    expect(blocked(ids, annMoves)).toEqual([`run run-1 set davStore (directory/ldap-cohort) of ${ann}`]);
    expect(blocked({ ...ids, changes: [id(bob)] }, annMoves)).toEqual([]);
    expect(blocked(conf, annMoves)).toHaveLength(1);
    expect(blocked(moves, ids)).toEqual([]);
  });

  it('is nothing once it is taken back as well', () => {
    expect(blocked(ids, annMoves, inverse(annMoves))).toEqual([]);
  });

  it('is a value that was written over, and not one that was only put back', () => {
    const other = { ...conf, changes: [{ ...setting('a'), before: 'no', after: 'maybe' }] };
    const again = { ...conf, changes: [{ ...setting('a'), before: 'maybe', after: 'no' }] };
    const refused = (...runs: readonly Step[]) =>
      builtOn(
        [comparison(inverse(conf), [])],
        runs.map((one, i) => ({ name: `run-${i + 1}`, steps: [one] })),
      )[0]?.lines;
    expect(refused(other)).toEqual(['run run-1 changed a again of /ics.conf']);
    expect(refused(other, again)).toEqual([]);
  });

  it('is one error for each step, with the command for the rest', () => {
    const all = [comparison(inverse(ids)), comparison(inverse(options))];
    const [finding, ...more] = obstacleFindings(builtOn(all, [{ name: 'later', steps: [annMoves] }]), all, {
      laterRuns: false,
    });
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ severity: 'error', code: 'undo.built-on', target: 'directory' });
    expect(finding && fullDetail(finding)).toContain('\n    reconcile apply --only cs7/cs7-davadmin');
  });
});
