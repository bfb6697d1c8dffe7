import type { BenchResult } from '../bench/bench-report.ts';
import type { FigureName } from '../bench/figures.ts';

/** What is to be reached, and where the results of the measurements have it. */
export interface SpeedGoal {
  readonly bench: string;
  readonly work: string;
  readonly figure: FigureName;
  /** Beside whom; without one the figure itself counts. */
  readonly peer?: string;
  /** Where more is better: how many times less than the peer. */
  readonly isFaster?: boolean;
  /** At the most, or where `isFaster` at the least. */
  readonly must?: number;
  readonly goal?: number;
}

const ssh = 'ssh, 32 at once';
const check = 'ansible-playbook --check --diff';

/** In the order of the page. */
export const speedGoals: readonly SpeedGoal[] = [
  { bench: 'hosts', work: 'check 2 hosts', figure: 'cpu', must: 0.55, goal: 0.4 },
  { bench: 'hosts', work: 'check 2 hosts', figure: 'wall', peer: ssh, goal: 1.3 },
  { bench: 'hosts', work: 'check 50 hosts', figure: 'cpu', peer: ssh, must: 1.9, goal: 1.2 },
  { bench: 'hosts', work: 'check 50 hosts', figure: 'wall', peer: ssh, goal: 1 },
  { bench: 'hosts', work: 'check 200 hosts', figure: 'cpu', peer: ssh, must: 1, goal: 0.8 },
  { bench: 'hosts', work: 'check 200 hosts', figure: 'wall', peer: ssh, goal: 1 },
  { bench: 'hosts', work: 'check 50 hosts', figure: 'wall', peer: check, isFaster: true, must: 20, goal: 40 },
  { bench: 'hosts', work: 'check 50 hosts', figure: 'cpu', peer: check, isFaster: true, must: 10, goal: 15 },
  { bench: 'apply', work: 'change and restart 10 hosts', figure: 'trips', must: 25 },
  { bench: 'service-gap', work: 'restart of CS6', figure: 'excess', must: 0.2 },
  { bench: 'service-gap', work: 'restart of CS7', figure: 'excess', must: 0.2 },
  { bench: 'plan', work: 'plan 1,000 hosts', figure: 'cpu', must: 0.3 },
  { bench: 'plan', work: 'plan 2,000 hosts', figure: 'cpu', must: 0.6 },
  { bench: 'fill', work: 'fill 1,000,000 accounts, slapd', figure: 'memory', must: 256 },
  { bench: 'fill', work: 'fill 30,000 accounts, slapd', figure: 'wall', peer: 'ldapmodify -f', must: 1.2 },
  { bench: 'fill', work: 'fill 20,000 accounts, 389', figure: 'wall', peer: 'ldapmodify -f', must: 1.2 },
  { bench: 'drift', work: 'a look at 21 hosts', figure: 'cpu', must: 0.1 },
];

/** What was measured of a goal; nothing where it was not. */
export function measuredOf(goal: SpeedGoal, results: readonly BenchResult[]): number | undefined {
  const result = results.find(({ bench }) => bench === goal.bench);
  const isOf = ({ work }: { readonly work: string }) => work === goal.work;
  const found =
    goal.peer === undefined
      ? result?.rows.find(row => isOf(row) && row.way === 'reconcile')
      : result?.ratios.find(ratio => isOf(ratio) && ratio.peer === goal.peer);
  const median = found?.figures[goal.figure]?.median;
  return median === undefined || !goal.isFaster ? median : 1 / median;
}

/** How far a goal was reached. */
export function reachedOf({ must, goal, isFaster }: SpeedGoal, measured: number): 'goal' | 'must' | 'neither' {
  const keeps = (limit: number | undefined) =>
    limit !== undefined && (isFaster ? measured >= limit : measured <= limit);
  if (keeps(goal)) return 'goal';
  if (keeps(must)) return 'must';
  return 'neither';
}
