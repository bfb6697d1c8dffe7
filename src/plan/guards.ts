import { deletionsOf, movesOf } from '../core/change-list.ts';
import type { Finding } from '../core/finding.ts';
import { type NextCommand, nextCommands } from '../core/next-command.ts';
import type { Plan, Step } from '../core/plan.ts';
import { rowOf, type Stage } from '../core/stages.ts';
import { count, wordFor } from '../core/units.ts';
import { type FindingCode, finding, hasCode } from '../findings/catalogue.ts';
import { startsOnly } from './build.ts';
import { type CountBefore, fallFindings, restartedHosts } from './limits.ts';
import { windowRefusals } from './windows.ts';

/** What a person allowed by number. */
export interface Allowances {
  /** How many accounts may move to CS7 although that is over the limit. */
  readonly moves?: number;
  /** How many accounts may move back to CS6; without it none may. */
  readonly movesBack?: number;
  /** Of how many accounts the CS6 calendars may be deleted; without it none are, and the rest of the plan is carried out. */
  readonly deletes?: number;
  /** How many hosts may be restarted although that is over the limit. */
  readonly restarts?: number;
  /** How many accounts are right although they have become fewer: the very number that was seen. */
  readonly accounts?: number;
  /** How many hosts may be changed outside their window. */
  readonly outsideWindow?: number;
}

/** The numbers by the names of their options: `{ "moves-back": 12 }`. */
export function allowedByOption(allowances: Allowances): Readonly<Record<string, number>> {
  const optionOf = (name: string) => name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
  return Object.fromEntries(Object.entries(allowances).map(([name, number]) => [optionOf(name), number]));
}

/** Why this plan must not be carried out, whenever that is; empty: it may. */
export function refusals(plan: Plan, allowances: Allowances = {}): readonly Finding[] {
  const { deletes } = allowances;
  const allowed = allowedCodes(plan, allowances);
  return [
    ...plan.findings.filter(f => f.severity === 'error' && !allowed.has(f.code)),
    ...(deletes === undefined ? [] : deletionRefusals(plan, deletes)),
  ];
}

/** Why this plan must not be carried out now and here; a plan that was saved elsewhere did not know the records here. */
export function applyRefusals(
  plan: Plan,
  allowances: Allowances,
  { at, before }: { readonly at: string; readonly before: CountBefore | undefined },
): readonly Finding[] {
  const settled = accountsFell(plan) || allowances.accounts === plan.accounts.counted || !needsDirectory(plan);
  return [
    ...refusals(plan, allowances),
    ...(settled ? [] : fallFindings(plan.desired.limits, plan.accounts, before)),
    ...windowRefusals(plan, at, {
      allowed: allowances.outsideWindow,
      irreversible: allowances.deletes !== undefined,
    }),
  ];
}

/** Whether a plan was found to have so few accounts that somebody has to allow it. */
export function accountsFell({ findings }: Plan): boolean {
  return findings.some(one => hasCode(one, fell));
}

/** Starting a server that is down needs no account: whatever it lacks is planned afterwards. */
function needsDirectory(plan: Plan): boolean {
  if (startsOnly(plan)) return false;
  return (
    plan.steps.some(({ target }) => target === 'directory') || requiredTargets(plan, plan.steps).includes('directory')
  );
}

const fell = 'plan.accounts-fell';

/** Refusals that a number on the command line lifts. */
function allowedCodes({ steps, accounts }: Plan, allowances: Allowances): ReadonlySet<string> {
  const lifted: readonly (readonly [FindingCode, boolean])[] = [
    ['plan.too-many-moves', movesOf(steps, 'cs6->cs7').length <= (allowances.moves ?? 0)],
    ['plan.moves-back', movesOf(steps, 'cs7->cs6').length <= (allowances.movesBack ?? 0)],
    ['plan.too-many-restarts', restartedHosts(steps).length <= (allowances.restarts ?? 0)],
    [fell, allowances.accounts === accounts.counted],
  ];
  return new Set(lifted.flatMap(([code, allowed]) => (allowed ? [code] : [])));
}

/** The number is a promise about what was reviewed, the limit one about what may be reviewed at all. */
function deletionRefusals(plan: Plan, allowed: number): readonly Finding[] {
  const { deletes: limit, source } = plan.desired.limits;
  const wanted = deletionsOf(plan.steps).length;
  const found = `${count(wanted, 'account')} would lose their calendars on CS6, which cannot be undone`;
  const refusal = (detail: string, ...next: readonly NextCommand[]): Finding =>
    finding('plan.deletes-not-allowed', {
      detail,
      where: source,
      target: 'directory',
      next: next.length > 0 ? next : undefined,
    });
  if (wanted > allowed)
    return [
      refusal(
        `${found}; ${allowed} ${wordFor(allowed, 'was', 'were')} allowed.\nCheck the plan again, and allow its number:`,
        nextCommands.allow('deletes', wanted),
      ),
    ];
  if (wanted > limit)
    return [
      refusal(
        `${found}; limits.deletes is ${limit}.\nMove fewer at a time, or raise limits.deletes in a reviewed change.`,
      ),
    ];
  return [];
}

/** The stages that have to be in effect before this one; a restart brings into effect what its configuration asks for. */
export function stagesBefore(stage: Stage): readonly Stage[] {
  const { requires, brings } = rowOf(stage);
  return brings === undefined ? requires : [...requires, ...rowOf(brings).requires];
}

/** The targets that must have been read for some steps: unread targets say nothing about their stages, so all of a side count. */
export function requiredTargets(plan: Pick<Plan, 'desired'>, steps: readonly Pick<Step, 'stage'>[]): readonly string[] {
  const stages = new Set(steps.flatMap(({ stage }) => [...stagesBefore(stage), ...(rowOf(stage).followedBy ?? [])]));
  const sides = new Set([...stages].map(stage => rowOf(stage).on));
  const hosts = plan.desired.hosts.flatMap(({ name, product }) => (sides.has(product) ? [name] : []));
  return sides.has('directory') ? [...hosts, 'directory'] : hosts;
}
