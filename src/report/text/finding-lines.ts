import { type Excerpt, type Finding, fullDetail } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import { count } from '../../core/units.ts';
import { countFindings, foldFindingsByCode } from '../view/view-findings.ts';
import { renderPosition, textWidth } from '../view/words.ts';
import { flow, prose, type Style } from './layout.ts';

/** Findings with their detail; many of one code are folded unless `verbose`. */
export function renderFindings(findings: readonly Finding[], style: Style, verbose: boolean): readonly string[] {
  return foldFindingsByCode(findings, 'place', verbose ? findings.length : undefined).flatMap(({ shown, rest }) => [
    ...shown.flatMap(finding => renderFinding(finding, style, verbose)),
    ...foldedLine(rest, style),
  ]);
}

/** The errors among findings: what a quiet report has of them. */
export function renderErrors(findings: readonly Finding[], style: Style): readonly string[] {
  return renderFindings(
    findings.filter(({ severity }) => severity === 'error'),
    style,
    false,
  );
}

/** How many are not shown, and how many of those `--verbose` would show. */
function foldedLine(rest: readonly Finding[], style: Style): readonly string[] {
  const [first] = rest;
  if (!first) return [];
  const hidden = countFindings(rest);
  const shows = rest.length === hidden ? 'all' : `${rest.length.toLocaleString('en-US')} of them`;
  const text = `… and ${count(hidden, 'more', 'more')} of ${printable(first.code)}; --verbose shows ${shows}`;
  return prose(text, style, { by: 2, paint: style.dim });
}

function renderFinding(finding: Finding, style: Style, verbose: boolean): readonly string[] {
  const { severity, code, summary, where, target, excerpt } = finding;
  const paint = severity === 'error' ? style.bad : severity === 'warning' ? style.warn : style.dim;
  const head = [
    { text: where && target === undefined ? `${renderPosition(where)}:` : '' },
    { text: `${printable(`${severity} ${code}`)}:`, paint: (text: string) => `${paint(text.slice(0, -1))}:` },
    { text: printable(summary), paint: style.strong, fills: true },
  ];
  const detail = fullDetail(finding, verbose ? Number.POSITIVE_INFINITY : undefined);
  return [
    ...flow(head, style, { more: 4, gap: ' ' }),
    ...(excerpt && where ? renderExcerpt(excerpt, where.line, style) : []),
    ...detailLines(detail, style),
  ];
}

/** The lines of a detail. Those that begin with a blank are to be copied, or are drawn: they stay as they are. */
export function detailLines(detail: string, style: Style, by = 2): readonly string[] {
  return printable(detail)
    .split('\n')
    .flatMap(line => (/^\s|^$/.test(line) ? [' '.repeat(by) + line] : prose(line, style, { by })));
}

/** The line with its number, and a mark under what is meant. */
function renderExcerpt({ line, column, length }: Excerpt, number: number, style: Style): readonly string[] {
  const label = String(number).padStart(5);
  const before = ' '.repeat(textWidth(line.slice(0, column - 1)));
  const mark = '^'.repeat(Math.max(1, textWidth(line.slice(column - 1, column - 1 + length))));
  return [
    `${style.dim(`${label} |`)} ${printable(line)}`,
    `${style.dim(`${' '.repeat(label.length)} |`)} ${before}${style.strong(mark)}`,
  ];
}
