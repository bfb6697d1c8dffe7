import { type Change, targetId } from './change.ts';
import { ChangeList, type Changes, type ListSummary, withFacts } from './change-list.ts';
import type { PlannedState } from './connection.ts';
import type { Finding, Provenance } from './finding.ts';
import { rowOf, type Stage } from './stages.ts';

/** What a signature of a plan is made for, so that one made for something else never counts here. */
export const signatureNamespace = 'reconcile-plan';

/** What is signed: the digest of the plan, as a line. */
export function signedText(digest: string): string {
  return `${digest}\n`;
}

/** A detached signature, what it is said to be over, and who may have made it. */
export interface SignatureQuestion {
  /** Path of the signature. */
  readonly file: string;
  /** Path of an OpenSSH allowed_signers file. */
  readonly signers: string;
  readonly text: string;
  readonly namespace: string;
  /** The time the keys of the signers have to be valid at, ISO 8601. */
  readonly at: string;
}

/** What became of a check. */
export type SignatureAnswer =
  /** The names of the signer in the file of signers, and the fingerprint of the key. */
  | { readonly state: 'good'; readonly principals: readonly string[]; readonly key: string }
  | { readonly state: 'bad'; readonly reason: string }
  /** It could not be checked, which says nothing about the signature. */
  | { readonly state: 'unchecked'; readonly reason: string };

/** Checks one signature. */
export type CheckSignature = (question: SignatureQuestion) => Promise<SignatureAnswer>;

/** A target and its kind, compared with what is wanted of it. */
export interface Comparison {
  readonly kind: string;
  readonly stage: Stage;
  readonly target: string;
  readonly activates?: {
    readonly stage: Stage;
    readonly service: string;
    readonly because?: string;
    /** The file leaves the restart to a person. */
    readonly byHand?: true;
  };
  /** Set where a running service takes its changes up by itself, so that they owe no restart. */
  readonly takenUp?: 'at-once';
  readonly changes: Changes;
  readonly findings: readonly Finding[];
  /** SHA-256 of what the changes were decided upon besides the values before them. */
  readonly basis?: string;
  /** Set when the target could not be read whole: then nothing else here counts. */
  readonly unread?: Finding;
}

/** A change that is not made because the file says to leave it alone for a while. */
export interface IgnoredChange {
  readonly target: string;
  readonly change: Change;
  readonly until: string;
  readonly reason: string;
  readonly owner: string;
}

/** A file that a run replaced, which undoing brings back byte for byte while nobody else has changed it. */
export interface FileRestore {
  readonly path: string;
  /** SHA-256 of what the run wrote. */
  readonly written: string;
  /** The path of the old file on the same host, and its SHA-256; absent: there was none, and the run made it. */
  readonly backup?: string;
  readonly original?: string;
}

/** What is done to one target by one kind, in one go. */
export interface Step {
  /** `<target>/<kind>` */
  readonly id: string;
  readonly kind: string;
  readonly target: string;
  readonly stage: Stage;
  /** Ids of steps that must have ended well before this one may begin; the name of a stage stands for all its steps. */
  readonly after: readonly string[];
  /** Its batch in a roll, from 1: it also waits for the batch before, which is all steps of its tier with the next lower number. */
  readonly batch?: number;
  readonly changes: Changes;
  readonly basis?: string;
  readonly restore?: readonly FileRestore[];
}

/** A step as a plan file has it: the changes of a long list stand behind the plan, and the digest of the plan covers theirs. */
export interface StepDocument extends Omit<Step, 'changes'> {
  readonly changes: readonly Change[];
  readonly list?: ListSummary;
}

/** A plan with its steps as a plan file has them. */
export function planDocument<P extends Pick<Plan, 'steps'>>({
  steps,
  ...plan
}: P): Omit<P, 'steps'> & { readonly steps: readonly StepDocument[] } {
  const documents = steps.map(({ changes, ...step }) =>
    changes instanceof ChangeList
      ? { ...step, changes: [], list: changes.summary() }
      : { ...step, changes: [...changes] },
  );
  return { ...plan, steps: documents };
}

/** How many accounts there are. They are counted as far as a limit needs it; `all` says whether that was to the end. */
export interface AccountCount {
  readonly counted: number;
  readonly all: boolean;
}

/** Where a change can come from, as the option `--origin` names it. */
export const changeOrigins = ['planned', 'drift', 'not-applied'] as const;

/**
 * Where a change comes from: this revision of the file asks for it and the base does not; live had it once and has it no more;
 * the base asks for it already and nobody has carried it out yet.
 */
export type ChangeOrigin = (typeof changeOrigins)[number];

/** What a plan is narrowed to: names of hosts, `directory`, kinds, targets (`<target>/<kind>`) and cohorts. */
export interface Narrowing {
  /** Nothing else is changed. */
  readonly only?: readonly string[];
  /** These are left alone, whatever `only` says. */
  readonly except?: readonly string[];
  /** Of these, only changes that come from there are made. */
  readonly origin?: readonly ChangeOrigin[];
}

/** What names can choose: all changes of a kind on a target, or those of one cohort among them. */
export interface Choice {
  readonly target: string;
  readonly kind: string;
  readonly cohort?: string | undefined;
  /** Where the changes come from; left out: from anywhere. */
  readonly origin?: ChangeOrigin | undefined;
}

/** Whether a plan is narrowed at all. */
export function isNarrowed({ only = [], except = [], origin = [] }: Narrowing): boolean {
  return only.length + except.length + origin.length > 0;
}

/** Whether one of the names chooses it. */
export function isNamed(names: readonly string[], choice: Choice): boolean {
  const known = setOf(names);
  return namesOf(choice).some(name => known.has(name));
}

/** All names that choose something: those of its target, its kind, both together, and its cohort. */
export function namesOf({ target, kind, cohort }: Choice): readonly string[] {
  return [target, kind, targetId({ target, kind }), ...(cohort === undefined ? [] : [cohort])];
}

/** A list of names is asked for every part of a plan. */
const sets = new WeakMap<readonly string[], ReadonlySet<string>>();

function setOf(names: readonly string[]): ReadonlySet<string> {
  const known = sets.get(names) ?? new Set(names);
  sets.set(names, known);
  return known;
}

/** Which option leaves something out; nothing where it is chosen. */
export function leftOutBy(
  { only = [], except = [], origin = [] }: Narrowing,
  choice: Choice,
): keyof Narrowing | undefined {
  if (only.length > 0 && !isNamed(only, choice)) return 'only';
  if (isNamed(except, choice)) return 'except';
  if (origin.length === 0 || choice.origin === undefined) return undefined;
  return origin.includes(choice.origin) ? undefined : 'origin';
}

/** Whether something of it is chosen; of what concerns accounts, the part of one cohort is enough. */
export function isPartChosen(
  narrowing: Narrowing,
  { target, kind, stage }: Pick<Step, 'target' | 'kind' | 'stage'>,
  cohorts: readonly { readonly name: string }[],
): boolean {
  const names = rowOf(stage).view.by === 'host' ? [undefined] : cohorts.map(({ name }) => name);
  return names.some(cohort => leftOutBy(narrowing, { target, kind, cohort }) === undefined);
}

/** Steps with the changes of them that are chosen; what an undo takes back, and what a run looks for afterwards. */
export function chosenOf<T extends Pick<Step, 'target' | 'kind' | 'changes'>>(
  all: readonly T[],
  narrowing: Narrowing,
): readonly T[] {
  return all.flatMap(one => {
    const changes = withFacts(
      one.changes,
      ({ group }) => leftOutBy(narrowing, { ...one, cohort: group }) === undefined,
    );
    return changes.length === 0 ? [] : [changes.length === one.changes.length ? one : { ...one, changes }];
  });
}

/** What of a target differs, or could not be read, and is left out of a plan that is narrowed. */
export interface LeftOut {
  /** The option that leaves it out. */
  readonly by: keyof Narrowing;
  readonly target: string;
  readonly kind: string;
  /** The cohort of its accounts, where it concerns accounts. */
  readonly cohort?: string;
  readonly changes: number;
  readonly restarts: number;
  /** It could not be read, so it is not known whether it differs. */
  readonly unread?: true;
}

/**
 * The difference between what is and what should be, as data: it can be saved, reviewed and carried out later. It says who made
 * it, from which commit.
 */
export interface Plan extends Narrowing, Provenance {
  readonly formatVersion: 2;
  /** Version of the program that made it. */
  readonly tool: string;
  readonly direction: 'forward' | 'undo';
  /** The run that is undone. */
  readonly undoes?: string;
  /** The later runs that are undone with it, the oldest first. */
  readonly andLater?: readonly string[];
  /** What else differs, and is in no step because the plan is narrowed. Absent: it is about everything. */
  readonly leftOut?: readonly LeftOut[];
  /** The time it was made for, ISO 8601: what would be planned then, if live were as it is now. Such a plan is never carried out. */
  readonly at?: string;
  /** When the live state was read, ISO 8601. */
  readonly readAt: string;
  /** After this it is not carried out any more, ISO 8601. */
  readonly expiresAt: string;
  /** What the files asked for, without how targets are reached. */
  readonly desired: PlannedState;
  /** Over the wanted values, without their places in the file. */
  readonly desiredSha256: string;
  /** Hosts that were read. */
  readonly hosts: number;
  readonly accounts: AccountCount;
  readonly steps: readonly Step[];
  readonly findings: readonly Finding[];
  readonly ignored: readonly IgnoredChange[];
  /** Targets that could not be read whole. */
  readonly unread: readonly string[];
  /** Set when no target at all could be read. */
  readonly nothingRead?: true;
  /** Hosts that could not be read, and of which the file says that they are away. */
  readonly away?: readonly string[];
  /** How many changes wait for those, and are in no step. */
  readonly waiting?: number;
  /** SHA-256 over all of the above. */
  readonly digest: string;
}
