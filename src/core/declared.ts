import type { SourcePosition } from './finding.ts';

/** The parts of the vendor's chapter that pages refer to. */
export const chapter = {
  overview: '"Calendar Coexistence Overview"',
  minimum: '"Minimum Software Requirements"',
  patch: '"Configuring the Calendar Server 6 Environment", step 1',
  icsConf: '"Configuring the Calendar Server 6 Environment", step 2',
  restart: '"Configuring the Calendar Server 6 Environment", step 3',
  migrated: '"Configuring the Calendar Server 6 Environment", step 4',
  domainMap: '"Configuring the Calendar Server 7 Environment", steps 1 and 2',
  localUser: '"Configuring the Calendar Server 7 Environment", step 3',
  subjectAttributes: '"Configuring the Calendar Server 7 Environment", step 4',
  accounts: '"Configuring the Calendar Server 7 Environment", step 5',
  workflow6: '"About the Calendar Server 6 Configuration"',
  workflow7: '"About the Calendar Server 7 Configuration"',
} as const;

/** The document all of them are in. */
export const chapterTitle = 'Calendar Server Installation and Configuration Guide 7.0.5, chapter 10';

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
