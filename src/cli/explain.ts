import type { SourcePosition } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import { askedAt } from '../explain/asked-lines.ts';
import { codeAreas } from '../explain/code-pages.ts';
import { type Explanation, explainName, nearNames } from '../explain/explain.ts';
import { explanationPage, indexPages } from '../explain/explain-page.ts';
import { liveSettings } from '../explain/live-settings.ts';
import { didYouMean } from '../explain/nearest.ts';
import { schemaKeys } from '../explain/schema-keys.ts';
import { placeLines } from '../explain/why-page.ts';
import { targetsOf } from '../kinds/registry.ts';
import { renderPages } from '../report/text/pages.ts';
import { makeStyle } from '../report/text/style.ts';
import { exitCodes } from './exit-code.ts';
import { loadFiles, readLines } from './files.ts';
import { type CommonOptions, printFindings, wantsColor } from './output.ts';
import type { Outside } from './outside.ts';

/** What is to be explained, and the files that may ask for it. */
export interface ExplainQuestion {
  readonly name: string | undefined;
  readonly files: readonly string[];
}

/** `explain`: the page of a finding code, a key of the file or a live setting; without a name the list of all. */
export async function explainCommand(
  { name, files }: ExplainQuestion,
  options: CommonOptions,
  outside: Outside,
): Promise<number> {
  if (name === undefined) return printIndex(options, outside);
  const explanation = explainName(name, outside.estateSchema);
  if (explanation)
    return printExplanation(explanation, await askedFor(explanation, name, files, outside), options, outside);
  return printUnknown(name, options, outside);
}

function printUnknown(name: string, options: CommonOptions, outside: Outside): number {
  const near = nearNames(name, outside.estateSchema);
  const detail = `"${name}" is no finding code, no key of the file and no setting that is known here.${didYouMean(near)}\nEverything that can be explained:`;
  const finding = {
    severity: 'error',
    code: 'cli.unknown-name',
    summary: 'There is nothing to explain by that name',
    detail,
    next: [nextCommands.explain()],
  } as const;
  printFindings([finding], options, outside);
  return exitCodes.error;
}

/** A line of a file that asks for what is explained. */
interface AskedLine {
  readonly source: SourcePosition;
  readonly line?: string;
}

/** Nothing where no file is at hand: an explanation is of use without one, and what is wrong with it is told elsewhere. */
async function askedFor(
  explanation: Explanation,
  name: string,
  files: readonly string[],
  outside: Outside,
): Promise<readonly AskedLine[]> {
  if (!['key', 'setting', 'further-setting'].includes(explanation.kind)) return [];
  const { state, document } = await loadFiles(files, outside);
  if (!state || !document) return [];
  const places = askedAt(explanation, name, { state, document, managed: targetsOf(state) });
  const lineAt = await readLines(places, outside);
  return places.map(source => {
    const line = lineAt(source);
    return { source, ...(line !== undefined && { line }) };
  });
}

/** A large estate asks for some keys on every host. */
const mostShown = 5;

function drawn(asked: readonly AskedLine[], verbose: boolean): readonly string[] {
  const shown = verbose ? asked : asked.slice(0, mostShown);
  const rest = asked.length - shown.length;
  const more = rest > 0 ? [`… and ${rest} more; --verbose shows all`] : [];
  return [...shown.flatMap(({ source, line }) => placeLines(source, () => line)), ...more];
}

function printExplanation(
  explanation: Explanation,
  asked: readonly AskedLine[],
  options: CommonOptions,
  outside: Outside,
): number {
  const page = explanationPage(explanation, drawn(asked, options.verbose ?? false));
  if (options.format === 'json')
    outside.stdout(`${JSON.stringify({ ...explanation, ...(asked.length > 0 && { askedFor: asked }) }, null, 2)}\n`);
  else outside.stdout(renderPages([page], makeStyle(wantsColor(options, outside))));
  return exitCodes.done;
}

function printIndex(options: CommonOptions, outside: Outside): number {
  const keys = schemaKeys(outside.estateSchema);
  if (options.format === 'json')
    outside.stdout(`${JSON.stringify({ areas: codeAreas, settings: liveSettings, keys }, null, 2)}\n`);
  else outside.stdout(renderPages(indexPages(keys), makeStyle(wantsColor(options, outside))));
  return exitCodes.done;
}
