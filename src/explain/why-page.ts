import type { SourcePosition } from '../core/finding.ts';
import type { Page, PageSection } from '../core/report.ts';
import { chapterSection } from './explain-page.ts';
import type { WhyAnswer } from './why.ts';

/** How much of a line of the file is shown. */
const widestLine = 160;

/** An answer that could be given, laid out; `lineAt` gives the text of a line of the file. */
export function whyPage(
  target: string,
  key: string,
  answer: Extract<WhyAnswer, { state: 'wanted' | 'left-alone' }>,
  lineAt: (where: SourcePosition) => string | undefined,
): Page {
  const title = `${target} ${key}`;
  if (answer.state === 'left-alone')
    return {
      title,
      sections: [
        { heading: 'left alone', text: 'reconcile does not manage it: it stays as it is, byte for byte.' },
        { heading: 'because', text: answer.reason },
      ],
    };
  const wanted = answer.answers.flatMap((one): readonly PageSection[] => [
    { heading: 'must be', text: one.value },
    { heading: 'because', text: one.because },
    { heading: 'asked for by', lines: placeLines(one.source, lineAt) },
  ]);
  return {
    title,
    sections: [...wanted, ...ignoredSection(answer, lineAt), ...chapterSection(answer.answers[0]?.chapter)],
  };
}

/** A place and its line, as pages show them. */
export function placeLines(
  where: SourcePosition,
  lineAt: (where: SourcePosition) => string | undefined,
): readonly string[] {
  const line = lineAt(where)?.trim();
  const place = `${where.file}:${where.line}`;
  if (line === undefined) return [place];
  return [place, `    ${line.length > widestLine ? `${line.slice(0, widestLine)}…` : line}`];
}

function ignoredSection(
  { ignored }: Extract<WhyAnswer, { state: 'wanted' }>,
  lineAt: (where: SourcePosition) => string | undefined,
): readonly PageSection[] {
  return ignored.map(({ item, until, reason, owner, source }) => {
    const of = item === undefined ? '' : ` of ${item}`;
    const text = `A difference${of} is left alone until ${until} (${reason}; ask ${owner}).`;
    return { heading: 'ignored', text, lines: placeLines(source, lineAt) };
  });
}
