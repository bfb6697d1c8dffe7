import type { Change } from '../core/change.ts';
import { type Declared, declarationOf, type ManagedTarget } from '../core/declared.ts';
import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import type { Outcome, Work } from '../core/run.ts';
import type { Stage } from '../core/stages.ts';
import type { Command, ServiceSigns } from '../ports/host.ts';
import type { ReadPorts, WritePorts } from '../ports/ports.ts';

/** What is wanted of one target: a host's name, or `directory`. */
export interface Wish<D> {
  readonly target: string;
  readonly desired: D;
}

/** What a change is about, whatever it does to it. */
export type Named = Pick<Change, 'item' | 'key'>;

/** A change in `stage` owes a restart of `service`. */
export interface Activation {
  readonly stage: Stage;
  readonly service: string;
  /** Why the service has to be restarted, as its kind declares it. */
  readonly because?: string;
  /** Set where the file leaves the restart to a person. */
  readonly byHand?: true;
}

/** The files that the changes of a kind end up in. */
export interface WrittenFiles {
  /** Every place that such a file may be at. */
  readonly paths: readonly string[];
  /** The program that writes them and keeps all of its options there; absent: they are written by name. */
  readonly program?: string;
  /** Set where a running service takes them up by itself, so that no restart is owed. */
  readonly takenUp?: 'at-once';
}

/**
 * A managed kind. A kind must:
 * - read all that `diff` needs and nothing it could change, and throw TargetProblem rather than return half a reading;
 * - keep `wishes`, `declares`, `diff`, `check` and `basis` pure, with at most one change for each `item` and `key`;
 * - declare everything that it may change, and every file that it writes;
 * - leave alone, byte for byte, what its wish does not name;
 * - in `apply` carry out the given changes and no others, in whichever direction they go, yield each once in effect,
 *   and read back what it cannot otherwise be sure of.
 * It may yield one live item (a file) or a million (accounts). It never imports another kind.
 */
export interface ResourceKind<D, L> {
  readonly name: string;
  /** What a change of it is called in a list of problems: `An option of Calendar Server 7 is to be changed`. */
  readonly title: string;
  readonly stage: Stage;
  /** Set on a kind whose restart makes a service run with what an earlier stage wrote on the same target. */
  readonly activates?: Activation;
  wishes(state: DesiredState): readonly Wish<D>[];
  /** All that it looks after there, whether it differs or not. */
  declares(desired: D): readonly Declared[];
  /** The files that its changes end up in, where it changes files of a host. */
  writes?(desired: D): WrittenFiles;
  /** On a kind with `activates`: whether the file leaves its restart to a person. */
  restartedByHand?(desired: D): boolean;
  /** On a kind with `activates`: every place of a file that the service reads when it starts. */
  readsAtStart?(desired: D): readonly string[];
  /** Findings about the target as a whole, before its items are read. */
  inspect?(desired: D, ports: ReadPorts): Promise<readonly Finding[]>;
  read(desired: D, ports: ReadPorts): AsyncIterable<L>;
  /**
   * Whether a change is about something that the wish has this kind look after. A plan that was written elsewhere may name
   * anything; left out, what `read` yields decides.
   */
  manages?(desired: D, change: Named): boolean;
  /** The items that changes name, whether they differ or not; needed where `read` leaves out what does not. */
  find?(desired: D, changes: readonly Change[], ports: ReadPorts): AsyncIterable<L>;
  /** What the changes of this live item name as their `item`. */
  item(live: L): string;
  diff(desired: D, live: L): readonly Change[];
  /** Keys of the wish whose live value is not known: nothing is planned about them, and what was planned is refused. */
  unclear?(desired: D, live: L): readonly string[];
  check?(desired: D, live: L): readonly Finding[];
  /** On a kind with `activates`: what makes the service run with the files on disk, for a watchdog that nobody is there to help. */
  restart?(desired: D): readonly Command[];
  /** What tells such a watchdog that the service runs. */
  alive?(desired: D): ServiceSigns;
  /** What more than the values before the changes was decided upon, such as a file's content: an apply is refused when it moved. */
  basis?(live: L): string;
  apply(desired: D, work: readonly Work<L>[], ports: WritePorts): AsyncIterable<Outcome>;
}

/** A live item as the engine sees it: what kind of thing it is stays with the kind. */
export interface Item {
  readonly name: string;
  readonly changes: readonly Change[];
  readonly findings: readonly Finding[];
  /** Keys whose live value is not known; absent: none. */
  readonly unclear?: readonly string[];
  readonly basis?: string;
}

/** A kind and one of its wishes, with their types closed over. */
export interface BoundTarget extends ManagedTarget {
  readonly stage: Stage;
  readonly activates?: Activation;
  readonly writes?: WrittenFiles;
  readonly readsAtStart: readonly string[];
  /** All that its changes depend on besides what is live: equal ones give equal changes. */
  readonly wanted: unknown;
  readonly restart: readonly Command[];
  readonly alive?: ServiceSigns;
  /** Whether a change is about something that is looked after here. */
  manages(change: Named): boolean;
  inspect(ports: ReadPorts): Promise<readonly Finding[]>;
  items(ports: ReadPorts): AsyncIterable<Item>;
  /** The items that changes name, whether they differ or not; one that is gone is left out. */
  find(changes: readonly Change[], ports: ReadPorts): AsyncIterable<Item>;
  /** `items` are those that this very object yielded; `changes` those planned, or their inverse. */
  apply(
    work: readonly { readonly item: Item; readonly changes: readonly Change[] }[],
    ports: WritePorts,
  ): AsyncIterable<Outcome>;
}

/** A kind, ready to be asked for its targets. */
export type Bindable = (state: DesiredState) => readonly BoundTarget[];

/** Makes kinds of different types fit one list. */
export function bindable<D, L>(kind: ResourceKind<D, L>): Bindable {
  return state => kind.wishes(state).map(wish => bindTarget(kind, wish));
}

/** A kind of a service declares one thing: that it runs with its configuration. */
function because([restart]: readonly Declared[]): { readonly because?: string } {
  return restart ? { because: restart.because } : {};
}

/** A kind and one of its wishes as one target; `wanted` where less than the whole wish decides. */
export function bindTarget<D, L>(
  kind: Omit<ResourceKind<D, L>, 'wishes'>,
  { target, desired }: Wish<D>,
  wanted: unknown = desired,
): BoundTarget {
  const lives = new WeakMap<Item, { readonly live: L }>();
  const declared = kind.declares(desired);
  const explained = (change: Change): Change => {
    const because = declarationOf(change, declared)?.because;
    return because === undefined ? change : { ...change, because };
  };
  const item = (live: L): Item => {
    const basis = kind.basis?.(live);
    const made: Item = {
      name: kind.item(live),
      changes: kind.diff(desired, live).map(explained),
      ...(kind.unclear && { unclear: kind.unclear(desired, live) }),
      findings: (kind.check?.(desired, live) ?? []).map(finding => ({ target, ...finding })),
      ...(basis !== undefined && { basis }),
    };
    lives.set(made, { live });
    return made;
  };
  return {
    kind: kind.name,
    title: kind.title,
    stage: kind.stage,
    ...(kind.activates && {
      activates: { ...kind.activates, ...because(declared), ...(kind.restartedByHand?.(desired) && { byHand: true }) },
    }),
    target,
    declared,
    ...(kind.writes && { writes: kind.writes(desired) }),
    readsAtStart: kind.readsAtStart?.(desired) ?? [],
    wanted,
    restart: kind.restart?.(desired) ?? [],
    ...(kind.alive && { alive: kind.alive(desired) }),
    manages: change => kind.manages?.(desired, change) ?? true,
    inspect: async ports => (await kind.inspect?.(desired, ports)) ?? [],
    async *items(ports) {
      for await (const live of kind.read(desired, ports)) yield item(live);
    },
    async *find(changes, ports) {
      const wanted = new Set(changes.map(change => change.item));
      for await (const live of kind.find?.(desired, changes, ports) ?? kind.read(desired, ports))
        if (wanted.has(kind.item(live))) yield item(live);
    },
    apply(work, ports) {
      const known = work.map(({ item: given, changes }) => {
        const held = lives.get(given);
        if (!held) throw new Error(`${kind.name}: an item of another reading`);
        return { live: held.live, changes };
      });
      return kind.apply(desired, known, ports);
    },
  };
}
