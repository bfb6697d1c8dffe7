import { count } from '../core/count.ts';
import { printable } from '../core/printable.ts';
import type { RunRecord } from '../engine/run-record.ts';
import { lookForWatchdogs } from '../engine/watchdogs-waiting.ts';
import { makeStyle, type Style } from '../report/text/style.ts';
import { exitCodes } from './exit-code.ts';
import { loadFiles } from './files.ts';
import { type CommonOptions, printFindings, wantsColor } from './output.ts';
import type { Outside } from './outside.ts';
import { findRunsFolder, newestRecord, readRecord, runNames } from './run-records.ts';

/** The options of `runs` and `status`. */
export interface RunsOptions extends CommonOptions {
  readonly runs?: string;
}

/** `runs`: what was done when, the newest first. `status`: the last one, and what is half done. */
export async function runsCommand(
  command: 'runs' | 'status',
  files: readonly string[],
  options: RunsOptions,
  outside: Outside,
): Promise<number> {
  const folder = await findRunsFolder(options.runs, files, outside);
  if (typeof folder !== 'string') {
    printFindings(folder.findings, options, outside);
    return exitCodes.error;
  }
  const records = await recordsOf(command, folder, outside);
  if (options.format === 'json') outside.stdout(`${JSON.stringify({ folder, runs: records.map(plain) }, null, 2)}\n`);
  else outside.stdout(renderRecords(command, folder, records, makeStyle(wantsColor(options, outside))));
  if (command === 'runs') return exitCodes.done;
  if (await anyWatchdog(files, options, outside)) return exitCodes.incomplete;
  return records.some(record => !record.finished?.converged) ? exitCodes.differences : exitCodes.done;
}

/** Whether a watchdog waits on a host, or nobody can say; records are on this machine and know nothing of that. */
async function anyWatchdog(files: readonly string[], options: RunsOptions, outside: Outside): Promise<boolean> {
  const { state } = await loadFiles(files, outside);
  if (!state) {
    outside.stderr('The hosts were not asked whether a watchdog waits there: the estate file cannot be read.\n');
    return false;
  }
  const { ports, close } = await outside.connectToRead(state, outside.environment);
  try {
    const hosts = [...state.cs6, ...state.cs7].map(({ name }) => name);
    const { passing, remarks } = await lookForWatchdogs(hosts, ports);
    const findings = [...passing.values(), ...remarks];
    if (findings.length > 0) printFindings(findings, { ...options, format: 'text' }, outside);
    return passing.size > 0 || remarks.some(({ code }) => code !== 'run.watchdog-acted');
  } finally {
    await close();
  }
}

async function recordsOf(command: 'runs' | 'status', folder: string, outside: Outside): Promise<readonly RunRecord[]> {
  if (command === 'status') return [(await newestRecord(folder, outside)) ?? []].flat();
  const names = await runNames(folder, outside);
  return (await Promise.all(names.map(name => readRecord(folder, name, outside)))).flatMap(record => record ?? []);
}

function plain({ replaced: _, ...record }: RunRecord) {
  return record;
}

function renderRecords(
  command: 'runs' | 'status',
  folder: string,
  records: readonly RunRecord[],
  style: Style,
): string {
  if (records.length === 0) return `${folder} has no records of runs.\n`;
  const lines = records.flatMap(record => [
    `${style.strong(record.name)}  ${record.began.replace(/\.\d+Z$/, 'Z')}  plan ${record.head?.plan.slice(0, 8) ?? '?'}  ${count(record.writes, 'write')}  ${verdict(record, style)}`,
    ...(command === 'status' ? openLines(record) : []),
  ]);
  return `${lines.join('\n')}\n`;
}

function verdict({ finished }: RunRecord, style: Style): string {
  if (!finished) return style.bad('not finished');
  const counts = Object.entries(finished.counts).filter(([, n]) => n > 0);
  const text = counts.map(([state, n]) => `${n.toLocaleString('en-US')} ${state}`).join(', ');
  return finished.converged ? style.good(`${text}, in sync`) : style.warn(`${text}, not in sync`);
}

/** How many writes of unknown outcome are named. */
const named = 20;

function openLines({ open }: RunRecord): readonly string[] {
  if (open.length === 0) return ['  Every write that was begun has its end recorded.'];
  const what = open.slice(0, named).map(line => {
    const about =
      line.operation === 'modify' ? line.dn : line.operation === 'replace' ? line.path : line.words.join(' ');
    return `    ${printable(line.step)}  ${line.operation}  ${printable(about)}`;
  });
  return [
    `  What became of ${count(open.length, 'write')} is not known; the next apply looks, and finishes what is not done:`,
    ...what,
    ...(open.length > named ? [`    … and ${open.length - named} more`] : []),
  ];
}
