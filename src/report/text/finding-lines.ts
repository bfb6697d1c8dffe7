import { count } from '../../core/count.ts';
import { countOf, type Excerpt, type Finding, fullDetail, type SourcePosition } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import type { Style } from './style.ts';
import { textWidth } from './text-width.ts';

/** How many of one kind are shown in full before the rest is only counted. */
const shown = 3;

/** `file:line:column`, as editors and CI understand it. */
export function renderPosition({ file, line, column }: SourcePosition): string {
  return printable(`${file}:${line}${column === undefined ? '' : `:${column}`}`);
}

/** Findings with their detail; many of one code are folded unless `verbose`. */
export function renderFindings(findings: readonly Finding[], style: Style, verbose: boolean): readonly string[] {
  const byCode = groups(findings);
  return [...byCode.values()].flatMap(same => {
    const full = verbose || same.length <= shown ? same : same.slice(0, shown);
    const rest = same.slice(full.length);
    return [...full.flatMap(finding => renderFinding(finding, style, verbose)), ...foldedLine(rest, style)];
  });
}

/** How many are not shown, and how many of those `--verbose` would show. */
function foldedLine(rest: readonly Finding[], style: Style): readonly string[] {
  const [first] = rest;
  if (!first) return [];
  const hidden = rest.reduce((sum, one) => sum + countOf(one), 0);
  const kept = rest.reduce((sum, one) => sum + countOf(one) - (one.more ?? 0), 0);
  const shows = kept === hidden ? 'all' : `${kept.toLocaleString('en-US')} of them`;
  return [style.dim(`  … and ${count(hidden, 'more', 'more')} of ${printable(first.code)}; --verbose shows ${shows}`)];
}

function groups(findings: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> {
  const map = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key =
      finding.where && finding.target === undefined
        ? `${finding.code} ${renderPosition(finding.where)}`
        : `${finding.severity} ${finding.code}`;
    map.set(key, [...(map.get(key) ?? []), finding]);
  }
  return map;
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
