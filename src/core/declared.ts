import type { SourcePosition } from './finding.ts';

/** One thing that a kind looks after on a target. Plain data: everything that names, counts or explains it is drawn from this. */
export interface Declared {
  /** The key that its changes have; absent: whatever key they have. */
  readonly key?: string;
  /** The cohort whose accounts it is about. */
  readonly group?: string;
  /** The file that it is a line of, where it can be asked for by that too. */
  readonly file?: string;
  /** What it is called in a list: `local.autoprovision`, `domain example.com`, `cohort staff`. */
  readonly label: string;
  /** What it must be, in words: `"no"`, `absent`, `at least davStore in the list`. */
  readonly value: string;
  /** Why, in whole sentences. */
  readonly because: string;
  /** The section of the vendor's chapter that asks for it. */
  readonly chapter?: string;
  /** The line of the user's file that asks for it. */
  readonly source: SourcePosition;
  /** What becomes of it once the file does not ask for it any more, where it does not stay as it is; whole sentences. */
  readonly dropped?: string;
  /** It is only compared, or comes along with something else: no change has its key. */
  readonly unchanged?: true;
}

/** A kind and a target, with all that the kind looks after there. */
export interface ManagedTarget {
  readonly target: string;
  readonly kind: string;
  /** What a change of this kind is called in a list of problems: `An option of Calendar Server 7 is to be changed`. */
  readonly title: string;
  readonly declared: readonly Declared[];
}

/** What a change is about: the declaration with its key and of its cohort. */
export function declarationOf(
  { key, group }: { readonly key: string; readonly group?: string },
  declared: readonly Declared[],
): Declared | undefined {
  return declared.find(
    one => !one.unchanged && (one.key ?? key) === key && (one.group === undefined || one.group === group),
  );
}

/** A value as declarations quote it; `null` is what must not be set. */
export function quotedValue(value: string | null): string {
  return value === null ? 'absent' : `"${value}"`;
}
