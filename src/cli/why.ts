import { loadFiles, managedTargets, readLines } from '../app/load-estate.ts';
import type { DesiredState } from '../core/desired.ts';
import { exitCodes } from '../core/exit-code.ts';
import type { Finding } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import { didYouMean } from '../explain/nearest.ts';
import { askWhy, type WhyAnswer, whyPage } from '../explain/why.ts';
import { finding } from '../findings/catalogue.ts';
import { makeStyle, renderPages } from '../report/text/layout.ts';
import type { Environment } from './environment.ts';
import { type CommonOptions, printFindings, wantsColor } from './output.ts';

/** What is asked: a host, or `directory`, and a key there. */
export interface Question {
  readonly target: string;
  readonly key: string;
  readonly files: readonly string[];
}

/** `why`: what a key on a host must be, why, and which line of the file asks for it. Opens no connection. */
export async function whyCommand(
  question: Question,
  options: CommonOptions,
  environment: Environment,
): Promise<number> {
  const { state, findings } = await loadFiles(question.files, environment);
  if (!state) {
    printFindings(findings, options, environment);
    return exitCodes.error;
  }
  return printAnswer(question, state, options, environment);
}

async function printAnswer(
  { target, key }: Question,
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
    environment.terminal.stdout(`${JSON.stringify({ target, key, ...answer, ...answers }, null, 2)}\n`);
  } else {
    environment.terminal.stdout(
      renderPages([whyPage(target, key, answer, lineAt)], makeStyle(wantsColor(options, environment))),
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
    const detail = `"${target}" is no host of the file and not "directory".${guess || `\nDeclared: ${answer.known.join(', ')}.`}`;
    return finding('cli.unknown-host', { detail });
  }
  const detail = `"${key}" is not managed on ${target}, and looks like no name of a setting there.${guess}\nThe settings that coexistence turns on are listed by:`;
  return finding('cli.unknown-setting', { detail, next: [nextCommands.explain()] });
}
