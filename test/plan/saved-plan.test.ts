import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/core/change.ts';
import type { DesiredState } from '../../src/core/desired.ts';
import { fullDetail } from '../../src/core/finding.ts';
import type { Comparison, Plan } from '../../src/core/plan.ts';
import type { Stage } from '../../src/core/stages.ts';
import { loadEstate } from '../../src/estate/load.ts';
import { resolveNode, type SchemaNode } from '../../src/explain/schema-keys.ts';
import { buildPlan, timeRefusals } from '../../src/plan/build.ts';
import { narrowPlan } from '../../src/plan/narrowing.ts';
import { parsePlanFile, renderPlanFile } from '../../src/plan/plan-file.ts';
import { buildUndo, inverseSteps } from '../../src/plan/undo.ts';
import { estateSchema } from '../kinds/cases.ts';

const fileText = (of: Plan) => [...renderPlanFile(of)].join('');

const schema: SchemaNode = JSON.parse(readFileSync('schemas/plan.schema.json', 'utf8'));

/** An estate in which every key is used that leaves a trace in a plan. */
const text = readFileSync('test/estate/chapter-in-braces.yaml', 'utf8')
  .replace(
    '  minimumPatch: 44\n',
    '  minimumPatch: 44\n  settings: { service.http.idletimout: "120", service.http.port: "80" }\n  window: { days: [sat], from: "22:00", to: "06:00", zone: UTC }\n',
  )
  .replace(
    'migrated: { server: cs7,',
    'migrated: { server: cs7, limit: 0, wave: 50%, migrated: { denyCs6Login: true, deleteCs6Calendars: true },',
  )
  .concat(`
limits: { restarts: 0, fewerAccounts: 5% }
policy: { planExpiry: 12h, signatures: { required: 2, signers: allowed_signers } }
ignore: [{ target: cs6, key: service.http.port, until: 2099-01-31, reason: load test, owner: ops }]
`);

function load(): { readonly state: DesiredState; readonly warnings: Plan['findings'] } {
  const { state, findings } = loadEstate('estates/estate.yaml', text, estateSchema);
  if (!state) throw new Error(JSON.stringify(findings));
  return { state, warnings: findings };
}
const { state, warnings } = load();

const place = { file: '/ics.conf', line: 3, column: 1, endColumn: 4 };
const setting: Change = {
  ...{ action: 'update', item: 'ics.conf', key: 'service.http.port', before: 'a', after: ['b', 'c'] },
  ...{ reason: 'because', source: place, live: place },
} as const;
const move: Change = {
  action: 'create',
  item: 'uid=a,o=isp',
  key: 'davStore',
  after: 's',
  moves: 'cs6->cs7',
  group: 'migrated',
};
const deletion: Change = { action: 'delete', item: 'a', key: 'calendars', before: '2', irreversible: 'they are gone' };

function comparison(target: string, kind: string, stage: Stage, ...changes: readonly Change[]): Comparison {
  const finding = {
    severity: 'warning',
    code: 'x.y',
    summary: 's',
    detail: 'd',
    where: place,
    more: 3,
    target,
  } as const;
  return { kind, target, stage, changes, findings: [finding], basis: 'a'.repeat(64) };
}

const comparisons: readonly Comparison[] = [
  comparison('cs6', 'cs6-ics-conf', 'cs6-config', setting, { ...setting, key: 'other' }),
  { ...comparison('cs6', 'cs6-service', 'cs6-activate'), activates: { stage: 'cs6-config', service: 'cs6' } },
  comparison('directory', 'ldap-cohort', 'accounts', move),
  comparison('cs6', 'cs6-calendar', 'cs6-calendars', deletion),
  {
    ...comparison('cs7', 'cs7-davadmin', 'cs7-config'),
    unread: { severity: 'error', code: 'host.unreachable', summary: 's', detail: 'd', target: 'cs7' },
  },
];

const rich = buildPlan(state, comparisons, {
  tool: '0',
  readAt: '2026-11-22T10:00:00.000Z',
  accounts: { counted: 1, all: true },
  before: { counted: 100, all: true, run: 'r' },
  warnings,
});

const digest = 'b'.repeat(64);
const replaced = [{ path: '/ics.conf', written: digest, backup: '/ics.conf.old', original: digest }];
const run = {
  name: 'run-1',
  plan: rich,
  steps: rich.steps,
  replaced: new Map(rich.steps.map(step => [step.id, replaced])),
};
const undo = buildUndo(
  run,
  inverseSteps(run).map(step => ({ step, changes: step.changes, refused: [], moved: [] })),
  [],
  { tool: '0', readAt: '2026-12-22T10:00:00.000Z', findings: [] },
);

/** Paths of properties that the schema does not name; what it leaves open is not looked into. */
function unknownTo(node: SchemaNode, value: unknown, path: string): readonly string[] {
  const known = resolveNode(schema, node);
  if (Array.isArray(value)) return value.flatMap(item => unknownTo(known.items ?? {}, item, `${path}[]`));
  if (typeof value !== 'object' || value === null || known.properties === undefined) return [];
  return Object.entries(value).flatMap(([key, part]) => {
    const child = known.properties?.[key];
    return child === undefined ? [`${path}.${key}`] : unknownTo(child, part, `${path}.${key}`);
  });
}

function closed(node: SchemaNode, path: string): readonly string[] {
  const known = resolveNode(schema, node);
  const open = known.properties !== undefined && known.additionalProperties !== false ? [path] : [];
  const below = Object.entries(known.properties ?? {}).flatMap(([key, child]) => closed(child, `${path}.${key}`));
  return [...open, ...below, ...(known.items === undefined ? [] : closed(known.items, `${path}[]`))];
}

describe('the schema of a saved plan', () => {
  it.each([
    ['of a rich plan', rich],
    ['of its undo', undo],
    ['of a part of it', narrowPlan(rich, { only: ['cs6'] }, [])],
  ])('knows every property %s', (_, plan) => {
    expect(unknownTo(schema, JSON.parse(fileText(plan)), '')).toEqual([]);
    expect(parsePlanFile('plan.json', fileText(plan), schema)).toMatchObject({ findings: [] });
  });

  it('the plans are as rich as they are meant to be', () => {
    const said = fileText(rich) + fileText(undo);
    for (const key of ['excerpt', 'endColumn', 'more', 'irreversible', 'undoes', 'restore', 'windows', 'signatures'])
      expect(said).toContain(`"${key}"`);
    expect(rich.ignored).toHaveLength(1);
    expect(rich.findings.map(({ code }) => code)).toEqual(
      expect.arrayContaining([
        ...['estate.setting-unknown', 'host.unreachable', 'plan.accounts-fell', 'plan.too-many-moves'],
        ...['plan.too-many-restarts', 'plan.outside-window'],
      ]),
    );
  });

  it('lets nothing through that it does not know', () => {
    expect(closed(schema, '')).toEqual([]);
    const text = fileText(rich);
    for (const [from, to] of [
      ['"steps"', '"more": 1, "steps"'],
      ['"kind"', '"force": true, "kind"'],
      ['"action"', '"force": true, "action"'],
      ['"severity"', '"force": true, "severity"'],
      ['"planExpiry"', '"force": true, "planExpiry"'],
    ] as const)
      expect(parsePlanFile('p', text.replace(from, to), schema).findings, to).toMatchObject([
        { code: 'plan.unknown-format' },
      ]);
  });
});

describe('the expiry of a plan', () => {
  const codes = (plan: Plan, at: string) => timeRefusals('plan.json', plan, at).map(({ code }) => code);

  it.each([
    ['at once', rich, '2026-11-22T10:00:00.000Z', []],
    ['in its last millisecond', rich, '2026-11-22T22:00:00.000Z', []],
    ['after it', rich, '2026-11-22T22:00:00.001Z', ['plan.expired']],
    ['of an undo, which is read later', undo, '2026-12-22T22:00:00.000Z', []],
    ['by a clock five minutes behind', rich, '2026-11-22T09:55:00.000Z', []],
    ['before it was read', rich, '2026-11-22T09:54:59.999Z', ['plan.from-the-future']],
    [
      'that is longer than the policy',
      { ...rich, expiresAt: '2099-01-01T00:00:00.000Z' },
      rich.readAt,
      ['plan.expired'],
    ],
    ['of a reading at no time', { ...rich, readAt: 'once' }, '2026-11-22T10:00:00.000Z', ['plan.expired']],
    ['of an undo as well', undo, '2026-12-22T22:00:00.001Z', ['plan.expired']],
    ['with a time nobody can read', { ...rich, expiresAt: 'never' }, '2026-11-22T10:00:00.000Z', ['plan.expired']],
  ] as const)('%s', (_, plan, at, expected) => {
    expect(codes(plan, at)).toEqual(expected);
  });

  it('is part of the digest', () => {
    const later = fileText(rich).replace(rich.expiresAt, '2036-11-22T22:00:00.000Z');
    expect(parsePlanFile('p', later, schema).findings).toMatchObject([{ code: 'plan.tampered' }]);
  });

  it('says when it was read, when it expired and what time it is', () => {
    const [finding] = timeRefusals('plan.json', rich, '2026-11-25T10:00:00.000Z');
    for (const part of [rich.readAt, rich.expiresAt, '2026-11-25T10:00:00.000Z', 'reconcile plan -o plan.json'])
      expect(finding && fullDetail(finding)).toContain(part);
  });
});
