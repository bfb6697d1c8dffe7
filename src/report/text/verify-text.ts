import { count } from '../../core/count.ts';
import { printable } from '../../core/printable.ts';
import type { LikelyCause, VerifiedCell, VerifiedHop, VerifiedMail, VerifyReport } from '../../core/verification.ts';
import { renderFindings, renderPosition } from './finding-lines.ts';
import { wrap } from './pages.ts';
import type { Style } from './style.ts';

/** Columns that prose is wrapped to. */
const width = 110;

/** How many groups of failures of one kind are told in full. */
const shown = 5;

/** A verification for people: the matrix first, then what does not work hop by hop, with its likely cause. */
export function renderVerify(report: VerifyReport, style: Style, verbose: boolean): readonly string[] {
  const { cells, mail, findings } = report;
  const told = new Set(cells.flatMap(({ problem }) => problem ?? []));
  const others = findings.filter(({ code }) => !told.has(code));
  return [
    headline(report, style),
    '',
    ...(cells.length > 0 ? matrix(cells, style) : []),
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

type State = VerifiedCell['state'];

const paints: Readonly<Record<State, keyof Style>> = { works: 'good', fails: 'bad', unknown: 'warn' };

/** From which side to which, and by way of which host. */
function matrix(cells: readonly VerifiedCell[], style: Style): readonly string[] {
  const columns = [...new Set(cells.map(directionOf))].toSorted();
  const hosts = [...new Set(cells.map(({ host }) => host))].toSorted();
  const box = (host: string, column: string) =>
    summary(cells.filter(cell => cell.host === host && directionOf(cell) === column));
  const rows = hosts.map(host => columns.map(column => box(host, column)));
  const first = Math.max('by way of'.length, ...hosts.map(host => printable(host).length));
  const widths = columns.map((column, i) => Math.max(column.length, ...rows.map(row => row[i]?.text.length ?? 0)));
  const head = ['by way of'.padEnd(first), ...columns.map((column, i) => column.padEnd(widths[i] ?? 0))];
  return [
    style.strong(head.join('  ').trimEnd()),
    ...rows.map((row, i) =>
      [printable(hosts[i] ?? '').padEnd(first), ...row.map((one, j) => painted(one, widths[j] ?? 0, style))]
        .join('  ')
        .trimEnd(),
    ),
  ];
}

function directionOf({ from, to, way }: VerifiedCell): string {
  return `${from} -> ${to}${way === 'ischedule' ? ' iSchedule' : ''}`;
}

interface Box {
  readonly text: string;
  readonly state?: State;
}

/** The worst of what was asked there, in words, and how many it concerns unless all are alike. */
function summary(same: readonly VerifiedCell[]): Box {
  const state = (['fails', 'unknown', 'works'] as const).find(one => same.some(cell => cell.state === one));
  if (!state) return { text: '-' };
  const alike = same.filter(cell => cell.state === state).length;
  return { text: alike === same.length ? state : `${state} ${alike} of ${same.length}`, state };
}

function painted({ text, state }: Box, columns: number, style: Style): string {
  const padded = text.padEnd(columns);
  return state ? padded.replace(text, () => style[paints[state]](text)) : padded;
}

function probeLines({ probes }: VerifyReport): readonly string[] {
  const lines = probes.map(({ side, mail, chosen }) => `  ${side}  ${printable(mail)}  ${printable(chosen)}`);
  return ['', 'asked about', ...lines];
}

/** Cells that fail alike of the same cause are told once. */
function problemLines(cells: readonly VerifiedCell[], style: Style, verbose: boolean): readonly string[] {
  const groups = new Map<string, VerifiedCell[]>();
  const worst = cells.filter(({ state }) => state === 'fails');
  for (const cell of [...worst, ...cells.filter(({ state }) => state === 'unknown')]) {
    const [cause] = cell.causes;
    const key = [cell.problem, directionOf(cell), cell.host, cause?.target, cause?.key].join('\0');
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  const all = [...groups.values()];
  const full = verbose ? all : all.slice(0, shown);
  const more = all.length - full.length;
  return [
    ...full.flatMap(same => problem(same, style)),
    ...(more > 0 ? ['', style.dim(`… and ${count(more, 'more', 'more')}; --verbose shows all`)] : []),
  ];
}

function problem(same: readonly VerifiedCell[], style: Style): readonly string[] {
  const [cell] = same;
  if (!cell) return [];
  const others = same.length > 1 ? ` and ${count(same.length - 1, 'more', 'more')}` : '';
  const paint = style[paints[cell.state]];
  return [
    '',
    `${paint(cell.state)}  ${style.strong(`${directionOf(cell)}  ${printable(cell.host)}`)}  ${printable(cell.account)}${others}  ${style.dim(cell.problem ?? '')}`,
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
  const told = verbose ? mail : mail.filter(({ state }) => state !== 'works');
  const working = mail.filter(({ state }) => state === 'works').length;
  return [
    '',
    `${style.strong('invitations by mail')}  ${working} of ${count(mail.length, 'check')} ${working === 1 ? 'works' : 'work'}`,
    ...told.flatMap(one => [
      `  ${style[paints[one.state]](one.state)}  ${printable(one.host)}  ${printable(one.what)}: ${printable(one.detail)}`,
      ...causeLines(one.causes, style),
    ]),
  ];
}

function closing({ cells, mail, probes, findings }: VerifyReport, style: Style): string {
  const all = [...cells, ...mail];
  const failing = all.filter(({ state }) => state === 'fails').length;
  const open = all.filter(({ state }) => state === 'unknown').length;
  const asked = count(all.length, 'check');
  if (failing > 0) return style.bad(`${failing} of ${asked} ${failing === 1 ? 'fails' : 'fail'}.`);
  if (open > 0) return style.warn(`Nothing fails, and ${open} of ${asked} could not be asked or judged.`);
  if (probes.length === 0 || findings.some(({ severity }) => severity !== 'note'))
    return style.warn('What was asked works; not everything could be asked.');
  return style.good(`Coexistence works: ${asked}.`);
}
