import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { growthFault, pumpsOf } from './growth.ts';
import { minimized, mutatedTexts } from './mutate.ts';
import type { Parser } from './parser.ts';
import { parsers } from './parsers/all.ts';
import { faultOf, isHang } from './run-parser.ts';

const runs = Number(process.env['RECONCILE_FUZZ_RUNS'] ?? 100);
const seed = Number(process.env['RECONCILE_FUZZ_SEED'] ?? 20);

/** Numbers that look random and are the same for the same seed. */
function numbers(first: number): (below: number) => number {
  let last = first;
  return below => {
    last = (Math.imul(last, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((last / 2 ** 32) * below);
  };
}

/** Fails with the least text that fails in any way, and the seed. */
async function report(parser: Parser, text: string): Promise<void> {
  const fault = await faultOf(parser, text);
  if (fault === undefined) return;
  if (isHang(fault)) throw new Error(`${parser.name}, seed ${seed}: ${JSON.stringify(text)}\n${fault}`);
  const least = await minimized(text, async shorter => (await faultOf(parser, shorter)) !== undefined);
  throw new Error(`${parser.name}, seed ${seed}: ${JSON.stringify(least)}\n${(await faultOf(parser, least)) ?? fault}`);
}

describe.each(parsers)('$name', parser => {
  it('reads or refuses every text, and claims nothing that is not in it', async () => {
    let failed: string | undefined;
    const property = fc.asyncProperty(mutatedTexts(parser), async text => {
      const fault = await faultOf(parser, text);
      if (fault !== undefined) failed = text;
      return fault === undefined;
    });
    const { counterexample } = await fc.check(property, { numRuns: runs, seed, interruptAfterTimeLimit: 60_000 });
    if (counterexample) await report(parser, failed ?? counterexample[0]);
    for (const sample of parser.samples) expect(await faultOf(parser, sample)).toBeUndefined();
  });

  it('does so wherever a text is cut', async () => {
    const { samples } = parser;
    for (const sample of samples) {
      const step = Math.max(1, Math.floor((sample.length * samples.length) / runs));
      for (let end = 0; end < sample.length; end += step) await report(parser, sample.slice(0, end));
    }
  });

  it('takes no more time than the length of a text is worth', async () => {
    const longest = parser.longest === undefined ? 65_536 : parser.longest / 4;
    for (const pump of pumpsOf(parser, Math.ceil(runs / 10), numbers(seed))) {
      const fault = await growthFault(parser, pump, longest).catch(String);
      if (fault !== undefined) throw new Error(`${parser.name}: ${JSON.stringify(pump)}: ${fault}`);
    }
  });
});
