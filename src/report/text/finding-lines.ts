import { type Excerpt, type Finding, fullDetail } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import { count } from '../../core/units.ts';
import { countFindings, foldFindingsByCode } from '../view/view-findings.ts';
import { renderPosition, textWidth } from '../view/words.ts';
import type { Style } from './layout.ts';

/** Findings with their detail; many of one code are folded unless `verbose`. */
export function renderFindings(findings: readonly Finding[], style: Style, verbose: boolean): readonly string[] {
  return foldFindingsByCode(findings, 'place', verbose ? findings.length : undefined).flatMap(({ shown, rest }) => [
    ...shown.flatMap(finding => renderFinding(finding, style, verbose)),
    ...foldedLine(rest, style),
  ]);
}

/** How many are not shown, and how many of those `--verbose` would show. */
function foldedLine(rest: readonly Finding[], style: Style): readonly string[] {
  const [first] = rest;
  if (!first) return [];
  const hidden = countFindings(rest);
  const shows = rest.length === hidden ? 'all' : `${rest.length.toLocaleString('en-US')} of them`;
  return [style.dim(`  … and ${count(hidden, 'more', 'more')} of ${printable(first.code)}; --verbose shows ${shows}`)];
}

function renderFinding(finding: Finding, style: Style, verbose: boolean): readonly string[] {
  const paint = finding.severity === 'error' ? style.bad : finding.severity === 'warning' ? style.warn : style.dim;
  const place = finding.where && finding.target === undefined ? `${renderPosition(finding.where)}: ` : '';
  const head = `${place}${paint(printable(`${finding.severity} ${finding.code}`))}: ${style.strong(printable(finding.summary))}`;
  return [
    head,
    ...(finding.excerpt && finding.where ? renderExcerpt(finding.excerpt, finding.where.line, style) : []),
    ...printable(fullDetail(finding, verbose ? Number.POSITIVE_INFINITY : undefined))
      .split('\n')
      .map(line => `  ${line}`),
  ];
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
