import { canonicalJson, differingKeys, sha256 } from '../core/canonical.ts';
import type { Change } from '../core/change.ts';
import { ChangeList, ChangePacker, changeLine, type ListSummary } from '../core/change-list.ts';
import { linesOf, without } from '../core/collections.ts';
import { compileSchema } from '../core/compile-schema.ts';
import { plannedState } from '../core/connection.ts';
import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import { type Plan, planDocument, type Step } from '../core/plan.ts';
import { printable, printableJson } from '../core/printable.ts';
import { count } from '../core/units.ts';
import { finding } from '../findings/catalogue.ts';
import { wantedDigest } from './build.ts';

/** How many keys a finding names. */
const named = 10;

/**
 * Why a saved plan is not of the files at hand: what it asks for is compared, and not what it says of itself. Afterwards
 * whatever guards it and orders it may be taken from either.
 */
export function boundRefusals(
  file: string,
  { desired, desiredSha256 }: Plan,
  state: DesiredState,
  estateFiles: readonly string[],
): readonly Finding[] {
  const here = plannedState(state);
  const digest = wantedDigest(here);
  if (digest === desiredSha256 && digest === wantedDigest(desired)) return [];
  const keys = differingKeys(desired, here);
  const shown = printable(keys.slice(0, named).join('\n    '));
  const more = keys.length > named ? `\n    and ${keys.length - named} more` : '';
  const where = keys.length === 0 ? ' the order of hosts or cohorts.' : `\n    ${shown}${more}`;
  const detail =
    `${file} does not ask for the same state as ${printable(estateFiles.join(', '))}. Differences:${where}\n` +
    'Apply a plan with the files that it was made from: they say how to reach each host. A wave that has advanced since is a difference too.\n' +
    'Name those files (-f FILE), or make a new plan from these:';
  return [finding('plan.other-files', { detail, where: { file, line: 1 }, next: [nextCommands.plan(file)] })];
}

/**
 * A plan as the pieces of a file: JSON. Behind a plan with long lists stand their changes, one by line: then the plan is one line
 * too. They are in one file, so that neither goes anywhere without the other.
 */
export function renderPlanFile(plan: Plan): Iterable<string> {
  return plan.steps.some(hasList) ? planLines(plan) : [printableJson(plan, 1)];
}

/** The same for a record, which is one line of JSON where no list stands behind it. */
export function* planLines(plan: Plan): Iterable<string> {
  yield printableJson(planDocument(plan), 0).trimEnd();
  for (const { changes } of plan.steps.filter(hasList)) {
    let lines = '\n';
    for (const change of changes) {
      lines += `${printable(changeLine(change))}\n`;
      if (lines.length < pieceLength) continue;
      yield lines.slice(0, -1);
      lines = '\n';
    }
    yield lines.slice(0, -1);
  }
  if (plan.steps.some(hasList)) yield '\n';
}

/** How long a piece of a file is at least, but for the last. */
const pieceLength = 65_536;

function hasList({ changes }: Step): boolean {
  return changes instanceof ChangeList;
}

/** A plan that was read, or why it cannot be carried out. */
export interface ReadPlan {
  readonly plan?: Plan;
  readonly findings: readonly Finding[];
}

/** The text of a saved plan -> the plan, or why it cannot be carried out. */
export function parsePlanFile(file: string, text: string, schema: object): ReadPlan {
  const reader = new PlanReader(file, schema);
  for (const line of text.split('\n')) reader.add(line);
  return reader.end();
}

/** The same of a file that may be too long to be read at once. */
export async function readPlanFile(file: string, pieces: AsyncIterable<Uint8Array>, schema: object): Promise<ReadPlan> {
  const reader = new PlanReader(file, schema);
  for await (const line of linesOf(pieces)) {
    reader.add(line);
    if (reader.isRefused) break;
  }
  return reader.end();
}

/** What a plan is as long as its lists are not read. */
type PlanDocument = ReturnType<typeof planDocument<Plan>>;

/** A list that is being read. */
interface OpenList {
  readonly step: PlanDocument['steps'][number];
  readonly summary: ListSummary;
  readonly packer: ChangePacker;
}

/** Changes that are checked against the schema at once. */
const atOnce = 500;

/** Takes the lines of a plan file, one by one. */
class PlanReader {
  readonly #file: string;
  readonly #schema: object;
  /** Lines of a plan that is not one line. */
  readonly #texts: string[] = [];
  #document: PlanDocument | undefined;
  #problem: Finding | undefined;
  #lists: OpenList[] = [];
  #at = 0;
  #waiting: Change[] = [];

  constructor(file: string, schema: object) {
    this.#file = file;
    this.#schema = schema;
  }

  get isRefused(): boolean {
    return this.#problem !== undefined;
  }

  add(line: string): void {
    if (this.#problem || (this.#document && line === '')) return;
    if (this.#document) this.#addChange(line);
    else if (this.#texts.length > 0 || !this.#isDocument(line)) this.#texts.push(line);
  }

  end(): ReadPlan {
    if (!this.#document && !this.#problem) {
      const value = parseJson(this.#texts.join('\n'));
      if (value === undefined) this.#refuse('plan.not-json', `${this.#file} is not JSON. Perhaps it was cut off.`);
      else this.#open(value);
    }
    this.#check();
    const plan = this.#problem ? undefined : this.#whole();
    return plan ? { plan, findings: [] } : { findings: this.#problem ? [this.#problem] : [] };
  }

  /** A plan that is one line; a record has it so, and a file with lists. */
  #isDocument(line: string): boolean {
    const value = parseJson(line);
    if (value !== undefined) this.#open(value);
    return value !== undefined;
  }

  #open(value: unknown): void {
    if (isPart(value)) {
      this.#refuse('plan.is-part', `${this.#file} was made with --shard. "merge" joins all parts to a plan.`);
      return;
    }
    const validate = compileSchema<PlanDocument>(this.#schema);
    if (!validate(value)) {
      const [error] = validate.errors ?? [];
      this.#refuse('plan.unknown-format', `${this.#file}${error?.instancePath ?? ''} ${error?.message ?? ''}.`);
      return;
    }
    const { digest, ...rest } = value;
    if (sha256(canonicalJson(rest)) !== digest) {
      this.#refuse('plan.tampered', `${this.#file} does not match its own digest ${digest.slice(0, 8)}.`);
      return;
    }
    this.#document = value;
    this.#lists = value.steps.flatMap(step =>
      step.list ? [{ step, summary: step.list, packer: new ChangePacker() }] : [],
    );
  }

  #addChange(line: string): void {
    const list = this.#lists[this.#at];
    if (!list) {
      if (this.#lists.length === 0)
        this.#refuse('plan.not-json', `${this.#file} is not JSON: something follows the plan.`);
      else this.#refuse('plan.tampered', `${this.#file} has more changes than its plan.`);
      return;
    }
    const change = parseJson(line);
    if (change === undefined) {
      this.#refuse('plan.not-json', `${this.#file} has a line that is not JSON. Perhaps it was cut off.`);
      return;
    }
    this.#waiting.push(change as Change);
    const length = list.packer.length + this.#waiting.length;
    if (this.#waiting.length === atOnce || length === list.summary.count) this.#check();
    if (length === list.summary.count) this.#at++;
  }

  /** Packs what waits, once the schema of plans takes it. */
  #check(): void {
    const list = this.#lists[this.#at];
    const { findings: _, ignored: __, ...document } = this.#document ?? {};
    if (!list || this.#problem || this.#waiting.length === 0) return;
    const { step, packer } = list;
    const part = {
      ...document,
      findings: [],
      ignored: [],
      steps: [{ ...without(step, ['list']), changes: this.#waiting }],
    };
    const validate = compileSchema<Plan>(this.#schema);
    if (validate(part)) {
      for (const change of this.#waiting) packer.add(change);
    } else {
      const [error] = validate.errors ?? [];
      const what = `has a change of ${step.id} that is none: ${error?.instancePath ?? ''} ${error?.message ?? ''}`;
      this.#refuse('plan.unknown-format', `${this.#file} ${what}.`);
    }
    this.#waiting = [];
  }

  #whole(): Plan | undefined {
    const lists = new Map<string, ChangeList>();
    for (const { step, summary, packer } of this.#lists) {
      const list = packer.end();
      if (list.length !== summary.count) {
        const there = `${list.length.toLocaleString('en-US')} of ${count(summary.count, 'change')}`;
        this.#refuse('plan.not-json', `${this.#file} has ${there} of ${step.id}. Perhaps it was cut off.`);
        return undefined;
      }
      if (list.sha256 !== summary.sha256) {
        this.#refuse('plan.tampered', `The changes of ${step.id} in ${this.#file} do not match their digest.`);
        return undefined;
      }
      lists.set(step.id, list);
    }
    const { steps = [], ...document } = this.#document ?? noDocument();
    return {
      ...document,
      steps: steps.map(({ list: _, changes, ...step }) => ({ ...step, changes: lists.get(step.id) ?? changes })),
    };
  }

  #refuse(code: 'plan.not-json' | 'plan.is-part' | 'plan.unknown-format' | 'plan.tampered', detail: string): void {
    this.#problem ??= finding(code, {
      detail: `${detail}\nMake a new one:`,
      where: { file: this.#file, line: 1 },
      next: [nextCommands.plan(this.#file)],
    });
  }
}

function noDocument(): never {
  throw new Error('a plan that is none without a reason');
}

function isPart(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'format' in value && value.format === 'reconcile-part';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
