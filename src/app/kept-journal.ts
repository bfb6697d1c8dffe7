import { type Finding, TargetProblem } from '../core/finding.ts';
import { printable } from '../core/printable.ts';
import { finding } from '../findings/catalogue.ts';
import type { RecordWriter, RunPart } from '../ports/host.ts';
import type { Journal, JournalLine } from '../ports/journal.ts';

/** Where the record of a run is kept besides this machine. */
export interface Keeping {
  readonly estate: string;
  /** What the plan asks for, as JSON. */
  readonly desired: string;
  readonly hosts: readonly { readonly name: string; readonly writer: RecordWriter }[];
  /** How many runs each host keeps. */
  readonly keep: number;
  /** Where the journal is: `user@machine:FILE`. */
  readonly copy: string;
  readonly now: () => string;
}

/** A journal of which hosts get a copy from time to time. */
export interface KeptJournal extends Journal {
  /** Brings the rest to the hosts, once, also to those that failed before. Returns what is missing where; never throws a TargetProblem. */
  end(): Promise<readonly Finding[]>;
}

/** Bytes of a record that hosts have room for; of a longer one they have the heads only. */
const room = 64 * 1024 * 1024;

/** Bytes of a part of the journal. */
const partLength = 4 * 1024 * 1024;

/**
 * Keeps the record of a run on hosts too: at its begin, which one of them must accept, after each tier, and at its end. What is
 * here is exact: each line is on disk before it goes elsewhere.
 */
export function keepJournal(journal: Journal, keeping: Keeping): KeptJournal {
  const shelves = keeping.hosts.map(host => new Shelf(host.name, host.writer, journal.name, keeping));
  const lines = new Lines();
  let ended: Promise<readonly Finding[]> | undefined;
  const bring = async (again: boolean) => {
    const parts = lines.take();
    for (const shelf of shelves) shelf.add(parts);
    await Promise.all(shelves.map(shelf => shelf.send(again)));
  };
  const begin = async (text: string) => {
    const parts = lines.begin(text, keeping.desired);
    for (const shelf of shelves) shelf.add(parts);
    await Promise.all(shelves.map(shelf => shelf.send(false)));
    if (shelves.length > 0 && shelves.every(({ problem }) => problem)) throw new TargetProblem(noneAccepted(shelves));
  };
  const write = async (line: JournalLine) => {
    const at = keeping.now();
    const told = line.line === 'run' ? { ...line, copy: keeping.copy } : line;
    const text = `${JSON.stringify({ at, ...told })}\n`;
    // Before the first line is here: a run that no host accepts has not begun.
    if (line.line === 'run') await begin(text);
    await journal.write(told, at);
    lines.add(line, text);
    if (line.line === 'tier' && lines.hasNews) await bring(false);
  };
  return {
    name: journal.name,
    write,
    keep: (suffix, pieces) => journal.keep(suffix, suffix === 'plan' ? lines.keepPlan(pieces) : pieces),
    close: () => journal.close(),
    end: () => {
      ended ??= bring(true).then(() => shelves.flatMap(shelf => shelf.missing()));
      return ended;
    },
  };
}

/** The lines of a journal that no host has yet. */
class Lines {
  #plan: string[] = [];
  #waiting: string[] = [];
  #end: string | undefined;
  #news = false;
  #parts = 0;
  /** Bytes of plan and journal. */
  #size = 0;

  /** Passes the pieces of a plan on, and keeps them as far as there is room. */
  *keepPlan(pieces: Iterable<string>): Iterable<string> {
    for (const piece of pieces) {
      this.#size += Buffer.byteLength(piece);
      if (this.#size > room) this.#plan = [];
      else this.#plan.push(piece);
      yield piece;
    }
  }

  /** The parts that a record begins with. */
  begin(head: string, desired: string): ReadonlyMap<RunPart, string> {
    const plan = this.#size > room ? [] : ([['plan.json', this.#plan.join('')]] as const);
    this.#plan = [];
    return new Map<RunPart, string>([['head.json', head], ['desired.json', desired], ...plan]);
  }

  add(line: JournalLine, text: string): void {
    if (line.line === 'run') return;
    if (line.line === 'finished') {
      this.#end = text;
      return;
    }
    if (line.line !== 'tier') this.#news = true;
    this.#size += Buffer.byteLength(text);
    if (this.#size > room) this.#waiting = [];
    else this.#waiting.push(text);
  }

  /** Whether something was written since. */
  get hasNews(): boolean {
    return this.#news;
  }

  /** The parts that come next. A plan without its whole journal could not be undone: it is emptied where there is no room. */
  take(): ReadonlyMap<RunPart, string> {
    const parts = new Map<RunPart, string>();
    for (const text of piecesOf(this.#waiting)) parts.set(`${++this.#parts}.jsonl`, text);
    if (this.#size > room) parts.set('plan.json', '');
    if (this.#end !== undefined) parts.set('end.json', this.#end);
    this.#waiting = [];
    this.#news = false;
    return parts;
  }
}

/** Lines put together, in pieces of a length that is sent in one go. */
function piecesOf(lines: readonly string[]): readonly string[] {
  const pieces: string[][] = [];
  let length = partLength;
  for (const line of lines) {
    if (length + line.length > partLength) {
      pieces.push([]);
      length = 0;
    }
    pieces.at(-1)?.push(line);
    length += line.length;
  }
  return pieces.map(piece => piece.join(''));
}

/** What one host is to get. */
class Shelf {
  readonly name: string;
  /** Why it did not accept what was sent last. */
  problem: Finding | undefined;
  readonly #writer: RecordWriter;
  readonly #run: string;
  readonly #keeping: Keeping;
  readonly #waiting = new Map<RunPart, string>();

  constructor(name: string, writer: RecordWriter, run: string, keeping: Keeping) {
    this.name = name;
    this.#writer = writer;
    this.#run = run;
    this.#keeping = keeping;
  }

  add(parts: ReadonlyMap<RunPart, string>): void {
    for (const [part, text] of parts) {
      // The order of what is sent is the order of what is added.
      this.#waiting.delete(part);
      this.#waiting.set(part, text);
    }
  }

  /** Sends what waits. A host that failed once is tried again at the end: each try may take as long as a connection is waited for. */
  async send(again: boolean): Promise<void> {
    if (this.#waiting.size === 0 || (this.problem && !again)) return;
    const { estate, keep } = this.#keeping;
    try {
      await this.#writer.keepRun(estate, this.#run, new Map(this.#waiting), keep);
      this.#waiting.clear();
      this.problem = undefined;
    } catch (error) {
      if (!(error instanceof TargetProblem)) throw error;
      this.problem = error.finding;
    }
  }

  missing(): readonly Finding[] {
    if (!this.problem) return [];
    const detail = `${this.name} does not have the whole record of run ${this.#run}. ${reasonOf(this.problem)}\nThe exact record is in ${printable(this.#keeping.copy)}.`;
    return [finding('records.not-kept', { detail, target: this.name })];
  }
}

function noneAccepted(shelves: readonly Shelf[]): Finding {
  const reasons = shelves.map(({ name, problem }) => `    ${name}: ${problem ? reasonOf(problem) : ''}`);
  const detail = [
    'Nothing was changed. These hosts should keep the record of the run, and none of them accepted it:',
    ...reasons,
    'At least one host must accept. Correct the reason, or name other hosts in the estate file (records).',
  ];
  return finding('records.none-accepted', { detail: detail.join('\n') });
}

function reasonOf({ summary, detail }: Finding): string {
  const [first = ''] = detail.split('\n');
  return `${summary}: ${printable(first)}`;
}
