import type { SourcePosition } from './finding.ts';

/** A list stands for a set: order is kept when it is written and ignored when it is compared. */
export type Value = string | readonly string[];

/** From which side to which an account goes. */
export type Move = 'cs6->cs7' | 'cs7->cs6';

/**
 * One difference between what is and what should be.
 *
 * | action  | before        | after         |
 * |---------|---------------|---------------|
 * | create  | absent        | the new value |
 * | update  | the old value | the new value |
 * | delete  | the old value | absent        |
 * | restart | `stopped`, where the service does not run | absent |
 */
export interface Change {
  readonly action: 'create' | 'update' | 'delete' | 'restart';
  /** What is changed: the path of a file, the DN of an entry, the name of a service. */
  readonly item: string;
  /** The setting, attribute or option within the item. */
  readonly key: string;
  readonly before?: Value;
  readonly after?: Value;
  /** For people; never steers an apply. */
  readonly reason?: string;
  /** Why it is wanted, as the kind declares it; for people. */
  readonly because?: string;
  /** What equal changes are counted under, such as the cohort of an account. */
  readonly group?: string;
  /** Set where it puts an account on the other side; the kind that makes the change says so, and nothing else infers it. */
  readonly moves?: Move;
  /** In an undo: the run added the object class together with the value, and it goes with it where nothing else needs it. */
  readonly withClass?: true;
  /** Why nothing brings back what it takes away; such a change is made only when it is allowed by number. */
  readonly irreversible?: string;
  /** The line of the user's file that asks for this. */
  readonly source?: SourcePosition;
  /** The live line that says otherwise. */
  readonly live?: SourcePosition;
}

/** The change that takes `change` back. A restart is derived from what it activates and has no inverse. */
export function invert(change: Change): Change | undefined {
  if (change.irreversible !== undefined) return undefined;
  const { before, after, moves, because: _, ...same } = change;
  const rest = { ...same, ...(moves !== undefined && { moves: opposite(moves) }) };
  switch (change.action) {
    case 'create':
      return { ...rest, action: 'delete', ...(after !== undefined && { before: after }) };
    case 'delete':
      return { ...rest, action: 'create', ...(before !== undefined && { after: before }) };
    case 'update':
      return {
        ...rest,
        action: 'update',
        ...(after !== undefined && { before: after }),
        ...(before !== undefined && { after: before }),
      };
    case 'restart':
      return undefined;
  }
}

function opposite(move: Move): Move {
  return move === 'cs6->cs7' ? 'cs7->cs6' : 'cs6->cs7';
}

/** What a kind manages on a target has one name wherever it is told apart or asked for (`--only`): `<target>/<kind>`. */
export function targetId({ target, kind }: { readonly target: string; readonly kind: string }): string {
  return `${target}/${kind}`;
}
