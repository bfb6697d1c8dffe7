import { loadFiles, managedTargets, readLines } from '../app/load-estate.ts';
import type { DesiredState, Host } from '../core/desired.ts';
import { type Finding, type SourcePosition, TargetProblem } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import { printableJson } from '../core/printable.ts';
import { exitCodes } from '../core/report.ts';
import { askedAt } from '../explain/asked-lines.ts';
import { type Explanation, explainName, explanationPage, indexPages, nearNames } from '../explain/explain-page.ts';
import { liveSettings } from '../explain/live-settings.ts';
import { didYouMean, schemaKeys } from '../explain/schema-keys.ts';
import { askWhy, placeFacts, placeLines, routeKey, routePage, type WhyAnswer, whyPage } from '../explain/why.ts';
import { findingAreas } from '../findings/areas.ts';
import { finding } from '../findings/catalogue.ts';
import { renderPages } from '../report/text/layout.ts';
import type { Environment } from './environment.ts';
import { type CommonOptions, printFindings, styleOn } from './output.ts';

/** What is to be explained, and the files that may ask for it. */
export interface ExplainQuestion {
  readonly name: string | undefined;
  readonly files: readonly string[];
}

/** `explain`: the page of a finding code, a key of the file or a live setting; without a name the list of all. */
export async function explainCommand(
  { name, files }: ExplainQuestion,
  options: CommonOptions,
  environment: Environment,
): Promise<number> {
  if (name === undefined) return printIndex(options, environment);
  const explanation = explainName(name, environment.schemas.estate);
  if (explanation)
    return printExplanation(explanation, await askedFor(explanation, name, files, environment), options, environment);
  return printUnknown(name, options, environment);
}

function printUnknown(name: string, options: CommonOptions, environment: Environment): number {
  const near = nearNames(name, environment.schemas.estate);
  const detail = `"${name}" is not a finding code, a key of the file or a known setting.${didYouMean(near)}\nTo list everything that can be explained:`;
  printFindings([finding('cli.unknown-name', { detail, next: [nextCommands.explain()] })], options, environment);
  return exitCodes.error;
}

/** A line of a file that asks for what is explained. */
interface AskedLine {
  readonly source: SourcePosition;
  readonly line?: string;
}

/** Returns nothing where there is no estate file or it has errors: an explanation is useful without one, and `validate` reports the errors. */
async function askedFor(
  explanation: Explanation,
  name: string,
  files: readonly string[],
  environment: Environment,
): Promise<readonly AskedLine[]> {
  if (!['key', 'setting', 'further-setting'].includes(explanation.kind)) return [];
  const { state, document } = await loadFiles(files, environment);
  if (!state || !document) return [];
  const places = askedAt(explanation, name, { state, document, managed: managedTargets(state) });
  const lineAt = await readLines(places, environment.files);
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
  environment: Environment,
): number {
  const page = explanationPage(explanation, drawn(asked, options.verbose ?? false));
  if (options.format === 'json')
    environment.terminal.stdout(printableJson({ ...explanation, ...(asked.length > 0 && { askedFor: asked }) }));
  else environment.terminal.stdout(renderPages([page], styleOn('stdout', options, environment)));
  return exitCodes.done;
}

function printIndex(options: CommonOptions, environment: Environment): number {
  const keys = schemaKeys(environment.schemas.estate);
  if (options.format === 'json')
    environment.terminal.stdout(printableJson({ areas: findingAreas, settings: liveSettings, keys }));
  else environment.terminal.stdout(renderPages(indexPages(keys), styleOn('stdout', options, environment)));
  return exitCodes.done;
}

/** What is asked: a host, or `directory`, and a key there. */
interface WhyQuestion {
  readonly target: string;
  readonly key: string;
  readonly files: readonly string[];
}

/** `why`: what a key on a host must be, why, and which line of the file asks for it. Opens no connection. */
export async function whyCommand(
  question: WhyQuestion,
  options: CommonOptions,
  environment: Environment,
): Promise<number> {
  const { state, document, findings } = await loadFiles(question.files, environment);
  if (!state || !document) {
    printFindings(findings, options, environment);
    return exitCodes.error;
  }
  const host = state.hosts.find(({ name }) => name === question.target);
  if (host && question.key.toLowerCase() === routeKey) return printRoute(host, document, options, environment);
  return printAnswer(question, state, options, environment);
}

/** How a host is reached, and where each value comes from. */
async function printRoute(
  host: Host,
  document: Parameters<typeof placeFacts>[2],
  options: CommonOptions,
  environment: Environment,
): Promise<number> {
  try {
    const known = await environment.routes.factsOf(host, environment.variables);
    const facts = placeFacts(known, host, document);
    if (options.format === 'json')
      environment.terminal.stdout(
        `${JSON.stringify({ target: host.name, key: routeKey, state: 'route', route: facts }, null, 2)}\n`,
      );
    else
      environment.terminal.stdout(renderPages([routePage(host.name, facts)], styleOn('stdout', options, environment)));
    return exitCodes.done;
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    printFindings([problem.finding], options, environment);
    return exitCodes.error;
  }
}

async function printAnswer(
  { target, key }: WhyQuestion,
  state: DesiredState,
  options: CommonOptions,
  environment: Environment,
): Promise<number> {
  const answer = askWhy(state, managedTargets(state), target, key);
  if (answer.state === 'unknown-host' || answer.state === 'unknown-key') {
    printFindings([unknown(answer, target, key)], options, environment);
    return exitCodes.error;
  }
  const places = answer.state === 'wanted' ? [...answer.answers, ...answer.ignored].map(one => one.source) : [];
  const lineAt = await readLines(places, environment.files);
  if (options.format === 'json') {
    const answers = answer.state === 'wanted' && {
      answers: answer.answers.map(({ value, because, chapter, source }) => ({
        ...{ value, because, chapter, source },
        line: lineAt(source),
      })),
    };
    environment.terminal.stdout(printableJson({ target, key, ...answer, ...answers }));
  } else {
    environment.terminal.stdout(
      renderPages([whyPage(target, key, answer, lineAt)], styleOn('stdout', options, environment)),
    );
  }
  return exitCodes.done;
}

function unknown(
  answer: Extract<WhyAnswer, { state: 'unknown-host' | 'unknown-key' }>,
  target: string,
  key: string,
): Finding {
  const guess = didYouMean(answer.near);
  if (answer.state === 'unknown-host') {
    const detail = `"${target}" is neither a host of the file nor "directory".${guess || `\nDeclared: ${answer.known.join(', ')}.`}`;
    return finding('cli.unknown-host', { detail });
  }
  const detail = `"${key}" is not managed on ${target}, and is not the name of a setting there.${guess}\nTo list the settings that coexistence uses:`;
  return finding('cli.unknown-setting', { detail, next: [nextCommands.explain()] });
}
