import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/core/change.ts';
import { hostsOf } from '../../src/core/desired.ts';
import { type Comparison, leftOutBy, type Narrowing, type Plan } from '../../src/core/plan.ts';
import type { Stage } from '../../src/core/stages.ts';
import { buildPlan } from '../../src/plan/build.ts';
import { refusals } from '../../src/plan/guards.ts';
import { narrowPlan } from '../../src/plan/narrowing.ts';
import { desiredOf } from '../kinds/cases.ts';

/** What a part of a plan could do wrong: each attack is a narrowing that leaves out what a chosen step is not safe without. */
const base = desiredOf({ name: '', live: {}, changes: [] });
const [cs6, cs7] = [hostsOf(base, 'cs6')[0], hostsOf(base, 'cs7')[0]];
const [cohort] = base.cohorts;
if (!cs6 || !cs7 || !cohort) throw new Error('the example has hosts and a cohort');
const desired = {
  ...base,
  hosts: [
    ...['cs6-fe1', 'cs6-be1'].map(name => ({ ...cs6, name })),
    ...['cs7-fe1', 'cs7-fe2'].map(name => ({ ...cs7, name })),
  ],
  cohorts: ['pilot', 'finance'].map(name => ({ ...cohort, name })),
};

const setting: Change = { action: 'update', item: 'x', key: 'k', before: 'a', after: 'b' };
const ofAccount = (group: string, more: Partial<Change> = {}): Change => ({
  ...{ action: 'create', item: `uid=${group}1,o=isp`, key: 'a', after: 'b', group },
  ...more,
});
const move = (group: string) => ofAccount(group, { moves: 'cs6->cs7', key: 'davStore' });

function comparison(target: string, kind: string, stage: Stage, ...changes: readonly Change[]): Comparison {
  return { kind, target, stage, changes, findings: [] };
}

const conf = (host: string, ...changes: readonly Change[]) =>
  comparison(host, 'cs6-ics-conf', 'cs6-config', ...(changes.length > 0 ? changes : [setting]));
const davadmin = (host: string) => comparison(host, 'cs7-davadmin', 'cs7-config', setting);
const map = (host: string): Comparison => ({
  ...comparison(host, 'cs7-domain-map', 'cs7-config', setting),
  takenUp: 'at-once',
});
function service(target: string, side: 'cs6' | 'cs7', ...due: readonly Change[]): Comparison {
  const activates = { stage: `${side}-config`, service: side } as const;
  return { ...comparison(target, `${side}-service`, `${side}-activate`, ...due), activates };
}
const restart: Change = { action: 'restart', item: 'cs7', key: 'service' };
const ids = (...groups: readonly string[]) =>
  comparison('directory', 'ldap-unique-id', 'identity', ...groups.map(group => ofAccount(group)));
const moves = (...groups: readonly string[]) => comparison('directory', 'ldap-cohort', 'accounts', ...groups.map(move));
const logins = (...groups: readonly string[]) =>
  comparison('directory', 'ldap-login', 'cs6-logins', ...groups.map(group => ofAccount(group)));
const calendars = (host: string, ...groups: readonly string[]) =>
  comparison(
    host,
    'cs6-calendar',
    'cs6-calendars',
    ...groups.map(group => ofAccount(group, { action: 'delete', item: group, irreversible: 'gone' })),
  );
const unread = { severity: 'error', code: 'host.unreachable', summary: 's', detail: 'd' } as const;
const down = (one: Comparison): Comparison => ({ ...one, changes: [], unread: { ...unread, target: one.target } });

const facts = { tool: '0', readAt: '2026-11-22T10:00:00.000Z', accounts: { counted: 320, all: true } };
const whole = (all: readonly Comparison[]): Plan => buildPlan(desired, all, facts);
const narrowed = (narrowing: Narrowing, all: readonly Comparison[]) => narrowPlan(whole(all), narrowing, all);

/** The words that the refusal adds, or takes away. */
function remedy(narrowing: Narrowing, all: readonly Comparison[]): readonly string[] | undefined {
  const refused = refusals(narrowed(narrowing, all));
  expect(refused.map(({ code }) => code)).toEqual(refused.length === 0 ? [] : ['plan.prerequisite-left-out']);
  return refused[0]?.next?.[0]?.words;
}

const everything = [
  ...[ids('pilot', 'finance'), moves('pilot', 'finance'), logins('pilot', 'finance')],
  ...['cs6-fe1', 'cs6-be1'].flatMap(host => [conf(host), service(host, 'cs6'), calendars(host, 'pilot', 'finance')]),
  ...['cs7-fe1', 'cs7-fe2'].flatMap(host => [davadmin(host), map(host), service(host, 'cs7')]),
];

describe('an attack', () => {
  it.each<readonly [string, Narrowing, readonly Comparison[], readonly string[] | undefined]>([
    [
      'a move before autoprovision is off on a host',
      { only: ['pilot'] },
      [conf('cs6-be1'), moves('pilot')],
      ['--only', 'pilot,cs6-be1'],
    ],
    ['the same by leaving the host out', { except: ['cs6-be1'] }, [conf('cs6-be1'), moves('pilot')], []],
    [
      'a move before the redirect is in effect',
      { only: ['directory'] },
      [
        conf('cs6-fe1', { ...setting, key: 'service.wcap.freebusy.redirecturl' }),
        service('cs6-fe1', 'cs6'),
        moves('pilot'),
      ],
      ['--only', 'directory,cs6-fe1'],
    ],
    [
      'a move while a restart is due',
      { except: ['cs6-service'] },
      [service('cs6-fe1', 'cs6', restart), moves('pilot')],
      [],
    ],
    [
      'a move without its domain map line',
      { only: ['pilot'] },
      [moves('pilot'), map('cs7-fe2')],
      ['--only', 'pilot,cs7-fe2'],
    ],
    ['the same by leaving the kind out', { except: ['cs7-domain-map'] }, [moves('pilot'), map('cs7-fe2')], []],
    [
      'a move that CS7 is not told of',
      { except: ['cs7-fe1', 'cs7-fe2'] },
      [moves('pilot'), davadmin('cs7-fe1'), service('cs7-fe1', 'cs7')],
      ['--except', 'cs7-fe2'],
    ],
    [
      'a move without a unique id',
      { only: ['ldap-cohort'] },
      [ids('pilot'), moves('pilot')],
      ['--only', 'ldap-cohort,ldap-unique-id'],
    ],
    [
      'the attribute on CS7 before the accounts have it',
      { only: ['cs7-fe1'] },
      [moves('pilot'), davadmin('cs7-fe1'), service('cs7-fe1', 'cs7')],
      ['--only', 'cs7-fe1,ldap-cohort'],
    ],
    [
      'the same for one cohort of two',
      { except: ['finance'] },
      [moves('pilot', 'finance'), davadmin('cs7-fe1'), service('cs7-fe1', 'cs7')],
      [],
    ],
    [
      'the same by a restart that is due',
      { only: ['cs7-fe1'] },
      [moves('pilot'), service('cs7-fe1', 'cs7', restart)],
      ['--only', 'cs7-fe1,ldap-cohort'],
    ],
    [
      'a deletion before its move',
      { only: ['cs6-calendar'] },
      [moves('pilot'), calendars('cs6-fe1', 'pilot')],
      ['--only', 'cs6-calendar,ldap-cohort'],
    ],
    [
      'a deletion before its login is denied',
      { only: ['cs6-fe1'] },
      [logins('pilot'), calendars('cs6-fe1', 'pilot')],
      ['--only', 'cs6-fe1,ldap-login'],
    ],
    ['a denial before its move', { except: ['ldap-cohort'] }, [moves('pilot'), logins('pilot')], []],
    [
      'a denial before CS7 knows',
      { only: ['ldap-login'] },
      [davadmin('cs7-fe1'), service('cs7-fe1', 'cs7'), logins('pilot')],
      ['--only', 'ldap-login,cs7-fe1'],
    ],
    [
      'a configuration without its restart',
      { only: ['cs6-ics-conf'] },
      [conf('cs6-fe1'), service('cs6-fe1', 'cs6')],
      ['--only', 'cs6-ics-conf,cs6-fe1'],
    ],
    [
      'the same by leaving the restart out',
      { except: ['cs6-fe1/cs6-service'] },
      [conf('cs6-fe1'), service('cs6-fe1', 'cs6')],
      [],
    ],
    [
      'a name in both options',
      { only: ['pilot', 'cs6-fe1'], except: ['cs6-fe1/cs6-service'] },
      [conf('cs6-fe1'), service('cs6-fe1', 'cs6'), moves('pilot')],
      ['--only', 'pilot,cs6-fe1'],
    ],
  ])('%s is refused with the names to add', (_, narrowing, all, words) => {
    expect(remedy(narrowing, all)).toEqual(words);
  });

  it('through what the added names need in turn is refused at once', () => {
    const [refused] = refusals(narrowed({ only: ['ldap-login'] }, everything));
    const names = refused?.next?.[0]?.words[1]?.split(',') ?? [];
    expect(refusals(narrowed({ only: names }, everything))).toEqual([]);
    expect(names).not.toContain('cs6-calendar');
    expect(refused?.detail).toContain(
      'directory/ldap-cohort (cohort pilot), needed before directory/ldap-login (cohort pilot)',
    );
    expect(refused?.detail).toContain('and 4 more');
  });

  it('on a target that cannot be read is refused', () => {
    for (const narrowing of [{ only: ['pilot'] }, { except: ['cs7-fe2'] }, { except: ['cs6-be1'] }]) {
      for (const silent of [down(conf('cs6-be1')), down(map('cs7-fe2'))]) {
        const made = narrowed(narrowing, [moves('pilot'), silent]);
        expect([made.unread, refusals(made).length]).toEqual([[silent.target], 1]);
      }
    }
  });
});

describe('what is not refused', () => {
  it.each<readonly [string, Narrowing, readonly Comparison[], readonly string[]]>([
    [
      'a host that nothing needs',
      { only: ['cs6-fe1'] },
      everything.filter(({ kind }) => kind !== 'cs6-calendar'),
      ['cs6-fe1/cs6-ics-conf', 'cs6-fe1/cs6-service'],
    ],
    [
      'a cohort, with the ids of its accounts',
      { only: ['pilot'] },
      [ids('pilot', 'finance'), moves('pilot', 'finance')],
      ['directory/ldap-unique-id', 'directory/ldap-cohort'],
    ],
    [
      'all but a cohort',
      { except: ['finance'] },
      [ids('pilot', 'finance'), moves('pilot', 'finance'), conf('cs6-fe1')],
      ['directory/ldap-unique-id', 'cs6-fe1/cs6-ics-conf', 'directory/ldap-cohort'],
    ],
    [
      'a host that is down and nothing needs',
      { except: ['cs7-fe2'] },
      [conf('cs6-fe1'), service('cs6-fe1', 'cs6'), down(davadmin('cs7-fe2'))],
      ['cs6-fe1/cs6-ics-conf', 'cs6-fe1/cs6-service'],
    ],
    [
      'a map line without the restart that another change owes',
      { only: ['cs7-domain-map'] },
      [map('cs7-fe1'), davadmin('cs7-fe1'), service('cs7-fe1', 'cs7')],
      ['cs7-fe1/cs7-domain-map'],
    ],
    [
      'no restart for a configuration that is left out',
      { only: ['cs6-service'] },
      [conf('cs6-fe1'), service('cs6-fe1', 'cs6')],
      [],
    ],
    [
      'a restart that is due anyway',
      { only: ['cs6-service'] },
      [service('cs6-fe1', 'cs6', restart)],
      ['cs6-fe1/cs6-service'],
    ],
    [
      'a deletion of a cohort while another moves',
      { only: ['pilot'] },
      [moves('finance'), calendars('cs6-fe1', 'pilot')],
      ['cs6-fe1/cs6-calendar'],
    ],
    [
      'both options',
      { only: ['cs6-fe1', 'cs6-be1'], except: ['cs6-be1'] },
      [conf('cs6-fe1'), conf('cs6-be1')],
      ['cs6-fe1/cs6-ics-conf'],
    ],
  ])('%s', (_, narrowing, all, steps) => {
    const made = narrowed(narrowing, all);
    expect(refusals(made)).toEqual([]);
    expect(made.steps.map(({ id }) => id)).toEqual(steps);
  });

  it('has the changes of the cohort only, and they alone count against a limit', () => {
    const many = Array.from({ length: 40 }, (_, i) => ({ ...move('finance'), item: `uid=f${i},o=isp` }));
    const all = [comparison('directory', 'ldap-cohort', 'accounts', move('pilot'), ...many)];
    expect(refusals(whole(all)).map(({ code }) => code)).toEqual(['plan.too-many-moves']);
    const made = narrowed({ only: ['pilot'] }, all);
    expect(refusals(made)).toEqual([]);
    expect(made.steps.flatMap(({ changes }) => [...changes])).toEqual([move('pilot')]);
    expect(made.leftOut).toEqual([
      { by: 'only', target: 'directory', kind: 'ldap-cohort', cohort: 'finance', changes: 40, restarts: 0 },
    ]);
  });
});

describe('what is left out', () => {
  const said = (narrowing: Narrowing, all: readonly Comparison[]) =>
    narrowed(narrowing, all).findings.find(({ code }) => code === 'plan.left-out')?.detail;

  it('is counted and named by option', () => {
    expect(said({ only: ['cs6-fe1'] }, everything)).toBe(
      'Left out by --only cs6-fe1: directory (6 changes), cs6-be1 (3 changes, 1 restart), cs7-fe1 (2 changes, 1 restart), cs7-fe2 (2 changes, 1 restart).',
    );
    expect(said({ except: ['pilot'] }, everything)).toBe('Left out by --except pilot: cohort pilot (5 changes).');
    expect(said({ only: ['directory'], except: ['pilot'] }, [moves('pilot'), conf('cs6-fe1')])).toBe(
      'Left out by --only directory: cs6-fe1 (1 change).\nLeft out by --except pilot: cohort pilot (1 change).',
    );
  });

  it('is said where nothing else differs, or could not be read', () => {
    expect(said({ only: ['cs6-fe1'] }, [conf('cs6-fe1')])).toBe('Left out by --only cs6-fe1: nothing.');
    expect(said({ except: ['cs7-fe2'] }, [conf('cs6-fe1'), down(davadmin('cs7-fe2'))])).toBe(
      'Left out by --except cs7-fe2: cs7-fe2 (could not be read).',
    );
  });
});

describe('any part of any estate', () => {
  const names = [
    ...['cs6-fe1', 'cs6-be1', 'cs7-fe1', 'cs7-fe2', 'directory', 'pilot', 'finance', 'cs6-ics-conf', 'cs6-service'],
    ...['cs7-davadmin', 'cs7-domain-map', 'cs7-service', 'ldap-unique-id', 'ldap-cohort', 'ldap-login', 'cs6-calendar'],
    ...['cs6-fe1/cs6-ics-conf', 'cs7-fe1/cs7-service', 'directory/ldap-cohort'],
  ];

  /** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
  function chances(seed: number): () => number {
    let state = seed;
    return () => {
      state = (state + 0x6d2b79f5) | 0;
      let t = Math.imul(state ^ (state >>> 15), 1 | state);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
  }

  it('is refused, with names that are enough and none of which can be spared, or it is safe', () => {
    let [refused, safe] = [0, 0];
    for (let seed = 1; seed <= 1500; seed++) {
      const chance = chances(seed);
      const some = <T>(all: readonly T[], share: number) => all.filter(() => chance() < share);
      const all = some(everything, 0.6).map(one => ({ ...one, changes: some([...one.changes], 0.7) }));
      const options = { only: some(names, 0.15), except: chance() < 0.5 ? some(names, 0.1) : [] };
      const given = { ...(options.only.length > 0 && { only: options.only }), except: options.except };
      const [finding] = refusals(narrowed(given, all));
      if (!finding) {
        safe++;
        expect(unsafe(given, all), `seed ${seed}`).toEqual([]);
        continue;
      }
      refused++;
      const wider = widerBy(finding.next?.[0]?.words ?? []);
      expect(refusals(narrowed(wider, all)), `seed ${seed}: ${JSON.stringify([given, wider])}`).toEqual([]);
      for (const name of (wider.only ?? []).filter(one => given.only?.includes(one) === false))
        expect(
          refusals(narrowed({ ...wider, only: wider.only?.filter(one => one !== name) ?? [] }, all)),
          `seed ${seed}: ${name} of ${JSON.stringify([given, wider])} can be spared`,
        ).not.toEqual([]);
    }
    expect([refused > 200, safe > 200]).toEqual([true, true]);
  });

  function widerBy(words: readonly string[]): Narrowing {
    const behind = (option: string) =>
      words.includes(option) ? words[words.indexOf(option) + 1]?.split(',') : undefined;
    return { only: behind('--only') ?? [], except: behind('--except') ?? [] };
  }

  /** What the rules of the chapter say about a part, written down a second time and change by change. */
  function unsafe(narrowing: Narrowing, all: readonly Comparison[]): readonly string[] {
    const changes = whole(all).steps.flatMap(step => step.changes.map(change => ({ ...step, change })));
    const isChosen = ({ target, kind, change }: (typeof changes)[number]) =>
      leftOutBy(narrowing, { target, kind, cohort: change.group }) === undefined;
    const [kept, left] = [changes.filter(isChosen), changes.filter(one => !isChosen(one))];
    const leftOf = (...kinds: readonly string[]) => left.filter(({ kind }) => kinds.includes(kind));
    const keptOf = (...kinds: readonly string[]) => kept.filter(({ kind }) => kinds.includes(kind));
    const same = (kind: string, ...needing: readonly string[]) =>
      leftOf(kind).filter(one => keptOf(...needing).some(other => other.change.group === one.change.group));
    const owing = (side: 'cs6' | 'cs7', kind: string) =>
      leftOf(`${side}-service`).filter(({ target }) => keptOf(kind).some(one => one.target === target));
    return [
      ...(keptOf('ldap-cohort').length > 0
        ? leftOf('cs6-ics-conf', 'cs6-service', 'cs7-davadmin', 'cs7-domain-map', 'cs7-service')
        : []),
      ...(keptOf('ldap-login', 'cs6-calendar').length > 0
        ? leftOf('cs6-ics-conf', 'cs6-service', 'cs7-davadmin', 'cs7-domain-map', 'cs7-service')
        : []),
      ...(keptOf('cs7-davadmin', 'cs7-domain-map').length > 0 ? leftOf('ldap-cohort', 'ldap-unique-id') : []),
      ...same('ldap-unique-id', 'ldap-cohort'),
      ...same('ldap-cohort', 'ldap-login', 'cs6-calendar'),
      ...same('ldap-login', 'cs6-calendar'),
      ...owing('cs6', 'cs6-ics-conf'),
      ...owing('cs7', 'cs7-davadmin'),
    ].map(({ id, change }) => `${id} ${change.group ?? ''}`);
  }
});
