import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import { didYouMean } from '../explain/nearest.ts';
import { askWhy, type WhyAnswer } from '../explain/why.ts';
import { whyPage } from '../explain/why-page.ts';
import { targetsOf } from '../kinds/registry.ts';
import { renderPages } from '../report/text/pages.ts';
import { makeStyle } from '../report/text/style.ts';
import { exitCodes } from './exit-code.ts';
import { loadFiles, readLines } from './files.ts';
import { type CommonOptions, printFindings, wantsColor } from './output.ts';
import type { Outside } from './outside.ts';

/** What is asked: a host, or `directory`, and a key there. */
export interface Question {
  readonly target: string;
  readonly key: string;
  readonly files: readonly string[];
}

/** `why`: what a key on a host must be, why, and which line of the file asks for it. Opens no connection. */
export async function whyCommand(question: Question, options: CommonOptions, outside: Outside): Promise<number> {
  const { state, findings } = await loadFiles(question.files, outside);
  if (!state) {
    printFindings(findings, options, outside);
    return exitCodes.error;
  }
  return printAnswer(question, state, options, outside);
}

async function printAnswer(
  { target, key }: Question,
  state: DesiredState,
  options: CommonOptions,
  outside: Outside,
): Promise<number> {
  const answer = askWhy(state, targetsOf(state), target, key);
  if (answer.state === 'unknown-host' || answer.state === 'unknown-key') {
    printFindings([unknown(answer, target, key)], options, outside);
    return exitCodes.error;
  }
  const places = answer.state === 'wanted' ? [...answer.answers, ...answer.ignored].map(one => one.source) : [];
  const lineAt = await readLines(places, outside);
  if (options.format === 'json') {
    const answers = answer.state === 'wanted' && {
      answers: answer.answers.map(({ value, because, chapter, source }) => ({
        ...{ value, because, chapter, source },
        line: lineAt(source),
      })),
    };
    outside.stdout(`${JSON.stringify({ target, key, ...answer, ...answers }, null, 2)}\n`);
  } else {
    outside.stdout(renderPages([whyPage(target, key, answer, lineAt)], makeStyle(wantsColor(options, outside))));
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
    return { severity: 'error', code: 'cli.unknown-host', summary: 'The file declares no such host', detail };
  }
  const detail = `"${key}" is not managed on ${target}, and looks like no name of a setting there.${guess}\nThe settings that coexistence turns on are listed by:`;
  return {
    severity: 'error',
    code: 'cli.unknown-setting',
    summary: 'There is no such setting',
    detail,
    next: [nextCommands.explain()],
  };
}
