import { type DoctorReport, type ExaminedStep, type ExaminedTarget, stateOfTarget } from '../../core/examination.ts';
import { type Finding, fullDetail } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import { count } from '../../core/units.ts';
import { doctorSentence, stepWords } from '../view/doctor-view.ts';
import { subjectText } from '../view/report-facts.ts';
import { detailLines, renderErrors, renderFindings } from './finding-lines.ts';
import { flow, prose, type Style, type TextOptions, type Tone } from './layout.ts';

/** An examination for people: target by target, what is well in a line, and the rest with what to do about it. */
export function renderDoctor(
  report: DoctorReport,
  style: Style,
  { verbose, quiet = false }: Pick<TextOptions, 'verbose' | 'quiet'>,
): readonly string[] {
  const { targets, findings } = report;
  const end = prose(doctorSentence(report), style, { paint: style[tones[worst(report)]] });
  if (quiet) {
    const failing = targets.flatMap(target => targetLines(target, style, { only: 'fails' }));
    return [...renderErrors(findings, style), ...failing, ...end];
  }
  const each = verbose || targets.length === 1;
  return [
    ...headline(report, style),
    ...targets.flatMap(target => ['', ...targetLines(target, style, { each, verbose })]),
    ...(findings.length > 0 ? ['', ...renderFindings(findings, style, verbose)] : []),
    '',
    ...end,
  ];
}

const tones: Readonly<Record<ExaminedStep['state'], Tone>> = {
  ok: 'good',
  warning: 'warn',
  fails: 'bad',
  'not-checked': 'dim',
};

function worst({ targets }: DoctorReport): ExaminedStep['state'] {
  return stateOfTarget({ steps: targets.flatMap(({ steps }) => steps) });
}

function headline(report: DoctorReport, style: Style): readonly string[] {
  const at = `examined ${printable(report.examinedAt.replace(/\.\d+Z$/, 'Z'))}`;
  const facts = [subjectText(report), at, count(report.targets.length, 'target')];
  return flow([{ text: 'reconcile doctor', paint: style.strong }, ...facts.map(text => ({ text }))], style);
}

/** What of a target is drawn. */
interface Drawn {
  /** Steps in this state alone. */
  readonly only?: ExaminedStep['state'];
  /** Each step that is well has a line of its own. */
  readonly each?: boolean;
  readonly verbose?: boolean;
}

/** A target with its steps, or with those in one state alone; none where it has none. */
export function targetLines(
  target: ExaminedTarget,
  style: Style,
  { only, each = false, verbose = false }: Drawn,
): readonly string[] {
  const steps = target.steps.filter(({ state }) => only === undefined || state === only);
  if (steps.length === 0) return [];
  const state = stateOfTarget(target);
  const head = [
    { text: printable(target.name), paint: style.strong },
    { text: state === 'not-checked' ? 'not all checked' : stepWords[state], paint: style[tones[state]] },
  ];
  const good = steps.filter(one => one.state === 'ok');
  const folded = each || good.length === 0 ? [] : foldedLine(good, style);
  const shown = each ? steps : steps.filter(one => one.state !== 'ok');
  return [...flow(head, style), ...folded, ...shown.flatMap(step => stepLines(step, style, verbose))];
}

/** The widest of the words for a state. */
const column = Math.max(...Object.values(stepWords).map(word => word.length));

function foldedLine(steps: readonly ExaminedStep[], style: Style): readonly string[] {
  const names = steps.map(({ name }) => printable(name)).join(', ');
  return flow(
    [
      { text: 'ok'.padEnd(column), paint: style.good },
      { text: names, fills: true },
    ],
    style,
    {
      by: 2,
      more: column + 4,
    },
  );
}

function stepLines({ name, state, detail, findings }: ExaminedStep, style: Style, verbose: boolean): readonly string[] {
  const line = [
    { text: stepWords[state].padEnd(column), paint: style[tones[state]] },
    { text: printable(name), paint: style.strong },
    { text: printable(detail).replaceAll('\n', ' '), fills: true },
  ];
  const told = findings.filter(({ severity }) => severity !== 'note' || state === 'not-checked' || verbose);
  return [
    ...flow(line, style, { by: 2, more: column + 4 }),
    ...told.flatMap(finding => findingLines(finding, detail, style)),
  ];
}

/** The summary is left out where the line of the step says it. */
function findingLines(finding: Finding, said: string, style: Style): readonly string[] {
  const { code, summary } = finding;
  const head = [...(summary === said ? [] : [{ text: summary }]), { text: printable(code), paint: style.dim }];
  return [...flow(head, style, { by: 6, more: 6 }), ...detailLines(fullDetail(finding), style, 6)];
}
