import type { Severity } from '../core/finding.ts';
import { printable } from '../core/printable.ts';
import type { Report } from '../core/report.ts';
import { count } from '../core/units.ts';
import type { Annotation } from './view/annotation.ts';
import { annotationsOf } from './view/annotations.ts';
import { planCountsText } from './view/plan-counts.ts';
import { commandOf, estateOf, outcomeText } from './view/report-facts.ts';
import { countSeverities, severities } from './view/view-findings.ts';

/** GitHub shows so many annotations of each level of a step, and drops the others without a word. */
const mostOfLevel = 10;

const commands: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', note: 'notice' };

/** A report as workflow commands of GitHub Actions, which become annotations on the lines of the YAML; the last line counts. */
export function renderGithub(report: Report, { place }: { readonly place?: (file: string) => string } = {}): string {
  const annotations = annotationsOf(report, 'folded', place);
  const lines = severities.flatMap(level =>
    levelLines(
      level,
      annotations.filter(one => one.level === level),
    ),
  );
  return `${[...lines, summary(report)].join('\n')}\n`;
}

/** The last one that is shown says how many are not. */
function levelLines(level: Severity, annotations: readonly Annotation[]): readonly string[] {
  if (annotations.length <= mostOfLevel) return annotations.map(annotationLine);
  const shown = annotations.slice(0, mostOfLevel - 1);
  const more = annotations.length - shown.length;
  return [
    ...shown.map(annotationLine),
    `::${commands[level]} title=${escapeProperty(count(more, `more ${level}`))}::${escapeData(`GitHub shows ${mostOfLevel} of each level. The report has all of them.`)}`,
  ];
}

function annotationLine({ level, rule, title, message, where }: Annotation): string {
  const { file, line, column, endColumn } = where;
  const place = [
    `file=${escapeProperty(file)}`,
    `line=${line}`,
    ...(column === undefined ? [] : [`col=${column}`]),
    ...(column === undefined || endColumn === undefined ? [] : [`endColumn=${endColumn}`]),
    `title=${escapeProperty(`${rule}: ${title}`)}`,
  ].join(',');
  return `::${commands[level]} ${place}::${escapeData(message)}`;
}

/** As https://github.com/actions/toolkit (packages/core, command.ts) escapes what follows the second `::`. */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(printable(text)).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** A line for the log: what it was and what came of it. No text of it begins a command. */
function summary(report: Report): string {
  const levels = countSeverities(annotationsOf(report, 'none')).map(([level, n]) => count(n, level));
  const counted = 'plan' in report ? [planCountsText(report.plan)] : [];
  const name = printable(estateOf(report)).replaceAll('\n', ' ');
  return `reconcile ${commandOf(report)} ${name}: ${[outcomeText(report), ...[[...counted, ...levels].join(', ')].filter(text => text !== '')].join('; ')}`;
}
