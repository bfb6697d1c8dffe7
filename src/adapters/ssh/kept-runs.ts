import { estateFolder } from '../../core/estate-folder.ts';
import { printable } from '../../core/printable.ts';
import type { KeptRun, RunPart } from '../../ports/host.ts';
import { bodyLines, type Frame } from './frames.ts';
import { HostFault, quoteHost } from './host-fault.ts';
import { BLOCK, keepScript, partFragment, runsFragment, type SentPart, slimScript } from './record-script.ts';
import type { Ask } from './run-script.ts';
import { cksum } from './shell-words.ts';
import { folderRefusal, type Send } from './state-folder.ts';

const RUN = /^\d{8}T\d{9}Z-[0-9a-f]{8}$/;
const PART = /^(?:head\.json|desired\.json|plan\.json|end\.json|[1-9]\d{0,5}\.jsonl)$/;

/** The parts that are kept of a run when there is no room for all of it. */
const HEADS: ReadonlySet<string> = new Set(['head.json', 'desired.json', 'end.json']);

/** Bytes that the plans and journals of an estate may take on a host. */
const ROOM = 64 * 1024 * 1024;

/** All that a host keeps of the runs of an estate, the newest first. What another run writes meanwhile is read again, so many times. */
export async function readRuns(estate: string, ask: Ask, retries: number): Promise<readonly KeptRun[]> {
  const doing = 'reading the records of runs';
  const [answer] = await ask([{ text: runsFragment(estateFolder(estate)), label: doing }]);
  const { frames = [], errors = '' } = answer ?? {};
  refuse(frames, doing, errors);
  const list = frames.find(({ word }) => word === 'list');
  if (!list && frames[0]?.word === 'end') return [];
  if (!list || !frames.some(({ word }) => word === 'listed')) throw incomplete(doing, errors);
  const texts = textsIn(frames);
  if (texts) return runsFrom(partsIn(list), texts);
  if (retries === 0) throw torn(doing);
  return readRuns(estate, ask, retries - 1);
}

/** One part of a record as text; nothing where it is missing. */
export async function readRunPart(
  estate: string,
  run: string,
  part: RunPart,
  ask: Ask,
  retries: number,
): Promise<string | undefined> {
  const file = fileOf(run, part);
  const doing = `reading ${file}`;
  const [answer] = await ask([{ text: partFragment(estateFolder(estate), file), label: doing }]);
  const { frames = [], errors = '' } = answer ?? {};
  refuse(frames, doing, errors);
  const [sum, data] = frames;
  if (sum?.word === 'end') return undefined;
  if (sum?.word !== 'sum' || data?.word !== 'data') throw incomplete(doing, errors);
  if (words(bodyLines(sum)[0]).slice(0, 2).join(' ') === cksum(data.body)) return data.body.toString();
  if (retries === 0) throw errors === '' ? torn(doing) : incomplete(doing, errors);
  return readRunPart(estate, run, part, ask, retries - 1);
}

/** A record that is to be kept. */
export interface RunRecordParts {
  readonly estate: string;
  readonly run: string;
  readonly parts: ReadonlyMap<RunPart, string>;
  /** How many records stay. */
  readonly keep: number;
}

/**
 * Writes the parts in one trip, in their order. Where plans and journals have no room any more, those of the oldest runs are
 * dropped in a second one.
 */
export async function keepRun({ estate, run, parts, keep }: RunRecordParts, send: Send): Promise<void> {
  const folder = estateFolder(estate);
  const sent = [...parts].map(([part, text]) => ({ part, name: fileOf(run, part), content: Buffer.from(text) }));
  const size = sent.reduce((sum, { part, content }) => (HEADS.has(part) ? sum : sum + content.length), 0);
  const { files, data } = bundle(size > ROOM ? sent.filter(({ part }) => HEADS.has(part)) : sent);
  const frames = await send(keepScript(folder, run, files, data, keep));
  const crowded = crowdedOut(partsIn(frames.find(({ word }) => word === 'kept')), run);
  if (crowded.length > 0) await send(slimScript(folder, crowded));
}

/** All contents one behind the other, each from a block of its own on. */
function bundle(sent: readonly { readonly part: RunPart; readonly content: Buffer }[]): {
  readonly files: readonly SentPart[];
  readonly data: Buffer;
} {
  const files: SentPart[] = [];
  const pieces: Buffer[] = [];
  let start = 0;
  for (const { part, content } of sent) {
    const blocks = Math.ceil(content.length / BLOCK);
    files.push({ name: part, start, length: content.length, sum: cksum(content) });
    pieces.push(content, Buffer.alloc(blocks * BLOCK - content.length));
    start += blocks;
  }
  return { files, data: Buffer.concat(pieces) };
}

/** The runs whose plans and journals have no room: the one that is being written comes first, then the newest. */
function crowdedOut(runs: Parts, own: string): readonly string[] {
  let room = ROOM;
  return [...runs.keys()]
    .toSorted((a, b) => Number(b === own) - Number(a === own) || (a < b ? 1 : -1))
    .filter(run => {
      const bulky = [...(runs.get(run) ?? [])].filter(([part]) => !HEADS.has(part));
      room -= bulky.reduce((sum, [, size]) => sum + size, 0);
      return room < 0 && bulky.length > 0;
    });
}

type Parts = ReadonlyMap<string, ReadonlyMap<RunPart, number>>;

/** The parts that a list of `ls -ln` has, by run. */
function partsIn(list: Frame | undefined): Parts {
  const found = new Map<string, Map<RunPart, number>>();
  for (const line of bodyLines(list)) {
    const [, size, run = '', part = ''] = /^-\S+\s+\d+\s+\d+\s+\d+\s+(\d+)\s.*\s([^\s.]+)\.(\S+)$/.exec(line) ?? [];
    if (RUN.test(run) && isPart(part)) found.set(run, (found.get(run) ?? new Map()).set(part, Number(size)));
  }
  return found;
}

function isPart(text: string): text is RunPart {
  return PART.test(text);
}

/** The texts by file; nothing where one of them changed while it was read. */
function textsIn(frames: readonly Frame[]): ReadonlyMap<string, string> | undefined {
  const found = new Map<string, string>();
  for (const [index, sums] of frames.entries()) {
    if (sums.word !== 'sums') continue;
    const body = frames[index + 1]?.body ?? Buffer.alloc(0);
    let start = 0;
    for (const line of bodyLines(sums)) {
      const [sum, length, name = ''] = words(line);
      const content = body.subarray(start, start + Number(length));
      if (`${sum} ${length}` !== cksum(content)) return undefined;
      start += content.length;
      found.set(name, content.toString());
    }
    if (start !== body.length) return undefined;
  }
  return found;
}

function runsFrom(runs: Parts, texts: ReadonlyMap<string, string>): readonly KeptRun[] {
  return [...runs.keys()]
    .toSorted()
    .toReversed()
    .map(run => {
      const end = texts.get(`${run}.end.json`);
      return {
        run,
        head: texts.get(`${run}.head.json`) ?? '',
        ...(end !== undefined && { end }),
        parts: runs.get(run) ?? new Map(),
      };
    });
}

function fileOf(run: string, part: string): string {
  const file = `${run}.${part}`;
  if (RUN.test(run) && isPart(part)) return file;
  throw new HostFault('host.words-refused', `${JSON.stringify(file)} is not the name of a part of a record.`);
}

function words(line: string | undefined): readonly string[] {
  return (line ?? '').trim().split(/\s+/);
}

function refuse(frames: readonly Frame[], doing: string, errors: string): void {
  const stop = frames.find(({ word }) => word === 'stop');
  if (stop) throw folderRefusal(stop, doing, errors);
}

function incomplete(doing: string, errors: string): HostFault {
  return new HostFault('host.unexpected-output', `${doing}: the host gave an incomplete answer.\n${quoteHost(errors)}`);
}

function torn(doing: string): HostFault {
  return new HostFault('host.file-torn', `${printable(doing)}: it changed during every reading.`);
}
