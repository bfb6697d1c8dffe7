import { invert, targetId } from '../core/change.ts';
import { type Changes, deletionsOf, replaceChanges } from '../core/change-list.ts';
import { without } from '../core/collections.ts';
import { distinctFindings, type Finding, type Provenance } from '../core/finding.ts';
import { shellWord } from '../core/next-command.ts';
import { type FileRestore, isNarrowed, leftOutBy, type Narrowing, type Plan, type Step } from '../core/plan.ts';
import { rowOf, type Stage } from '../core/stages.ts';
import { count } from '../core/units.ts';
import { finding } from '../findings/catalogue.ts';
import { ldifChange } from '../ldap/ldif.ts';
import { sealPlan } from './build.ts';
import { leftOutFinding } from './ignore.ts';
import { leftOutOf } from './narrowing.ts';
import { compareLists } from './step-order.ts';

/** What is known of a run besides its plan. */
export interface UndoneRun {
  readonly name: string;
  readonly plan: Plan;
  /** What it wrote, or may have written. */
  readonly steps: readonly Step[];
  /** The files it replaced, by step. */
  readonly replaced: ReadonlyMap<string, readonly FileRestore[]>;
  /** Steps that it may have begun or not: its record ends before. */
  readonly unknown?: readonly string[];
  /** The names of later runs that are taken back with it, the oldest first. */
  readonly andLater?: readonly string[];
}

/** A kind that restarts a service, on one target. */
export interface Restarting {
  readonly kind: string;
  readonly target: string;
  readonly stage: Step['stage'];
  readonly activates: { readonly stage: Step['stage']; readonly service: string };
}

/** What of a step's inverse is to be done, and why the rest is not. */
export interface UndoComparison {
  readonly step: Step;
  /** Inverse changes whose opposite is in effect. */
  readonly changes: Changes;
  /** Inverse changes that cannot be made: the value was changed since, or is gone. */
  readonly refused: Changes;
  /** The same in words. */
  readonly moved: readonly string[];
  /** Why the target could not be read. */
  readonly unread?: Finding;
}

/** The steps of a run as they would be taken back: what can be, last first; restarts are derived anew. */
export function inverseSteps({ steps }: UndoneRun): readonly Step[] {
  return steps.flatMap(step => {
    const changes = replaceChanges(step.changes, invert);
    return changes.length === 0 ? [] : [{ ...step, changes }];
  });
}

/**
 * The plan that takes a run back: cleaning up first, then host by host in the opposite order (configuration, then the
 * restart it owes), the directory last.
 */
export function buildUndo(
  run: UndoneRun,
  comparisons: readonly UndoComparison[],
  services: readonly Restarting[],
  facts: {
    readonly tool: string;
    readonly readAt: string;
    readonly findings: readonly Finding[];
    readonly narrowing?: Narrowing;
    /** Who makes it, and from what. */
    readonly by?: Provenance;
  },
): Plan {
  const hosts = new Map(run.plan.desired.hosts.map(({ name }, i) => [name, i]));
  const place = ({ stage, target }: Step) => [-rowOf(stage).tier, -(hosts.get(target) ?? -1), rowOf(stage).position];
  const changing = comparisons.filter(({ changes }) => changes.length > 0);
  const undone = changing.map(({ step, changes }) => undoStep(run, step, changes));
  const steps = [...undone, ...restartsOf(undone, services)].sort((a, b) => compareLists(place(a), place(b)));
  const plan = without(run.plan, ofOnePlan);
  const part = partOf(run, steps, facts.narrowing ?? {});
  return sealPlan({
    ...plan,
    ...part.named,
    tool: facts.tool,
    ...facts.by,
    readAt: facts.readAt,
    direction: 'undo',
    undoes: run.name,
    ...(run.andLater && { andLater: run.andLater }),
    steps: withDependencies(steps),
    findings: [
      ...distinctFindings(comparisons.flatMap(({ unread }) => unread ?? [])),
      ...movedFindings(comparisons),
      ...lostFindings(run),
      ...facts.findings,
      ...part.findings,
    ],
    ignored: [],
    unread: [...new Set(comparisons.flatMap(({ step, unread }) => (unread ? [step.target] : [])))],
  });
}

/** What is true of a plan alone: its part, and who made it. */
const ofOnePlan = [
  'digest',
  'only',
  'except',
  'origin',
  'leftOut',
  'andLater',
  'actor',
  'commit',
  'clean',
  'job',
] as const;

/** What an undo of a part says of the rest: a restart that follows from what is taken back may not be left out. */
function partOf(
  run: UndoneRun,
  steps: readonly Step[],
  narrowing: Narrowing,
): { readonly named: Partial<Plan>; readonly findings: readonly Finding[] } {
  if (!isNarrowed(narrowing)) return { named: {}, findings: [] };
  const leftOut = leftOutOf(inverseSteps(run), narrowing);
  const restarts = steps.filter(
    step => rowOf(step.stage).brings !== undefined && leftOutBy(narrowing, step) === 'except',
  );
  return {
    named: { ...narrowing, leftOut },
    findings: [
      ...restarts.map(({ id, target }) =>
        finding('plan.prerequisite-left-out', {
          detail: `The configuration of ${target} is taken back, so ${id} must follow.\nTake it out of --except.`,
          target,
        }),
      ),
      leftOutFinding(narrowing, leftOut, run.plan),
    ],
  };
}

function undoStep({ replaced }: UndoneRun, { basis: _, batch: __, ...step }: Step, changes: Changes): Step {
  const files = replaced.get(step.id) ?? [];
  const whole = changes.length === step.changes.length;
  return { ...step, changes, ...(whole && files.length > 0 && { restore: files }) };
}

function restartsOf(undone: readonly Step[], services: readonly Restarting[]): readonly Step[] {
  const changed = new Set(undone.map(({ target, stage }) => `${stage} ${target}`));
  return services
    .filter(({ target, activates }) => changed.has(`${activates.stage} ${target}`))
    .map(({ kind, target, stage, activates }) => ({
      id: targetId({ target, kind }),
      ...{ kind, target, stage, after: [] },
      changes: [
        { action: 'restart', item: activates.service, key: 'service', reason: 'its configuration is taken back' },
      ],
    }));
}

/** What waited for a step has to be undone before it; within a tier one after the other, as on the way there. */
function withDependencies(steps: readonly Step[]): readonly Step[] {
  const begun = new Set<Stage>();
  return steps.map((step, i) => {
    const waited = [...begun].filter(stage => rowOf(stage).requires.includes(step.stage));
    begun.add(step.stage);
    const previous = steps[i - 1];
    const follows = previous && rowOf(previous.stage).tier === rowOf(step.stage).tier ? [previous.id] : [];
    return { ...step, after: [...waited, ...follows] };
  });
}

function movedFindings(comparisons: readonly UndoComparison[]): readonly Finding[] {
  return comparisons
    .filter(({ moved }) => moved.length > 0)
    .map(({ step, moved }) =>
      finding('undo.moved-on', {
        detail: `${step.id}: ${moved.slice(0, 5).join('\n')}${moved.length > 5 ? `\nand ${moved.length - 5} more` : ''}\nIt is left as it is.`,
        target: step.target,
      }),
    );
}

function lostFindings({ steps }: UndoneRun): readonly Finding[] {
  const lost = deletionsOf(steps).length;
  if (lost === 0) return [];
  return [
    finding('undo.irreversible', {
      detail: `The run deleted calendars of ${count(lost, 'account')} on CS6, or may have. Only a backup or the copies in exportTo can restore deleted calendars.`,
    }),
  ];
}

/** What takes a run back without this program: LDIF for `ldapmodify -c -f`, and commands to type on each host. */
interface UndoByHand {
  readonly ldif: string;
  readonly commands: string;
}

/** Pure: made from the record of the run alone, so that it can be made while nothing can be reached. */
export function undoByHand(run: UndoneRun): UndoByHand {
  const steps = inverseSteps(run).toReversed();
  const directory = steps.filter(({ target }) => target === 'directory');
  const hosts = steps.filter(({ target }) => target !== 'directory');
  const { name } = run;
  return {
    ldif: `# Undoes run ${name}. The server refuses an entry that has changed since; ldapmodify -c then continues.\n\n${directory
      .flatMap(({ changes }) => changes.map(ldifChange))
      .join('')}`,
    commands: [
      `# Undoes run ${name}. Type these lines on each host, in this order. Restart the server after the files.`,
      ...hosts.flatMap(step => hostLines(run, step)),
      '',
    ].join('\n'),
  };
}

function hostLines({ replaced }: UndoneRun, step: Step): readonly string[] {
  const files = replaced.get(step.id) ?? [];
  const head = ['', `# on ${step.target}: ${step.kind}`];
  if (files.length > 0)
    return [
      ...head,
      ...files.flatMap(({ path, backup, written }) => [
        `# only if it is still unchanged: SHA-256 ${written}`,
        backup === undefined ? `rm ${shellWord(path)}` : `cp -p ${shellWord(backup)} ${shellWord(path)}`,
      ]),
    ];
  return [
    ...head,
    ...step.changes.map(
      ({ key, after }) => `# ${key}: ${after === undefined ? 'not set' : [after].flat().map(shellWord).join(' ')}`,
    ),
  ];
}
