import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { type FigureName, type Figures, ratiosOf, type Spread, type Spreads, spreadsOf, units } from './figures.ts';

/** One way to do a piece of work, and what it took. */
export interface BenchRow {
  readonly work: string;
  readonly way: string;
  readonly rounds: number;
  readonly figures: Spreads;
}

/** What `reconcile` took beside a peer: the median of the ratios of the rounds. Above 1, it took more. */
export interface BenchRatio {
  readonly work: string;
  readonly peer: string;
  readonly rounds: number;
  readonly figures: Spreads;
}

/** What one bench found, as its file has it. */
export interface BenchResult {
  readonly bench: string;
  readonly date: string;
  readonly machine: string;
  /** How busy the machine was in the minute before: above 0, other work may have slowed all of it. */
  readonly load: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly BenchRow[];
  readonly ratios: readonly BenchRatio[];
}

/** The way that is measured beside the others. */
export const ours = 'reconcile';

/** Collects what a bench finds. */
export class BenchReport {
  readonly #bench: string;
  readonly #versions: Record<string, string> = { node: process.versions.node };
  readonly #load = loadavg()[0] ?? 0;
  readonly #rows: BenchRow[] = [];
  readonly #ratios: BenchRatio[] = [];

  constructor(bench: string) {
    this.#bench = bench;
  }

  /** Notes the version of a peer. */
  version(name: string, version: string): void {
    this.#versions[name] = version;
  }

  /** Takes all runs of a piece of work, by the way it was done, in the order of the rounds; the first runs of a way are its row. */
  add(work: string, runs: Readonly<Record<string, readonly Figures[]>>): void {
    const own = runs[ours];
    for (const [way, figures] of Object.entries(runs)) {
      const isNew = !this.#rows.some(row => row.work === work && row.way === way);
      if (isNew) this.#rows.push({ work, way, rounds: figures.length, figures: spreadsOf(figures) });
      if (way !== ours && own !== undefined) this.compare(work, own, way, figures);
    }
    process.stdout.write(`${markdownTable(this.#rows.filter(row => row.work === work))}\n`);
  }

  /** Takes the ratios of two ways of the same rounds. */
  compare(work: string, own: readonly Figures[], peer: string, peers: readonly Figures[]): void {
    const rounds = Math.min(own.length, peers.length);
    this.#ratios.push({ work, peer, rounds, figures: ratiosOf(own.slice(0, rounds), peers) });
  }

  /** Adds what was measured apart, such as memory or round trips, to a row. */
  more(work: string, way: string, figures: Figures): void {
    const index = this.#rows.findIndex(row => row.work === work && row.way === way);
    const row = this.#rows[index];
    if (row === undefined) throw new Error(`no such row: ${work}, ${way}`);
    this.#rows[index] = { ...row, figures: { ...row.figures, ...spreadsOf([figures]) } };
  }

  /** Prints all of it, and writes it into the folder that BENCH_OUTPUT names, if any. */
  end(): void {
    if (this.#rows.length === 0) return;
    const result: BenchResult = {
      bench: this.#bench,
      date: new Date().toISOString().slice(0, 16).replace('T', ' '),
      machine: machine(),
      load: Number(this.#load.toFixed(1)),
      versions: this.#versions,
      rows: this.#rows,
      ratios: this.#ratios,
    };
    process.stdout.write(`\n## ${this.#bench}\n\n${markdownTable(result.rows)}\n${markdownRatios(result.ratios)}\n`);
    const folder = process.env['BENCH_OUTPUT'];
    if (folder === undefined || folder === '') return;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${this.#bench}.json`), jsonOf(result));
  }
}

/** A line for each spread, so that a change of one can be read. */
function jsonOf(result: BenchResult): string {
  const text = JSON.stringify(result, undefined, 2);
  return `${text.replaceAll(/\{\s+("median": [^,]+,)\s+("least": [^,]+,)\s+("most": \S+)\s+\}/g, '{ $1 $2 $3 }')}\n`;
}

/** The version that a program prints of itself. */
export function versionOf(program: string, word: string): string {
  const { stdout, stderr } = spawnSync(program, [word], { encoding: 'utf8' });
  const [version] = /\d+\.\d+[\w.]*/.exec(stdout + stderr) ?? [];
  if (version === undefined) throw new Error(`${program} ${word} prints no version`);
  return version;
}

/** Rows with the columns that at least one of them has. */
export function markdownTable(rows: readonly BenchRow[]): string {
  const names = namesIn(rows.map(({ figures }) => figures));
  const titles = names.map(name => columnTitles[name]);
  return table(
    ['work', 'with', ...titles, 'rounds'],
    rows.map(row => [row.work, row.way, ...names.map(name => shown(row.figures[name], name)), String(row.rounds)]),
  );
}

/** What `reconcile` took, as so many times what the peer took. */
export function markdownRatios(ratios: readonly BenchRatio[]): string {
  if (ratios.length === 0) return '';
  const names = namesIn(ratios.map(({ figures }) => figures));
  return table(
    ['work', 'reconcile beside', ...names.map(name => columnTitles[name])],
    ratios.map(({ work, peer, figures }) => [work, peer, ...names.map(name => times(figures[name]))]),
  );
}

/** A ratio as a reader has it in mind: always above 1, with its direction. */
export function times(ratio: Spread | undefined): string {
  if (ratio === undefined) return '';
  const { median } = ratio;
  return median < 0.95 ? `${digits(1 / median)}× less` : `${digits(median)}×`;
}

const columnTitles: Readonly<Record<FigureName, string>> = {
  wall: 'wall time',
  cpu: 'processor time',
  memory: 'memory',
  trips: 'round trips',
  connections: 'connections',
  pause: 'without service',
  excess: 'longer than its own',
  disk: 'disk',
  work: 'pieces of work',
};

function namesIn(figures: readonly Spreads[]): readonly FigureName[] {
  return (Object.keys(units) as readonly FigureName[]).filter(name => figures.some(one => one[name] !== undefined));
}

function shown(spread: Spread | undefined, name: FigureName): string {
  if (spread === undefined) return '';
  const unit = units[name] === '' ? '' : ` ${units[name]}`;
  const { median, least, most } = spread;
  const range = least === most ? '' : ` (${digits(least)}–${digits(most)})`;
  return `${digits(median)}${unit}${range}`;
}

/** As many digits as mean something. */
export function digits(value: number): string {
  if (value >= 100) return value.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ',');
  return value.toFixed(value >= 10 ? 1 : 2);
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  return [titles, titles.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |\n`).join('');
}

function machine(): string {
  const [{ model } = { model: 'unknown' }, ...others] = cpus();
  const system = /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'unknown';
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  return `${others.length + 1} cores (${model.trim()}), ${memory} GB memory, ${system}, Linux ${release()}`;
}
