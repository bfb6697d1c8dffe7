import { canonicalJson, sha256 } from '../core/canonical.ts';
import { type Change, targetId } from '../core/change.ts';
import type { Plan } from '../core/plan.ts';
import type { Look } from './look.ts';

/** All differences of one target and kind, by what they are and not by how they are worded. */
export interface Differences {
  readonly target: string;
  readonly kind: string;
  readonly count: number;
  /** SHA-256; another set has another one. */
  readonly digest: string;
}

/**
 * What is known of an estate after a look, small enough to be kept, and without the name of any account. What could not be
 * read keeps what was known of it: a host that is down has not mended its drift.
 */
export interface DriftState {
  /** In the order of their targets and kinds. */
  readonly differences: readonly Differences[];
  /** Findings that refuse a plan, as `code target`, in order. */
  readonly problems: readonly string[];
  /** Targets that could not be read whole, in order; `*` where the look itself failed. */
  readonly unread: readonly string[];
}

/** Nothing differs, and all could be read; what is assumed before the first look. */
export const inSync: DriftState = { differences: [], problems: [], unread: [] };

/** What is known after a look, from what was known before it. */
export function stateAfter(before: DriftState, { result }: Look): DriftState {
  if (result.state === 'failed') return { ...before, unread: ['*'] };
  const { plan } = result.report;
  const fresh = differencesOf(plan);
  const seen = new Set(fresh.map(targetId));
  const kept = before.differences.filter(one => isUnseen(one.target, plan) && !seen.has(targetId(one)));
  return {
    differences: [...fresh, ...kept].sort((a, b) => (targetId(a) < targetId(b) ? -1 : 1)),
    // Among the errors of a plan that is not whole are those that say why.
    problems: plan.unread.length > 0 ? before.problems : problemsOf(plan),
    unread: plan.unread.toSorted(),
  };
}

/** What was not looked at may still differ: targets that were not read, and all that waits for a host that is away. */
function isUnseen(target: string, { unread, away = [], waiting = 0 }: Plan): boolean {
  return waiting > 0 || unread.includes(target) || away.includes(target);
}

function differencesOf({ steps }: Plan): readonly Differences[] {
  return steps.map(({ target, kind, changes }) => ({
    target,
    kind,
    count: changes.length,
    digest: sha256(canonicalJson(changes.map(identity).sort())),
  }));
}

/** What a difference is; places in files and reasons are for people. */
function identity({ action, item, key, before, after }: Change): string {
  return canonicalJson([action, item, key, before ?? null, after ?? null]);
}

function problemsOf({ findings }: Plan): readonly string[] {
  const errors = findings.filter(({ severity }) => severity === 'error');
  return [...new Set(errors.map(({ code, target }) => `${code} ${target ?? ''}`.trimEnd()))].sort();
}

/** What became different: `appeared`, `changed`, `resolved` of differences and problems, `unreadable`, `readable` of targets. */
export type DriftEventName = 'appeared' | 'changed' | 'resolved' | 'unreadable' | 'readable';

/** What there is to tell of two states; nothing where they are the same. */
export function eventsBetween(before: DriftState, after: DriftState): readonly DriftEventName[] {
  const [was, is] = [before, after].map(({ differences, problems }) => ({
    text: canonicalJson([differences, problems]),
    any: differences.length + problems.length > 0,
  }));
  const events: DriftEventName[] = [];
  if (was && is && was.text !== is.text) events.push(!is.any ? 'resolved' : was.any ? 'changed' : 'appeared');
  if (after.unread.some(target => !before.unread.includes(target))) events.push('unreadable');
  else if (before.unread.some(target => !after.unread.includes(target))) events.push('readable');
  return events;
}

/** How many differences there are. */
export function countDifferences({ differences }: DriftState): number {
  return differences.reduce((sum, { count }) => sum + count, 0);
}

/** What outlives a call. */
export interface Memory {
  /** What was known after the last look. */
  readonly known: DriftState;
  /** What each notifier was last told, by its name. */
  readonly told: Readonly<Record<string, DriftState>>;
}

/** Before the first look of all. */
export const noMemory: Memory = { known: inSync, told: {} };

/** As the text of a file. */
export function renderMemory(memory: Memory): string {
  return `${JSON.stringify({ formatVersion: 1, ...memory })}\n`;
}

/** The opposite; nothing where it is not such a file. */
export function parseMemory(text: string): Memory | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isRecord(value) || value['formatVersion'] !== 1) return undefined;
    const { known, told } = value;
    return isState(known) && isStates(told) ? { known, told } : undefined;
  } catch {
    return undefined;
  }
}

function isStates(value: unknown): value is Memory['told'] {
  return isRecord(value) && Object.values(value).every(isState);
}

function isState(value: unknown): value is DriftState {
  if (!isRecord(value)) return false;
  const { differences, problems, unread } = value;
  return Array.isArray(differences) && differences.every(isDifferences) && isTexts(problems) && isTexts(unread);
}

function isDifferences(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { target, kind, digest, count } = value;
  return [target, kind, digest].every(part => typeof part === 'string') && typeof count === 'number';
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(part => typeof part === 'string');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
