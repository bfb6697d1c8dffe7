import type { Finding } from '../core/finding.ts';
import { shellWord } from '../core/next-command.ts';
import { known, parsePercent } from '../core/units.ts';
import { finding } from '../findings/catalogue.ts';
import type { EstateFile } from './estate-file.ts';
import { makeSourceText, type SourceText } from './source-text.ts';

/** The `wave` of a cohort, as the file has it. */
type WaveEntry = NonNullable<EstateFile['cohorts'][string]['wave']>;

/** A share of a wave, and the day it is in force from where one is named. */
interface WaveStep {
  readonly day?: string;
  readonly percent: number;
}

/** A wave step by step, in the order of the file. */
export function waveSteps(wave: WaveEntry): readonly WaveStep[] {
  if (typeof wave === 'string') return [{ percent: known(parsePercent, wave) }];
  return Object.entries(wave).map(([day, share]) => ({ day, percent: known(parsePercent, share) }));
}

/** The share in force on a day: that of the last step that has begun; without a day, that of the last step. */
export function shareOn(wave: WaveEntry, day: string | undefined): number {
  const begun = waveSteps(wave).filter(step => step.day === undefined || day === undefined || step.day <= day);
  return begun.at(-1)?.percent ?? 0;
}

/** Whether the calendar has this day: the form alone lets 31 April through. */
export function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** Bytes of the largest estate file. A whole estate takes some hundred lines. */
export const largestFile = 1_000_000;

/** A text that can be read on, or why not. */
export interface Decoded {
  readonly source?: SourceText;
  /** What excerpts are taken from where `source` is not good enough to read on. */
  readonly shown?: SourceText;
  readonly findings: readonly Finding[];
}

/** Bytes of a file -> its text. What other programs would read in another way is refused. */
export function decode(file: string, content: Uint8Array | string): Decoded {
  return content.length > largestFile ? { findings: [tooLarge(file)] } : decodeText(file, content);
}

/** The same for a file of any size. */
export function decodeText(file: string, content: Uint8Array | string): Decoded {
  if (typeof content === 'string') return sound(makeSourceText(file, content));
  const wide = wideEncoding(content);
  if (wide !== undefined) return { findings: [otherEncoding(file, wide)] };
  try {
    return sound(makeSourceText(file, new TextDecoder('utf-8', { fatal: true }).decode(content)));
  } catch {
    return notUtf8(file, content);
  }
}

function tooLarge(file: string): Finding {
  return finding('estate.too-large', {
    detail: `${file} has more than ${largestFile.toLocaleString('en-US')} bytes; an estate needs some hundred lines.\nIs it another file? Put long lists of accounts in a separate file: members: { file: PATH }.`,
    where: { file, line: 1, column: 1 },
  });
}

/** A byte order mark tells; without one the NUL bytes of Latin letters do. */
function wideEncoding(bytes: Uint8Array): string | undefined {
  const [a, b, c, d] = bytes;
  if ((a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe && d === 0xff))
    return 'UTF-32';
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) return 'UTF-16';
  if (a !== undefined && a > 0 && b === 0 && c !== undefined && c > 0 && d === 0) return 'UTF-16LE';
  return a === 0 && b !== undefined && b > 0 && c === 0 && d !== undefined && d > 0 ? 'UTF-16BE' : undefined;
}

function otherEncoding(file: string, encoding: string): Finding {
  return finding('estate.encoding', {
    detail: `It is ${encoding}. Save it as UTF-8, or convert it:\n    iconv -f ${encoding} -t UTF-8 ${shellWord(file)} > ${shellWord(`${file}.utf8`)}`,
    where: { file, line: 1, column: 1 },
  });
}

function notUtf8(file: string, bytes: Uint8Array): Decoded {
  const offset = firstBadByte(bytes);
  const lossy = new TextDecoder('utf-8');
  const shown = makeSourceText(file, lossy.decode(bytes));
  const byte = (bytes[offset] ?? 0).toString(16).padStart(2, '0');
  return {
    shown,
    findings: [
      finding('estate.encoding', {
        detail: `The byte 0x${byte} is not the start of a UTF-8 character. Older editors write ISO 8859-1.\nSave it as UTF-8, or convert it:\n    iconv -f ISO-8859-1 -t UTF-8 ${shellWord(file)} > ${shellWord(`${file}.utf8`)}`,
        where: shown.position(lossy.decode(bytes.subarray(0, offset)).length),
      }),
    ],
  };
}

/** By halving: the shortest beginning that cannot be decoded ends with, or right after, the byte in question. */
function firstBadByte(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length + 1;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (decodes(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  return Math.min(Math.max(0, bad - 1), Math.max(0, bytes.length - 1));
}

/** A character that is cut off at the end is no failure yet. */
function decodes(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** What YAML 1.2 does not call printable, a byte order mark inside, and a carriage return by itself. */
const unsound = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufeff\ufffe\uffff]|\r(?!\n)/;

function sound(source: SourceText): Decoded {
  const at = source.text.search(unsound);
  if (at < 0) return { source, findings: [] };
  const where = source.position(at);
  const char = source.text.charCodeAt(at);
  const found =
    char === 0x0d
      ? finding('estate.line-end', {
          detail:
            'The file has a carriage return without a line feed. Programs disagree about where its lines end.\nSave it with line feeds (LF), or convert it: tr "\\r" "\\n"',
          where,
        })
      : finding('estate.control-character', {
          detail: `This is the character U+${char.toString(16).toUpperCase().padStart(4, '0')}, which does not belong in a text file.\nRemove it.`,
          where,
        });
  return { shown: source, findings: [found] };
}
