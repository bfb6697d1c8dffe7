/** Units of what can be measured. Times are in seconds, whole process trees of the client's side. */
export const units = {
  wall: 's',
  cpu: 's',
  memory: 'MB',
  trips: '',
  connections: '',
  pause: 's',
  excess: 's',
  disk: 'MB',
  work: '',
} as const;

/** What can be measured. */
export type FigureName = keyof typeof units;

/** What one run took. */
export type Figures = Readonly<Partial<Record<FigureName, number>>>;

/** The middle one of several figures, and how far they spread. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** What all runs took. */
export type Spreads = Readonly<Partial<Record<FigureName, Spread>>>;

/** The spread of each figure that all runs have. */
export function spreadsOf(runs: readonly Figures[]): Spreads {
  const names = figureNames.filter(name => runs.length > 0 && runs.every(run => run[name] !== undefined));
  return Object.fromEntries(names.map(name => [name, spreadOf(runs.map(run => run[name] ?? Number.NaN))]));
}

/** Each run of ours beside the peer's of the same round: above 1, ours took more. */
export function ratiosOf(ours: readonly Figures[], peers: readonly Figures[]): Spreads {
  const pairs = ours.map((own, index) => {
    const peer = peers[index] ?? {};
    return Object.fromEntries(
      figureNames.flatMap(name => {
        const [one, other] = [own[name], peer[name]];
        return one === undefined || !other ? [] : [[name, one / other]];
      }),
    );
  });
  return spreadsOf(pairs);
}

const figureNames = Object.keys(units) as readonly FigureName[];

function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((x, y) => x - y).map(rounded);
  return {
    median: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN,
    least: sorted[0] ?? Number.NaN,
    most: sorted.at(-1) ?? Number.NaN,
  };
}

/** More digits than these are noise. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
