import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** A wrong file as the data files have it. */
interface CorpusEntry {
  readonly name: string;
  /** Parts of examples/chapter.yaml and what stands there instead. */
  readonly change?: Readonly<Record<string, string>>;
  readonly text?: string;
  readonly encode?: keyof typeof encodings;
  readonly code: string;
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
  readonly code: string;
  readonly line: number;
  readonly says: string;
  readonly severity: 'error' | 'warning';
}

const chapter = readFileSync('examples/chapter.yaml', 'utf8');

const encodings = {
  'utf16le-bom': (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]),
  'utf16be-bom': (text: string) => Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(text, 'utf16le').swap16()]),
  utf16le: (text: string) => Buffer.from(text, 'utf16le'),
  latin1: (text: string) => Buffer.from(text, 'latin1'),
  cut: (text: string) => Buffer.from(text).subarray(0, -1),
} as const;

/** All wrong files of the data files. */
export const wrongFiles: readonly WrongFile[] = ['schema', 'rules', 'yaml'].flatMap(file => {
  const entries: readonly CorpusEntry[] = parse(readFileSync(`test/desired/corpus/${file}.yaml`, 'utf8'));
  return entries.map(wrongFile);
});

function wrongFile(entry: CorpusEntry): WrongFile {
  const text = entry.text ?? changed(entry);
  const content = entry.encode ? encodings[entry.encode](text) : Buffer.from(text);
  const { name, code, says = '', severity = 'error' } = entry;
  return { name, content, text, code, line: entry.line ?? lineOf(text, entry), says, severity };
}

function changed({ name, change = {} }: CorpusEntry): string {
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
