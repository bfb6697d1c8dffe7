import { type Finding, TargetProblem } from '../../src/core/finding.ts';
import { finding } from '../../src/findings/catalogue.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** Problems of which the catalogue says how grave they are. */
export type ProblemCode =
  | 'run.journal-unwritable'
  | 'host.connection-lost'
  | 'host.unreachable'
  | 'host.lock-lost'
  | 'host.still-at-work'
  | 'host.watchdog-running'
  | 'host.watchdog-not-started'
  | 'host.watchdog-acted'
  | 'host.file-changed'
  | 'host.file-not-written'
  | 'host.state-folder'
  | 'directory.outcome-unknown'
  | 'directory.search-incomplete'
  | 'directory.unreachable';

/** What can go wrong at a call of a port. */
export const faultKinds = [
  'kill-before',
  'kill-after',
  'cut-before',
  'cut-after',
  'lost-before',
  'lost-after',
  'frozen',
  'full',
  'garbage',
  'cut-answer',
  'interrupt',
] as const;

/** `kill`: the program dies. `cut`: the answer is lost. `lost`: so are all later ones of that target. */
export type FaultKind = (typeof faultKinds)[number];

/** What goes wrong, and at which call of a port. */
export interface Fault {
  readonly at: number;
  readonly kind: FaultKind;
  /** Less than 1: where an answer breaks off, or what nonsense is in its place. */
  readonly amount: number;
}

/** A call of a port as a program made it. */
export interface PortCall {
  readonly target: string;
  readonly name: string;
  /** Whether it writes to the target. */
  readonly writes: boolean;
  /** Whether it is a question to a host, of which the answer is text. */
  readonly asks: boolean;
}

/** Something that happens beside a program, at the moment of a call. */
export interface Interlude {
  readonly at: number;
  readonly happen: () => void;
}

/** A program that runs in the model: it dies, and whatever it was about to do is not done. */
export class ModelProgram {
  readonly number: number;
  readonly machine: string;
  readonly words: readonly string[];
  readonly calls: PortCall[] = [];
  /** Faults that came to pass. */
  readonly met: string[] = [];
  readonly lostTargets = new Set<string>();
  readonly interludes: Interlude[] = [];
  fault: Fault | undefined;
  dead = false;
  stdout = '';
  stderr = '';
  code: number | undefined;
  crash: unknown;
  stop: (() => void) | undefined;
  readonly #clock: VirtualClock;

  constructor(number: number, machine: string, words: readonly string[], clock: VirtualClock) {
    this.number = number;
    this.machine = machine;
    this.words = words;
    this.#clock = clock;
  }

  get isOver(): boolean {
    return this.dead || this.code !== undefined || this.crash !== undefined;
  }

  /** Makes a call of a port: it takes its time, and may go wrong. `effect` is what it does there, in one moment. */
  async call<T>(call: PortCall, takes: number, effect: () => T): Promise<T> {
    if (this.dead) return never();
    const number = this.calls.length;
    this.calls.push(call);
    const fault = this.fault?.at === number ? this.fault : undefined;
    for (const interlude of this.interludes) if (interlude.at === number) interlude.happen();
    await this.#clock.sleep(takes);
    if (this.dead) return never();
    if (this.lostTargets.has(call.target)) throw lost(call, false);
    if (fault) this.#before(fault, call);
    if (this.dead) return never();
    const result = effect();
    if (fault) await this.#after(fault, call);
    if (this.dead) return never();
    return result;
  }

  #before({ kind }: Fault, call: PortCall): void {
    if (kind === 'kill-before') this.#meet(kind, () => this.kill());
    if (kind === 'interrupt') this.#meet(kind, () => this.stop?.());
    if (call.target === 'here') {
      if (kind === 'full' && call.writes) this.#meet(kind, () => fail('run.journal-unwritable', 'no space left', call));
      return;
    }
    if (kind === 'lost-before') this.#meet(kind, () => this.#lose(call, false));
    if (kind === 'cut-before') this.#meet(kind, () => raise(lost(call, false)));
    if (kind === 'full' && call.writes && call.target !== 'directory') this.#meet(kind, () => fullDisk(call));
  }

  async #after({ kind }: Fault, call: PortCall): Promise<void> {
    if (kind === 'kill-after') this.#meet(kind, () => this.kill());
    if (kind === 'frozen') {
      this.#meet(kind, () => {});
      await this.#clock.sleep(20 * 60_000);
    }
    if (call.target === 'here') return;
    if (kind === 'lost-after') this.#meet(kind, () => this.#lose(call, true));
    if (kind === 'cut-after') this.#meet(kind, () => raise(lost(call, true)));
  }

  #lose(call: PortCall, after: boolean): void {
    this.lostTargets.add(call.target);
    raise(lost(call, after));
  }

  #meet(kind: FaultKind, then: () => void): void {
    this.met.push(kind);
    then();
  }

  /** The text of an answer, which may be spoiled on its way. */
  spoil(number: number, text: string): string {
    const { fault } = this;
    if (!fault || fault.at !== number) return text;
    if (fault.kind === 'cut-answer') {
      this.met.push(fault.kind);
      return text.slice(0, Math.floor(text.length * fault.amount));
    }
    if (fault.kind !== 'garbage') return text;
    this.met.push(fault.kind);
    return nonsense[Math.floor(fault.amount * nonsense.length)] ?? '';
  }

  kill(): void {
    this.dead = true;
  }
}

const nonsense = [
  '',
  'Segmentation fault (core dumped)\n',
  'java.lang.NullPointerException: null\n\tat com.sun.x.Y.main(Y.java:1)\n',
  '\u0000\u0001\u0002',
  'usage: see the manual\n',
  '  PID  ELAPSED COMMAND\n 1 01:00 init\n',
];

/** A promise of a program that is dead. */
export function never<T>(): Promise<T> {
  return new Promise(() => {});
}

function raise(problem: Error): never {
  throw problem;
}

function fail(code: ProblemCode, detail: string, { target, name }: PortCall): never {
  throw new TargetProblem(finding(code, { detail: `${target}: ${name}: ${detail}`, target }));
}

function fullDisk(call: PortCall): never {
  const codes: Readonly<Record<string, ProblemCode>> = {
    replace: 'host.file-not-written',
    watch: 'host.watchdog-not-started',
  };
  return fail(codes[call.name] ?? 'host.state-folder', 'no space left on device', call);
}

function lost(call: PortCall, after: boolean): TargetProblem {
  const { target, name } = call;
  const code: ProblemCode =
    target !== 'directory'
      ? 'host.connection-lost'
      : name === 'modify'
        ? 'directory.outcome-unknown'
        : name === 'search'
          ? 'directory.search-incomplete'
          : 'directory.unreachable';
  const made: Finding = finding(code, {
    detail: `${target}: the connection ended ${after ? 'after' : 'before'} ${name}`,
    target,
  });
  return new TargetProblem(made);
}
