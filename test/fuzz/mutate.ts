import fc from 'fast-check';
import { asBytes, type Parser } from './parser.ts';

/** What breaks readers of any text: ends of lines, control characters, halves of characters, names of Object, numbers, shell. */
const oddWords: readonly string[] = [
  ...['\0', '\r', '\n', '\r\n', '\t', '\v', '\u0085', '\u2028', '\u2029', '\ufeff', '\ud800', '\udfff', '\u202e'],
  ...['\x1b[2J', '\x9b1m', '\x07', '\x7f', '\xff\xfe', '\xc3', 'é', '\u{1f600}', 'e\u0301', 'ﬁ', 'İ', 'ß'],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'],
  ...['-1', '-0', '0', '99999999999999999999', '1e999', 'NaN', 'Infinity', '0x10', '1_000', '١٢', '4294967296', '0.1'],
  ...['"', "'", '\\', '`', '$(id)', '%', '%00', '%s', '$' + '{env:HOME}', '$&', '\\u0000', '&#0;', '#', '!', ';', '*'],
  ...[' '.repeat(40), '\t'.repeat(9), 'a'.repeat(3_000), '['.repeat(90), '('.repeat(90), '{"a":'.repeat(90)],
];

/** The words that a parser is attacked with: its own, and those that are odd anywhere. */
export function wordsFor({ words, bytes }: Parser): readonly string[] {
  const all = [...words, ...oddWords];
  return bytes ? all.map(word => (/^[\0-\xff]*$/.test(word) ? word : asBytes(word))) : all;
}

/** Changes a text at a place; `size` and `word` are what some of them need. */
type Change = (text: string, at: number, size: number, word: string) => string;

function onLines(change: (lines: string[], at: number, size: number) => readonly string[]): Change {
  return (text, at, size) => {
    const lines = text.split('\n');
    return change(lines, at % lines.length, size).join('\n');
  };
}

/** Replaces the run of such characters that begins at a place or next after it. */
function run(pattern: RegExp): Change {
  return (text, at, _, word) => {
    const found = text.slice(at).match(pattern);
    if (found?.index === undefined) return text;
    const start = at + found.index;
    return text.slice(0, start) + word + text.slice(start + found[0].length);
  };
}

const ends = ['\r\n', '\r', '\u2028', '\n\n', '', ' \n', '\0'];

const changes: readonly Change[] = [
  (text, at) => text.slice(0, at),
  (text, at, size) => text.slice(0, at) + text.slice(at + 1 + (size % 20)),
  (text, at, _, word) => text.slice(0, at) + word + text.slice(at),
  (text, at, _, word) => text.slice(0, at) + word + text.slice(at + 1),
  (text, at, size) =>
    text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << (size % 8))) + text.slice(at + 1),
  (text, at, size) => text.slice(0, at) + text.slice(at, at + 1 + (size % 12)).repeat(2 + (size % 40)) + text.slice(at),
  run(/\d+/),
  run(/[\w.-]+/),
  run(/[^\w\s]+/),
  run(/\s+/),
  (text, at, size) =>
    text.slice(0, at) + text.slice(at, at + 1 + (size % 9)).toUpperCase() + text.slice(at + 1 + (size % 9)),
  (text, at, size) => text.slice(0, at) + text.slice(at).replaceAll('\n', ends[size % ends.length] ?? ''),
  onLines((lines, at) => lines.toSpliced(at, 1)),
  onLines((lines, at, size) => lines.toSpliced(size % lines.length, 0, lines[at] ?? '')),
  onLines((lines, at, size) => {
    const other = size % lines.length;
    return lines.with(at, lines[other] ?? '').with(other, lines[at] ?? '');
  }),
  onLines((lines, at, size) => lines.toSpliced(at, 1, ' '.repeat(size % 5) + (lines[at] ?? ''))),
  onLines((lines, at, size) => [...lines, ...Array.from({ length: size % 30 }, () => lines[at] ?? '')]),
];

/** Texts that are nearly those that a parser is made for; what fails shrinks to a sample with few changes. */
export function mutatedTexts(parser: Parser): fc.Arbitrary<string> {
  const words = wordsFor(parser);
  const edit = fc.tuple(fc.nat(changes.length - 1), fc.nat(1 << 20), fc.nat(1 << 10), fc.nat(words.length - 1));
  const edits = fc.array(edit, { maxLength: 5 });
  return fc.tuple(fc.nat(parser.samples.length - 1), edits).map(([sample, list]) => {
    let text = parser.samples[sample] ?? '';
    for (const [kind, place, size, word] of list)
      text = changes[kind]?.(text, text === '' ? 0 : place % text.length, size, words[word] ?? '') ?? text;
    return (parser.bytes ? text.replace(/[^\0-\xff]/g, '?') : text).slice(0, 100_000);
  });
}

/** A part of a text that still fails: lines, then ever smaller pieces are left out. */
export async function minimized(text: string, fails: (text: string) => Promise<boolean>): Promise<string> {
  let least = text;
  for (let size = Math.ceil(text.length / 2), tries = 0; size >= 1 && tries < 600; size = Math.floor(size / 2)) {
    for (let at = 0; at < least.length && tries < 600; tries += 1) {
      const shorter = least.slice(0, at) + least.slice(at + size);
      if (await fails(shorter)) least = shorter;
      else at += size;
    }
  }
  return least;
}
