import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BenchResult, digits, markdownRatios, markdownTable } from '../bench/bench-report.ts';
import { units } from '../bench/figures.ts';
import { measuredOf, reachedOf, type SpeedGoal, speedGoals } from './speed-goals.ts';

const folder = 'test/bench/results';

/** What the measurements found last, as they wrote it down. */
export function speedResults(): readonly BenchResult[] {
  const files = readdirSync(folder).filter(name => name.endsWith('.json'));
  return files.toSorted().map(name => JSON.parse(readFileSync(join(folder, name), 'utf8')));
}

/**
 * The page with every block of results made of them: between `<!-- results: NAME -->` and `<!-- end -->`. The name is that of a
 * bench, or `goals`, or `machine`.
 */
export function speedPage(page: string, results: readonly BenchResult[]): string {
  return page.replaceAll(
    /(<!-- results: (\S+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, begin: string, name: string, end: string) => `${begin}\n${blockOf(name, results)}\n${end}`,
  );
}

function blockOf(name: string, results: readonly BenchResult[]): string {
  if (name === 'goals') return goalTable(results);
  if (name === 'machine') return machineTable(results);
  const result = results.find(({ bench }) => bench === name);
  if (result === undefined) return 'This was not measured yet.\n';
  const ratios = markdownRatios(result.ratios);
  return `${markdownTable(result.rows)}${ratios === '' ? '' : `\n${ratios}`}`;
}

function machineTable(results: readonly BenchResult[]): string {
  const rows = results.map(({ bench, date, machine, load, versions }) => {
    const named = Object.entries(versions).map(([program, version]) => `${program} ${version}`);
    return `| \`${bench}\` | ${date} UTC | ${machine} | ${load.toFixed(1)} | ${named.join(', ')} |\n`;
  });
  return `| bench | when | machine | load before | versions |\n| --- | --- | --- | --- | --- |\n${rows.join('')}`;
}

function goalTable(results: readonly BenchResult[]): string {
  const rows = speedGoals.map(goal => {
    const measured = measuredOf(goal, results);
    const cells = [
      goal.work,
      titleOf(goal),
      ...[goal.must, goal.goal].map(limit => limitOf(goal, limit)),
      measured === undefined ? 'not measured yet' : withUnit(goal, measured),
      measured === undefined ? '' : reachedOf(goal, measured),
    ];
    return `| ${cells.join(' | ')} |\n`;
  });
  return `| work | figure | must | goal | measured | reached |\n| --- | --- | --- | --- | --- | --- |\n${rows.join('')}`;
}

const names = {
  wall: 'wall time',
  cpu: 'processor time',
  trips: 'round trips a host',
  memory: 'memory',
  excess: 'time without service, longer than its own stop and start',
} as const;

function titleOf({ figure, peer, isFaster }: SpeedGoal): string {
  const name = Object.entries(names).find(([key]) => key === figure)?.[1] ?? figure;
  if (peer === undefined) return name;
  return isFaster ? `${name} of \`${peer}\`, as times ours` : `${name}, as times that of \`${peer}\``;
}

function limitOf(goal: SpeedGoal, limit: number | undefined): string {
  if (limit === undefined) return '';
  return `${goal.isFaster ? '≥' : '≤'} ${withUnit(goal, limit)}`;
}

function withUnit({ figure, peer }: SpeedGoal, value: number): string {
  if (peer !== undefined) return `${digits(value)}×`;
  return `${digits(value)}${units[figure] === '' ? '' : ` ${units[figure]}`}`;
}
