import { wordsFor } from './mutate.ts';
import type { Parser } from './parser.ts';
import { costOf } from './run-parser.ts';

/** A text in which one piece is repeated. */
export interface Pump {
  readonly before: string;
  readonly piece: string;
  readonly after: string;
}

/** Milliseconds: what costs less, however long, is not looked at again, and what is compared costs at least this. */
const cheap = 60;

/** Where a pump is first tried: what takes ever longer with each piece is found out before it takes for ever. */
const lengths: readonly number[] = [64, 1024, 8192, 65_536];

/** Two doublings cost 4 times as much where work is linear, 16 times where it grows with the square. */
const mostGrowth = 8;

/** Pumps of a parser, by a seed: each word once, then pieces of the samples, at places anywhere. */
export function pumpsOf(parser: Parser, count: number, number: (below: number) => number): readonly Pump[] {
  const words = wordsFor(parser).filter(word => word.length <= 100);
  return Array.from({ length: count }, (_, index) => {
    const sample = parser.samples[number(parser.samples.length)] ?? '';
    const at = number(sample.length + 1);
    const start = number(sample.length);
    const own = sample.slice(start, start + 1 + number(30)) || 'a';
    const word = words[index % words.length] ?? 'a';
    const piece = index < words.length ? word : ([own, word, own + word, word + own][number(4)] ?? own);
    const after = number(3) === 0 ? (words[number(words.length)] ?? '') : '';
    return { before: sample.slice(0, at), piece, after: after + sample.slice(at) };
  });
}

function textOf({ before, piece, after }: Pump, length: number): string {
  return before + piece.repeat(Math.ceil(length / piece.length)) + after;
}

async function median(parser: Parser, text: string): Promise<number> {
  const costs = [await costOf(parser, text), await costOf(parser, text), await costOf(parser, text)];
  return costs.toSorted((a, b) => a - b)[1] ?? 0;
}

/** How the cost of a pump grows faster than its length; nothing where it does not, or is never worth a word. */
export async function growthFault(parser: Parser, pump: Pump, longest: number): Promise<string | undefined> {
  for (const length of lengths.map(one => Math.min(one, longest))) {
    if ((await costOf(parser, textOf(pump, length))) < cheap) continue;
    const [one, four] = [await median(parser, textOf(pump, length)), await median(parser, textOf(pump, 4 * length))];
    if (one < cheap / 3 || four <= mostGrowth * one) continue;
    const again = [await median(parser, textOf(pump, length)), await median(parser, textOf(pump, 4 * length))] as const;
    if (again[1] > mostGrowth * again[0])
      return `${one.toFixed(0)} ms for ${length} characters, ${four.toFixed(0)} ms for four times as many`;
  }
  return undefined;
}
