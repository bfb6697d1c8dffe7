import { targetId } from '../core/change.ts';
import type { Finding } from '../core/finding.ts';
import type { Plan, Step } from '../core/plan.ts';
import type { StepResult } from '../core/run.ts';
import type { Stage } from '../core/stages.ts';
import type { BoundTarget } from '../kinds/managed-kind.ts';
import type { Authority, Journal } from '../ports/journal.ts';
import type { WritePorts } from '../ports/ports.ts';
import type { Clock } from '../ports/progress.ts';
import type { Progress } from './compare.ts';
import type { Gate, GatesSeen } from './gate.ts';
import type { Records } from './journaled.ts';
import type { AboutToWrite } from './locks.ts';

/** What an apply works with. */
export interface Execution {
  readonly targets: readonly BoundTarget[];
  readonly ports: WritePorts;
  readonly clock: Clock;
  readonly progress: Progress;
  /** Whether changes that cannot be undone are made; else they are held back. */
  readonly irreversible: boolean;
  /** Who carries it out. */
  readonly by: Authority;
  readonly journal: Journal;
  /** Whether somebody asked the run to stop. */
  stopping(): boolean;
  /** Proves the locks again before a write, where that is due; throws TargetProblem when one was taken away. */
  prove(write: AboutToWrite): Promise<void>;
  /** Hosts that could not be locked: nothing is written there. */
  readonly unlocked: ReadonlyMap<string, Finding>;
  /** Asks on the way whether free/busy works; absent where nobody wants that. */
  readonly gate?: Gate;
}

/** A run while it runs. */
export interface Running extends Execution {
  readonly plan: Plan;
  /** The ids of the steps that must have ended well before a step may begin. */
  waitsOf(step: Step): readonly string[];
  /** The stage of each step, by its id. */
  readonly stages: ReadonlyMap<string, Stage>;
  readonly records: Records;
  readonly gates: GatesSeen;
  readonly done: Map<string, StepResult>;
  /** The steps that have begun and not ended. */
  readonly atWork: Set<string>;
  /** Set once a lock of the run was taken away: then it writes nothing more. */
  readonly lost: { finding?: Finding };
}

const byId = new WeakMap<readonly BoundTarget[], ReadonlyMap<string, BoundTarget>>();

/** A list of targets is asked for every step. */
function knownOf(targets: readonly BoundTarget[]): ReadonlyMap<string, BoundTarget> {
  const known = byId.get(targets) ?? new Map(targets.map(one => [targetId(one), one]));
  byId.set(targets, known);
  return known;
}

/** The target a step is about. */
export function targetOf(step: Pick<Step, 'id' | 'kind' | 'target'>, targets: readonly BoundTarget[]): BoundTarget {
  const target = knownOf(targets).get(targetId(step));
  if (!target) throw new Error(`the plan has a step ${step.id} that the wanted state does not have`);
  return target;
}
