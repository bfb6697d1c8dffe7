import { printable } from '../../core/printable.ts';
import { count, wordFor } from '../../core/units.ts';
import type { LikelyCause, VerifiedCell, VerifiedHop, VerifiedMail, VerifyReport } from '../../core/verification.ts';
import { subjectText } from '../view/report-facts.ts';
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
import { renderErrors, renderFindings } from './finding-lines.ts';
import { type Cell, flow, prose, type Style, type TextOptions, type Tone, table } from './layout.ts';

/** How many groups of failures of one kind are shown in full. */
const shown = 5;

/** A verification for people: the matrix first, then what does not work hop by hop, with its likely cause. */
export function renderVerify(
  report: VerifyReport,
  style: Style,
  { verbose, quiet = false }: Pick<TextOptions, 'verbose' | 'quiet'>,
): readonly string[] {
  const { cells, mail } = report;
  const others = otherFindings(report);
  const end = closing(report, style);
  if (quiet) return [...renderErrors(others, style), ...end];
  return [
    ...headline(report, style),
    '',
    ...(cells.length > 0 ? matrixLines(cells, style) : []),
    ...(verbose ? probeLines(report, style) : []),
    ...problemLines(cells, style, verbose),
    ...mailLines(mail, style, verbose),
    ...(others.length > 0 ? ['', ...renderFindings(others, style, verbose)] : []),
    '',
    ...end,
  ];
}

function headline(report: VerifyReport, style: Style): readonly string[] {
  const { askedAt, probes, unread } = report;
  const accounts = (['cs6', 'cs7'] as const).map(
    side => `${count(probes.filter(probe => probe.side === side).length, 'account')} of ${side.toUpperCase()}`,
  );
  return flow(
    [
      { text: 'reconcile verify', paint: style.strong },
      ...[subjectText(report), `asked ${askedAt.replace(/\.\d+Z$/, 'Z')}`, ...accounts].map(text => ({ text })),
      { text: unread.length > 0 ? `unread: ${unread.join(', ')}` : '', paint: style.bad },
    ],
    style,
  );
}

const tones: Readonly<Record<VerifiedState, Tone>> = { works: 'good', fails: 'bad', unknown: 'warn' };

/** From which side to which, and by way of which host. */
function matrixLines(cells: readonly VerifiedCell[], style: Style): readonly string[] {
  const { columns, rows } = verifyMatrix(cells);
  const boxes = rows.map(({ host, boxes }) => [
    { text: printable(host) },
    ...columns.map((_, i) => boxCell(boxes[i], style)),
  ]);
  return table(['by way of', ...columns.map(directionText)], boxes, style);
}

/** The state in words, and how many it concerns unless all are alike. */
function boxCell(box: MatrixBox | undefined, style: Style): Cell {
  if (!box) return { text: '-' };
  return { text: box.n === box.of ? box.state : `${box.state} ${box.n} of ${box.of}`, paint: style[tones[box.state]] };
}

function probeLines({ probes }: VerifyReport, style: Style): readonly string[] {
  const lines = probes.flatMap(({ side, mail, chosen }) =>
    flow(
      [side, printable(mail), printable(chosen)].map(text => ({ text })),
      style,
      { by: 2 },
    ),
  );
  return ['', 'accounts in this test', ...lines];
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
  return [
    '',
    ...flow(
      [
        { text: cell.state, paint: style[tones[cell.state]] },
        { text: `${directionText(cell)}  ${printable(cell.host)}`, paint: style.strong },
        { text: `${printable(cell.account)}${others}` },
        { text: cell.problem ?? '', paint: style.dim },
      ],
      style,
    ),
    ...prose(printable(cell.detail), style, { by: 4, more: 4 }),
    ...cell.hops.flatMap((hop, i) => hopLines(hop, i, style)),
    ...causeLines(cell.causes, style),
  ];
}

function hopLines({ method, url, came, milliseconds }: VerifiedHop, index: number, style: Style): readonly string[] {
  return flow(
    [
      { text: `${index + 1}. ${method} ${printable(url)}` },
      { text: printable(came) },
      { text: `${milliseconds} ms`, paint: style.dim },
    ],
    style,
    { by: 4, more: 7 },
  );
}

function causeLines([likely, ...others]: readonly LikelyCause[], style: Style): readonly string[] {
  if (!likely) return [];
  const also = others.map(({ target, key }) => `${printable(target)} ${printable(key)}`).join(', ');
  const [by, more] = [7, 7];
  return [
    ...flow(
      [
        { text: '->' },
        { text: `${printable(likely.target)} ${printable(likely.key)} `, paint: style.strong },
        { text: likely.source ? renderPosition(likely.source) : '' },
      ],
      style,
      { by: 4, more, gap: ' ' },
    ),
    ...prose(printable(likely.why), style, { by, more }),
    ...(also === '' ? [] : prose(`also: ${also}`, style, { by, more, paint: style.dim })),
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
      ...flow(
        [
          { text: one.state, paint: style[tones[one.state]] },
          { text: printable(one.host) },
          { text: `${printable(one.what)}: ${printable(one.detail)}`, fills: true },
        ],
        style,
        { by: 2 },
      ),
      ...causeLines(one.causes, style),
    ]),
  ];
}

function closing(report: VerifyReport, style: Style): readonly string[] {
  const numbers = verifyNumbers(report);
  const said = (text: string, tone: Tone) => prose(text, style, { paint: style[tone] });
  switch (verifyVerdict(report)) {
    case 'fails':
      return said(`${checksText(numbers, 'fails')}.`, 'bad');
    case 'nothing-asked':
      return said('Nothing was tested.', 'warn');
    case 'unknown':
      return said(`Nothing fails. ${checksText(numbers, 'unknown')}.`, 'warn');
    case 'partly':
      return said('Every check that ran works, but not every check could run.', 'warn');
    case 'works':
      return said(`Coexistence works: ${askedText(numbers)}.`, 'good');
  }
}
