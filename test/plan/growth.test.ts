import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { DesiredState } from '../../src/core/desired.ts';
import type { Comparison, Plan } from '../../src/core/plan.ts';
import { strayFindings } from '../../src/engine/stray-steps.ts';
import type { BoundTarget } from '../../src/kinds/managed-kind.ts';
import { targetsOf } from '../../src/kinds/registry.ts';
import { buildPlan } from '../../src/plan/build.ts';
import { applyRefusals, refusals } from '../../src/plan/guards.ts';
import { narrowPlan } from '../../src/plan/narrowing.ts';
import { labelOrigins, type Origins, originsOf, wishOf } from '../../src/plan/origins.ts';
import { boundRefusals, parsePlanFile, renderPlanFile } from '../../src/plan/plan-file.ts';
import { waitsOf } from '../../src/plan/step-order.ts';
import { buildUndo, inverseSteps } from '../../src/plan/undo.ts';
import { formats, renderReport } from '../../src/report/format.ts';
import { plainFacts } from '../report/plain-facts.ts';
import { countWork } from '../tools/count-work.ts';
import { farmComparisons, farmState, farmText, loadFarm } from './made-up-farm.ts';

/** Twice as many hosts may cost no more than this. */
const linear = 2.2;

const sizes = [120, 240] as const;

const planSchema: object = JSON.parse(readFileSync('schemas/plan.schema.json', 'utf8'));

/** A farm with differences everywhere, and all that is made of it. */
interface Farm {
  readonly hosts: number;
  readonly text: string;
  readonly state: DesiredState;
  readonly comparisons: readonly Comparison[];
  readonly targets: readonly BoundTarget[];
  readonly plan: Plan;
  readonly saved: string;
  readonly origins: Origins;
}

const day = '2026-11-22';
const facts = { tool: '0', readAt: `${day}T10:00:00.000Z`, accounts: { counted: 3200, all: true } };

function farmOf(hosts: number): Farm {
  const shape = { roll: '[1, "25%", "100%"]', ignores: true, windows: true };
  const state = farmState(hosts, shape);
  const comparisons = farmComparisons(state);
  const plan = buildPlan(state, comparisons, facts);
  const earlier = [comparisons, comparisons.slice(0, comparisons.length / 2)].map(all => wishOf(state, all, day));
  const [base, applied] = earlier;
  if (!base || !applied) throw new Error('two wishes');
  return {
    ...{ hosts, text: farmText(hosts, shape), state, comparisons, targets: targetsOf(state), plan },
    ...{ saved: [...renderPlanFile(plan)].join(''), origins: originsOf(base, applied) },
  };
}

const farms = sizes.map(farmOf);

const cs6 = ({ state }: Farm) => state.hosts.filter(({ product }) => product === 'cs6').map(({ name }) => name);

describe('twice as many hosts are twice the work', () => {
  it.each<[string, (farm: Farm) => unknown]>([
    ['to load the file', ({ text }) => loadFarm(text)],
    ['to find what is managed', ({ state }) => targetsOf(state)],
    ['to plan', ({ state, comparisons }) => buildPlan(state, comparisons, facts)],
    ['to guard', ({ plan }) => [refusals(plan), applyRefusals(plan, {}, { at: facts.readAt, before: undefined })]],
    ['to find what each step waits for', ({ plan }) => waitsOf(plan.steps)],
    ['to write a plan file', ({ plan }) => [...renderPlanFile(plan)]],
    ['to read a plan file', ({ saved }) => parsePlanFile('plan.json', saved, planSchema)],
    ['to hold a plan against the file', ({ plan, state }) => boundRefusals('plan.json', plan, state, ['farm.yaml'])],
    ['to look for strays', ({ plan, targets }) => strayFindings(plan, targets)],
    ['to label origins', ({ plan, origins }) => labelOrigins(plan.steps, origins)],
    ['to plan a part of the hosts', one => narrowPlan(one.plan, { only: cs6(one) }, one.comparisons)],
    [
      'to plan half of the hosts',
      one => narrowPlan(one.plan, { only: cs6(one).slice(one.hosts / 4) }, one.comparisons),
    ],
    ['to leave hosts out', one => narrowPlan(one.plan, { except: cs6(one) }, one.comparisons)],
    ['to plan drift', one => narrowPlan(one.plan, { origin: ['drift'] }, one.comparisons, one.origins)],
    ['to plan what is new', one => narrowPlan(one.plan, { origin: ['not-applied'] }, one.comparisons, one.origins)],
    ['to plan an undo', undo],
    ...formats.map((format): [string, (farm: Farm) => unknown] => [
      `to report as ${format}`,
      ({ plan, targets }) =>
        renderReport({ command: 'plan', exitCode: 2, plan, refusals: refusals(plan) }, format, {
          ...plainFacts,
          managed: () => targets,
        }),
    ]),
  ])('%s', async (_, work) => {
    const counts: number[] = [];
    for (const farm of farms) counts.push(await countWork(() => work(farm)));
    const [once = 0, twice = 0] = counts;
    expect(twice / once, `${counts}`).toBeLessThanOrEqual(linear);
  });

  it('and a plan file twice as long', () => {
    const [once, twice] = farms.map(({ saved }) => saved.length);
    expect((twice ?? 0) / (once ?? 1)).toBeLessThanOrEqual(linear);
  });
});

function undo({ plan, targets }: Farm): Plan {
  const run = { name: 'run', plan, steps: plan.steps, replaced: new Map() };
  const comparisons = inverseSteps(run).map(step => ({ step, changes: step.changes, refused: [], moved: [] }));
  const services = targets.flatMap(({ kind, target, stage, activates }) =>
    activates ? [{ kind, target, stage, activates }] : [],
  );
  return buildUndo(run, comparisons, services, { ...facts, findings: [] });
}
