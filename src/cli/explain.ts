import { codeAreas } from '../explain/code-pages.ts';
import { type Explanation, explainName, nearNames } from '../explain/explain.ts';
import { explanationPage, indexPages } from '../explain/explain-page.ts';
import { liveSettings } from '../explain/live-settings.ts';
import { didYouMean } from '../explain/nearest.ts';
import { schemaKeys } from '../explain/schema-keys.ts';
import { renderPages } from '../render/page.ts';
import { makeStyle } from '../render/style.ts';
import { exitCodes } from './exit-code.ts';
import { type CommonOptions, printFindings, wantsColor } from './output.ts';
import type { Outside } from './outside.ts';

/** `explain`: the page of a finding code, a key of the file or a live setting; without a name the list of all. */
export function explainCommand(name: string | undefined, options: CommonOptions, outside: Outside): number {
  if (name === undefined) return printIndex(options, outside);
  const explanation = explainName(name, outside.estateSchema);
  if (explanation) return printExplanation(explanation, options, outside);
  const near = nearNames(name, outside.estateSchema);
  const detail = `"${name}" is no finding code, no key of the file and no setting that is known here.${didYouMean(near)}\nEverything that can be explained:\n    reconcile explain`;
  const finding = {
    severity: 'error',
    code: 'cli.unknown-name',
    summary: 'There is nothing to explain by that name',
    detail,
  } as const;
  printFindings([finding], options, outside);
  return exitCodes.error;
}

function printExplanation(explanation: Explanation, options: CommonOptions, outside: Outside): number {
  if (options.format === 'json') outside.stdout(`${JSON.stringify(explanation, null, 2)}\n`);
  else outside.stdout(renderPages([explanationPage(explanation)], makeStyle(wantsColor(options, outside))));
  return exitCodes.done;
}

function printIndex(options: CommonOptions, outside: Outside): number {
  const keys = schemaKeys(outside.estateSchema);
  if (options.format === 'json')
    outside.stdout(`${JSON.stringify({ areas: codeAreas, settings: liveSettings, keys }, null, 2)}\n`);
  else outside.stdout(renderPages(indexPages(keys), makeStyle(wantsColor(options, outside))));
  return exitCodes.done;
}
