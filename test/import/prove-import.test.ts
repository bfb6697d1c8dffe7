import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/core/change.ts';
import type { Plan } from '../../src/core/plan.ts';
import type { EstateEdit } from '../../src/estate/edit-estate.ts';
import { coverageOf, proveImport } from '../../src/import/prove-import.ts';
import { desiredOf } from '../kinds/cases.ts';

const estateSchema: object = JSON.parse(readFileSync('schemas/estate.schema.json', 'utf8'));
const state = desiredOf({ name: '', live: {}, changes: [] });
const [cs6 = '', cs7 = ''] = (['cs6', 'cs7'] as const).map(
  product => state.hosts.find(host => host.product === product)?.name ?? '',
);

function planOf(target: string, changes: readonly Partial<Change>[]): Plan {
  const step = {
    ...{ id: `${target}/kind`, kind: 'kind', target, stage: 'check', after: [] },
    changes: changes.map(change => ({ action: 'update', item: 'item', key: 'key', ...change })),
  };
  return { steps: [step] } as unknown as Plan;
}

const proof = (target: string, change: Partial<Change>, given: readonly EstateEdit[] = []) => {
  const { needed, asked, unexpressed, findings } = proveImport(planOf(target, [change]), state, given);
  expect(findings).toHaveLength(unexpressed);
  return needed ? 'needed' : asked ? 'asked' : unexpressed ? 'unexpressed' : 'nothing';
};

describe('a change in the plan of a new file', () => {
  it.each([
    ['a setting of coexistence', cs6, { key: 'local.autoprovision' }, 'needed'],
    ['the redirect', cs6, { key: 'service.wcap.freebusy.redirecturl' }, 'needed'],
    ['a restart', cs6, { action: 'restart', key: 'x' }, 'needed'],
    ['an option of coexistence', cs7, { key: 'davcore.scheduling.localuserattr' }, 'needed'],
    ['a line of the domain map', cs7, { key: 'example.com' }, 'needed'],
    ['a unique id', 'directory', { key: state.directory.uniqueId.attribute }, 'needed'],
    [
      'another local-user attribute',
      cs7,
      { key: 'davcore.scheduling.localuserattr', before: 'xcs7user' },
      'unexpressed',
    ],
    ['a setting of their own', cs6, { key: 'service.http.idletimeout' }, 'unexpressed'],
    ['an option of their own', cs7, { key: 'log.dav.commands.loglevel' }, 'unexpressed'],
    ['a move', 'directory', { key: state.directory.localUser.attribute, moves: 'cs6->cs7' }, 'unexpressed'],
    ['another store', 'directory', { key: state.directory.localUser.attribute }, 'unexpressed'],
    ['a login that is denied', 'directory', { key: 'icsAllowedServiceAccess' }, 'unexpressed'],
    ['a calendar that is deleted', cs6, { action: 'delete', key: 'jdoe' }, 'unexpressed'],
  ] as const)('%s is told apart', (_, target, change, of) => {
    expect(proof(target, change)).toBe(of);
  });

  it('of a setting that was given with --set is asked for; of a cohort it never is', () => {
    const key = 'service.http.idletimeout';
    for (const path of [
      ['cs6', 'settings', key],
      ['cs6', 'hosts', cs6, 'settings', key],
      ['cs6', 'settings'],
    ])
      expect(proof(cs6, { key }, [{ path, value: '1' }])).toBe('asked');
    expect(proof(cs6, { key }, [{ path: ['cs6', 'hosts', 'other', 'settings', key], value: '1' }])).toBe('unexpressed');
    expect(proof('directory', { key: 'davStore', moves: 'cs7->cs6' }, [{ path: ['cohorts'], value: {} }])).toBe(
      'unexpressed',
    );
  });

  it('that is not needed is named, without a value', () => {
    const change = { key: 'a\u001b[2J', before: 'geheim', after: 'geheim2' };
    const { findings } = proveImport(planOf(cs6, Array(7).fill(change)), state, []);
    expect(JSON.stringify(findings)).not.toMatch(/geheim|\u001b/);
    expect(findings[0]?.detail).toContain('would make 7 changes that coexistence does not need');
    expect(findings[0]?.detail).toContain('and 2 more');
  });
});

it('coverage has names and reasons, and never a value', () => {
  const facts = { found: [], choices: [], findings: [] };
  const live = {
    ...({ ...facts, name: cs6, product: 'cs6', domainMap: new Map(), directory: {} } as const),
    settings: new Map([
      ['local.autoprovision', 'no'],
      ['local.enduseradmincred', 'geheim'],
      ['service.http.idletimeout', '7777'],
      ['local.site.tail', '7777'],
    ]),
    unclear: new Map([['local.site.tail', 'line 7 of ics.conf breaks the documented grammar (trailing-text)']]),
  };
  const [first] = coverageOf(state, [live], undefined, estateSchema);
  expect(first?.parts).toEqual([
    expect.objectContaining({
      what: 'settings',
      unmanaged: 3,
      left: [
        { name: 'local.enduseradmincred', reason: 'secret' },
        { name: 'service.http.idletimeout', reason: 'not asked for' },
        { name: 'local.site.tail', reason: 'not possible', why: expect.stringMatching(/^line 7 of/) },
      ],
    }),
  ]);
  expect(JSON.stringify(first)).not.toMatch(/geheim|7777/);
});
