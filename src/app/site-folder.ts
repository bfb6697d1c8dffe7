import { join } from 'node:path';
import { isRecord } from '../core/collections.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import { printable } from '../core/printable.ts';
import type { RunMoves, SideCounts, SiteSample } from '../core/site.ts';
import { finding } from '../findings/catalogue.ts';
import type { Watching } from '../ports/daemon.ts';
import type { LocalContext } from './context.ts';
import { listFolder, readFileText, unwritableFile } from './files.ts';
import { isRunName } from './site-runs.ts';

/** A page, by the name of its file. */
export interface PageFile {
  readonly file: string;
  readonly text: string;
}

/** What outlives the pages: numbers of earlier days, and what the page of each run was drawn from. No name is in it. */
export interface SiteMemory {
  readonly estate: string;
  /** The oldest first. */
  readonly samples: readonly SiteSample[];
  readonly runs: Readonly<Record<string, { readonly drawn: string; readonly moves?: RunMoves }>>;
}

/** What a folder has before pages are written to it. */
export interface SiteFolder {
  readonly folder: string;
  readonly memory?: SiteMemory;
  /** Names of the files in it. */
  readonly names: ReadonlySet<string>;
}

/** The file of the memory. */
const memoryFile = 'reconcile-pages.json';

/** Names of the pages that there always are. */
const ownPages = ['index.html', 'drift.html', 'audit.html', 'verify.html', 'runs.html', 'trends.html'];

/** Looks what is in a folder; it may be missing. The finding where its pages are not those of this program. */
export async function openSiteFolder(
  folder: string,
  { files }: Pick<LocalContext, 'files'>,
): Promise<SiteFolder | Finding> {
  const names = new Set(await listFolder(folder, files));
  if (!names.has(memoryFile)) {
    const taken = ownPages.find(name => names.has(name));
    return taken === undefined ? { folder, names } : notOurs(join(folder, taken));
  }
  const text = await readFileText(join(folder, memoryFile), files);
  if (typeof text !== 'string') return text;
  const memory = parseMemory(text);
  return memory ? { folder, names, memory } : unreadableHistory(join(folder, memoryFile));
}

function notOurs(file: string): Finding {
  return finding('page.not-ours', {
    detail: `${printable(file)} exists, and the folder has no ${memoryFile}. No page was written.\nName another folder, or delete the file.`,
  });
}

function unreadableHistory(file: string): Finding {
  return finding('page.history-unreadable', {
    detail: `${printable(file)} does not have the form of this version. No page was written.\nRestore it. To begin without the earlier numbers, delete it and the pages.`,
  });
}

/** The finding where a folder is of another estate; nothing where it is new, or of this one. */
export function otherEstate({ folder, memory }: SiteFolder, estate: string): Finding | undefined {
  if (!memory || memory.estate === estate) return undefined;
  return finding('page.other-estate', {
    detail: `${printable(folder)} has the pages of ${printable(memory.estate)}, and not of ${printable(estate)}. No page was written.\nName a folder for each estate.`,
  });
}

/** What was written, and what was removed. */
export interface WrittenSite {
  readonly written: readonly string[];
  readonly removed: readonly string[];
}

/**
 * Writes the pages, each whole or not at all, the first page of the site last: a link never leads to a page that is not there
 * yet. Then removes the pages of runs that are not in `keep`; nothing else in the folder is touched.
 */
export async function writeSite(
  { folder, names }: SiteFolder,
  {
    memory,
    pages,
    keep,
  }: { readonly memory: SiteMemory; readonly pages: readonly PageFile[]; readonly keep: ReadonlySet<string> },
  { files }: Pick<LocalContext, 'files'>,
  watching: Pick<Watching, 'replaceText'>,
): Promise<WrittenSite> {
  await orUnwritable(join(folder, memoryFile), path => files.replace(path, renderMemory(memory)));
  for (const { file, text } of pages) await orUnwritable(join(folder, file), path => watching.replaceText(path, text));
  const removed = [...names].filter(name => runOfPage(name) !== undefined && !keep.has(runOfPage(name) ?? ''));
  for (const name of removed) await orUnwritable(join(folder, name), files.remove);
  return { written: pages.map(({ file }) => file), removed };
}

async function orUnwritable(path: string, write: (path: string) => Promise<void>): Promise<void> {
  await write(path).catch((error: unknown) => {
    throw new TargetProblem(unwritableFile(path, error));
  });
}

/** The run that a file is the page of; nothing where it is no such page. */
export function runOfPage(name: string): string | undefined {
  const [, run] = /^run-(.*)\.html$/.exec(name) ?? [];
  return run !== undefined && isRunName(run) ? run : undefined;
}

function renderMemory(memory: SiteMemory): string {
  return `${JSON.stringify({ formatVersion: 1, ...memory })}\n`;
}

/** How long every sample is kept, and how many there are at most; of older ones the last of each day stays. */
const recent = 2 * 86_400_000;
const mostSamples = 1500;

/** The samples with a new one, thinned out, the oldest first. One that a clock ahead of time made stays until its time has come. */
export function withSample(samples: readonly SiteSample[], sample: SiteSample): readonly SiteSample[] {
  const kept = new Map<string, SiteSample>();
  const all = [...samples, sample].toSorted((a, b) => (a.at < b.at ? -1 : 1));
  const last = Date.parse(all.at(-1)?.at ?? sample.at);
  for (const one of all) {
    // Of ten minutes, or of a day, the last one.
    const span = last - Date.parse(one.at) < recent ? one.at.slice(0, '2026-12-05T22:0'.length) : one.at.slice(0, 10);
    kept.set(span, one);
  }
  return [...kept.values()].slice(-mostSamples);
}

function parseMemory(text: string): SiteMemory | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isRecord(value) || value['formatVersion'] !== 1) return undefined;
    const { estate, samples, runs } = value;
    const isWhole = typeof estate === 'string' && Array.isArray(samples) && samples.every(isSample) && isRuns(runs);
    return isWhole ? { estate, samples, runs } : undefined;
  } catch {
    return undefined;
  }
}

function isSample(value: unknown): value is SiteSample {
  if (!isRecord(value)) return false;
  const { at, differences, accounts } = value;
  const time = typeof at === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(at) && !Number.isNaN(Date.parse(at));
  return time && (differences === undefined || isCount(differences)) && (accounts === undefined || isCounts(accounts));
}

function isCounts(value: unknown): value is SideCounts {
  return isRecord(value) && [value['cs6'], value['cs7'], value['unknown']].every(isCount);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isRuns(value: unknown): value is SiteMemory['runs'] {
  return isRecord(value) && Object.values(value).every(isDrawnRun);
}

function isDrawnRun(value: unknown): boolean {
  if (!isRecord(value) || typeof value['drawn'] !== 'string') return false;
  const { moves } = value;
  return moves === undefined || (isRecord(moves) && [moves['there'], moves['back'], moves['unsure']].every(isCount));
}
