import { stateOfTarget } from '../../core/examination.ts';
import type { Coverage, ImportProof, ImportReport, OpenChoice } from '../../core/import-report.ts';
import { type DrawCommand, drawAlone, nextCommands, shellLine } from '../../core/next-command.ts';
import { printable } from '../../core/printable.ts';
import { type PlanReport, planExitCode } from '../../core/report.ts';
import { count, wordFor } from '../../core/units.ts';
import { findingsWithLines, type RenderFacts } from '../format.ts';
import { openFindings } from '../view/verdict.ts';
import { targetLines } from './doctor-text.ts';
import { renderErrors, renderFindings } from './finding-lines.ts';
import { flow, prose, type Style } from './layout.ts';
import { renderPlan } from './plan-text.ts';

/** How an import is drawn. */
export interface ImportFacts extends RenderFacts {
  /** Whether everything that is managed and that is not is listed. */
  readonly coverage: boolean;
}

/** An import for people: what is in the way or to decide, or what was written, what coexistence needs, and what is not managed. */
export function renderImport(given: ImportReport, facts: ImportFacts, style: Style): readonly string[] {
  const report = withLines(given, facts);
  const { verbose, quiet = false } = facts;
  const findings = quiet
    ? renderErrors(report.findings, style)
    : renderFindings(report.findings, style, verbose || report.outcome === 'failed');
  const obstacles = report.targets.flatMap(target => targetLines(target, style, { only: 'fails' }));
  return [
    ...obstacles,
    ...findings,
    ...report.choices.flatMap(choice => ['', ...choiceLines(choice, style)]),
    ...(report.targets.length > 0 && obstacles.length > 0 ? prose(setHint, style) : []),
    ...againLines(report, facts, style),
    ...(report.outcome === 'written' ? writtenLines(report, facts, style) : notWrittenLines(report, style)),
  ];
}

/** The same facts as data: nothing folded. */
export function importJson(report: ImportReport, facts: Pick<RenderFacts, 'draw'>): object {
  return withLines(report, facts);
}

function withLines(report: ImportReport, { draw = drawAlone }: Pick<RenderFacts, 'draw'>): ImportReport {
  const lined = (findings: ImportReport['findings']) => findingsWithLines(findings, draw);
  const { again } = report;
  return {
    ...report,
    findings: lined(report.findings),
    ...(again && { again: { ...again, line: draw(again) } }),
    targets: report.targets.map(target => ({
      ...target,
      steps: target.steps.map(step => ({ ...step, findings: lined(step.findings) })),
    })),
  };
}

function choiceLines({ question, detail, candidates, words }: OpenChoice, style: Style): readonly string[] {
  const [first, ...others] = candidates;
  return [
    ...prose(printable(question), style, { paint: style.strong }),
    ...printable(detail)
      .split('\n')
      .flatMap(line => (line.startsWith(' ') ? [line] : prose(line, style, { by: 2 }))),
    `    ${printable(shellLine(words))}`,
    ...(first !== undefined && others.length > 0 ? prose(`or ${printable(others.join(', '))}`, style, { by: 6 }) : []),
  ];
}

const setHint = 'To state a key of the file, such as ssh.identity, add --set KEY=VALUE.';

function againLines(
  { again, choices }: ImportReport,
  { draw = drawAlone }: ImportFacts,
  style: Style,
): readonly string[] {
  if (!again) return [];
  const lead =
    choices.length === 0
      ? 'The whole command with your answers:'
      : 'The whole command, with the first candidate of each. Words in capitals are yours to replace:';
  return ['', ...prose(lead, style), `    ${printable(again.line ?? draw(again))}`];
}

function notWrittenLines({ outcome, file, choices, targets }: ImportReport, style: Style): readonly string[] {
  const why = {
    failed: 'Nothing was imported.',
    unread: `Not everything could be read${unreadText(targets)}.`,
    undecided: `${count(choices.length, 'thing')} to decide, listed above.`,
    'not-proved': 'What is live could not be expressed.',
    written: '',
  }[outcome];
  return ['', ...prose(`${why} ${printable(file)} was not written.`, style, { paint: style.bad })];
}

function unreadText(targets: ImportReport['targets']): string {
  const failing = targets.filter(target => stateOfTarget(target) === 'fails').map(({ name }) => name);
  return failing.length === 0 ? '' : `: ${printable(failing.join(', '))}`;
}

function writtenLines(report: ImportReport, facts: ImportFacts, style: Style): readonly string[] {
  const { proof, coverage } = report;
  const draw = ofFile(report.file, facts.draw ?? drawAlone);
  return [
    ...(proof && !facts.quiet ? ['', ...renderPlan(planReport(proof, facts), style, { ...facts, draw })] : []),
    '',
    ...(facts.quiet ? [] : coverage.flatMap(one => coverageLines(one, facts.coverage, style))),
    ...fileLines(report, style),
    ...(proof ? verdictLines(proof, style) : []),
    ...(facts.quiet ? [] : nextLines(draw, style)),
  ];
}

/** The new file is named where it is not the one that commands read without a name. */
function ofFile(file: string, draw: DrawCommand): DrawCommand {
  const named = file === 'estate.yaml' ? [] : ['-f', file];
  return (next, ...how) => draw({ ...next, words: [...next.words, ...named] }, ...how);
}

function planReport({ plan, refusals }: ImportProof, { managed }: ImportFacts): PlanReport {
  const exitCode = planExitCode(plan, refusals);
  return { command: 'plan', exitCode, plan, refusals, managed: managed(plan.desired) };
}

const singular: Readonly<Record<string, string>> = {
  settings: 'setting',
  options: 'option',
  'domain map lines': 'domain map line',
  accounts: 'account',
  'attributes of accounts': 'attribute of accounts',
};

function coverageLines({ target, parts }: Coverage, listed: boolean, style: Style): readonly string[] {
  const said = parts.map(({ what, managed, unmanaged }) => {
    const all = count(managed + unmanaged, singular[what] ?? what, what);
    return unmanaged === 0 ? all : `${managed.toLocaleString('en-US')} of ${all}`;
  });
  const head = flow(
    [
      { text: printable(target), paint: style.strong },
      { text: `manages ${said.join(', ')}`, fills: true },
    ],
    style,
  );
  if (!listed) return head;
  return [
    ...head,
    ...parts.flatMap(({ what, names, left }) => [
      ...prose(`managed ${what}: ${printable(names.join(', ')) || 'none'}`, style, { by: 2, more: 6 }),
      ...reasonsOf(left).flatMap(([reason, some]) =>
        prose(`left alone, ${reason}: ${printable(some.join(', '))}`, style, { by: 2, more: 6 }),
      ),
    ]),
  ];
}

function reasonsOf(left: Coverage['parts'][number]['left']): readonly (readonly [string, readonly string[]])[] {
  const reasons = [...new Set(left.map(({ reason }) => reason))];
  return reasons.map(reason => [reason, left.filter(one => one.reason === reason).map(inWords)]);
}

function inWords({ name, why }: Coverage['parts'][number]['left'][number]): string {
  return why === undefined ? name : `${name} (${why})`;
}

const fileWords = {
  estate: 'the estate file',
  members: 'members of a cohort',
  schema: 'the schema for editors',
} as const;

function fileLines({ written }: ImportReport, style: Style): readonly string[] {
  const lines = written.map(({ path, is, before }) => {
    const done = before ? (is === 'estate' ? 'replaced' : 'already there') : 'written';
    return `${printable(path)}: ${done}, ${fileWords[is]}`;
  });
  return ['', ...lines.flatMap(line => prose(line, style))];
}

function verdictLines({ plan, needed, asked, refusals }: ImportProof, style: Style): readonly string[] {
  const wanted = [
    ...(needed > 0 ? [`${count(needed, 'change')} that coexistence needs`] : []),
    ...(asked > 0 ? [`${count(asked, 'change')} that you asked for with --set`] : []),
  ];
  const open = openFindings(plan).length;
  const more = [
    ...(open > 0 ? [` ${count(open, 'finding')} above ${wordFor(open, 'is', 'are')} not settled.`] : []),
    ...(refusals.length > 0
      ? [
          ` apply refuses until ${count(refusals.length, 'error')} above ${wordFor(refusals.length, 'is', 'are')} fixed.`,
        ]
      : []),
  ].join('');
  const same = open > 0 ? 'No difference was found' : 'In sync';
  const text = wanted.length === 0 ? `${same}.${more}` : `${same}, except for ${wanted.join(' and ')}.${more}`;
  return prose(text, style, { paint: wanted.length === 0 && more === '' ? style.good : style.warn });
}

function nextLines(draw: DrawCommand, style: Style): readonly string[] {
  const lines = [nextCommands.examine(), nextCommands.plan('plan.json'), nextCommands.applySaved('plan.json')];
  return [...prose('Next:', style), ...lines.map(next => `    ${printable(draw(next))}`)];
}
