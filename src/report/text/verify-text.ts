import { printable } from '../../core/printable.ts';
import { count, wordFor } from '../../core/units.ts';
import type { LikelyCause, VerifiedCell, VerifiedHop, VerifiedMail, VerifyReport } from '../../core/verification.ts';
import { verifyVerdict } from '../view/verdict.ts';
import {
  askedText,
  checksText,
  directionText,
  type FoldedLookUps,
  foldLookUps,
  type MatrixBox,
  otherFindings,
  type VerifiedState,
  verifyMatrix,
  verifyNumbers,
} from '../view/verify-view.ts';
import { renderPosition } from '../view/words.ts';
import { renderFindings } from './finding-lines.ts';
import type { Style } from './layout.ts';
import { wrap } from './layout.ts';

/** Columns that prose is wrapped to. */
const width = 110;

/** How many groups of failures of one kind are shown in full. */
const shown = 5;

/** A verification for people: the matrix first, then what does not work hop by hop, with its likely cause. */
export function renderVerify(report: VerifyReport, style: Style, verbose: boolean): readonly string[] {
  const { cells, mail } = report;
  const others = otherFindings(report);
  return [
    headline(report, style),
    '',
    ...(cells.length > 0 ? matrixLines(cells, style) : []),
    ...(verbose ? probeLines(report) : []),
    ...problemLines(cells, style, verbose),
    ...mailLines(mail, style, verbose),
    ...(others.length > 0 ? ['', ...renderFindings(others, style, verbose)] : []),
    '',
    closing(report, style),
  ];
}

function headline({ estate, askedAt, probes, unread }: VerifyReport, style: Style): string {
  const missing = unread.length > 0 ? `  ${style.bad(`unread: ${unread.join(', ')}`)}` : '';
  const accounts = (['cs6', 'cs7'] as const).map(
    side => `${count(probes.filter(probe => probe.side === side).length, 'account')} of ${side.toUpperCase()}`,
  );
  return `${style.strong('reconcile verify')}  ${printable(estate)}  asked ${askedAt.replace(/\.\d+Z$/, 'Z')}  ${accounts.join('  ')}${missing}`;
}

const paints: Readonly<Record<VerifiedState, keyof Style>> = { works: 'good', fails: 'bad', unknown: 'warn' };

/** From which side to which, and by way of which host. */
function matrixLines(cells: readonly VerifiedCell[], style: Style): readonly string[] {
  const { columns, rows } = verifyMatrix(cells);
  const titles = columns.map(directionText);
  const first = Math.max('by way of'.length, ...rows.map(({ host }) => printable(host).length));
  const widths = titles.map((title, i) => Math.max(title.length, ...rows.map(row => boxText(row.boxes[i]).length)));
  const head = ['by way of'.padEnd(first), ...titles.map((title, i) => title.padEnd(widths[i] ?? 0))];
  return [
    style.strong(head.join('  ').trimEnd()),
    ...rows.map(({ host, boxes }) =>
      [printable(host).padEnd(first), ...boxes.map((box, i) => painted(box, widths[i] ?? 0, style))]
        .join('  ')
        .trimEnd(),
    ),
  ];
}

/** The state in words, and how many it concerns unless all are alike. */
function boxText(box: MatrixBox | undefined): string {
  if (!box) return '-';
  return box.n === box.of ? box.state : `${box.state} ${box.n} of ${box.of}`;
}

function painted(box: MatrixBox | undefined, columns: number, style: Style): string {
  const text = boxText(box);
  const padded = text.padEnd(columns);
  return box ? padded.replace(text, () => style[paints[box.state]](text)) : padded;
}

function probeLines({ probes }: VerifyReport): readonly string[] {
  const lines = probes.map(({ side, mail, chosen }) => `  ${side}  ${printable(mail)}  ${printable(chosen)}`);
  return ['', 'asked about', ...lines];
}

/** Look-ups that fail alike of the same cause stand here once. */
function problemLines(cells: readonly VerifiedCell[], style: Style, verbose: boolean): readonly string[] {
  const all = foldLookUps(cells);
  const full = verbose ? all : all.slice(0, shown);
  const more = all.length - full.length;
  return [
    ...full.flatMap(same => problem(same, style)),
    ...(more > 0 ? ['', style.dim(`… and ${count(more, 'more', 'more')}; --verbose shows all`)] : []),
  ];
}

function problem({ first: cell, all }: FoldedLookUps, style: Style): readonly string[] {
  const others = all.length > 1 ? ` and ${count(all.length - 1, 'more', 'more')}` : '';
  const paint = style[paints[cell.state]];
  return [
    '',
    `${paint(cell.state)}  ${style.strong(`${directionText(cell)}  ${printable(cell.host)}`)}  ${printable(cell.account)}${others}  ${style.dim(cell.problem ?? '')}`,
    ...wrap(printable(cell.detail), width).map(line => `    ${line}`),
    ...cell.hops.map((hop, i) => hopLine(hop, i, style)),
    ...causeLines(cell.causes, style),
  ];
}

function hopLine({ method, url, came, milliseconds }: VerifiedHop, index: number, style: Style): string {
  return `    ${index + 1}. ${method} ${printable(url)}  ${printable(came)}  ${style.dim(`${milliseconds} ms`)}`;
}

function causeLines([likely, ...others]: readonly LikelyCause[], style: Style): readonly string[] {
  if (!likely) return [];
  const place = likely.source ? `  ${renderPosition(likely.source)}` : '';
  const also = others.map(({ target, key }) => `${printable(target)} ${printable(key)}`).join(', ');
  return [
    `    -> ${style.strong(`${printable(likely.target)} ${printable(likely.key)}`)}${place}`,
    ...wrap(printable(likely.why), width).map(line => `       ${line}`),
    ...(also === '' ? [] : wrap(`also: ${also}`, width).map(line => style.dim(`       ${line}`))),
  ];
}

function mailLines(mail: readonly VerifiedMail[], style: Style, verbose: boolean): readonly string[] {
  if (mail.length === 0) return [];
  const listed = verbose ? mail : mail.filter(({ state }) => state !== 'works');
  const { works, all } = verifyNumbers({ cells: [], mail }).mail;
  return [
    '',
    `${style.strong('invitations by mail')}  ${works} of ${count(all, 'mail check')} ${wordFor(works, 'works', 'work')}`,
    ...listed.flatMap(one => [
      `  ${style[paints[one.state]](one.state)}  ${printable(one.host)}  ${printable(one.what)}: ${printable(one.detail)}`,
      ...causeLines(one.causes, style),
    ]),
  ];
}

function closing(report: VerifyReport, style: Style): string {
  const numbers = verifyNumbers(report);
  switch (verifyVerdict(report)) {
    case 'fails':
      return style.bad(`${checksText(numbers, 'fails')}.`);
    case 'nothing-asked':
      return style.warn('Nothing was asked.');
    case 'unknown':
      return style.warn(`Nothing fails. ${checksText(numbers, 'unknown')}.`);
    case 'partly':
      return style.warn('What was asked works; not everything could be asked.');
    case 'works':
      return style.good(`Coexistence works: ${askedText(numbers)}.`);
  }
}
