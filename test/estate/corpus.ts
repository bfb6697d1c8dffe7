import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { FileReader } from '../../src/estate/document.ts';

/** A wrong file as the data files have it. */
interface CorpusEntry {
  readonly name: string;
  /** Parts of chapter-in-braces.yaml and what stands there instead. */
  readonly change?: Readonly<Record<string, string>>;
  readonly text?: string;
  readonly encode?: keyof typeof encodings;
  /** Files beside it, and how they become bytes where that is not UTF-8. */
  readonly files?: Readonly<Record<string, string>>;
  readonly encodeFiles?: keyof typeof encodings;
  readonly code: string;
  /** The file where the finding is; the estate file where none is named. */
  readonly in?: string;
  /** A part of the line where the finding is, or its number. */
  readonly at?: string;
  readonly line?: number;
  readonly says?: string;
  readonly severity?: 'warning';
}

/** A wrong file, and what must be found in it. */
export interface WrongFile {
  readonly name: string;
  readonly content: Uint8Array;
  readonly text: string;
  /** Files beside it. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Where the finding must be. */
  readonly file: string;
  readonly code: string;
  readonly line: number;
  readonly says: string;
  readonly severity: 'error' | 'warning';
}

const chapter = readFileSync('test/estate/chapter-in-braces.yaml', 'utf8');

const encodings = {
  'utf16le-bom': (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]),
  'utf16be-bom': (text: string) => Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(text, 'utf16le').swap16()]),
  utf16le: (text: string) => Buffer.from(text, 'utf16le'),
  latin1: (text: string) => Buffer.from(text, 'latin1'),
  cut: (text: string) => Buffer.from(text).subarray(0, -1),
} as const;

/** All wrong files of the data files. */
export const wrongFiles: readonly WrongFile[] = ['schema', 'rules', 'yaml', 'cohorts', 'members', 'guards'].flatMap(
  file => {
    const entries: readonly CorpusEntry[] = parse(readFileSync(`test/estate/corpus/${file}.yaml`, 'utf8'));
    return entries.map(wrongFile);
  },
);

function wrongFile(entry: CorpusEntry): WrongFile {
  const text = entry.text ?? changed(entry);
  const { name, code, says = '', severity = 'error', files = {}, in: file = 'estate.yaml' } = entry;
  const line = entry.line ?? lineOf(files[file] ?? text, entry);
  const content = encoded(text, entry.encode);
  return { name, content, text, files: encodedFiles(entry), code, file, line, says, severity };
}

function encoded(text: string, encoding?: keyof typeof encodings): Uint8Array {
  return encoding ? encodings[encoding](text) : Buffer.from(text);
}

function encodedFiles({ files = {}, encodeFiles }: Pick<CorpusEntry, 'files' | 'encodeFiles'>) {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [path, encoded(text, encodeFiles)]));
}

/** A right file as the data file has it. */
interface RightEntry extends Pick<CorpusEntry, 'name' | 'change' | 'files' | 'encodeFiles'> {
  readonly day?: string;
  /** What the first cohort must be, without its name and place. */
  readonly cohort?: object;
  /** What the limits must be, without their place. */
  readonly limits?: object;
  /** What the policy must be, without its place. */
  readonly policy?: object;
  /** The windows of the first host of each side; nothing where it has none. */
  readonly windows?: Readonly<Record<'cs6' | 'cs7', readonly object[] | null>>;
}

/** A right file, and what must come of it. */
export interface RightFile extends Pick<RightEntry, 'name' | 'day' | 'cohort' | 'limits' | 'policy' | 'windows'> {
  readonly text: string;
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/** All right files of the data file. */
export const rightFiles: readonly RightFile[] = readRight().map(entry => {
  return { ...entry, text: changed(entry), files: encodedFiles(entry) };
});

function readRight(): readonly RightEntry[] {
  return parse(readFileSync('test/estate/corpus/right.yaml', 'utf8'));
}

/** What the loader reads files with, where they are these. */
export function readerOf(files: Readonly<Record<string, Uint8Array>>): FileReader {
  return path =>
    path.startsWith('../')
      ? { reason: 'it is elsewhere', outside: true }
      : (files[path] ?? { reason: 'there is no such file or folder' });
}

function changed({ name, change = {} }: Pick<CorpusEntry, 'name' | 'change'>): string {
  return Object.entries(change).reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`${name}: nothing to replace: ${from}`);
    return text.replace(from, () => to);
  }, chapter);
}

function lineOf(text: string, { name, at = '' }: CorpusEntry): number {
  const offset = text.indexOf(at);
  if (at === '' || offset < 0) throw new Error(`${name}: not in the file: ${at}`);
  return text.slice(0, offset).split('\n').length;
}
