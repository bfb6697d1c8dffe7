import type { Change } from '../../src/core/change.ts';
import type { Plan, Step } from '../../src/core/plan.ts';
import type { Run } from '../../src/core/run.ts';
import type { Stage } from '../../src/core/stages.ts';
import type { VerifiedCell } from '../../src/core/verification.ts';
import { executePlan } from '../../src/engine/execute.ts';
import type { Gate, GateQuestion } from '../../src/engine/gate.ts';
import type { BoundTarget } from '../../src/kinds/managed-kind.ts';
import type { JournalLine } from '../../src/ports/journal.ts';
import { memoryPorts } from '../fakes/memory-ports.ts';
import { desiredOf } from '../kinds/cases.ts';

/** Live values by `target item key`; what a fake target writes goes there. */
export type Live = Map<string, string>;

/** What a run between gates did. */
export interface GatedRun {
  readonly run: Run;
  readonly live: Live;
  /** The hosts, as often as they were restarted. */
  readonly restarted: readonly string[];
  readonly questions: readonly GateQuestion[];
  readonly journal: readonly JournalLine[];
  /** Milliseconds that were waited. */
  readonly waited: number;
}

/** What may differ from one run to the next. */
export interface GatedRunOptions {
  readonly gate: Partial<Omit<Gate, 'ask'>>;
  /** What comes to the n-th question, counted from 0; the last one counts for all that follow. */
  readonly answers: readonly (readonly VerifiedCell[] | Error)[];
  readonly steps: readonly Step[];
  readonly stopping?: (waited: number) => boolean;
}

/** Carries out steps with targets that keep their values in memory. */
export async function runBetweenGates({ gate, answers, steps, stopping }: GatedRunOptions): Promise<GatedRun> {
  const live: Live = new Map();
  const restarted: string[] = [];
  const questions: GateQuestion[] = [];
  const journal: JournalLine[] = [];
  let waited = 0;
  const ask = async (question: GateQuestion) => {
    const answer = answers[Math.min(questions.length, answers.length - 1)] ?? [];
    questions.push(question);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const run = await executePlan(planOf(steps), {
    targets: steps.map(one => targetOf(one, live, restarted)),
    ports: {
      ...memoryPorts({}).ports,
      elapsed: () => waited,
      pause: async milliseconds => {
        waited += milliseconds;
      },
    },
    clock: { now: () => '2026-11-22T12:00:00.000Z' },
    progress: () => {},
    irreversible: false,
    by: { actor: 'ops@admin1' },
    journal: {
      name: 'run',
      write: async line => void journal.push(line),
      keep: async () => {},
      close: async () => {},
    },
    stopping: () => stopping?.(waited) ?? false,
    prove: async () => {},
    unlocked: new Map(),
    gate: { moves: 2, restarts: true, onFailure: 'stop', wait: 0, ...gate, ask },
  });
  return { run, live, restarted, questions, journal, waited };
}

/** A forward plan with these steps. */
export function planOf(steps: readonly Step[]): Plan {
  const hash = '0'.repeat(64);
  return {
    formatVersion: 2,
    tool: '0.0.0-test',
    direction: 'forward',
    readAt: '2026-11-22T12:00:00.000Z',
    expiresAt: '2026-11-29T12:00:00.000Z',
    desired: desiredOf({ name: '', live: {}, changes: [] }),
    desiredSha256: hash,
    hosts: 1,
    accounts: { counted: 5, all: true },
    steps,
    findings: [],
    ignored: [],
    unread: [],
    digest: hash,
  };
}

/** A step that sets values, or restarts. */
export function step(target: string, stage: Stage, changes: readonly Change[], after: readonly string[] = []): Step {
  return { id: `${target}/${stage}`, kind: stage, target, stage, after, changes };
}

/** Accounts that move to CS7. */
export function moves(...names: readonly string[]): readonly Change[] {
  return names.map(item => ({
    action: 'create',
    item,
    key: 'davStore',
    after: 'defaultbackend',
    group: 'finance',
    moves: 'cs6->cs7',
  }));
}

/** A look-up and what came of it. */
export function cell(state: VerifiedCell['state'], more: Partial<VerifiedCell> = {}): VerifiedCell {
  const about = { from: 'cs6', to: 'cs7', host: 'cs6-fe1', way: 'wcap', account: 'jdoe@example.com' } as const;
  return { ...about, state, detail: `it ${state}`, hops: [], causes: [], ...more };
}

function targetOf({ kind, stage, target, changes }: Step, live: Live, restarted: string[]): BoundTarget {
  const place = ({ item, key }: Change) => `${target} ${item} ${key}`;
  const restarts = changes.some(({ action }) => action === 'restart');
  const item = (change: Change) => {
    const due = restarts || live.get(place(change)) !== change.after;
    return { name: change.item, changes: due ? [change] : [], findings: [] };
  };
  return {
    kind,
    title: '',
    stage,
    target,
    declared: [],
    readsAtStart: [],
    wanted: '',
    manages: () => true,
    restart: [],
    ...(restarts && { activates: { stage: stage === 'cs6-activate' ? 'cs6-config' : 'cs7-config', service: 'x' } }),
    inspect: async () => [],
    async *items() {
      yield* changes.map(item).filter(one => one.changes.length > 0);
    },
    async *find(named) {
      yield* changes.filter(change => named.some(one => one.item === change.item)).map(item);
    },
    async *apply(work) {
      for (const change of work.flatMap(one => one.changes)) {
        if (change.action === 'restart') restarted.push(target);
        else if (typeof change.after === 'string') live.set(place(change), change.after);
        else live.delete(place(change));
        yield { change, state: 'done' };
      }
    },
  };
}
